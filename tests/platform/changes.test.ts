import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { changeDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeTeam, makeUser, system } from '../support/people.ts'
import { makeClient, makeDeal } from '../support/records.ts'

interface Change {
  actor: string
  operation: string
  requestId: string | null
  changeSet: string
  oldRow: Record<string, unknown> | null
  newRow: Record<string, unknown> | null
}

function changesOf(table: string, id: number): Promise<Change[]> {
  return db.query<Change>(sql`
    SELECT actor, operation, request_id AS "requestId", change_set AS "changeSet", old_row AS "oldRow", new_row AS "newRow"
    FROM changes WHERE table_name = ${table} AND record_id = ${id} ORDER BY id`)
}

test('each write says who did what in which request, and how the record was before', async () => {
  const rosa = await makeUser()
  const client = await makeClient({ ...as(rosa), requestId: 'request-1' }, { name: 'Acme' })
  await inTransaction(as(rosa), (scope) =>
    scope.db.records.client.update({ where: { id: client.id }, data: { name: 'Acme AG' } }),
  )

  const [created, updated] = await changesOf('clients', client.id)

  expect(created).toMatchObject({
    actor: String(rosa.id),
    operation: 'insert',
    requestId: 'request-1',
    oldRow: null,
    newRow: { name: 'Acme', version: 1 },
  })
  expect(updated).toMatchObject({
    operation: 'update',
    requestId: null,
    oldRow: { name: 'Acme', version: 1 },
    newRow: { name: 'Acme AG', version: 2 },
  })
})

test('what one transaction changes is one change set', async () => {
  const ids = await inTransaction(system, async (scope) => [
    (await scope.db.records.team.create({ data: { name: 'One' } })).id,
    (await scope.db.records.team.create({ data: { name: 'Two' } })).id,
  ])
  const third = await makeTeam('Three')

  const sets = await Promise.all([...ids, third].map(async (id) => (await changesOf('teams', id))[0]?.changeSet))

  expect(sets[0]).toBe(sets[1])
  expect(sets[2]).not.toBe(sets[0])
})

describe('a write that names no actor is refused, and nothing is written', () => {
  test.each([
    ['a record outside a transaction', () => db.records.team.create({ data: { name: 'Nameless' } })],
    ['SQL through the pool', () => db.query(sql`INSERT INTO teams (name) VALUES ('Nameless') RETURNING id`)],
    [
      'a transaction opened by hand',
      () => db.transaction((tx) => tx.records.team.create({ data: { name: 'Nameless' } })),
    ],
  ])('%s', async (_, write) => {
    await expect(write()).rejects.toThrow(/names no actor/)
    expect(await db.records.team.count({ where: { name: 'Nameless' } })).toBe(0)
  })

  test('the actor of one transaction is not left behind on its connection for the next', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => makeTeam(`Team ${index}`)))

    const writes = await Promise.allSettled(
      Array.from({ length: 20 }, () => db.query(sql`UPDATE teams SET name = name || '!' RETURNING id`)),
    )

    expect(writes.filter(({ status }) => status === 'fulfilled')).toEqual([])
  })
})

test('no password, and nothing that is computed, enters the audit', async () => {
  const rosa = await makeUser()
  const client = await makeClient(as(rosa))
  await inTransaction(system, (scope) =>
    scope.db.query(sql`UPDATE users SET password_hash = 'another', name = 'Rosa' WHERE id = ${rosa.id} RETURNING id`),
  )

  const rows = [...(await changesOf('users', rosa.id)), ...(await changesOf('clients', client.id))].flatMap(
    ({ oldRow, newRow }) => [oldRow, newRow],
  )

  const names = new Set(rows.flatMap((row) => Object.keys(row ?? {})))
  expect([...names].filter((name) => ['password_hash', 'search_text', 'phone_digits'].includes(name))).toEqual([])
  expect(names.has('email')).toBe(true)
})

test('the audit of a team, which leaves nothing out, holds its rows too', async () => {
  const id = await makeTeam('South')

  expect(await changesOf('teams', id)).toMatchObject([{ operation: 'insert', newRow: { id, name: 'South' } }])
})

