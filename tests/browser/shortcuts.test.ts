import { beforeAll, expect, test } from 'vitest'
import { as, makeUser } from '../support/people.ts'
import { makeLead } from '../support/records.ts'
import { heading, turnPage, visit } from './product.ts'

let rosa: Awaited<ReturnType<typeof makeUser>>
beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa Winter' })
  await makeLead(as(rosa), { firstName: 'Emil', lastName: 'Sommer' })
})

test('keys lead to the pages of the navigation, and begin what a page is for', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/')

  await turnPage(page, async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('l')
  })
  expect(await heading(page)).toBe('Leads')

  await page.keyboard.press('j')
  await turnPage(page, () => page.keyboard.press('Enter'))
  expect(await heading(page)).toBe('Emil Sommer')

  await turnPage(page, () => page.keyboard.press('e'))
  expect(new URL(page.url()).pathname).toMatch(/^\/leads\/\d+\/edit$/)
})

test('what is typed into a field is text', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/leads/create')

  await page.getByLabel('First name').pressSequentially('glc?')

  expect(await page.getByLabel('First name').inputValue()).toBe('glc?')
  expect(await heading(page)).toBe('New lead')
})

test('they are listed, and can be turned off', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/leads')
  await turnPage(page, () => page.keyboard.press('?'))
  expect(await heading(page)).toBe('Keyboard shortcuts')
  expect(await page.getByText('Pipeline').first().isVisible()).toBe(true)

  await page.getByLabel('Keys do something').uncheck()
  await page.keyboard.press('Tab')
  await page.keyboard.press('g')
  await page.keyboard.press('l')
  await page.reload()

  expect(await heading(page)).toBe('Keyboard shortcuts')
  expect(await page.getByLabel('Keys do something').isChecked()).toBe(false)
})

test('keys have the names that are on the keyboards of the reader', async () => {
  const page = await visit({ as: await makeUser({ locale: 'de' }) })
  await page.goto('/shortcuts')
  const keys = await page.locator('kbd').allInnerTexts()
  expect(keys).toEqual(expect.arrayContaining(['Strg', 'Leertaste', 'Esc', 'Eingabe']))
})
