import sql, { raw } from 'sql-template-tag'
import { Conflict, NotFound, RuleViolation } from '../../../platform/errors.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { requireAdministrator, requireStillAdministrator } from '../../users/administrators.ts'
import { GOING, activeIn, departureOf, lockAll, tableOf } from '../departure.ts'
import type { Going, Roots } from '../departure.ts'
import { TRASH_NOUNS } from '../nouns.ts'
import type { TrashNoun } from '../nouns.ts'
import { emptiable, findTrashed } from '../queries.ts'
import type { Deletion, Emptying } from '../schema.ts'

/**
 * Deletes an archived record for good, with all that hangs on it, and erases what the history says of them: that, when and by whom they were made
 * and deleted stays. For administrators. Answers `deleted: false`, with nothing done, when what goes along is no longer what `seen` stands for.
 * Throws Conflict when it is not in the Trash any more, RuleViolation when something outside the Trash would go along unsaid.
 */
export function deleteForGood(
  scope: Scope,
  noun: TrashNoun,
  id: number,
  { seen, withActive }: Deletion,
): Promise<{ deleted: boolean }> {
  return inTransaction(scope, async (scope) => {
    await requireDeletable(scope, noun, id)
    const roots = { [noun]: [id] }
    await claim(scope, roots)
    return { deleted: await erase(scope, roots, seen, withActive === true) }
  })
}

/**
 * Whether this user may delete this record for good: NotFound for one they may not see, Forbidden for whoever is no administrator, Conflict for one
 * that is not in the Trash.
 */
export async function requireDeletable(scope: Scope, noun: TrashNoun, id: number): Promise<void> {
  const { isActive } = await findTrashed(scope, noun, id)
  requireAdministrator(scope)
  if (isActive) throw new Conflict('trash.errors.notInTrash')
}

/** Deletes what has been in the Trash for longest, some at a time, as the page has shown it. Answers how many records of the Trash that were. */
export function emptyTrash(scope: Scope, { seen, days }: Emptying): Promise<{ deleted: boolean; count: number }> {
  return inTransaction(scope, async (scope) => {
    requireAdministrator(scope)
    const { roots, count } = await emptiable(scope, Number(days))
    await claim(scope, roots)
    return { deleted: count > 0 && (await erase(scope, roots, seen, false)), count }
  })
}

/** Whoever restores one of them in this moment was first, or comes too late. */
async function claim(scope: Scope, roots: Roots): Promise<void> {
  if (scope.user.id !== null) await requireStillAdministrator(scope, scope.user.id)
  for (const noun of TRASH_NOUNS) {
    const ids = [...(roots[noun] ?? [])]
    if (ids.length === 0) continue
    const locked = await scope.db.query<{ isActive: boolean }>(sql`
      SELECT is_active AS "isActive" FROM ${raw(noun)} WHERE id = ANY (${ids}::integer[]) ORDER BY id FOR UPDATE`)
    if (locked.length < ids.length) throw new NotFound()
    if (locked.some(({ isActive }) => isActive)) throw new Conflict('trash.errors.notInTrash')
  }
}

async function erase(scope: Scope, roots: Roots, seen: string | undefined, withActive: boolean): Promise<boolean> {
  const gone = await lockAll(scope, roots)
  const departure = await departureOf(scope, roots)
  if (departure.mark !== seen) return false
  if (!withActive && activeIn(departure) > 0) throw new RuleViolation('trash.errors.sayActive', 'withActive')
  for (const kind of GOING) {
    if (gone[kind].length === 0) continue
    await scope.db.query(sql`DELETE FROM ${raw(tableOf(kind))} WHERE id = ANY (${gone[kind]}::integer[]) RETURNING id`)
  }
  // Only now: deleting is in the audit too, with all that was deleted.
  for (const kind of GOING) await forget(scope, kind, gone[kind])
  return true
}

/** What the audit may still say of a record that is gone: which it was, what it hung on, and when who dealt with it. */
const KEPT = [
  'id',
  'client_id',
  'contact_id',
  'deal_id',
  'lead_id',
  'version',
  'is_active',
  'created_at',
  'created_by',
  'updated_at',
  'archived_at',
  'archived_by',
]

/** Whatever columns its changes have, those of older versions too. */
async function forget(scope: Scope, kind: Going, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  const table = tableOf(kind)
  await scope.db.query(sql`
    SELECT redact_changes(${table}, gone.id, ARRAY(
      SELECT DISTINCT key FROM changes c, jsonb_object_keys(coalesce(c.old_row, '{}') || coalesce(c.new_row, '{}')) AS key
      WHERE c.table_name = ${table} AND c.record_id = gone.id AND c.operation <> 'redact' AND key <> ALL (${KEPT}::text[])))
    FROM unnest(${[...ids]}::integer[]) AS gone (id)`)
}
