import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeLead } from '../support/records.ts'
import { faultsOf, overflowOf } from './inspection.ts'
import { heading, signIn, turnPage, visit } from './product.ts'

let rosa: Account

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa Winter' })
  const client = await makeClient(as(rosa), { name: 'Zürich Optik', email: 'info@zuerich-optik.example.com' })
  await makeContact(as(rosa), client.id, { firstName: 'Ada', lastName: 'Byron' })
  await makeLead(as(rosa), { firstName: 'Emil', lastName: 'Sommer', companyName: 'Zürich Optik Nord' })
})

const field = (page: Page) => page.getByRole('combobox', { name: 'Search everything' })
const options = (page: Page) => page.getByRole('listbox', { name: 'Found' }).getByRole('option')
const said = (page: Page) => page.locator('.search-box [role=status]')
const active = (page: Page) =>
  page.evaluate<string | null>(`document.activeElement.getAttribute('aria-activedescendant')`)

test('by keyboard alone: called, typed, chosen, opened', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/deals')
  await page.keyboard.press('/')
  await page.keyboard.type('zurich optik')
  await options(page).filter({ hasText: 'Emil Sommer' }).waitFor()

  expect(await said(page).innerText()).toBe('3 records found')
  expect([await field(page).inputValue(), await field(page).getAttribute('aria-expanded')]).toEqual([
    'zurich optik',
    'true',
  ])
  expect(await options(page).first().locator('mark').allInnerTexts()).toEqual(['Zürich', 'Optik', 'optik'])
  expect(await active(page)).toBeNull()

  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  expect(await active(page)).toBe(await options(page).first().getAttribute('id'))
  await page.keyboard.press('ArrowUp')
  expect(await active(page)).toBe(await options(page).last().getAttribute('id'))
  await page.keyboard.press('ArrowDown')
  await turnPage(page, () => page.keyboard.press('Enter'))

  expect(await heading(page)).toBe('Zürich Optik')
  expect(await options(page).count()).toBe(0)
})

test('Enter without a choice shows the page with all results', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('optik')
  await turnPage(page, () => page.keyboard.press('Enter'))

  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/search?q=optik')
  expect(await page.locator('.search-list a').count()).toBe(3)
})

test('Ctrl+K calls it from a field, "/" is typed there, and Escape gives the focus back', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/leads/create')
  const first = page.getByLabel('First name')
  await first.fill('a')
  await first.press('/')
  expect(await first.inputValue()).toBe('a/')

  await page.keyboard.press('Control+k')
  await options(page).first().waitFor()
  expect(await page.locator('#site-search:focus').count()).toBe(1)
  await page.keyboard.press('Escape')

  expect(await options(page).count()).toBe(0)
  expect(await page.locator('#firstName:focus').count()).toBe(1)
  expect([await first.inputValue(), await field(page).getAttribute('aria-expanded')]).toEqual(['a/', 'false'])
})

test('before anything is typed there is what was opened lately, what can be created and where to go', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/clients')
  await turnPage(page, () => page.getByRole('link', { name: 'Zürich Optik' }).click())
  await turnPage(page, () => page.getByRole('link', { name: 'Ada Byron' }).first().click())
  await page.goto('/leads')
  await field(page).click()

  const group = (name: string) => page.getByRole('group', { name }).getByRole('option')
  expect(await group('Opened lately').allInnerTexts()).toEqual(['Ada Byron', 'Zürich Optik'])
  expect(await group('New').allInnerTexts()).toEqual(['New lead', 'New deal', 'New client'])
  expect(await group('Go to').allInnerTexts()).toContain('Pipeline')
  await turnPage(page, () => group('Opened lately').last().click())
  expect(await heading(page)).toBe('Zürich Optik')
})

