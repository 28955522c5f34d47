import { expect, test } from 'vitest'
import { makeUser } from '../support/people.ts'
import { MAIN_JOB_TIME, doTheMainJob } from './main-job.ts'
import { follow, heading, noticeOf, press, turnPage, visit } from './product.ts'

test('from the first visit to a deal that is won', { timeout: MAIN_JOB_TIME }, async () => {
  await doTheMainJob(await visit())
})

test('a person who reads German signs in and enters a lead in German', async () => {
  const emil = await makeUser({ locale: 'de' })
  const page = await visit({ as: emil, locale: 'de-DE' })

  await follow(page, 'Leads')
  await turnPage(page, () => page.getByRole('link', { name: 'Neuer Lead' }).first().click())
  await page.getByLabel('Vorname').fill('Jürgen')
  await page.getByLabel('Nachname').fill('Groß')
  await press(page, 'Lead anlegen')

  expect(await noticeOf(page)).toBe('Der Lead wurde angelegt.')
  expect(await heading(page)).toBe('Jürgen Groß')
  expect(await page.locator('html').getAttribute('lang')).toBe('de')
})

test('whoever is not known yet is greeted in the language of their browser', async () => {
  const page = await visit({ locale: 'de-DE' })
  await page.goto('/')
  expect(await heading(page)).toBe('Anmelden')
})
