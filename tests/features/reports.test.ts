import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { createRate } from '../../src/features/currencies/commands.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { dealList } from '../../src/features/deals/list.ts'
import { markLeadLost, updateLead } from '../../src/features/leads/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { leadList } from '../../src/features/leads/list.ts'
import { closedChart } from '../../src/features/reports/chart.ts'
import { bucketsBetween, readQuestion } from '../../src/features/reports/question.ts'
import { report } from '../../src/features/reports/report.ts'
import type { Report } from '../../src/features/reports/report.ts'
import { Decimal, roundMoney } from '../../src/platform/money.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeTeam, makeUser, system } from '../support/people.ts'
import { makeDeal, makeLead } from '../support/records.ts'

const today = dayIn('Europe/Berlin')
let nora: Scope
let rosa: Scope

const ask = (scope: Scope, query: Record<string, string> = {}) => report(scope, readQuestion(scope, query))
/** A month of its own for each story, so that none meets another's deals. */
const month = (number: number) => ({
  from: `2019-${String(number).padStart(2, '0')}-01`,
  to: `2019-${String(number).padStart(2, '0')}-28`,
})

async function closed(scope: Scope, outcome: 'won' | 'lost', day: string, fields: Parameters<typeof makeDeal>[1] = {}) {
  const deal = await makeDeal(scope, { ownerId: scope.user.id, ...fields })
  await closeDeal(
    scope,
    deal.id,
    outcome === 'won' ? { outcome, actualCloseDate: day } : { outcome, actualCloseDate: day, lossReason: 'Price' },
  )
  return deal
}

/** What the list behind a link holds. */
async function listed(scope: Scope, href: string): Promise<number> {
  const { pathname, searchParams } = new URL(href, 'http://here.example.com')
  const query = Object.fromEntries(searchParams)
  const list =
    pathname === '/deals' ? dealList.fetch(scope, dealList.parse(query)) : leadList.fetch(scope, leadList.parse(query))
  return (await list).total.count
}

/** What the file of the list behind a link holds. */
async function filed(scope: Scope, href: string): Promise<number> {
  const query = Object.fromEntries(new URL(href, 'http://here.example.com').searchParams)
  let rows = 0
  for await (const batch of dealList.all(scope, dealList.parse(query))) rows += batch.length
  return rows
}

/** A pipeline beside the first, which begins like it. */
function makePipeline(name: string): Promise<number> {
  return inTransaction(system, async ({ db }) => {
    const { id } = await db.records.pipeline.create({ data: { name, position: 2 } })
    await db.records.pipelineStage.createMany({
      data: [
        { pipelineId: id, key: 'prospecting', name: 'First talk', kind: 'open', probability: 10, position: 1 },
        { pipelineId: id, key: 'signed', name: 'Signed', kind: 'won', probability: 100, position: 2 },
      ],
    })
    return id
  })
}

/** Every figure of the report that leads to a list, with its count. */
function figures(shown: Report): [href: string, count: number][] {
  const all: { href: string; count: number }[] = [
    shown.open,
    shown.won,
    shown.lost,
    shown.winRate,
    { href: shown.cycle.href, count: shown.cycle.deals },
    ...shown.pipeline,
    ...shown.closed.flatMap(({ won, lost }) => [won, lost]),
    ...shown.stages,
    ...shown.funnel,
    ...shown.sources.flatMap(({ leads, converted, won }) => [leads, converted, won]),
    ...shown.dealLosses,
    ...shown.leadLosses,
    ...shown.owners.flatMap(({ open, won, lost, winRate }) => [open, won, lost, winRate]),
  ]
  return all.map(({ href, count }) => [href, count])
}

beforeAll(async () => {
  nora = as(await makeUser({ role: 'admin' }))
  rosa = as(await makeUser({ name: 'Rosa' }))
  for (const [currencyCode, rate] of [
    ['USD', '1.25'],
    ['JPY', '160'],
  ])
    await createRate(nora, { baseCode: 'EUR', currencyCode: currencyCode!, date: '2019-01-01', rate: rate! })
})

