import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { follow, heading, noticeOf, press, turnPage } from './product.ts'

/** Some thirty pages, one after the other: more than a test usually gets, in milliseconds. */
export const MAIN_JOB_TIME = 120_000

/** What the product is for, from the first visit to the deal that is won; each step as a person reads and does it. */
export async function doTheMainJob(page: Page): Promise<void> {
  await becomeAdministrator(page)
  await enterLead(page)
  await convertLead(page)
  await moveDealAlong(page)
  await winDeal(page)
  await findEverythingAgain(page)
}

async function becomeAdministrator(page: Page): Promise<void> {
  await page.goto('/')
  expect(await heading(page)).toBe('Welcome to Dealwright')
  await page.getByLabel('Your name').fill('Rosa Winter')
  await page.getByLabel('E-mail').fill('rosa@example.com')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByLabel('Time zone').selectOption('Europe/Berlin')
  await press(page, 'Begin')

  expect(await heading(page)).toBe('Today')
  expect(await noticeOf(page)).toBe('Everything is ready. Good deals!')
}

async function enterLead(page: Page): Promise<void> {
  await follow(page, 'Leads')
  await turnPage(page, () => page.getByRole('link', { name: 'New lead' }).first().click())
  await page.getByLabel('First name').fill('Émile')
  await page.getByLabel('Last name').fill("O'Sommer")
  await page.getByLabel('Company').fill('Sommer & Söhne')
  await page.getByLabel('E-mail').fill('emile@sommer.example')
  await page.getByLabel('Estimated value').fill('12500.50')
  await press(page, 'Create lead')

  expect(await heading(page)).toBe("Émile O'Sommer")
  expect(await noticeOf(page)).toBe('The lead was created.')
}

async function convertLead(page: Page): Promise<void> {
  await turnPage(page, () => page.getByRole('link', { name: 'Convert to deal' }).click())
  expect(await page.getByLabel('Client name').inputValue()).toBe('Sommer & Söhne')
  expect(await page.getByLabel('Last name').inputValue()).toBe("O'Sommer")
  await page.getByLabel('Deal name').fill('Three forklifts')
  await press(page, 'Convert')

  expect(await heading(page)).toBe('Three forklifts')
  expect(await noticeOf(page)).toBe('The lead was converted.')
  const details = page.getByRole('region', { name: 'Details' })
  expect(await details.locator('dl').getByRole('link').allTextContents()).toEqual([
    'Sommer & Söhne',
    "Émile O'Sommer",
    "Émile O'Sommer",
  ])
}

async function moveDealAlong(page: Page): Promise<void> {
  await follow(page, 'Pipeline')
  expect(await cardsIn(page, 'Prospecting')).toEqual(['Three forklifts'])
  await page.locator('summary', { hasText: 'Move: Three forklifts' }).click()
  await page.getByLabel('Move Three forklifts to').selectOption('Negotiation')
  await press(page, 'Move')

  expect(await noticeOf(page)).toBe('The deal was moved.')
  expect(await cardsIn(page, 'Prospecting')).toEqual([])
  await page.reload()
  expect(await cardsIn(page, 'Negotiation')).toEqual(['Three forklifts'])
}

async function winDeal(page: Page): Promise<void> {
  await turnPage(page, () => page.getByRole('link', { name: 'Three forklifts' }).click())
  await press(page, 'Mark as won')

  expect(await noticeOf(page)).toBe('The deal is won.')
  expect(await page.getByRole('region', { name: 'Timeline' }).textContent()).toContain('Prospecting → Negotiation')
  await follow(page, 'Pipeline')
  expect(await cardsIn(page, 'Negotiation')).toEqual([])
  expect(await cardsIn(page, 'Won')).toEqual(['Three forklifts'])
  expect(await page.getByRole('region', { name: /^Won/ }).locator('header').textContent()).toContain('12,500.50')
}

/** By words in another order, another case, without the accents. */
async function findEverythingAgain(page: Page): Promise<void> {
  expect(await search(page, 'Leads', "o'sommer emile")).toEqual(["Émile O'Sommer"])
  expect(await search(page, 'Clients', 'SOHNE')).toEqual(['Sommer & Söhne'])
  expect(await search(page, 'Contacts', 'emile')).toEqual(["Émile O'Sommer"])
  expect(await search(page, 'Deals', 'forklifts three')).toEqual(['Three forklifts'])
  expect(await search(page, 'Deals', 'nothing of the kind')).toEqual([])
}

async function search(page: Page, list: string, words: string): Promise<string[]> {
  await follow(page, list)
  const main = page.getByRole('main')
  await main.getByRole('searchbox').fill(words)
  await turnPage(page, () => main.getByRole('button', { name: 'Search', exact: true }).click())
  return page.locator('tbody th a').allTextContents()
}

function cardsIn(page: Page, stage: string): Promise<string[]> {
  return page
    .getByRole('region', { name: new RegExp(`^${stage}`) })
    .locator('.board-card-name')
    .allInnerTexts()
}
