import sql from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { AT_FIRST, VISIT, WRITING } from './changes.ts'

/** This reader is here again: from now on they are told of what changed since they came the time before. Once a visit, however many pages ask. */
export function beginVisit(scope: Scope): Promise<void> {
  return write(
    scope,
    sql`
    INSERT INTO visits (user_id, began_at, seen_until) VALUES (${scope.user.id}, now(), now() - ${AT_FIRST})
    ON CONFLICT (user_id) DO UPDATE SET seen_until = greatest(visits.seen_until, visits.began_at - ${WRITING}), began_at = now()
      WHERE visits.began_at < now() - ${VISIT}
    RETURNING user_id`,
  )
}

/** What changed up to `until` needs not be told again. */
export function markAsRead(scope: Scope, until: Date): Promise<void> {
  return write(
    scope,
    sql`
    INSERT INTO visits (user_id, began_at, seen_until) VALUES (${scope.user.id}, now(), least(${until}::timestamptz, now()))
    ON CONFLICT (user_id) DO UPDATE SET seen_until = greatest(visits.seen_until, excluded.seen_until)
    RETURNING user_id`,
  )
}

/** No record of anybody's work, so no audit asks who acts: one statement is enough. */
async function write({ db }: Scope, statement: ReturnType<typeof sql>): Promise<void> {
  await db.query(statement)
}
