import { expect, test } from 'vitest'
import { makeUser } from '../support/people.ts'
import { heading, noticeOf, press, visit } from './product.ts'

test('by a name in the local network, over plain http, a person signs in and enters a lead', async () => {
  const page = await visit({ as: await makeUser(), byLan: true })
  expect(new URL(page.url()).hostname).toBe('crm.lan')
  // What browsers allow only on https or on the machine itself must not be needed.
  expect(await page.evaluate<boolean>('isSecureContext')).toBe(false)

  await page.goto('/leads/create')
  await page.getByLabel('First name').fill('Emil')
  await page.getByLabel('Last name').fill('Sommer')
  await press(page, 'Create lead')

  expect(await heading(page)).toBe('Emil Sommer')
  expect(await noticeOf(page)).toBe('The lead was created.')
})
