import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { reachedOnce, reaches, rootId, rootNoun } from './reach.ts'
import { RECORD_TABLES } from './tables.ts'

/**
 * Those of the change-sets that really changed something, all of it records that this user may change: what a page offers to take back. Whether
 * anything newer stands on it is found out by whoever does it.
 */
export async function undoable(scope: Scope, changeSets: readonly string[]): Promise<ReadonlySet<string>> {
  if (changeSets.length === 0 || scope.user.role === 'viewer') return new Set()
  const rows = await scope.db.query<{ changeSet: string }>(sql`
    SELECT c.change_set::text AS "changeSet" FROM changes c WHERE c.change_set = ANY (${[...changeSets]}::uuid[])
    GROUP BY c.change_set HAVING bool_and(${mayBeUndone(scope)})`)
  return new Set(rows.map(({ changeSet }) => changeSet))
}

/**
 * Of a row of `changes c`: whether it could be taken back by this user, by its kind and by right. A card that moved aside is nobody's work. What
 * was erased is asked for first: it cannot even be read as a record any more.
 */
export function mayBeUndone(scope: Scope): Sql {
  const row = sql`coalesce(c.new_row, c.old_row)`
  const noun = rootNoun(sql`c.table_name`)
  const id = rootId(sql`c.table_name`, sql`c.record_id`, row)
  return sql`(c.table_name IN (${join([...RECORD_TABLES])}) AND c.operation <> 'redact' AND CASE
    WHEN ${isErased(sql`c.old_row`)} OR ${isErased(sql`c.new_row`)} THEN FALSE ELSE (
    c.table_name = 'external_ids' OR (c.table_name = 'deals' AND c.old_row - 'board_position' = c.new_row - 'board_position') IS TRUE
    OR coalesce(${reaches(scope, 'writable', noun, id)}, ${reachedOnce(scope, 'writable', noun, row)}, FALSE)) END)`
}

function isErased(row: Sql): Sql {
  return sql`coalesce(jsonb_path_exists(${row}, '$.* ? (@ == "[redacted]")'), FALSE)`
}
