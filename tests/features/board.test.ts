import fc from 'fast-check'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { board } from '../../src/features/deals/board.ts'
import { boardFilters } from '../../src/features/deals/board-filters.ts'
import type { BoardColumn } from '../../src/features/deals/board.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import { Decimal, roundMoney } from '../../src/platform/money.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { dayIn } from '../../src/platform/time.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'
import { listDealActivities } from '../support/stories.ts'

let rosa: Scope
let emil: Scope

beforeAll(async () => {
  emil = as(await makeUser({ name: 'Emil' }))
})

beforeEach(async () => {
  // A board of one's own for each test: Rosa sees only what is hers.
  rosa = as(await makeUser({ name: 'Rosa', visibility: 'own' }))
})

async function column(key: string, query: Record<string, string> = {}): Promise<BoardColumn> {
  const found = (await board(rosa, boardFilters(query))).columns.find((one) => one.key === key)
  if (!found) throw new Error(`no column ${key}`)
  return found
}

async function cards(key: string): Promise<number[]> {
  return (await column(key)).cards.map(({ id }) => id)
}

async function make(count: number, overrides: Parameters<typeof makeDeal>[1] = {}): Promise<number[]> {
  const ids: number[] = []
  for (let n = 0; n < count; n += 1) ids.push((await makeDeal(rosa, overrides)).id)
  return ids
}

async function moves(id: number): Promise<unknown[]> {
  return (await listDealActivities(rosa, id))
    .filter(({ type }) => type === 'stage_change')
    .map(({ details }) => details)
}

test('a new deal is on top of its column; so is one that was moved without saying where', async () => {
  const [first, second] = (await make(2)) as [number, number]
  const [there] = (await make(1, { stage: 'proposal' })) as [number]
  expect(await cards('prospecting')).toEqual([second, first])

  await moveDeal(rosa, first, { stage: 'proposal' })
  expect(await cards('proposal')).toEqual([first, there])
  expect(await findDeal(rosa, first)).toMatchObject({ stage: 'proposal', status: 'open', probability: 50 })
  expect(await moves(first)).toEqual([
    { from: { key: 'prospecting', name: null }, to: { key: 'proposal', name: null } },
  ])
})

test('a card goes right before or after another', async () => {
  const [c, b, a] = (await make(3, { stage: 'proposal' })) as [number, number, number]
  const [moved] = (await make(1)) as [number]
  await moveDeal(rosa, moved, { stage: 'proposal', beforeId: b })
  expect(await cards('proposal')).toEqual([a, moved, b, c])

  await moveDeal(rosa, moved, { stage: 'proposal', afterId: b })
  expect(await cards('proposal')).toEqual([a, b, moved, c])
  await moveDeal(rosa, moved, { stage: 'proposal', afterId: c })
  expect(await cards('proposal')).toEqual([a, b, c, moved])
  expect(await moves(moved)).toHaveLength(1)
})

test('another place in the same column is no change of the deal', async () => {
  const [b, a] = (await make(2)) as [number, number]
  const before = await findDeal(rosa, b)
  await moveDeal(rosa, b, { stage: 'prospecting', beforeId: a })

  expect(await cards('prospecting')).toEqual([b, a])
  expect(await moves(b)).toEqual([])
  expect(await findDeal(rosa, b)).toMatchObject({
    version: before.version,
    stageEnteredAt: before.stageEnteredAt,
    updatedAt: before.updatedAt,
  })
})

test('a card that is already where it is put is left alone', async () => {
  const [c, b, a] = (await make(3)) as [number, number, number]
  const positions = async () => Promise.all([a, b, c].map(async (id) => (await findDeal(rosa, id)).boardPosition))
  const before = await positions()
  await moveDeal(rosa, a, { stage: 'prospecting' })
  await moveDeal(rosa, b, { stage: 'prospecting', beforeId: c })
  await moveDeal(rosa, b, { stage: 'prospecting', afterId: a })
  await moveDeal(rosa, c, { stage: 'prospecting', afterId: b })
  await moveDeal(rosa, c, { stage: 'prospecting', afterId: c })

  expect(await positions()).toEqual(before)
})

