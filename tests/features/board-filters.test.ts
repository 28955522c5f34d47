import { beforeEach, expect, test } from 'vitest'
import { CARDS_SHOWN, board } from '../../src/features/deals/board.ts'
import { boardFilters, boardHref } from '../../src/features/deals/board-filters.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
import { makeClient, makeDeal } from '../support/records.ts'

let rosa: Scope

beforeEach(async () => {
  // A board of one's own for each test: Rosa sees only what is hers.
  rosa = as(await makeUser({ name: 'Rosa', visibility: 'own' }))
})

/** What a column shows, and what it says all its deals come to. */
async function shown(query: Record<string, string>, key = 'prospecting') {
  const column = (await board(rosa, boardFilters(query))).columns.find((one) => one.key === key)
  if (!column) throw new Error(`no column ${key}`)
  return {
    names: column.cards.map(({ name }) => name),
    count: column.count,
    sums: column.totals.map(({ sum }) => sum.toFixed()),
    next: column.next,
  }
}

test('every filter applies to cards, counts and sums alike', async () => {
  const acme = await makeClient(rosa, { name: 'Ácme & Søns' })
  await makeDeal(rosa, { name: 'Big crane', clientId: acme.id, value: '70', tags: ['fair', 'big'] })
  await makeDeal(rosa, { name: '100 % electric', value: '20', tags: ['fair'] })
  await makeDeal(rosa, { name: 'Under_score', value: '3' })
  const query = { client: String(acme.id) }

  for (const [asked, names, sum] of [
    [query, ['Big crane'], '70'],
    [{ tag: 'big' }, ['Big crane'], '70'],
    [{ tag: 'fair' }, ['100 % electric', 'Big crane'], '90'],
    [{ q: 'acme sons' }, ['Big crane'], '70'],
    [{ q: 'CRANE big' }, ['Big crane'], '70'],
    [{ q: '%' }, ['100 % electric'], '20'],
    [{ q: '_' }, ['Under_score'], '3'],
    [{ q: 'crane electric' }, [], undefined],
    [{ owner: 'me', tag: 'fair', q: 'crane' }, ['Big crane'], '70'],
  ] as const) {
    const found = await shown(asked)
    expect(found, JSON.stringify(asked)).toEqual({
      names,
      count: names.length,
      sums: sum === undefined ? [] : [sum],
      next: null,
    })
  }
})

test('nonsense in the URL falls back to the whole board', async () => {
  await makeDeal(rosa, { name: 'Only one' })
  const queries: Record<string, string>[] = [
    { owner: 'x', client: '-1', period: 'century', pipeline: '99999999999', stage: 'No', after: '%' },
    { pipeline: '4711' },
    { stage: 'closed_won', after: '2020-99-99~5' },
    { stage: 'prospecting', after: '~99999999999' },
  ]
  for (const query of queries) expect((await shown(query)).names, JSON.stringify(query)).toContain('Only one')
})

test('the cards of a column are paged through one after the other, whatever moves meanwhile', async () => {
  const names = Array.from({ length: 2 * CARDS_SHOWN + 3 }, (_, n) => `Deal ${n}`)
  for (const name of [...names].reverse()) await makeDeal(rosa, { name, value: null })
  const first = await shown({})
  expect([first.names, first.count]).toEqual([names.slice(0, CARDS_SHOWN), names.length])

  const query = { stage: 'prospecting', after: first.next ?? '' }
  const second = await shown(query)
  expect([second.names, second.count]).toEqual([names.slice(CARDS_SHOWN, 2 * CARDS_SHOWN), names.length])
  // The card that the page ended with goes elsewhere: the next ones are the same.
  const last = (await board(rosa, boardFilters({}))).columns[0]?.cards.at(-1)
  await moveDeal(rosa, last?.id ?? 0, { stage: 'proposal' })
  expect((await shown(query)).names).toEqual(second.names)
  const third = await shown({ stage: 'prospecting', after: second.next ?? '' })
  expect([third.names, third.next]).toEqual([names.slice(2 * CARDS_SHOWN), null])
  // Only that column begins there.
  expect((await shown(query, 'proposal')).names).toEqual([`Deal ${CARDS_SHOWN - 1}`])
})

test('closed columns are paged through by their days', async () => {
  const days = Array.from({ length: CARDS_SHOWN + 4 }, (_, n) => `2020-01-${String(1 + (n % 9)).padStart(2, '0')}`)
  for (const [n, actualCloseDate] of days.entries()) {
    const { id } = await makeDeal(rosa, { name: `${actualCloseDate} ${n}`, value: null })
    await closeDeal(rosa, id, { outcome: 'won', actualCloseDate })
  }
  const first = await shown({ period: 'all' }, 'closed_won')
  const second = await shown({ period: 'all', stage: 'closed_won', after: first.next ?? '' }, 'closed_won')
  const all = [...first.names, ...second.names]
  expect([first.names.length, new Set(all).size, second.next]).toEqual([CARDS_SHOWN, days.length, null])
  const ofDays = all.map((name) => name.slice(0, 10))
  expect(ofDays).toEqual([...ofDays].sort().reverse())
})

test('a second pipeline has a board of its own', async () => {
  const pipelineId = await inTransaction(system, async ({ db }) => {
    const { id } = await db.records.pipeline.create({ data: { name: 'Renewals', position: 2 } })
    await db.records.pipelineStage.createMany({
      data: [
        { pipelineId: id, key: 'due', name: 'Due', kind: 'open', probability: 60, position: 1 },
        { pipelineId: id, key: 'kept', name: 'Kept', kind: 'won', probability: 100, position: 2 },
      ],
    })
    return id
  })
  await makeDeal(rosa, { name: 'Renewal', pipelineId })
  await makeDeal(rosa, { name: 'Sale' })
  const renewals = await board(rosa, boardFilters({ pipeline: String(pipelineId) }))
  expect(renewals.columns.map(({ key, cards }) => [key, cards.map(({ name }) => name)])).toEqual([
    ['due', ['Renewal']],
    ['kept', []],
  ])
  expect(renewals.pipelines.map(({ label }) => label)).toEqual(['Sales', 'Renewals'])
  expect((await shown({})).names).toEqual(['Sale'])
})

test('what the board asks the database are three statements, however it is filtered', async () => {
  const client = await makeClient(rosa)
  const all = {
    q: 'a b',
    owner: 'me',
    client: String(client.id),
    tag: 'fair',
    period: 'year',
    stage: 'proposal',
    after: 'a0~1',
  }
  for (const query of [{}, all]) expect(await queriesOf(() => board(rosa, boardFilters(query)))).toHaveLength(3)
})

test('the address of a board leads back to it', () => {
  const query = { q: '50 % & more', owner: 'none', client: '7', tag: 'fair', period: 'year', pipeline: '2' }
  const href = boardHref(boardFilters({ ...query, stage: 'proposal', after: 'a0~1' }))
  expect(Object.fromEntries(new URL(href, 'http://localhost').searchParams)).toEqual(query)
  expect(boardHref(boardFilters({}))).toBe('/deals/pipeline')
})