test('what was opened lately is forgotten at the sign-out, and never shown to somebody else', async () => {
  const emil = await makeUser({ name: 'Emil', role: 'viewer' })
  const page = await visit({ as: emil })
  await page.goto('/clients')
  await turnPage(page, () => page.getByRole('link', { name: 'Zürich Optik' }).click())
  expect(await page.evaluate(`localStorage.getItem('dealwright.recent')`)).toContain('Zürich Optik')

  await page.locator('.site-user summary').click()
  await turnPage(page, () => page.getByRole('button', { name: 'Sign out' }).click())
  expect(await page.evaluate(`localStorage.getItem('dealwright.recent')`)).toBeNull()

  // As if the browser had been closed before the sign-out.
  await signIn(page, rosa.email)
  await page.evaluate(
    `localStorage.setItem('dealwright.recent', JSON.stringify({ user: '${emil.id}', records: [{ href: '/clients/1', name: 'Secret' }] }))`,
  )
  await page.keyboard.press('/')
  await options(page).first().waitFor()
  expect(await page.getByText('Secret').count()).toBe(0)
})

test('an answer that comes late does not replace a newer one', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/leads')
  let slow: (() => void) | undefined
  await page.route('**/search/options?q=zu', async (route) => {
    await new Promise<void>((resolve) => (slow = resolve))
    await route.continue().catch(() => undefined)
  })
  await field(page).click()
  await field(page).pressSequentially('zu')
  await expect.poll(() => slow !== undefined).toBe(true)
  await field(page).pressSequentially('qqqq')
  await page.getByText('Nothing found for “zuqqqq”').first().waitFor()
  slow?.()
  await page.waitForTimeout(300)

  expect(await options(page).count()).toBe(0)
})

test('the open box has no faults, in words found and words not found', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/leads')
  await field(page).click()
  await options(page).first().waitFor()
  expect(await faultsOf(page)).toEqual([])

  await page.setViewportSize({ width: 1280, height: 800 })
  await field(page).fill('zurich')
  await options(page).filter({ hasText: 'Emil Sommer' }).waitFor()
  await page.keyboard.press('ArrowDown')
  expect(await faultsOf(page)).toEqual([])

  await page.setViewportSize({ width: 1280, height: 800 })
  await field(page).fill('nobody has this')
  await page.locator('.search-message').filter({ hasText: 'Nothing found' }).waitFor()
  expect(await faultsOf(page)).toEqual([])
})

test('on a phone it is a sheet over the page, with a way back', async () => {
  const page = await visit({ as: rosa, width: 320 })
  await page.goto('/leads')
  expect(await field(page).isVisible()).toBe(false)
  const opener = page.getByRole('link', { name: 'Search', exact: true })
  await opener.click()
  await field(page).fill('ada')
  await options(page).filter({ hasText: 'Ada Byron' }).waitFor()

  const sheet = await page.locator('.search-sheet').boundingBox()
  expect(sheet).toMatchObject({ x: 0, y: 0, width: 320, height: 800 })
  expect(await overflowOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Close the search' }).click()
  expect(await field(page).isVisible()).toBe(false)
  expect(await page.locator('.search-opener:focus').count()).toBe(1)

  await opener.click()
  await field(page).fill('ada')
  await turnPage(page, () => options(page).filter({ hasText: 'Ada Byron' }).click())
  expect(await heading(page)).toBe('Ada Byron')
})

test('without JavaScript it is a form, on a phone a link to one', async () => {
  const page = await visit({ as: rosa, javaScriptEnabled: false })
  await page.goto('/leads')
  await page.getByRole('searchbox', { name: 'Search everything' }).fill('zurich optik nord')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/search?q=zurich+optik+nord')
  await page.locator('.search-list a').click()
  expect(await heading(page)).toBe('Emil Sommer')

  await page.setViewportSize({ width: 320, height: 800 })
  await page.getByRole('link', { name: 'Search', exact: true }).click()
  await page.getByRole('searchbox', { name: 'What are you looking for?' }).fill('byron')
  await page.getByRole('main').getByRole('button', { name: 'Search' }).click()
  expect(await page.locator('.search-list a').count()).toBe(1)
})