test('a card cannot be put beside one that has moved on, nor into a closed column', async () => {
  const [b, a] = (await make(2)) as [number, number]
  await moveDeal(rosa, a, { stage: 'proposal' })

  await expect(moveDeal(rosa, b, { stage: 'prospecting', beforeId: a })).rejects.toMatchObject({
    status: 409,
    key: 'deals.errors.neighbourGone',
  })
  await expect(moveDeal(rosa, b, { stage: 'closed_won' })).rejects.toMatchObject({ status: 422, field: 'stage' })
  await expect(moveDeal(rosa, b, { stage: 'nowhere' })).rejects.toMatchObject({ status: 422, field: 'stage' })
  await expect(moveDeal(rosa, b, { stage: 'proposal', version: 99 })).rejects.toMatchObject({
    status: 409,
    key: 'errors.stale',
  })
  expect(await cards('prospecting')).toEqual([b])
})

test('eight people move a card to one column at once: it arrives once', async () => {
  const [id] = (await make(1)) as [number]
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => moveDeal(n % 2 ? rosa : emil, id, { stage: 'proposal' })),
  )

  expect(answers.every(({ status }) => status === 'fulfilled')).toBe(true)
  expect(await moves(id)).toHaveLength(1)
})

test('moved to and fro at once, its timeline is an unbroken chain', async () => {
  const [id] = (await make(1)) as [number]
  const stages = ['qualification', 'proposal', 'negotiation', 'prospecting']
  await Promise.allSettled(Array.from({ length: 8 }, (_, n) => moveDeal(rosa, id, { stage: stages[n % 4] as string })))

  const chain = ((await moves(id)) as { from: { key: string }; to: { key: string } }[]).reverse()
  expect(chain[0]?.from.key).toBe('prospecting')
  chain.slice(1).forEach((step, index) => expect(step.from.key).toBe(chain[index]?.to.key))
  expect((await findDeal(rosa, id)).stage).toBe(chain.at(-1)?.to.key)
})

