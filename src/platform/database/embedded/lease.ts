import pg from 'pg'
import { StartupError } from '../../errors.ts'
import type { Connection } from './endpoint.ts'
import { causeOf, hasCode } from './system-errors.ts'

/** "I use this server", said to the server itself, so that it ends with the app that says it, even by kill -9. */
export interface Lease {
  /** Settles when the connection, and the lease with it, is gone. */
  readonly lost: Promise<void>
  /** True when no other app holds one: then nobody can get one before this server stops. False also if it died. */
  giveUp(): Promise<boolean>
  close(): Promise<void>
}

// Advisory locks are a database's own: in `postgres` this number meets no lock of the app's, and a database that is
// copied as a template has no visitor.
const LEASE = 1_213_415_731
const DATABASE = 'postgres'

/** Undefined while the server cannot give one: not up yet, recovering, or on its way down. */
export async function takeLease(connection: Connection): Promise<Lease | undefined> {
  const client = new pg.Client({ ...connection, database: DATABASE, application_name: 'dealwright lease' })
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve())
    client.on('end', () => resolve())
  })

  try {
    await client.connect()
    await client.query('SELECT pg_advisory_lock_shared($1)', [LEASE])
    await ensureDatabase(client, connection.database)
  } catch (error) {
    await client.end()
    if (isPassing(error)) return undefined
    throw new StartupError(`The embedded PostgreSQL at ${connection.host} refuses the app: ${causeOf(error)}.`)
  }

  return {
    lost,
    giveUp: () => giveUp(client),
    close: () => client.end(),
  }
}

async function giveUp(client: pg.Client): Promise<boolean> {
  try {
    await client.query('SELECT pg_advisory_unlock_shared($1)', [LEASE])
    const { rows } = await client.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [LEASE])
    return rows[0]?.last === true
  } catch (error) {
    if (isPassing(error)) return false
    throw error
  }
}

async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
  if (rowCount) return
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } catch (error) {
    // Two first starts at once: the other one made it.
    if (!hasCode(error, '42P04', '23505')) throw error
  }
}

const NETWORK = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']

function isPassing(error: unknown): boolean {
  const isShutdownOrStartup = error instanceof pg.DatabaseError && /^(57P0|53)/.test(error.code ?? '')
  const isCutOff = error instanceof Error && error.message.startsWith('Connection terminated')
  return isShutdownOrStartup || isCutOff || hasCode(error, ...NETWORK)
}
