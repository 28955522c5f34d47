import { parse } from 'csv-parse/sync'
import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { createRate } from '../../src/features/currencies/commands.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { FILE_NAMES } from '../../src/features/reports/schema.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
import { makeDeal, makeLead } from '../support/records.ts'

let rosa: Visitor
let scope: Scope

async function won(value: string, currencyCode: string, day: string, name = 'Won') {
  const deal = await makeDeal(scope, { name, value, currencyCode, ownerId: scope.user.id })
  await closeDeal(scope, deal.id, { outcome: 'won', actualCloseDate: day })
}

beforeAll(async () => {
  const account = await makeUser({ name: '<b>Rosa</b> "W"' })
  rosa = await browse(account)
  scope = as(account)
})

test('with nothing to show, each section says so, in words', async () => {
  const { status, text } = await rosa.get('/reports')

  expect(status).toBe(200)
  for (const words of [
    'No deal is open',
    'No deal was closed in this period',
    'No lead was entered in this period',
    'No deal left a stage in this period',
    'No lead was lost in this period',
  ])
    expect(text).toContain(words)
  expect(text).not.toMatch(/NaN|undefined|null%|Infinity/)
})

describe('with deals in several currencies', () => {
  beforeAll(async () => {
    const nora = as(await makeUser({ role: 'admin' }))
    await createRate(nora, { baseCode: 'EUR', currencyCode: 'USD', date: '2019-01-01', rate: '1.25' })
    await won('1000', 'EUR', '2019-02-01')
    await won('1000', 'USD', '2019-02-02')
    await won('20.125', 'BHD', '2019-03-01')
    await makeLead(scope, { source: '=cmd()', ownerId: scope.user.id })
  })

  test('sums are shown converted, with their parts, the rate and its day, and what has none', async () => {
    const { text } = await rosa.get('/reports?from=2019-01-01&to=2019-12-31')

    for (const words of [
      '€1,800.00',
      '€1,000.00',
      '$1,000.00',
      '1 EUR = 1.25 USD',
      'Jan 1, 2019',
      'There is no rate for BHD',
    ])
      expect(text).toContain(words)
    expect(text).toMatch(/\+ BHD\s20\.125/)
    expect(text).toContain('&lt;b&gt;Rosa&lt;/b&gt; &#34;W&#34;')
  })

  test('the chart is drawn, and the same figures are a table with links', async () => {
    const { text } = await rosa.get('/reports?from=2019-01-01&to=2019-03-31&owner=me')
    const bars = [...text.matchAll(/<rect class="chart-bar is-won"[^>]* height="([\d.]+)"/g)].map(([, height]) =>
      Number(height),
    )

    expect(bars).toHaveLength(3)
    expect(bars[1]).toBeGreaterThan(bars[2]!)
    expect(text).toContain('<th scope="row">February 2019</th>')
    expect(text).toContain('/deals?owner=me&amp;status=won&amp;closedFrom=2019-02-01&amp;closedTo=2019-02-28')
    expect(text).not.toMatch(/style=/)
  })

  test('each figure at a glance is a link, and what it asked for is said by the list', async () => {
    const { text } = await rosa.get('/reports?from=2019-01-01&to=2019-12-31&owner=me&pipeline=1&currency=EUR')
    const asked = 'owner=me&amp;pipeline=1&amp;currency=EUR'
    const days = 'closedFrom=2019-01-01&amp;closedTo=2019-12-31'

    expect([...text.matchAll(/<span class="stat-label"><a href="([^"]*)">/g)].map(([, href]) => href)).toEqual([
      `/deals?${asked}&amp;status=open`,
      `/deals?${asked}&amp;status=open`,
      `/deals?${asked}&amp;status=won&amp;${days}`,
      `/deals?${asked}&amp;status=lost&amp;${days}`,
      `/deals?${asked}&amp;${days}`,
      `/deals?${asked}&amp;status=won&amp;${days}&amp;cycle=known`,
    ])
    const { text: list } = await rosa.get('/deals?status=won&closedFrom=2019-01-01&cycle=known')
    expect(list).toContain('<option value="known" selected>Known</option>')
  })

  test('a link leads to the deals behind the figure, and the list says what was asked', async () => {
    const { text } = await rosa.get('/deals?owner=me&status=won&closedFrom=2019-02-01&closedTo=2019-02-28')

    expect(text).toContain('2 entries')
    expect(text).toContain('Closed from')
    expect(text).toContain('Feb 28, 2019')
  })

  test.each(Object.values(FILE_NAMES))('the section %s is a file, which asks what the page asks', async (name) => {
    const { status, type, text, headers } = await rosa.get(`/reports/${name}.csv?from=2019-01-01&to=2019-12-31`)
    const rows = parse(text, { bom: true })

    expect([status, type]).toEqual([200, 'text/csv'])
    expect(headers['content-disposition']).toBe(`attachment; filename=${name}-2019-01-01-2019-12-31.csv`)
    expect(rows[0]!.every((heading) => heading !== '' && !heading.includes('reports.'))).toBe(true)
  })

  test('a file has amounts as a program reads them, the rates, and what has none', async () => {
    const { text } = await rosa.get('/reports/won-and-lost.csv?from=2019-02-01&to=2019-03-31')

    expect(text).toContain('2019-02,2,1800.00,EUR,,1 EUR = 1.25 USD (2019-01-01)')
    expect(text).toContain('2019-03,1,,EUR,20.125 BHD,')
    expect((await rosa.get('/reports/sources.csv')).text).toContain("'=cmd()")
  })

  test('a nonsense parameter falls back, and is no failure', async () => {
    for (const query of [
      'period=x&owner=y&currency=1&pipeline=a',
      'from=9999-99-99',
      'owner=99999999999',
      'period=custom',
      'from=1900-01-01&to=2999-12-31',
      'owner[]=1&period=%00',
      'pipeline=2147483647',
    ])
      expect([query, (await rosa.get(`/reports?${query}`)).status]).toEqual([query, 200])
  })

  test('costs as many statements with many deals as with few', async () => {
    const counted = async () =>
      (await queriesOf(() => rosa.get('/reports'))).filter(
        (text) => !/'followUp' AS kind|"?sessions"?|credentials_version|SET TIME ZONE/.test(text),
      ).length
    const before = await counted()
    await Promise.all(Array.from({ length: 20 }, () => makeDeal(scope)))

    expect(await counted()).toBe(before)
    expect(before).toBeLessThanOrEqual(10)
  })
})

