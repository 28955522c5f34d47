import type { PoolClient } from 'pg'
import { createPool } from '../database/pool.ts'
import type { Connection } from '../database/pool.ts'

/** A connection beside the app's pool, which may have no place for hours of work. */
export interface Alone {
  client: PoolClient
  /** False once it broke. */
  isOpen(): boolean
  /** In whatever state the connection is: what was begun and not committed is taken back. */
  close(): Promise<void>
}

export async function connectAlone(connection: Connection): Promise<Alone> {
  // A connection that breaks fails what it is asked next; unheard, it would end the process.
  const pool = createPool(connection, 1, () => undefined)
  let isOpen = true
  let isClosed = false
  try {
    const client = await pool.connect()
    client.on('error', () => (isOpen = false))
    client.on('end', () => (isOpen = false))
    const close = async () => {
      if (isClosed) return
      isClosed = true
      client.release(true)
      await pool.end()
    }
    return { client, isOpen: () => isOpen, close }
  } catch (error) {
    await pool.end()
    throw error
  }
}
