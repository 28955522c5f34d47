import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { card, cardsIn, countIn, drag, openBoard } from './board.ts'
import { follow, heading, noticeOf, press, turnPage } from './product.ts'

/** Some forty pages, one after the other: more than a test usually gets, in milliseconds. */
export const A_DAY = 120_000
/** As the European Central Bank publishes them, the pound left out. */
const RATES = 'Date, USD, JPY, \n02 January 2026, 1.2500, 163.17, \n'

/** By mouse and keyboard, from Today to the reports; `deal` is the number of the microscopes. */
export async function workThroughTheDay(page: Page, deal: number): Promise<void> {
  await doWhatIsDue(page)
  await seeWhatChanged(page)
  await findClient(page)
  await logCall(page)
  await correctContact(page)
  await planNextStep(page)
  await moveOnBoard(page, deal)
  await findByPhone(page)
  await importRates(page)
  await readReport(page)
  await enterMissingRate(page)
}

/** The core of it, with the means of a browser that runs no scripts. */
export async function workThroughTheDayPlainly(page: Page): Promise<void> {
  await doWhatIsDue(page)
  await seeWhatChanged(page)
  await page.getByRole('searchbox', { name: 'Search everything' }).fill('044/123 45 67')
  await turnPage(page, () => page.keyboard.press('Enter'))
  await turnPage(page, () => page.locator('.search-list a', { hasText: 'Ada Byron' }).click())
  await logCall(page)
  await correctContact(page)
  await planNextStep(page)

  const moving = page.locator('.board-card', { hasText: 'Twelve microscopes' }).locator('.board-card-move')
  await moving.locator('summary').click()
  await moving.getByRole('combobox').selectOption('Negotiation')
  await turnPage(page, () => moving.getByRole('button', { name: 'Move' }).click())
  expect(await cardsIn(page, 'negotiation')).toEqual(['Twelve microscopes'])

  await follow(page, 'Reports')
  await readFigure(page)
}

/** One thing is completed, one put off; each goes away where one is, and the count in the navigation goes with it. */
async function doWhatIsDue(page: Page): Promise<void> {
  expect(await heading(page)).toBe('Today')
  const due = () => page.locator('.due-list').first().locator('.due-what > div > a').allInnerTexts()
  const count = () => page.getByRole('navigation').locator('.nav-count').innerText()
  expect([await due(), await count()]).toEqual([['Ask the lab', 'Write the offer', 'Sample lenses'], '3'])

  await press(page, 'Done: Ask the lab')
  expect(await noticeOf(page)).toContain('Done.')
  expect([await due(), await count()]).toEqual([['Write the offer', 'Sample lenses'], '2'])

  const offer = page.locator('.due-list > li').filter({ hasText: 'Write the offer' })
  await offer.locator('summary').click()
  await turnPage(page, () => offer.getByRole('button', { name: 'To tomorrow' }).click())
  expect([await due(), await count()]).toEqual([['Sample lenses'], '1'])
}

async function seeWhatChanged(page: Page): Promise<void> {
  const news = page.getByRole('region', { name: 'Changed since your last visit' })
  const lenses = news.locator('.news-record').filter({ hasText: 'Lenses' })
  expect(await lenses.locator('.news-changes bdi').allInnerTexts()).toEqual(['Emil Sommer moved it to Proposal'])
}

async function findClient(page: Page): Promise<void> {
  await chooseBySearch(page, 'optik zurich', 'Zürich Optik')
  expect(await heading(page)).toBe('Zürich Optik')
  await turnPage(page, () => page.getByRole('main').getByRole('link', { name: 'Ada Byron' }).first().click())
}

/** "/" from wherever one is, a few letters, and the choice by the keyboard. */
async function chooseBySearch(page: Page, words: string, name: string): Promise<void> {
  await page.keyboard.press('/')
  await page.keyboard.type(words)
  // Not what was opened lately, which is offered before anything is typed.
  await page.locator('.search-box [role=status]', { hasText: /found$/ }).waitFor({ state: 'attached' })
  expect(await page.getByRole('listbox', { name: 'Found' }).getByRole('option').first().innerText()).toContain(name)
  await page.keyboard.press('ArrowDown')
  await turnPage(page, () => page.keyboard.press('Enter'))
}

async function logCall(page: Page): Promise<void> {
  expect(await heading(page)).toBe('Ada Byron')
  await page.locator('summary', { hasText: 'Log a communication' }).click()
  await timeline(page).getByLabel('Type').selectOption('Call')
  await timeline(page).getByLabel('Subject').fill('Asked about the delivery')
  await press(page, 'Log')

  expect(await heading(page)).toBe('Ada Byron')
  const call = entries(page).filter({ hasText: 'Asked about the delivery' })
  expect(await call.innerText()).toMatch(/^Asked about the delivery\s+Call · Outbound .* Nora Hartley/)
}

async function correctContact(page: Page): Promise<void> {
  await turnPage(page, () => page.getByRole('link', { name: 'Edit', exact: true }).first().click())
  await page.getByLabel('Job title').fill('Head of purchasing')
  await press(page, 'Save contact')
  const change = 'Nora Hartley changed Job title from – to Head of purchasing'
  expect(await entries(page).first().innerText()).toContain(change)

  const choices = page.getByRole('navigation', { name: 'What is shown' })
  await choices.getByRole('link', { name: 'Changes' }).click()
  await choices.locator('[aria-current]', { hasText: 'Changes' }).waitFor()
  expect(new URL(page.url()).searchParams.get('show')).toBe('changes')
  const changes = (await entries(page).allInnerTexts()).join('\n')
  expect(changes).toContain(change)
  expect(changes).not.toContain('Asked about the delivery')
}

