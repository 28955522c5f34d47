import { beforeAll, expect, test } from 'vitest'
import { markAsRead } from '../../src/features/today/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'
import { faultsOf } from './inspection.ts'
import { noticeOf, press, turnPage, visit } from './product.ts'

const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
const TODAY = dayIn('Europe/Berlin')

let account: Account

beforeAll(async () => {
  account = await makeUser({ role: 'admin' })
  const rosa = as(account)
  await markAsRead(rosa, new Date())
  const other = as(await makeUser({ name: 'שלום عالم' }))
  const client = await makeClient(rosa, { name: LONG })
  const contact = await makeContact(rosa, client.id, { firstName: LONG, lastName: 'שלום' })
  const deal = await makeDeal(rosa, {
    name: LONG,
    clientId: client.id,
    value: '99999999999999.99',
    expectedCloseDate: '2020-02-29',
  })
  for (let day = 1; day <= 22; day += 1) {
    await makeActivity(rosa, 'deal', deal.id, { subject: `Call ${day}`, dueDate: addDays(TODAY, -day) })
    await makeLead(other, { ownerId: null, companyName: day % 5 === 0 ? LONG : null })
    await makeDeal(other, { name: `Deal ${day}`, ownerId: null, expectedCloseDate: '2020-02-29' })
  }
  await makeCommunication(rosa, contact.id, { subject: LONG, followUpDate: addDays(TODAY, -30) })
  await makeActivity(rosa, 'deal', deal.id, { subject: 'Next week', dueDate: addDays(TODAY, 6) })
})

test('a full page is sound, light and dark, narrow and wide', async () => {
  const page = await visit({ as: account })
  await page.goto('/')
  await page.locator('.due-later > summary').click()

  expect(await faultsOf(page)).toEqual([])
})

test('what is done goes away where one is, the count drops, and undo brings it back', async () => {
  const page = await visit({ as: account })
  await page.goto('/')
  const count = page.getByRole('link', { name: /^Today, \d+ due$/ })
  const before = Number((await count.locator('.nav-count').innerText()).trim())
  const button = page.getByRole('button', { name: 'Done: Call 10', exact: true })
  await button.scrollIntoViewIfNeeded()
  await page.evaluate('scrollTo(0, 400)')

  await turnPage(page, () => button.click())
  expect(await page.getByRole('button', { name: 'Done: Call 10', exact: true }).count()).toBe(0)
  expect(await noticeOf(page)).toContain('Done.')
  expect(await count.locator('.nav-count').innerText()).toBe(String(before - 1))
  expect(await page.evaluate<number>('scrollY')).toBeGreaterThan(300)

  await press(page, 'Undo')
  expect(await page.getByRole('button', { name: 'Done: Call 10', exact: true }).count()).toBe(1)
  expect(await count.locator('.nav-count').innerText()).toBe(String(before))
})

test.each([true, false])('is put off from the keyboard to another day (JavaScript: %s)', async (javaScriptEnabled) => {
  const page = await visit({ as: account, javaScriptEnabled })
  await page.goto('/')
  const subject = javaScriptEnabled ? 'Call 20' : 'Call 19'
  const item = page.locator('.due-list > li').filter({ hasText: subject })
  await item.locator('summary').focus()
  await page.keyboard.press('Enter')
  await item.locator('input[type=date]').fill('2031-02-03')
  const move = item.getByRole('button', { name: 'Put off', exact: true })
  if (javaScriptEnabled) await turnPage(page, () => move.press('Enter'))
  else {
    await move.press('Enter')
    await page.locator('.notice-text').waitFor()
  }

  expect(await noticeOf(page)).toContain('put off')
  expect(await page.locator('.due-list > li').filter({ hasText: subject }).count()).toBe(0)
})
