import { createHash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import type { Sql } from 'sql-template-tag'
import type { Prisma } from './generated/client.ts'
import { PrismaClient } from './generated/client.ts'
import { TooManyRequests } from '../errors.ts'
import { createPool } from './pool.ts'
import type { Connection } from './pool.ts'

/** What `frequent` asks: a statement, or one that was put together before. */
export type Statement = Pick<Sql, 'text' | 'values'>

/** A handle to read and write through: the pool, or the one connection of an open transaction. */
export interface Db {
  /** Rows as the statement names them. Dates come as text when selected as text (`due_date::text`): inside a transaction they are Dates otherwise. */
  query<Row>(statement: Sql): Promise<Row[]>
  /** The same for what nearly every request asks in the same words: planned once a connection, not each time. */
  frequent<Row>(statement: Statement): Promise<Row[]>
  /**
   * The rows of one statement, some hundreds at a time, as they all were when it began. Holds a connection until the last of them, or until
   * the generator is told to return: always read it to one end or the other.
   */
  batches<Row>(statement: Sql): AsyncGenerator<Row[]>
  /** Prisma's models. Outside a transaction only for reading: a write there names no actor, and the database refuses it. */
  records: Prisma.TransactionClient
  /** Opens a transaction; joins it when there is one. */
  transaction<Result>(work: (db: Db) => Promise<Result>): Promise<Result>
  readonly isTransaction: boolean
}

export interface Database extends Db {
  pool: pg.Pool
  close(): Promise<void>
}

/** How long a transaction may wait for a connection and then run, in milliseconds, before the request is answered with 503. */
const BUSY_SECONDS = 30
const TRANSACTION_LIMITS = { maxWait: 15_000, timeout: 20_000 }

export function openDatabase(connection: Connection, poolSize: number, onTrouble?: (error: Error) => void): Database {
  const pool = createPool(connection, poolSize, onTrouble)
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions: TRANSACTION_LIMITS })
  return {
    pool,
    records: prisma,
    isTransaction: false,
    query: async <Row>(statement: Sql) => (await pool.query(statement.text, statement.values)).rows as Row[],
    frequent: async <Row>({ text, values }: Statement) =>
      (await pool.query({ name: nameOf(text), text, values })).rows as Row[],
    batches: readerOf(pool, Math.max(1, Math.floor(poolSize / 3))),
    transaction: (work) => prisma.$transaction((tx) => work(within(tx))),
    close: async () => {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

const names = new Map<string, string>()

/** Of the prepared statement with this text, on every connection. */
function nameOf(text: string): string {
  let name = names.get(text)
  if (!name) names.set(text, (name = createHash('sha1').update(text).digest('hex')))
  return name
}

const BATCH_SIZE = 500

/** At most `places` are read at once: a slow reader holds a connection, and the pages need the others. */
function readerOf(pool: pg.Pool, places: number): Db['batches'] {
  let reading = 0
  return async function* <Row>(statement: Sql) {
    if (reading >= places) throw new TooManyRequests('errors.busy.message', BUSY_SECONDS)
    reading += 1
    try {
      yield* batchesFrom<Row>(pool, statement)
    } finally {
      reading -= 1
    }
  }
}

async function* batchesFrom<Row>(pool: pg.Pool, statement: Sql): AsyncGenerator<Row[]> {
  const client = await pool.connect()
  // A connection that breaks between two batches fails the next one; unheard, it would end the process.
  const onTrouble = () => undefined
  client.on('error', onTrouble)
  let isBroken = false
  try {
    await client.query('BEGIN READ ONLY')
    // All of it will be read: the quickest way to the first rows is not the quickest to the last.
    await client.query('SET LOCAL cursor_tuple_fraction = 1')
    await client.query(`DECLARE batches NO SCROLL CURSOR FOR ${statement.text}`, statement.values)
    for (;;) {
      const { rows } = await client.query(`FETCH ${BATCH_SIZE} FROM batches`)
      if (rows.length > 0) yield rows as Row[]
      if (rows.length < BATCH_SIZE) break
    }
  } catch (error) {
    isBroken = true
    throw error
  } finally {
    // Left in the middle or read to the end, the cursor ends with its transaction.
    await client.query('COMMIT').catch(() => (isBroken = true))
    client.off('error', onTrouble)
    client.release(isBroken)
  }
}

function within(tx: Prisma.TransactionClient): Db {
  const db: Db = {
    records: tx,
    isTransaction: true,
    query: (statement) => tx.$queryRawUnsafe(statement.text, ...statement.values),
    frequent: (statement) => tx.$queryRawUnsafe(statement.text, ...statement.values),
    async *batches<Row>(statement: Sql) {
      yield await tx.$queryRawUnsafe<Row[]>(statement.text, ...statement.values)
    },
    transaction: (work) => work(db),
  }
  return db
}
