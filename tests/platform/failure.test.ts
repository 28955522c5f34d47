import net from 'node:net'
import pg from 'pg'
import sql from 'sql-template-tag'
import { describe, expect, inject, test } from 'vitest'
import { openDatabase } from '../../src/platform/database/database.ts'
import { databaseFailure, isUnavailable, isUniqueViolation } from '../../src/platform/database/failure.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { system } from '../support/people.ts'

/** What `work` fails with; a test whose work succeeds has nothing to look at. */
async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('that was expected to fail')
}

describe('a broken promise of the database is known by its name', () => {
  const twice = (write: (scope: Scope) => Promise<unknown>) =>
    failureOf(() =>
      inTransaction(system, async (scope) => {
        await write(scope)
        await write(scope)
      }),
    )

  test('written as a record', async () => {
    const error = await twice((scope) => scope.db.records.team.create({ data: { name: 'North' } }))

    expect(databaseFailure(error)?.code).toBe('23505')
    expect(isUniqueViolation(error)).toBe(true)
  })

  test('written in SQL inside a transaction', async () => {
    const error = await twice((scope) => scope.db.query(sql`INSERT INTO teams (name) VALUES ('South') RETURNING id`))

    expect(isUniqueViolation(error)).toBe(true)
  })

  test('read through the pool', async () => {
    const error = await failureOf(() => db.query(sql`SELECT 'x'::integer`))

    expect(databaseFailure(error)).toEqual({ code: '22P02' })
    expect(isUnavailable({ code: '22P02' })).toBe(false)
  })

  test('a text the database cannot store, on either road', async () => {
    const inPool = await failureOf(() => db.query(sql`SELECT ${'a\0b'}::text`))
    const inRecords = await failureOf(() =>
      inTransaction(system, ({ db: tx }) => tx.records.team.create({ data: { name: 'a\0b' } })),
    )

    expect([databaseFailure(inPool)?.code, databaseFailure(inRecords)?.code]).toEqual(['22021', '22021'])
  })
})

describe('a database that cannot be reached is unavailable', () => {
  const unavailable = (error: unknown) => {
    const failure = databaseFailure(error)
    return failure !== null && isUnavailable(failure)
  }

  test('because nothing listens there', async () => {
    const away = openDatabase({ host: '127.0.0.1', port: await freePort(), user: 'x', password: 'x', database: 'x' }, 1)

    expect(unavailable(await failureOf(() => away.query(sql`SELECT 1`)))).toBe(true)
    expect(unavailable(await failureOf(() => away.records.team.findMany()))).toBe(true)
    expect(
      unavailable(
        await failureOf(() => inTransaction({ ...system, db: away }, ({ db: tx }) => tx.query(sql`SELECT 1`))),
      ),
    ).toBe(true)
    await away.close()
  })

  test('because the connection was ended in the middle', async () => {
    const client = new pg.Client({ ...inject('server'), database: 'postgres' })
    client.on('error', () => undefined)
    await client.connect()

    const error = await failureOf(() => client.query('SELECT pg_terminate_backend(pg_backend_pid())'))

    expect(unavailable(error)).toBe(true)
  })

  test('because a statement took too long', async () => {
    const error = await failureOf(() =>
      inTransaction(system, async ({ db: tx }) => {
        await tx.query(sql`SELECT set_config('statement_timeout', '20', true)`)
        await tx.query(sql`SELECT pg_sleep(5)::text`)
      }),
    )

    expect(unavailable(error)).toBe(true)
  })
})

test('what is not the database is no failure of it', () => {
  const other = [
    new Error('x'),
    Object.assign(new Error('x'), { code: 'EACCES' }),
    new TypeError('x'),
    'x',
    null,
    undefined,
    { code: '23505' },
  ]

  expect(other.map(databaseFailure)).toEqual(other.map(() => null))
  expect(isUniqueViolation(new Error('duplicate key'))).toBe(false)
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}
