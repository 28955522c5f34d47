import { beforeAll, describe, expect, test } from 'vitest'
import { ratesOn } from '../../src/features/currencies/queries.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'

const HOME = '/settings/currencies'
const FILE = 'Date, USD, JPY, \n20 November 2026, 1.0823, 163.17, \n19 November 2026, 1.0811, x, '

let nora: Visitor
let scope: Scope

beforeAll(async () => {
  const account = await makeUser({ role: 'admin' })
  nora = await browse(account)
  scope = as(account)
})

const enter = (fields: Record<string, string>) =>
  nora.post(`${HOME}/create`, { baseCode: 'EUR', currencyCode: 'USD', date: '2026-01-02', rate: '1.1', ...fields })
const rateOn = async (day: string, currency = 'USD') =>
  (await ratesOn(scope, day)).quote('EUR', currency)?.rate.toFixed()

test('a rate is entered, with a comma too, shown in words with its day, changed and deleted', async () => {
  expect((await nora.get(HOME)).text).toContain('No rates yet')
  const fields = formFields(await nora.get(`${HOME}/create`), `${HOME}/create`)
  const answer = await nora.post(`${HOME}/create`, {
    ...fields,
    currencyCode: 'USD',
    date: '2026-01-02',
    rate: '1,0823',
  })
  expect([answer.status, answer.headers.location]).toEqual([303, HOME])

  const { text } = await nora.get(HOME)
  expect(text).toContain('1 EUR = 1.0823 USD')
  expect(text).toContain('Jan 2, 2026')
  const edit = new RegExp(`${HOME}/\\d+/edit`).exec(text)![0]
  expect((await nora.post(edit, { ...formFields(await nora.get(edit), edit), rate: '1.09' })).status).toBe(303)
  expect(await rateOn('2026-01-02')).toBe('1.09')
  expect((await nora.post(edit.replace('edit', 'delete'))).headers.location).toBe(HOME)
  expect(await rateOn('2026-01-02')).toBeUndefined()
})

test.each([
  [{ rate: '0' }, 'rate'],
  [{ rate: '-1' }, 'rate'],
  [{ rate: '1e3' }, 'rate'],
  [{ rate: 'NaN' }, 'rate'],
  [{ rate: '1.12345678901' }, 'rate'],
  [{ rate: '' }, 'rate'],
  [{ date: '2026-02-31' }, 'date'],
  [{ currencyCode: 'EUR' }, 'currencyCode'],
  [{ currencyCode: 'XXX' }, 'currencyCode'],
  [{ currencyCode: '' }, 'currencyCode'],
])('a rate with %j answers 422 with the message there, and stores nothing', async (fields, field) => {
  const answer = await enter({ date: '2025-05-05', ...(fields as Record<string, string>) })

  expect(answer.status).toBe(422)
  expect(answer.text).toContain(`id="${field}-error"`)
  expect(await rateOn('2025-12-31')).toBeUndefined()
})

test('a second rate for a day is refused where the day stands', async () => {
  expect((await enter({ date: '2026-03-03' })).status).toBe(303)
  const again = await enter({ date: '2026-03-03', rate: '2' })

  expect(again.status).toBe(422)
  expect(again.text).toContain('There is a rate for EUR and USD on this day already.')
  expect(again.text).toContain('id="date-error"')
})

test('a file is shown before it is imported, faults line by line; then it is imported, and again changes nothing', async () => {
  const preview = await nora.post(`${HOME}/import`, { text: FILE, since: '' })
  expect(preview.status).toBe(422)
  expect(preview.text).toContain('New rates: 3 · corrected: 0 · there already: 0')
  expect(preview.text).toContain('JPY: “x” is not a rate.')
  expect(await rateOn('2026-11-20', 'JPY')).toBeUndefined()

  const fields = formFields(preview, `${HOME}/import`)
  expect(fields.step).toBe('import')
  expect((await nora.post(`${HOME}/import`, fields)).headers.location).toBe(HOME)
  expect((await nora.get(HOME)).text).toContain('Imported. New rates: 3, corrected: 0, there already: 0.')
  await nora.post(`${HOME}/import`, fields)
  expect((await nora.get(HOME)).text).toContain('New rates: 0, corrected: 0, there already: 3.')
  expect(await rateOn('2026-11-20', 'JPY')).toBe('163.17')
})

test.each(['', 'no file', 'Date;USD\n2026-11-20;1', '<b>Date</b>, USD\n'])(
  '%j is no file: 422, and what was typed stays',
  async (text) => {
    const answer = await nora.post(`${HOME}/import`, { text, step: 'import' })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain('id="text-error"')
    expect(answer.text).not.toContain('<b>Date')
  },
)

test('a file of all days since 1999 is no larger than may be sent', async () => {
  const day = (place: number) => new Date(Date.UTC(1999, 0, 4 + place)).toISOString().slice(0, 10)
  const codes = ['USD', 'JPY', 'GBP', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'CAD']
  const columns = Array.from({ length: 41 }, (_, place) => codes[place] ?? `X${place}`)
  const lines = Array.from({ length: 7_000 }, (_, place) => `${day(place)},${columns.map(() => '163.17').join(',')},`)
  const answer = await nora.post(`${HOME}/import`, {
    text: [`Date,${columns.join(',')},`, ...lines].join('\n'),
    since: '2018-01-01',
  })

  expect(answer.status).toBe(422)
  expect(answer.text).toMatch(/New rates: [\d,]+ /)
})

test('the base currency is changed, and two people changing it are told', async () => {
  const fields = formFields(await nora.get(HOME), `${HOME}/base`)
  expect((await nora.post(`${HOME}/base`, { ...fields, baseCurrency: 'CHF' })).status).toBe(303)
  const second = await nora.post(`${HOME}/base`, { ...fields, baseCurrency: 'GBP' })
  expect(second.status).toBe(409)
  expect((await nora.post(`${HOME}/base`, { baseCurrency: 'money' })).status).toBe(422)
  expect((await nora.post(`${HOME}/base`, { baseCurrency: 'EUR' })).status).toBe(303)
})

describe('everybody else', () => {
  test.each(['manager', 'member', 'viewer'] as const)('a %s reads the rates and changes none', async (role) => {
    const visitor = await browse(await makeUser({ role }))
    const { status, text } = await visitor.get(HOME)

    expect(status).toBe(200)
    expect(text).not.toMatch(/settings\/currencies\/(create|import|base|\d)/)
    for (const path of ['create', 'import', '1/edit']) expect((await visitor.get(`${HOME}/${path}`)).status).toBe(403)
    for (const path of ['create', 'import', 'base', '1/edit', '1/delete'])
      expect((await visitor.post(`${HOME}/${path}`, { baseCurrency: 'USD', text: FILE, rate: '1' })).status).toBe(403)
  })
})

test('the rates are a file, too', async () => {
  const { text, type } = await nora.get(`${HOME}.csv`)

  expect(type).toBe('text/csv')
  expect(text).toContain('2026-11-20,EUR,JPY,163.17')
})