describe('what is asked', () => {
  const at = (moment: string, query: Record<string, string> = {}) => {
    const { from, to } = readQuestion(rosa, query, new Date(moment))
    return `${from} ${to}`
  }

  test('a period begins and ends by the reader’s calendar', () => {
    // In Berlin it is the new year already.
    expect(at('2026-12-31T23:30:00Z', { period: 'month' })).toBe('2027-01-01 2027-01-31')
    expect(at('2026-12-31T22:30:00Z', { period: 'quarter' })).toBe('2026-10-01 2026-12-31')
    expect(at('2026-03-31T22:30:00Z', { period: 'lastMonth' })).toBe('2026-03-01 2026-03-31')
    expect(at('2026-02-10T12:00:00Z', { period: 'lastQuarter' })).toBe('2025-10-01 2025-12-31')
    expect(at('2024-02-10T12:00:00Z', { period: 'lastYear' })).toBe('2023-01-01 2023-12-31')
    expect(at('2026-05-10T12:00:00Z')).toBe('2026-01-01 2026-12-31')
  })

  test.each([
    [{ from: '2026-03-05', to: '2026-02-01' }, '2026-02-01 2026-03-05'],
    [{ from: '2026-03-05' }, '2026-03-05 2026-05-10'],
    [{ to: '2026-03-05' }, '2026-01-01 2026-03-05'],
    [{ period: 'custom' }, '2026-01-01 2026-05-10'],
    [{ period: 'custom', from: '2026-13-05', to: 'x' }, '2026-01-01 2026-05-10'],
    [{ period: 'decade', owner: '<b>', pipeline: '-1', currency: 'EURO' }, '2026-01-01 2026-12-31'],
    [{ period: 'custom', from: '2028-01-01' }, '2028-01-01 2028-01-01'],
  ])('%j is %s', (query, days) => {
    expect(at('2026-05-10T12:00:00Z', query as Record<string, string>)).toBe(days)
  })

  test('months are cut to the days asked for, and become years where they would be too many', () => {
    const question = readQuestion(rosa, { from: '2026-01-15', to: '2026-03-10' })
    expect(bucketsBetween(question)).toEqual([
      { key: '2026-01-01', from: '2026-01-15', to: '2026-01-31' },
      { key: '2026-02-01', from: '2026-02-01', to: '2026-02-28' },
      { key: '2026-03-01', from: '2026-03-01', to: '2026-03-10' },
    ])
    expect(readQuestion(rosa, { from: '1900-01-01', to: '2999-12-31' }).unit).toBe('year')
  })
})

test('nothing at all is said as nothing: no share of it, no average, no month', async () => {
  const shown = await ask(as(await makeUser()), { from: '1950-01-01', to: '1950-12-31', owner: 'me' })

  expect(shown).toMatchObject({
    winRate: { count: 0, share: null },
    cycle: { days: null, deals: 0 },
    closed: [],
    sources: [],
    dealLosses: [],
    leadLosses: [],
    owners: [],
    missing: [],
    quotes: [],
  })
  expect(shown.open.value.amount).toBeNull()
  expect(shown.funnel.map(({ count, share }) => [count, share])).toEqual(Array.from({ length: 6 }, () => [0, null]))
  expect(shown.pipeline.map(({ count }) => count)).toEqual([0, 0, 0, 0])
  expect(closedChart(shown.closed, 'EUR', 'en').bars).toEqual([])
})

