import { createHash } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { accountColumns, accountFrom } from '../users/queries.ts'
import { deviceOf } from './device.ts'
import type { Device } from './device.ts'

/**
 * `sess`, and the columns of an `Account` when it is somebody's: one question where there would be two, for every page. `seen`: whose rights they
 * look with, as long as they are an administrator and that user is active. A row for each of `sids` that is the id of a session, with its place
 * among them as `nth`, from 1.
 */
export const sessionsAt = (sids: readonly string[]): Sql => sql`
  SELECT asked.nth::int, s.sess, a.*, to_json(v) AS seen
  FROM sessions s JOIN unnest(${sids}::text[]) WITH ORDINALITY AS asked (sid, nth) ON asked.sid = s.sid LEFT JOIN LATERAL (
    SELECT ${accountColumns} FROM ${accountFrom}
    WHERE u.id = (s.sess #>> '{passport,user,id}')::int AND u.is_active
      AND u.credentials_version = (s.sess #>> '{passport,user,credentialsVersion}')::int) a ON TRUE
    LEFT JOIN LATERAL (
    SELECT u.id, u.name, u.email, u.role, u.visibility, u.team_id AS "teamId" FROM see_as n JOIN users u ON u.id = n.seen_id AND u.is_active
    WHERE n.id = (s.sess ->> 'seeAs')::int AND n.user_id = a.id AND n.ended_at IS NULL AND a.role = 'admin') v ON TRUE
  WHERE s.expire >= now()`

/** What a page calls a session by: its id is half of what a cookie is made of, and stays in the database. */
export const sessionHandle = sql`encode(sha256(convert_to(sid, 'UTF8')), 'hex')`

function handleOf(sid: string): string {
  return createHash('sha256').update(sid).digest('hex')
}

export interface SignedInSession {
  handle: string
  device: Device
  signedInAt: Date
  /** To the day: a session is written once a day. */
  seenAt: Date
  /** The one that asks. */
  isThis: boolean
}

/** Where somebody is signed in: this session first, then by when they were last used. */
export async function sessionsOf({ db, user }: Scope, sid: string): Promise<SignedInSession[]> {
  const rows = await db.query<{ handle: string; agent: string | null; signedInAt: number; seenAt: number }>(sql`
    SELECT ${sessionHandle} AS handle, sess ->> 'device' AS agent, (sess ->> 'signedInAt')::float8 AS "signedInAt",
           (sess ->> 'renewedAt')::float8 AS "seenAt"
    FROM sessions JOIN users u ON u.id = user_id
    WHERE user_id = ${user.id} AND expire > now() AND (sess #>> '{passport,user,credentialsVersion}')::int = u.credentials_version
    ORDER BY sid = ${sid} DESC, "seenAt" DESC, sid`)
  const own = handleOf(sid)
  return rows.map(({ handle, agent, signedInAt, seenAt }) => ({
    handle,
    device: deviceOf(agent ?? ''),
    signedInAt: new Date(signedInAt),
    seenAt: new Date(seenAt),
    isThis: handle === own,
  }))
}
