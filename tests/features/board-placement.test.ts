import fc from 'fast-check'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'
import { listDealActivities } from '../support/stories.ts'

const STAGES = ['prospecting', 'qualification', 'proposal', 'negotiation']

let rosa: Scope

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
})

// One board for all: each test begins with none on it.
beforeEach(async () => {
  const client = await db.pool.connect()
  await client.query(`BEGIN; SELECT set_config('dealwright.actor', 'system', true); DELETE FROM deals; COMMIT`)
  client.release()
})

async function make(count: number, stage = 'prospecting'): Promise<number[]> {
  const ids: number[] = []
  for (let n = 0; n < count; n += 1) ids.unshift((await makeDeal(rosa, { stage })).id)
  return ids
}

async function standing(stage: string): Promise<{ id: number; position: string }[]> {
  const { rows } = await db.pool.query<{ id: number; position: string }>(
    `SELECT id, board_position AS position FROM deals WHERE stage = $1 AND is_active ORDER BY board_position, id`,
    [stage],
  )
  return rows
}

async function order(stage: string): Promise<number[]> {
  return (await standing(stage)).map(({ id }) => id)
}

async function setPosition(id: number, position: string): Promise<void> {
  const client = await db.pool.connect()
  await client.query(`BEGIN; SELECT set_config('dealwright.actor', 'system', true)`)
  await client.query('UPDATE deals SET board_position = $2 WHERE id = $1', [id, position])
  await client.query('COMMIT')
  client.release()
}

test(
  'three hundred random moves over the columns put the cards where one would expect them',
  { timeout: 120_000 },
  async () => {
    const ids = await make(12)
    const model: Record<string, number[]> = Object.fromEntries(STAGES.map((stage) => [stage, []]))
    model.prospecting = [...ids]
    const step = fc.record({
      card: fc.nat(11),
      stage: fc.constantFrom(...STAGES),
      place: fc.nat(50),
      side: fc.boolean(),
    })
    for (const { card, stage, place: anywhere, side } of fc.sample(step, 300)) {
      const id = ids[card] as number
      for (const cards of Object.values(model)) if (cards.includes(id)) cards.splice(cards.indexOf(id), 1)
      const target = model[stage] as number[]
      const place = anywhere % (target.length + 1)
      const [before, after] = [target[place - 1], target[place]]
      const beside =
        side && before ? { afterId: before } : after ? { beforeId: after } : before ? { afterId: before } : {}
      await moveDeal(rosa, id, { stage, ...beside })
      target.splice(place, 0, id)
    }
    for (const stage of STAGES) expect(await order(stage)).toEqual(model[stage])
  },
)

test('a card put into a gap whose positions have grown long has its neighbours spread out', async () => {
  const [a, b, c] = (await make(3)) as [number, number, number]
  const long = 'a0' + '0'.repeat(40)
  await setPosition(a, `${long}1`)
  await setPosition(b, `${long}2`)
  await setPosition(c, 'a1')
  const [moved] = (await make(1, 'proposal')) as [number]
  await moveDeal(rosa, moved, { stage: 'prospecting', afterId: a })

  const cards = await standing('prospecting')
  expect(cards.map(({ id }) => id)).toEqual([a, moved, b, c])
  expect(Math.max(...cards.map(({ position }) => position.length))).toBeLessThan(10)
})

test('between two cards that share a position there is room, and beside each of them', async () => {
  const [a, b, c] = (await make(3)) as [number, number, number]
  for (const id of [a, b, c]) await setPosition(id, 'a5')
  const tied = await order('prospecting')
  const [between, last] = (await make(2, 'proposal')) as [number, number]
  await moveDeal(rosa, between, { stage: 'prospecting', beforeId: tied[1] })
  await moveDeal(rosa, last, { stage: 'prospecting', afterId: tied[2] })
  expect(await order('prospecting')).toEqual([tied[0], between, tied[1], tied[2], last])
})

test('while somebody has a neighbour in hand, a card takes a long position rather than wait', async () => {
  const [a, b] = (await make(2)) as [number, number]
  const long = 'a0' + '0'.repeat(40)
  await setPosition(a, `${long}1`)
  await setPosition(b, `${long}2`)
  const [moved] = (await make(1, 'proposal')) as [number]
  const other = await db.pool.connect()
  await other.query('BEGIN')
  await other.query('SELECT id FROM deals WHERE id = $1 FOR UPDATE', [b])
  await moveDeal(rosa, moved, { stage: 'prospecting', afterId: a })
  await other.query('ROLLBACK')
  other.release()
  expect(await order('prospecting')).toEqual([a, moved, b])
})

test('a move to another place writes one row of deals', async () => {
  const [, b, c] = (await make(3)) as [number, number, number]
  const statements = await queriesOf(() => moveDeal(rosa, c, { stage: 'prospecting', beforeId: b }))
  expect(
    statements.filter((text) => /\bUPDATE\b.*\bdeals\b/.test(text) && !/FOR (NO KEY )?UPDATE/.test(text)),
  ).toHaveLength(1)
})

test('eight people put cards on one place at once: all arrive, each once', async () => {
  const [anchor] = (await make(1, 'proposal')) as [number]
  const ids = await make(8)
  const answers = await Promise.allSettled(ids.map((id) => moveDeal(rosa, id, { stage: 'proposal', afterId: anchor })))
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 'fulfilled'))
  const there = await order('proposal')
  expect(there[0]).toBe(anchor)
  expect(there.slice(1).sort((a, b) => a - b)).toEqual([...ids].sort((a, b) => a - b))
})

test('eight people move one card to two places at once: all are answered, and each move that counted left one activity', async () => {
  const [id] = (await make(1)) as [number]
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => moveDeal(rosa, id, { stage: n % 2 ? 'proposal' : 'negotiation', version: 1 })),
  )
  const moved = answers.filter(({ status }) => status === 'fulfilled')
  const told = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [(answer.reason as { status: number }).status] : [],
  )
  expect([moved.length, told]).toEqual([1, Array.from({ length: 7 }, () => 409)])
  const activities = (await listDealActivities(rosa, id)).filter(({ type }) => type === 'stage_change')
  expect(activities).toHaveLength(1)
  expect((await order('proposal')).length + (await order('negotiation')).length).toBe(1)
})