describe('sums', () => {
  test('are those of the rows, in several currencies, converted and rounded once', async () => {
    const { from, to } = month(1)
    const deals = [
      ['10.01', 'EUR'],
      ['0.01', 'USD'],
      ['0.01', 'USD'],
      ['0.02', 'USD'],
      ['1000', 'JPY'],
      ['77', 'JPY'],
      [null, 'EUR'],
    ] as const
    for (const [value, currencyCode] of deals) await closed(rosa, 'won', from, { value, currencyCode })
    const shown = await ask(rosa, { from, to, owner: 'me' })

    const exact = deals.reduce(
      (sum, [value, code]) => sum.plus(new Decimal(value ?? 0).dividedBy({ EUR: 1, USD: '1.25', JPY: 160 }[code])),
      new Decimal(0),
    )
    expect(shown.won.count).toBe(7)
    expect(shown.won.value.amount?.toFixed()).toBe(roundMoney(exact, 'EUR').toFixed())
    expect(
      shown.won.value.parts.map(({ currencyCode, amount }) => `${amount.toFixed()} ${currencyCode}`).sort(),
    ).toEqual(['0.04 USD', '10.01 EUR', '1077 JPY'])
    expect(shown.quotes.map(({ to: code, date }) => `${code} ${date}`)).toEqual(['JPY 2019-01-01', 'USD 2019-01-01'])
  })

  test('of one currency are as they are, and count its deals only', async () => {
    const { from, to } = month(2)
    await closed(rosa, 'won', from, { value: '100', currencyCode: 'USD' })
    await closed(rosa, 'won', from, { value: '50', currencyCode: 'EUR' })
    const shown = await ask(rosa, { from, to, currency: 'USD' })

    expect([shown.won.count, shown.won.value.amount?.toFixed(), shown.currency]).toEqual([1, '100', 'USD'])
    expect(shown.quotes).toEqual([])
  })

  test('leave out what has no rate, and say so, to the last digit', async () => {
    const { from, to } = month(3)
    await closed(rosa, 'won', from, { value: '100', currencyCode: 'EUR' })
    await closed(rosa, 'won', from, { value: '1.005', currencyCode: 'BHD' })
    const shown = await ask(rosa, { from, to, owner: 'me' })

    expect(shown.missing).toEqual(['BHD'])
    expect(shown.won.value.amount?.toFixed()).toBe('100')
    expect(shown.won.value.missing).toMatchObject([{ currencyCode: 'BHD', amount: new Decimal('1.005') }])
    expect(shown.won.count).toBe(2)
  })

  test('go by the rate of the end of the period; what is open by today’s', async () => {
    const scope = as(await makeUser())
    await createRate(nora, { baseCode: 'EUR', currencyCode: 'NOK', date: '2019-04-01', rate: '10' })
    await createRate(nora, { baseCode: 'EUR', currencyCode: 'NOK', date: today, rate: '20' })
    await closed(scope, 'won', '2019-04-02', { value: '100', currencyCode: 'NOK' })
    await makeDeal(scope, { value: '100', currencyCode: 'NOK', ownerId: scope.user.id })
    const shown = await ask(scope, { ...month(4), owner: 'me' })

    expect([shown.won.value.amount?.toFixed(), shown.open.value.amount?.toFixed()]).toEqual(['10', '5'])
    expect(shown.quotes.map(({ date }) => date).sort()).toEqual(['2019-04-01', today])
  })

  test('of the months are the sum of the period, and of the stages that of all open deals', async () => {
    const scope = as(await makeUser())
    for (const day of ['2019-05-01', '2019-05-31', '2019-06-01']) await closed(scope, 'won', day, { value: '10.50' })
    await closed(scope, 'lost', '2019-06-30', { value: '5' })
    for (const stage of ['prospecting', 'proposal', 'proposal'])
      await makeDeal(scope, { stage, value: '33.33', ownerId: scope.user.id })
    const shown = await ask(scope, { from: '2019-05-01', to: '2019-06-30', owner: 'me' })

    expect(shown.closed.map(({ key, won, lost }) => [key, won.count, won.value.amount?.toFixed(), lost.count])).toEqual(
      [
        ['2019-05-01', 2, '21', 0],
        ['2019-06-01', 1, '10.5', 1],
      ],
    )
    expect(shown.winRate).toMatchObject({ count: 4, share: 75 })
    expect(
      shown.pipeline.map(({ stage, count, weighted }) => [stage.key, count, weighted.amount?.toFixed() ?? null]),
    ).toEqual([
      ['prospecting', 1, '3.33'],
      ['qualification', 0, null],
      // Half of 66.66: rounded once, not twice.
      ['proposal', 2, '33.33'],
      ['negotiation', 0, null],
    ])
    expect(shown.open.weighted.amount?.toFixed()).toBe('36.66')
    expect(shown.owners).toHaveLength(1)
    expect(shown.owners[0]).toMatchObject({ id: scope.user.id, winRate: { share: 75 } })
  })
})

