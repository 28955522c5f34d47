import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { createRate } from '../../src/features/currencies/commands.ts'
import { CreateRateInput } from '../../src/features/currencies/schema.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'
import { visit } from './product.ts'

/** Between the margins of a sheet of A4 on its side, in CSS pixels. */
const SIDEWAYS = 1009
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
const LISTS = ['/leads', '/deals', '/clients', '/contacts', '/activities']

let english: Account
let german: Account

beforeAll(async () => {
  english = await makeUser({ role: 'admin' })
  german = await makeUser({ role: 'admin', locale: 'de' })
  const rosa = as(await makeUser({ name: 'Rosamunde Winterhalter', role: 'admin' }))
  for (const name of ['Medicine store, as in Berlin', 'Maintenance contract, three years']) {
    const client = await makeClient(rosa, { name: 'Rautenberg Arzneimittel GmbH', email: 'office@rautenberg.example' })
    const contact = await makeContact(rosa, client.id, { firstName: 'Margarethe', lastName: 'Rautenberg' })
    const deal = await makeDeal(rosa, {
      name,
      clientId: client.id,
      contactId: contact.id,
      value: '187000',
      expectedCloseDate: '2031-02-28',
    })
    await makeActivity(rosa, 'deal', deal.id, {
      subject: 'Ask whether the offer arrived',
      dueDate: '2031-02-28',
      dueTime: '15:30',
    })
    await makeLead(rosa, { companyName: 'Rautenberg Arzneimittel', source: 'Trade fair', estimatedValue: '187000' })
  }
})

test.for(['en', 'de'])('the name of a deal is the widest of its row, and its words stay whole (%s)', async (locale) => {
  const page = await visit({ as: locale === 'de' ? german : english })
  await page.goto('/deals')
  for (const width of [320, 768, 1100, 1280, 1440]) {
    await page.setViewportSize({ width, height: 800 })
    const at = `${width} px`
    expect(await lostColumnsOf(page), at).toEqual([])
    expect(await brokenWordsOf(page), at).toEqual([])
    const [name = 0, ...others] = await widthsOf(page)
    expect(name, at).toBeGreaterThanOrEqual(Math.max(...others))
  }
})

test('one long word breaks in its own cell, and no column goes for it, on the screen nor on paper', async () => {
  const rosa = as(english)
  const email = 'kreditorenbuchhaltung@donaudampfschifffahrtsgesellschaft.example'
  const client = await makeClient(rosa, { name: LONG, email, tags: [LONG.slice(0, 50)] })
  const contact = await makeContact(rosa, client.id, { firstName: LONG, email })
  const deal = await makeDeal(rosa, {
    name: LONG,
    clientId: client.id,
    contactId: contact.id,
    value: '99999999999999.99',
  })
  await makeActivity(rosa, 'deal', deal.id, { subject: LONG, dueDate: '2031-02-28' })
  await makeLead(rosa, { companyName: LONG, source: LONG.slice(0, 60), email, estimatedValue: '99999999999999.99' })
  const page = await visit({ as: english })

  for (const path of LISTS) {
    await page.goto(path)
    for (const width of [1100, 1280, 1440]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await lostColumnsOf(page), `${path} at ${width} px`).toEqual([])
    }
    await page.setViewportSize({ width: SIDEWAYS, height: 800 })
    await page.emulateMedia({ media: 'print' })
    expect(await lostColumnsOf(page), `${path} on paper`).toEqual([])
    await page.emulateMedia({ media: 'screen' })
  }
})

test('the rates, and what can be done with each, are on a phone', async () => {
  const rate = { baseCode: 'EUR', currencyCode: 'USD', date: '2026-01-02', rate: '1.0823' }
  await createRate(as(english), CreateRateInput.parse(rate))
  const page = await visit({ as: english, width: 320 })
  await page.goto('/settings/currencies')
  expect(await lostColumnsOf(page)).toEqual([])
  expect(await page.locator('main').innerText()).toContain('Jan 2, 2026')
})

/** The headings of columns that end past the table's frame. */
function lostColumnsOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`{
    const isLost = (cell) => cell.getBoundingClientRect().right > cell.closest('.table-wrap').getBoundingClientRect().right + 1
    ;[...document.querySelectorAll('main thead th')].filter(isLost).map((cell) => cell.innerText.trim())
  }`)
}

/** Of the columns that are shown, in pixels. */
function widthsOf(page: Page): Promise<number[]> {
  return page.evaluate<number[]>(
    `[...document.querySelectorAll('main thead th')].map((cell) => cell.getBoundingClientRect().width)`,
  )
}

/** Words that stand on more than one line. */
function brokenWordsOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('main tbody :is(th, td)')].flatMap((cell) => {
    const broken = []
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      for (const { 0: word, index } of text.data.matchAll(/\\p{L}+/gu)) {
        const range = document.createRange()
        range.setStart(text, index)
        range.setEnd(text, index + word.length)
        if (range.getClientRects().length > 1) broken.push(word)
      }
    }
    return broken
  })`)
}
