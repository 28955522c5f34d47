import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Db } from '../../platform/database/database.ts'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { sessionHandle } from './queries.ts'

/** Forgets the sign-in attempts whose time is over. */
export async function forgetAttempts(db: Db): Promise<void> {
  await db.query(sql`DELETE FROM sign_in_limits WHERE expire < ${Date.now()} RETURNING key`)
}

/** Stores what a session holds, if it is still there: one that was ended while a request was under way stays ended. */
export const sessionUpdate = (sid: string, sess: string, expires: Date): Sql => sql`
  UPDATE sessions SET sess = ${sess}::json, expire = ${expires}::timestamptz AT TIME ZONE 'UTC' WHERE sid = ${sid}`

/** Ends one of one's own sessions. Throws NotFound when there is none of this handle, or it is somebody else's. */
export async function endSession({ db, user }: Scope, handle: string): Promise<void> {
  const ended = await db.query(
    sql`DELETE FROM sessions WHERE user_id = ${user.id} AND ${sessionHandle} = ${handle} RETURNING user_id`,
  )
  if (ended.length === 0) throw new NotFound()
}

/** Ends all of one's own sessions but this one. Answers how many there were. */
export async function endOtherSessions({ db, user }: Scope, sid: string): Promise<number> {
  const ended = await db.query(
    sql`DELETE FROM sessions WHERE user_id = ${user.id} AND sid <> ${sid} AND expire > now() RETURNING user_id`,
  )
  return ended.length
}