test('a lead entered within a minute of midnight is in the day that the reader’s clock shows', async () => {
  const scope = as(await makeUser({ timeZone: 'Pacific/Auckland' }))
  const { id } = await makeLead(scope, { ownerId: scope.user.id })
  // 00:00:30 of 6 April 2019 in Auckland, still summer time there; 5 April in UTC.
  await inTransaction(system, ({ db }) =>
    db.query(sql`UPDATE leads SET created_at = '2019-04-05T11:00:30Z' WHERE id = ${id} RETURNING id`),
  )
  const entered = async (day: string) => (await ask(scope, { from: day, to: day, owner: 'me' })).funnel[0]!

  expect((await entered('2019-04-06')).count).toBe(1)
  expect((await entered('2019-04-05')).count).toBe(0)
  expect(await listed(scope, (await entered('2019-04-06')).href)).toBe(1)
})

test('the funnel counts lost leads as far as they came, and a deal only for whoever may see it', async () => {
  const emil = as(await makeUser())
  const lead = (fields = {}) => makeLead(emil, { ownerId: emil.user.id, source: 'Fair', ...fields })
  await lead()
  await updateLead(emil, (await lead()).id, { status: 'contacted' })
  const lost = await lead({ source: null })
  await updateLead(emil, lost.id, { status: 'qualified' })
  await markLeadLost(emil, lost.id, 'No budget')
  await markLeadLost(emil, (await lead()).id, 'No answer')
  const { dealId } = await convertToDeal(emil, (await lead()).id, {
    client: 'new',
    contact: 'none',
    value: '500',
    currencyCode: 'EUR',
  })
  await closeDeal(emil, dealId, { outcome: 'won' })
  const shown = await ask(emil, { owner: 'me' })

  expect(shown.funnel.map(({ step, count }) => `${step} ${count}`)).toEqual([
    'entered 5',
    'contacted 3',
    'qualified 2',
    'converted 1',
    'deal 1',
    'won 1',
  ])
  expect(
    shown.sources.map(({ source, leads, converted, won }) => [
      source,
      leads.count,
      converted.count,
      won.value.amount?.toFixed() ?? null,
    ]),
  ).toEqual([
    ['Fair', 4, 1, '500'],
    [null, 1, 0, null],
  ])
  expect(shown.leadLosses.map(({ reason, count }) => [reason, count])).toEqual([
    ['No answer', 1],
    ['No budget', 1],
  ])

  const own = as(await makeUser({ visibility: 'own' }))
  await inTransaction(system, ({ db }) =>
    db.query(sql`UPDATE leads SET owner_id = ${own.user.id} WHERE converted_to_deal_id = ${dealId} RETURNING id`),
  )
  const theirs = await ask(own)
  expect(theirs.funnel.map(({ count }) => count)).toEqual([1, 1, 1, 1, 0, 0])
  expect(await listed(own, theirs.funnel[5]!.href)).toBe(0)
})

