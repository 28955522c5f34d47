import pg from 'pg'
import { Decimal } from '../money.ts'

const { builtins, getTypeParser } = pg.types
/** text[], which `builtins` leaves out. */
const TEXTS = 1009 as typeof builtins.TEXT
const anyInstant = getTypeParser(builtins.TIMESTAMPTZ) as (text: string) => Date
const anyTexts = getTypeParser(TEXTS) as (text: string) => string[]

// Dates stay the text they are (a Date would drag a zone in), numerics stay exact.
const parsers = new pg.TypeOverrides()
parsers.setTypeParser(builtins.DATE, (text) => text)
parsers.setTypeParser(builtins.TIME, (text) => text)
parsers.setTypeParser(builtins.NUMERIC, decimal)
parsers.setTypeParser(builtins.TIMESTAMPTZ, instant)
parsers.setTypeParser(TEXTS, texts)

/**
 * "2026-11-22 19:16:30.123+00", as every connection of ours gets it, in a tenth of the time the driver takes for any zone and calendar: a page of a
 * list has a hundred of them.
 */
export function instant(text: string): Date {
  if (text.length < 22 || text.length > 26 || !text.endsWith('+00') || text[10] !== ' ') return anyInstant(text)
  const milliseconds = text.length === 22 ? 0 : Math.round(Number(text.slice(19, -3)) * 1_000)
  const year = 100 * twoDigits(text, 0) + twoDigits(text, 2)
  return new Date(
    Date.UTC(
      year,
      twoDigits(text, 5) - 1,
      twoDigits(text, 8),
      twoDigits(text, 11),
      twoDigits(text, 14),
      twoDigits(text, 17),
      milliseconds,
    ),
  )
}

const ZERO = 48

function twoDigits(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - ZERO) + text.charCodeAt(at + 1) - ZERO
}

const DECIMALS_KEPT = 5_000
const decimals = new Map<string, Decimal>()

/** The same amounts are read again and again, and a Decimal never changes. Begins anew when full. */
function decimal(text: string): Decimal {
  let value = decimals.get(text)
  if (!value) {
    if (decimals.size >= DECIMALS_KEPT) decimals.clear()
    decimals.set(text, (value = new Decimal(text)))
  }
  return value
}

/** Most records have no tags. */
function texts(text: string): string[] {
  return text === '{}' ? [] : anyTexts(text)
}

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
    // They are kept: another one would have to sign in, and to plan anew what is asked often.
    idleTimeoutMillis: 0,
    onConnect: async (client) => {
      await client.query("SET TIME ZONE 'UTC'")
    },
  })
  // A connection that breaks while nobody uses it: the pool opens another. Without a listener the process would end.
  pool.on('error', onTrouble)
  return pool
}
