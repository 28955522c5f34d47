import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { accountColumns, accountFrom } from '../users/queries.ts'

/** `sess`, and the columns of an `Account` when it is somebody's: one question where there would be two, for every page. */
export const sessionAt = (sid: string): Sql => sql`
  SELECT s.sess, a.* FROM sessions s LEFT JOIN LATERAL (
    SELECT ${accountColumns} FROM ${accountFrom}
    WHERE u.id = (s.sess #>> '{passport,user,id}')::int AND u.is_active
      AND u.credentials_version = (s.sess #>> '{passport,user,credentialsVersion}')::int) a ON TRUE
  WHERE s.sid = ${sid} AND s.expire >= now()`