test('what leads of a source have won is counted and valued in the pipeline and the currency asked for', async () => {
  const emil = as(await makeUser())
  const partners = await makePipeline('Resellers')
  for (const [pipelineId, value, currencyCode] of [
    [1, '100', 'EUR'],
    [1, '200', 'USD'],
    [partners, '400', 'USD'],
    [partners, null, 'USD'],
  ] as const) {
    const lead = await makeLead(emil, { ownerId: emil.user.id, source: 'Fair' })
    const { dealId } = await convertToDeal(emil, lead.id, { client: 'new', contact: 'none', value, currencyCode })
    if (pipelineId !== 1) await moveDeal(emil, dealId, { pipelineId, stage: 'prospecting' })
    await inTransaction(system, ({ db }) =>
      db.query(sql`UPDATE deals SET value = ${value} WHERE id = ${dealId} RETURNING id`),
    )
    await closeDeal(emil, dealId, { outcome: 'won' })
  }
  const sourced = async (query: Record<string, string>) => {
    const shown = await ask(emil, { owner: 'me', ...query })
    const [{ leads, converted, won }] = shown.sources as [Report['sources'][number]]
    expect([leads.count, converted.count, shown.funnel.at(-1)?.count]).toEqual([4, 4, 4])
    expect(await listed(emil, won.href)).toBe(won.count)
    return [won.count, won.value.parts.map(({ amount, currencyCode }) => `${amount.toFixed()} ${currencyCode}`).sort()]
  }

  expect(await sourced({})).toEqual([4, ['100 EUR', '600 USD']])
  expect(await sourced({ currency: 'USD' })).toEqual([3, ['600 USD']])
  expect(await sourced({ pipeline: String(partners) })).toEqual([2, ['400 USD']])
  expect(await sourced({ pipeline: '1', currency: 'USD' })).toEqual([1, ['200 USD']])
  expect(await sourced({ pipeline: String(partners), currency: 'EUR' })).toEqual([0, []])
})

test('time in a stage is that of the stays that ended, whatever the deal did then', async () => {
  const emil = as(await makeUser())
  const deal = await makeDeal(emil, { stage: 'prospecting', ownerId: emil.user.id })
  await inTransaction(system, ({ db }) =>
    db.query(sql`UPDATE deals SET stage_entered_at = now() - interval '10 days' WHERE id = ${deal.id} RETURNING id`),
  )
  await moveDeal(emil, deal.id, { stage: 'proposal' })
  await moveDeal(emil, deal.id, { stage: 'prospecting' })
  await inTransaction(system, ({ db }) =>
    db.query(sql`UPDATE deals SET stage_entered_at = now() - interval '4 days' WHERE id = ${deal.id} RETURNING id`),
  )
  await closeDeal(emil, deal.id, { outcome: 'won' })
  const shown = await ask(emil, { from: addDays(today, -1), to: addDays(today, 1), owner: 'me' })
  const [prospecting, , proposal] = shown.stages

  expect(prospecting!.count).toBe(1)
  expect(prospecting!.days).toBeCloseTo(7, 3)
  expect(proposal).toMatchObject({ count: 1 })
  expect(proposal!.days).toBeLessThan(0.01)
  // Entered and won on one day; the one closed on a day before it was entered has no cycle.
  await closed(emil, 'won', '2019-08-01')
  expect((await ask(emil, { from: addDays(today, -1), to: addDays(today, 1), owner: 'me' })).cycle).toMatchObject({
    days: 0,
    deals: 1,
  })
  expect((await ask(emil, { ...month(8), owner: 'me' })).cycle).toMatchObject({ days: null, deals: 0 })
})

test('a stay is counted and listed in the pipeline it was in, wherever the deal is now', async () => {
  const emil = as(await makeUser())
  const partners = await makePipeline('Partners')
  const stays = async (query: Record<string, string>) =>
    Promise.all(
      (await ask(emil, { owner: 'me', ...query })).stages
        .filter(({ stage, count }) => stage.key === 'prospecting' && count > 0)
        .map(async ({ stage, count, href }) => [
          stage.pipelineId,
          count,
          await listed(emil, href),
          await filed(emil, href),
        ]),
    )
  for (const [from, to] of [
    [partners, 1],
    [partners, 1],
    [1, partners],
  ]) {
    const deal = await makeDeal(emil, { pipelineId: from!, stage: 'prospecting', ownerId: emil.user.id })
    await moveDeal(emil, deal.id, { pipelineId: to!, stage: 'prospecting' })
  }

  expect(await stays({})).toEqual([
    [1, 1, 1, 1],
    [partners, 2, 2, 2],
  ])
  expect(await stays({ pipeline: '1' })).toEqual([[1, 1, 1, 1]])
  expect(await stays({ pipeline: String(partners) })).toEqual([[partners, 2, 2, 2]])
})