async function planNextStep(page: Page): Promise<void> {
  await follow(page, 'Deals')
  await turnPage(page, () => page.getByRole('link', { name: 'Twelve microscopes' }).first().click())
  const steps = page.getByRole('region', { name: 'Next steps' })
  await steps.locator('summary', { hasText: 'Plan a next step' }).click()
  await steps.getByLabel('Type').selectOption('Meeting')
  await steps.getByLabel('Subject').fill('Show the microscopes')
  await steps.getByLabel('Due on').fill(dayIn('Europe/Berlin'))
  await press(page, 'Plan')

  expect(await steps.innerText()).toContain('Show the microscopes')
  await follow(page, 'Pipeline')
  // The offer was put off to tomorrow; what is planned earlier comes first.
  expect(await page.locator('.board-card', { hasText: 'Twelve microscopes' }).first().innerText()).toContain(
    'Show the microscopes',
  )
}

async function moveOnBoard(page: Page, deal: number): Promise<void> {
  await openBoard(page)
  await drag(page, card(page, deal), page.locator('#stage-negotiation .board-list'))
  await expect.poll(() => countIn(page, 'negotiation')).toBe('1')
  await page.locator(`#stage-negotiation #deal-${deal}:not(.is-saving)`).waitFor()
  await page.reload()
  expect(await cardsIn(page, 'negotiation')).toEqual(['Twelve microscopes'])
}

/** Kept as +41 44 123 45 67, asked for as one dials it there. */
async function findByPhone(page: Page): Promise<void> {
  await chooseBySearch(page, '044/1234567', 'Ada Byron')
  expect(await heading(page)).toBe('Ada Byron')
}

async function importRates(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Account:' }).click()
  await turnPage(page, () => page.getByRole('link', { name: 'Currencies' }).click())
  await page.getByRole('combobox', { name: 'Base currency' }).selectOption('USD')
  await press(page, 'Save')
  expect(await noticeOf(page)).toBe('The base currency was saved.')

  await turnPage(page, () => page.getByRole('link', { name: 'Import' }).click())
  await page
    .getByLabel('File', { exact: true })
    .setInputFiles({ name: 'eurofxref.csv', mimeType: 'text/csv', buffer: Buffer.from(RATES) })
  await expect.poll(() => page.getByLabel('Content of the file').inputValue()).toContain('163.17')
  await press(page, 'Check')
  await press(page, 'Import 2 rates')
  expect(await noticeOf(page)).toBe('Imported. New rates: 2, corrected: 0, there already: 0.')
}

/** In dollars: 12,000 × 1.25 + 1,000; the pounds have no rate. */
async function readReport(page: Page): Promise<void> {
  await turnPage(page, () => page.keyboard.press('?'))
  expect(await heading(page)).toBe('Keyboard shortcuts')
  await turnPage(page, async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('r')
  })
  expect(await heading(page)).toBe('Reports')

  expect(await openSum(page)).toMatch(/^\$16,000.00\s+\+ £500.00$/)
  expect(await page.locator('.notice-warning').innerText()).toContain('There is no rate for GBP')
  expect(await page.getByRole('region', { name: 'Exchange rates used' }).innerText()).toMatch(
    /1 USD = 0.80 EUR\s+Jan 2, 2026/,
  )

  const section = page.getByRole('region', { name: 'Pipeline by stage' })
  const [file] = await Promise.all([page.waitForEvent('download'), section.getByRole('link', { name: 'CSV' }).click()])
  expect(await readFile(await file.path(), 'utf8')).toContain('Sales,Negotiation,1,15000.00,USD,')
  await readFigure(page)
}

/** The figure leads to the list that proves it. */
async function readFigure(page: Page): Promise<void> {
  const sum = page.getByRole('region', { name: 'Pipeline by stage' }).locator('tfoot')
  const counted = Number(await sum.getByRole('link').innerText())
  expect(counted).toBeGreaterThan(2)
  await turnPage(page, () => sum.getByRole('link').click())
  expect(await heading(page)).toBe('Deals')
  expect(await page.locator('tbody tr').count()).toBe(counted)
  expect(await page.locator('.pager-sum p').innerText()).toContain(String(counted))
}

async function enterMissingRate(page: Page): Promise<void> {
  await page.goto('/settings/currencies/create')
  await page.getByLabel('One unit of').selectOption('GBP')
  await page.getByRole('combobox', { name: 'Currency' }).selectOption('USD')
  await page.getByRole('textbox', { name: 'Rate' }).fill('2')
  await page.getByLabel('Day').fill(addDays(dayIn('Europe/Berlin'), -1))
  await press(page, 'Save rate')
  expect(await noticeOf(page)).toBe('The rate was saved.')

  await page.goto('/reports')
  expect(await openSum(page)).toBe('$17,000.00')
  expect(await page.locator('.notice-warning').count()).toBe(0)
}

/** What all open deals come to, and what is not in it. */
function openSum(page: Page): Promise<string> {
  return page.getByRole('region', { name: 'Pipeline by stage' }).locator('tfoot td').nth(1).innerText()
}

function timeline(page: Page): Locator {
  return page.getByRole('region', { name: 'Timeline' })
}

function entries(page: Page): Locator {
  return timeline(page).locator('.timeline-body')
}
