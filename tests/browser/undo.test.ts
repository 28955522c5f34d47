import { beforeEach, expect, test } from 'vitest'
import { findClient } from '../../src/features/clients/queries.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal } from '../support/records.ts'
import { card, countIn, drag, openBoard } from './board.ts'
import { visit } from './product.ts'

let user: Account
let rosa: Scope

beforeEach(async () => {
  user = await makeUser({ name: 'Rosa', visibility: 'own' })
  rosa = as(user)
})

test.each([true, false])('an edit is taken back from its notice (JavaScript: %s)', async (javaScriptEnabled) => {
  const { id } = await makeClient(rosa, { name: 'Acme' })
  const page = await visit({ as: user, javaScriptEnabled })
  await page.goto(`/clients/${id}/edit`)
  await page.locator('input[name=name]').fill('Typed by mistake')
  await page.locator('form.form .btn-primary').click()
  await page.getByRole('heading', { level: 1, name: 'Typed by mistake' }).waitFor()

  await page.locator('.notice').getByRole('button', { name: 'Undo' }).click()

  await page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor()
  expect(await page.locator('.notice-text').innerText()).toContain('taken back')
  expect((await findClient(rosa, id)).name).toBe('Acme')
})

test('a move on the board is taken back from its notice, without leaving the board', async () => {
  const { id } = await makeDeal(rosa, { name: 'Moved' })
  const page = await visit({ as: user })
  await openBoard(page)
  await drag(page, card(page, id), page.locator('#stage-proposal .board-list'))
  await expect.poll(() => countIn(page, 'proposal')).toBe('1')

  await page.locator('.notice').getByRole('button', { name: 'Undo' }).click()

  await expect.poll(() => countIn(page, 'prospecting')).toBe('1')
  expect(new URL(page.url()).pathname).toBe('/deals/pipeline')
  expect(await findDeal(rosa, id)).toMatchObject({ stage: 'prospecting', probability: 10 })
})

test('the history of a record tells what was, and takes it back', async () => {
  const { id } = await makeClient(rosa, { name: 'First' })
  const page = await visit({ as: user })
  for (const name of ['Second', 'Third']) {
    await page.goto(`/clients/${id}/edit`)
    await page.locator('input[name=name]').fill(name)
    await page.locator('form.form .btn-primary').click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
  }

  await page.getByText('More', { exact: true }).first().click()
  await page.getByRole('link', { name: 'History', exact: true }).last().click()
  await page.getByRole('heading', { level: 1, name: 'History of Third' }).waitFor()
  const entries = page.locator('.history-entry')
  expect(await entries.nth(0).innerText()).toMatch(/Name\s+from\s+Second\s+to\s+Third/i)
  await entries.nth(0).getByRole('button', { name: /^Undo/ }).click()
  await page.getByRole('heading', { level: 1, name: 'History of Second' }).waitFor()
  expect(await entries.count()).toBe(4)
  expect(await entries.nth(1).getByText('Undone since').count()).toBe(1)
  expect((await findClient(rosa, id)).name).toBe('Second')
})