test.each([
  // Which of these an offset of today would get wrong depends on today's season.
  ['in summer', '2018-06-09T23:15:00Z', '2018-06-10', 0],
  ['in summer', '2018-07-01T23:30:00Z', '2018-07-12', 10],
  ['in winter', '2018-01-09T23:15:00Z', '2018-01-10', 1],
  ['across the change', '2018-03-24T23:30:00Z', '2018-03-25', 1],
])('a sales cycle begins on the day that the clocks showed %s', async (_season, created, closedOn, days) => {
  const scope = as(await makeUser({ timeZone: 'Europe/London' }))
  const deal = await closed(scope, 'won', closedOn)
  await inTransaction(system, ({ db }) =>
    db.query(sql`UPDATE deals SET created_at = ${created}::timestamptz WHERE id = ${deal.id} RETURNING id`),
  )

  expect((await ask(scope, { from: closedOn, to: closedOn, owner: 'me' })).cycle).toMatchObject({ days, deals: 1 })
})

describe('each figure leads to a list of as many', () => {
  test.each([
    {},
    { owner: 'me' },
    { owner: 'none' },
    { currency: 'USD' },
    { pipeline: '1' },
    { from: '2019-01-01', to: '2019-12-31' },
    { from: '2010-01-01' },
    { from: '2010-01-01', owner: 'me', currency: 'USD' },
    { from: '2010-01-01', owner: 'me', pipeline: '1', currency: 'EUR' },
    { period: 'month', owner: 'none', pipeline: '1', currency: 'EUR' },
    { period: 'lastYear', pipeline: '2', currency: 'USD' },
  ])('with %j', async (query) => {
    await closed(rosa, 'lost', today, { ownerId: null })
    // Won on a day before it was entered: won, and no part of the sales cycle.
    await closed(rosa, 'won', '2019-12-03')
    for (const scope of [rosa, nora]) {
      for (const [href, count] of figures(await ask(scope, query as Record<string, string>)))
        expect([href, await listed(scope, href)]).toEqual([href, count])
    }
  })
})

test('what is not one’s own to see is in no figure: own, team and all', async () => {
  const teamId = await makeTeam('North')
  const [own, team, mate, stranger] = await Promise.all([
    makeUser({ visibility: 'own', teamId }),
    makeUser({ visibility: 'team', teamId }),
    makeUser({ teamId }),
    makeUser(),
  ])
  for (const owner of [own, mate, stranger]) {
    await closed(as(owner), 'won', '2019-09-10', { value: '10' })
    await closed(as(owner), 'lost', '2019-09-10', { value: '10' })
  }
  const counts = async (who: typeof own) => {
    const shown = await ask(as(who), month(9))
    for (const [href, count] of figures(shown)) expect([href, await listed(as(who), href)]).toEqual([href, count])
    return [
      shown.won.count,
      shown.lost.count,
      shown.dealLosses[0]?.count,
      shown.owners.filter(({ won }) => won.count > 0).length,
    ]
  }

  expect(await counts(own)).toEqual([1, 1, 1, 1])
  expect(await counts(team)).toEqual([2, 2, 2, 2])
  expect(await counts(stranger)).toEqual([3, 3, 3, 3])
})

test('costs as many statements whatever there is', async () => {
  const statements = async (query: Record<string, string>) =>
    (await queriesOf(() => ask(nora, query))).filter((text) => !text.startsWith('SET')).length

  expect(await statements({ from: '1950-01-01', to: '1950-01-02' })).toBe(8)
  expect(await statements({ from: '2010-01-01' })).toBe(8)
})

test('an archived deal is in no figure', async () => {
  const deal = await closed(rosa, 'won', '2019-11-11')
  await inTransaction(system, ({ db }) =>
    db.query(sql`UPDATE deals SET is_active = false WHERE id = ${deal.id} RETURNING id`),
  )

  expect((await ask(rosa, month(11))).won.count).toBe(0)
  expect(await db.query(sql`SELECT id FROM deals WHERE id = ${deal.id}`)).toHaveLength(1)
})
