import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import type { Sql } from 'sql-template-tag'
import type { Prisma } from './generated/client.ts'
import { PrismaClient } from './generated/client.ts'
import { createPool } from './pool.ts'
import type { Connection } from './pool.ts'

/** A handle to read and write through: the pool, or the one connection of an open transaction. */
export interface Db {
  /** Rows as the statement names them. Dates come as text when selected as text (`due_date::text`): inside a transaction they are Dates otherwise. */
  query<Row>(statement: Sql): Promise<Row[]>
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
const TRANSACTION_LIMITS = { maxWait: 15_000, timeout: 20_000 }

export function openDatabase(connection: Connection, poolSize: number, onTrouble?: (error: Error) => void): Database {
  const pool = createPool(connection, poolSize, onTrouble)
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions: TRANSACTION_LIMITS })
  return {
    pool,
    records: prisma,
    isTransaction: false,
    query: async <Row>(statement: Sql) => (await pool.query(statement.text, statement.values)).rows as Row[],
    transaction: (work) => prisma.$transaction((tx) => work(within(tx))),
    close: async () => {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

function within(tx: Prisma.TransactionClient): Db {
  const db: Db = {
    records: tx,
    isTransaction: true,
    query: (statement) => tx.$queryRawUnsafe(statement.text, ...statement.values),
    transaction: (work) => work(db),
  }
  return db
}
