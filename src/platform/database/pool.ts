import pg from 'pg'
import { Decimal } from '../money.ts'

const { builtins } = pg.types

// Dates stay the text they are (a Date would drag a zone in), numerics stay exact.
const parsers = new pg.TypeOverrides()
parsers.setTypeParser(builtins.DATE, (text) => text)
parsers.setTypeParser(builtins.TIME, (text) => text)
parsers.setTypeParser(builtins.NUMERIC, (text) => new Decimal(text))

export type Connection = string | { host: string; port: number; user: string; password: string; database: string }

/** The app's one pool: hot reads, Prisma, sessions and limits share it, and every connection of it speaks UTC.
 * `onTrouble` hears of connections that broke while idle. */
export function createPool(
  connection: Connection,
  size: number,
  onTrouble: (error: Error) => void = process.emitWarning,
): pg.Pool {
  const pool = new pg.Pool({
    ...(typeof connection === 'string' ? { connectionString: connection } : connection),
    max: size,
    types: parsers,
    application_name: 'dealwright',
    connectionTimeoutMillis: 5_000,
    onConnect: async (client) => {
      await client.query("SET TIME ZONE 'UTC'")
    },
  })
  // A connection that breaks while nobody uses it: the pool opens another. Without a listener the process would end.
  pool.on('error', onTrouble)
  return pool
}
