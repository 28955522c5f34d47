import type { Connection } from '../database/pool.ts'
import { connectAlone } from './connect.ts'
import type { Alone } from './connect.ts'

// Any number, so long as no other program locks the same one in this database.
const LOCK = 7_236_418_906

/**
 * "The nightly backup is mine", said to the database on a connection of its own: it ends with the connection, so with the process, too. Null while
 * another process has it.
 */
export async function claimDuty(connection: Connection): Promise<Alone | null> {
  const alone = await connectAlone(connection)
  try {
    const { rows } = await alone.client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [LOCK])
    if (rows[0]?.held) return alone
  } catch (error) {
    await alone.close()
    throw error
  }
  await alone.close()
  return null
}
