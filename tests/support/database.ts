import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { openDatabase } from '../../src/platform/database/database.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { administer } from './server.ts'

const server = inject('server')
const name = `dealwright_test_${randomUUID().replaceAll('-', '')}`
await administer(
  server,
  `CREATE DATABASE ${name} TEMPLATE ${inject('template')}`,
  `ALTER DATABASE ${name} SET TimeZone = 'Asia/Kathmandu'`,
)

/** This test file's own database, with the schema and nothing else in it. */
export const db: Database = openDatabase({ ...server, database: name }, 10)

afterAll(async () => {
  await db.close()
  await administer(server, `DROP DATABASE ${name} WITH (FORCE)`)
})

/** The statements that `work` sends to the database, over whichever connection. */
export async function queriesOf(work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = []
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first] = args
    statements.push(typeof first === 'string' ? first : (first as { text: string }).text)
    return Reflect.apply(query, this, args) as unknown
  } as typeof query
  try {
    await work()
  } finally {
    pg.Client.prototype.query = query
  }
  return statements
}