describe('the audit is append-only', () => {
  const asSystem = (statement: Sql) => inTransaction(system, (scope) => scope.db.query(statement))

  test.each([
    ['UPDATE', sql`UPDATE changes SET actor = 'system' RETURNING id`],
    ['DELETE', sql`DELETE FROM changes RETURNING id`],
    ['TRUNCATE', sql`TRUNCATE changes CASCADE`],
  ])('%s is refused', async (verb, statement) => {
    await makeTeam(`Watched: ${verb}`)
    const before = await db.records.change.count()

    await expect(asSystem(statement)).rejects.toThrow(/append-only/)
    expect(await db.records.change.count()).toBe(before)
  })

  test('TRUNCATE of an audited table, which no row trigger would see, is refused', async () => {
    await expect(asSystem(sql`TRUNCATE teams CASCADE`)).rejects.toThrow(/TRUNCATE on \w+ is refused/)
  })

  test('erasure blanks the named columns, and only those, and records itself', async () => {
    const rosa = await makeUser()
    const client = await makeClient(as(rosa), { name: 'Rosa Winter', email: 'rosa@example.com' })
    const other = await makeClient(as(rosa), { name: 'Acme', email: 'acme@example.com' })

    const [redacted] = await inTransaction(as(rosa), (scope) =>
      scope.db.query<{ count: number }>(
        sql`SELECT redact_changes('clients', ${client.id}, ARRAY['email', 'phone']) AS count`,
      ),
    )

    expect(redacted?.count).toBe(1)
    const [created, erasure] = await changesOf('clients', client.id)
    expect(created?.newRow).toMatchObject({ name: 'Rosa Winter', email: '[redacted]' })
    expect(erasure).toMatchObject({
      operation: 'redact',
      actor: String(rosa.id),
      newRow: { columns: ['email', 'phone'], rows: 1 },
    })
    expect((await changesOf('clients', other.id))[0]?.newRow).toMatchObject({ email: 'acme@example.com' })
  })

  test('erasure keeps the rest of a row that never had the column', async () => {
    const id = await makeTeam('Grows')
    await db.query(sql`ALTER TABLE teams ADD nickname text`)
    // Rows written before the column came do not have it.
    await inTransaction(system, (scope) =>
      scope.db.query(sql`UPDATE teams SET nickname = 'Gro' WHERE id = ${id} RETURNING id`),
    )
    await db.query(sql`ALTER TABLE changes DISABLE TRIGGER append_only`)
    await db.query(
      sql`UPDATE changes SET old_row = old_row - 'nickname' WHERE table_name = 'teams' AND record_id = ${id}`,
    )
    await db.query(sql`ALTER TABLE changes ENABLE TRIGGER append_only`)

    await inTransaction(system, (scope) =>
      scope.db.query(sql`SELECT redact_changes('teams', ${id}, ARRAY['nickname'])`),
    )

    const [, update] = await changesOf('teams', id)
    expect(update).toMatchObject({ oldRow: { name: 'Grows' }, newRow: { name: 'Grows', nickname: '[redacted]' } })
  })

  test('erasure needs an actor, and opens the audit for nothing after it', async () => {
    const id = await makeTeam('Closed')

    await expect(db.query(sql`SELECT redact_changes('teams', ${id}, ARRAY['name'])`)).rejects.toThrow(/names no actor/)
    await expect(
      inTransaction(system, async (scope) => {
        await scope.db.query(sql`SELECT redact_changes('teams', ${id}, ARRAY['name'])`)
        await scope.db.query(sql`UPDATE changes SET actor = '1' RETURNING id`)
      }),
    ).rejects.toThrow(/append-only/)
  })
})

describe("a deal's history", () => {
  interface State {
    stage: string
    value: string
    status: string
    isActive: boolean
  }
  const historyOf = (id: number) =>
    db.query<State>(
      sql`SELECT stage, value::text AS value, status, is_active AS "isActive" FROM deal_history WHERE deal_id = ${id} ORDER BY valid_from, id`,
    )

  test('has one row for each change of state, holding the whole of it, and none for other changes', async () => {
    const rosa = as(await makeUser())
    const deal = await makeDeal(rosa, { value: '100' })
    await changeDeal(rosa, deal.id, { notes: 'Called them' })
    await changeDeal(rosa, deal.id, { value: '250' })
    await closeDeal(rosa, deal.id, { outcome: 'won' })

    expect(await historyOf(deal.id)).toEqual([
      { stage: 'prospecting', value: '100.0000', status: 'open', isActive: true },
      { stage: 'prospecting', value: '250.0000', status: 'open', isActive: true },
      { stage: 'closed_won', value: '250.0000', status: 'won', isActive: true },
    ])
  })

  test('cannot be rewritten', async () => {
    await makeDeal(as(await makeUser()))

    await expect(
      inTransaction(system, (scope) => scope.db.query(sql`UPDATE deal_history SET stage = 'x' RETURNING id`)),
    ).rejects.toThrow(/refused/)
    await expect(inTransaction(system, (scope) => scope.db.query(sql`TRUNCATE deal_history`))).rejects.toThrow(
      /refused/,
    )
  })
})
