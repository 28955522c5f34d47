import sql from 'sql-template-tag'
import { Conflict, NotFound } from '../../../platform/errors.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { administer } from '../administrators.ts'

/** From now on this administrator can look with that user's rights: answers by what. Not with one's own, nor with those of who was deactivated. */
export function beginSeeingAs(scope: Scope, id: number): Promise<{ id: number }> {
  return administer(scope, async (scope) => {
    const [seen] = await scope.db.query<{ isActive: boolean }>(
      sql`SELECT is_active AS "isActive" FROM users WHERE id = ${id} FOR SHARE`,
    )
    if (!seen) throw new NotFound()
    if (!seen.isActive) throw new Conflict('users.errors.seeInactive')
    if (scope.user.id === null || scope.user.id === id) throw new Conflict('users.errors.seeSelf')
    return scope.db.records.seeAs.create({ data: { userId: scope.user.id, seenId: id }, select: { id: true } })
  })
}

/** The end of it, once. `scope` is the administrator's own. Answers who was seen as. */
export function endSeeingAs(scope: Scope, id: number): Promise<{ seenId: number } | null> {
  return inTransaction(scope, async ({ db, user }) => {
    const [ended] = await db.query<{ seenId: number }>(sql`
      UPDATE see_as SET ended_at = now() WHERE id = ${id} AND user_id = ${user.id} AND ended_at IS NULL RETURNING seen_id AS "seenId"`)
    return ended ?? null
  })
}

/** Ends every look whose session is gone without anybody having stopped it; one that has just begun may be in none yet. Answers how many. */
export function endForgottenLooks(scope: Scope): Promise<number> {
  return inTransaction(scope, async ({ db }) => {
    const ended = await db.query<{ id: number }>(sql`
      UPDATE see_as n SET ended_at = now() WHERE n.ended_at IS NULL AND n.started_at < now() - interval '1 hour'
        AND NOT EXISTS (SELECT FROM sessions s WHERE s.sess ->> 'seeAs' = n.id::text AND s.user_id = n.user_id AND s.expire > now())
      RETURNING n.id`)
    return ended.length
  })
}