test('a viewer reads it, and finds nothing there that writes', async () => {
  const viewer = await browse(await makeUser({ role: 'viewer' }))
  const { status, text } = await viewer.get('/reports')

  expect(status).toBe(200)
  expect([...text.matchAll(/<form\b[^>]*method="post"[^>]*action="([^"]*)"/g)].map(([, action]) => action)).toEqual([
    '/logout',
  ])
})

test('in German, and in several pipelines, everything has its words', async () => {
  await inTransaction(system, ({ db }) =>
    db.query(sql`
    WITH p AS (INSERT INTO pipelines (name, position) VALUES ('Partner', 2) RETURNING id)
    INSERT INTO pipeline_stages (pipeline_id, key, name, kind, probability, position) SELECT id, 'talk', 'Gespräch', 'open', 20, 1 FROM p RETURNING id`),
  )
  const german = await browse(await makeUser({ locale: 'de' }))
  const { text } = await german.get('/reports?from=2019-01-01&to=2019-12-31')

  for (const words of [
    'Pipeline nach Phasen',
    'Gewonnen und verloren',
    'Partner',
    'Gespräch',
    '1 EUR = 1,25 USD',
    '01.01.2019 – 31.12.2019',
  ])
    expect(text).toContain(words)
  expect(text).not.toMatch(/reports\.[a-z]+\.[a-zA-Z]+/)
})

test('a list behind a figure names the pipeline and the stage that it asks for', async () => {
  const [pipeline] = await inTransaction(system, ({ db }) =>
    db.query<{ id: number }>(sql`
    WITH p AS (INSERT INTO pipelines (name, position) VALUES ('Resellers & <b>more</b>', 3) RETURNING id)
    INSERT INTO pipeline_stages (pipeline_id, key, name, kind, probability, position)
    SELECT id, 'prospecting', 'First call', 'open', 20, 1 FROM p RETURNING pipeline_id AS id`),
  )
  const selected = async (path: string) =>
    [...(await rosa.get(path)).text.matchAll(/<option[^>]* selected>([^<]*)/g)].map(([, words]) => words)
  const name = 'Resellers &amp; &lt;b&gt;more&lt;/b&gt;'

  expect(await selected(`/deals?pipeline=${pipeline!.id}&left=prospecting`)).toEqual([name, 'First call'])
  expect(await selected(`/deals?pipeline=${pipeline!.id}&stage=prospecting`)).toEqual(['First call', name])
  expect(await selected('/deals?pipeline=1&left=prospecting')).toEqual(['Sales', 'Prospecting'])
  expect(await selected('/deals?pipeline=2147483647')).toEqual(['This pipeline'])
  expect(await selected(`/leads?reached=won&dealPipeline=${pipeline!.id}`)).toEqual(['Won', name])
})
