import sql from 'sql-template-tag'
import type { Db } from '../../platform/database/database.ts'

/** Forgets the sign-in attempts whose time is over. */
export async function forgetAttempts(db: Db): Promise<void> {
  await db.query(sql`DELETE FROM sign_in_limits WHERE expire < ${Date.now()} RETURNING key`)
}
