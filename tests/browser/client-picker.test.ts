import { expect, test } from 'vitest'
import { CLIENT_OPTIONS } from '../../src/features/clients/queries.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact } from '../support/records.ts'
import { faultsOf } from './inspection.ts'
import { heading, press, visit } from './product.ts'

test('a client among many is looked for, chosen by keyboard, and kept', async () => {
  const rosa = await makeUser({ name: 'Rosa' })
  await inTransaction(as(rosa), async (scope) => {
    for (let index = 0; index <= CLIENT_OPTIONS; index++) await makeClient(scope, { name: `Client ${index}` })
    const { id } = await makeClient(scope, { name: 'Zürich Optik' })
    await makeContact(scope, id, { firstName: 'Ada', lastName: 'Byron' })
  })
  // The form comes back with the contacts of the client chosen.
  const page = await visit({ as: rosa, expects: [422] })
  await page.goto('/deals/create')
  const field = page.getByRole('combobox', { name: 'Client', exact: true })
  const choices = page.getByRole('listbox', { name: 'Client', exact: true }).getByRole('option')
  expect(await page.getByRole('searchbox').count()).toBe(0)
  expect(await field.getAttribute('aria-expanded')).toBe('false')

  await page.getByLabel('Name').fill('Lenses')
  await field.pressSequentially('zurich')
  await choices.filter({ hasText: 'Zürich Optik' }).waitFor()
  expect(await choices.count()).toBe(1)
  expect(await field.getAttribute('aria-expanded')).toBe('true')
  expect(await faultsOf(page)).toEqual([])

  await page.keyboard.press('Escape')
  expect([await field.inputValue(), await field.getAttribute('aria-expanded')]).toEqual(['', 'false'])

  await field.pressSequentially('zurich')
  await choices.filter({ hasText: 'Zürich Optik' }).waitFor()
  await page.keyboard.press('ArrowDown')
  const active = (await field.getAttribute('aria-activedescendant')) ?? ''
  expect(await page.locator(`#${active}`).innerText()).toBe('Zürich Optik')
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('Zürich Optik')
  await page.getByLabel('Contact').selectOption('Ada Byron')
  await press(page, 'Create deal')

  expect(await heading(page)).toBe('Lenses')
  expect(await page.getByRole('link', { name: 'Zürich Optik' }).count()).toBeGreaterThan(0)

  // What was typed and not chosen is no choice; an emptied field is no client.
  await page.goto('/deals/create')
  await field.pressSequentially('Client 7')
  await choices.getByText('Client 7', { exact: true }).click()
  expect(await field.inputValue()).toBe('Client 7')
  await field.fill('Client 8')
  await page.getByLabel('Name').focus()
  expect(await field.inputValue()).toBe('Client 7')
  await field.fill('')
  await page.getByLabel('Name').focus()
  expect(await page.locator('select[name=clientId]').inputValue()).toBe('')
})