test('moved and closed at once, stage and status never contradict', async () => {
  for (let round = 0; round < 4; round += 1) {
    const [id] = (await make(1)) as [number]
    const answers = await Promise.allSettled([
      ...Array.from({ length: 4 }, (_, n) => moveDeal(rosa, id, { stage: n % 2 ? 'proposal' : 'negotiation' })),
      closeDeal(rosa, id, { outcome: 'won' }),
      ...Array.from({ length: 3 }, () => closeDeal(rosa, id, { outcome: 'lost', lossReason: 'Price' })),
    ])
    const deal = await findDeal(rosa, id)
    const closings = (await listDealActivities(rosa, id)).filter(({ type }) => type === 'status_change')

    expect(answers.slice(4).filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(closings).toHaveLength(1)
    expect([
      ['closed_won', 'won', 100],
      ['closed_lost', 'lost', 0],
    ]).toContainEqual([deal.stage, deal.status, deal.probability])
  }
})

test('cards put on one place at the same instant keep a fixed order', async () => {
  const ids = await make(6)
  await Promise.all(ids.map((id) => moveDeal(rosa, id, { stage: 'proposal' })))
  const order = await cards('proposal')

  expect([...order].sort((a, b) => a - b)).toEqual(ids)
  expect(await cards('proposal')).toEqual(order)
  // Beside cards that share a place there is still room.
  const [extra] = (await make(1)) as [number]
  await moveDeal(rosa, extra, { stage: 'proposal', beforeId: order[3] })
  const after = await cards('proposal')
  expect(after.indexOf(extra)).toBeLessThan(after.indexOf(order[3] as number))
})

test('any sequence of moves puts the cards where one would expect them', async () => {
  const ids = await make(5)
  let expected = [...ids].reverse()
  const step = fc.record({ moved: fc.nat(4), beside: fc.nat(4), side: fc.constantFrom('before', 'after', 'top') })
  for (const { moved, beside, side } of fc.sample(step, 40)) {
    const [id, other] = [ids[moved] as number, ids[beside] as number]
    await moveDeal(rosa, id, {
      stage: 'prospecting',
      ...(side === 'before' ? { beforeId: other } : side === 'after' ? { afterId: other } : {}),
    })
    if (side === 'top') expected = [id, ...expected.filter((one) => one !== id)]
    else if (id !== other)
      expected = expected
        .filter((one) => one !== id)
        .flatMap((one) => (one !== other ? [one] : side === 'before' ? [id, other] : [other, id]))
    expect(await cards('prospecting')).toEqual(expected)
  }
})

test('count and sums are of all deals of a column, however many cards it shows', async () => {
  const values = Array.from({ length: 53 }, (_, n) => `${n * 37}.${String((n * 7) % 100).padStart(2, '0')}`)
  for (const value of values) await makeDeal(rosa, { value, probability: 33 })
  await makeDeal(rosa, { value: '1000', currencyCode: 'JPY', probability: 33 })
  await makeDeal(rosa, { value: null })
  const [gone] = (await make(1, { value: '999' })) as [number]
  await archiveDeal(rosa, gone)

  const { count, cards: shown, totals } = await column('prospecting')
  const sum = values.reduce((total, value) => total.plus(value), new Decimal(0))
  expect(count).toBe(55)
  expect(shown).toHaveLength(50)
  expect(totals.map(({ currencyCode, sum, weighted }) => [currencyCode, sum.toFixed(), weighted.toFixed()])).toEqual([
    ['EUR', sum.toFixed(), roundMoney(sum.times('0.33'), 'EUR').toFixed()],
    ['JPY', '1000', '330'],
  ])
})

test('a weighted sum is rounded once, half up, at the end', async () => {
  for (let n = 0; n < 3; n += 1) await makeDeal(rosa, { value: '0.05', probability: 10, stage: 'proposal' })
  await makeDeal(rosa, { value: '5', currencyCode: 'JPY', probability: 50, stage: 'proposal' })

  // 3 × 0.005 = 0.015 → 0.02; rounded one by one it would be 0.03. And 2.5 yen are 3.
  const { totals } = await column('proposal')
  expect(totals.map(({ weighted }) => weighted.toFixed())).toEqual(['0.02', '3'])
})

test('closed columns show what was closed in the period, the latest first', async () => {
  const [old, now, later] = (await make(3)) as [number, number, number]
  const today = dayIn('Europe/Berlin')
  await closeDeal(rosa, old, { outcome: 'won', actualCloseDate: '2001-05-05' })
  await closeDeal(rosa, now, { outcome: 'won', actualCloseDate: `${today.slice(0, 7)}-01` })
  await closeDeal(rosa, later, { outcome: 'won', actualCloseDate: today })

  const shown = async (period: string) => (await column('closed_won', { period })).cards.map(({ id }) => id)
  const recent = today.endsWith('-01') ? [now, later] : [later, now]
  expect(await shown('month')).toEqual(recent)
  expect(await shown('nonsense')).toEqual(recent)
  expect(await shown('all')).toEqual([...recent, old])
  expect((await column('closed_won', { period: 'year' })).count).toBe(2)
})

test('the board can be narrowed to one owner', async () => {
  const [mine, nobodys] = [...(await make(1)), ...(await make(1, { ownerId: null }))] as [number, number]
  const shown = async (owner: string) => (await column('prospecting', { owner })).cards.map(({ id }) => id)

  expect(await shown('me')).toEqual([mine])
  const unowned = await shown('none')
  expect(unowned).toContain(nobodys)
  expect(unowned).not.toContain(mine)
  await archiveDeal(rosa, nobodys)
})

test('three queries draw the board, whatever the number of stages and deals', async () => {
  const count = async () => (await queriesOf(() => board(rosa, boardFilters({})))).length
  expect(await count()).toBe(3)
  await make(5, { stage: 'negotiation' })
  expect(await count()).toBe(3)
})

test('moving and closing cost few queries', async () => {
  const [b, a] = (await make(2)) as [number, number]
  const counted = async (work: () => Promise<unknown>) =>
    (await queriesOf(work)).filter((text) => !/^(BEGIN|COMMIT|SET )|set_config/i.test(text)).length

  expect(await counted(() => moveDeal(rosa, b, { stage: 'prospecting', beforeId: a }))).toBeLessThanOrEqual(5)
  expect(await counted(() => moveDeal(rosa, b, { stage: 'proposal' }))).toBeLessThanOrEqual(5)
  expect(await counted(() => closeDeal(rosa, b, { outcome: 'won' }))).toBeLessThanOrEqual(5)
})
