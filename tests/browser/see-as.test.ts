import { expect, test } from 'vitest'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'
import { visit } from './product.ts'

test('whoever looks with somebody else’s rights sees what could be pressed, and cannot press it until they stop', async () => {
  const priya = await makeUser({ name: 'Priya Shah' })
  const { id } = await makeDeal(as(priya), { name: 'Looked at' })
  const page = await visit({ as: await makeUser({ role: 'admin' }) })
  const enabled = page.locator('main form[method=post] button:not([type=button]):enabled')
  const disabled = page.locator('main form[method=post] button:disabled')
  await page.goto(`/settings/users/${priya.id}`)
  await page.getByRole('button', { name: 'See as' }).click()
  await page.locator('.see-as').waitFor()

  await page.goto(`/deals/${id}`)
  await expect.poll(() => disabled.count()).toBeGreaterThan(0)
  expect(await enabled.count()).toBe(0)
  expect(await disabled.first().getAttribute('title')).toContain('nothing can be changed')
  // What only looks goes on working, and so does the way out.
  await page.goto('/deals?q=Looked')
  expect(await page.locator('main form[method=get] button:disabled').count()).toBe(0)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.locator('.see-as').waitFor({ state: 'detached' })

  await page.goto(`/deals/${id}`)
  await expect.poll(() => enabled.count()).toBeGreaterThan(0)
  expect(await disabled.count()).toBe(0)
})
