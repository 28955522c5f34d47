import sql from 'sql-template-tag'
import { randomUUID } from 'node:crypto'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from './database.ts'

/** Does something as one change-set, and answers its name beside what came of it. */
export async function inOneSet<Result>(
  scope: Scope,
  work: (scope: Scope) => Promise<Result>,
): Promise<{ changeSet: string; result: Result }> {
  const changeSet = randomUUID()
  return { changeSet, result: await work({ ...scope, changeSet }) }
}

/** The tables that people's work is in, with what the database keeps by itself left out, and what happened by itself. */
export async function businessRows(): Promise<Record<string, unknown[]>> {
  const tables = [
    'clients',
    'contacts',
    'contact_communications',
    'leads',
    'lead_activities',
    'deals',
    'deal_activities',
    'projects',
    'quotes',
  ]
  const rows: Record<string, unknown[]> = {}
  for (const table of tables) {
    const { rows: found } = await db.pool.query<{ row: unknown }>(`
      SELECT to_jsonb(r) - '{version,updated_at,search_text,phone_digits}'::text[] AS row FROM ${table} r
      ${table.endsWith('_activities') && !table.startsWith('contact') ? `WHERE type IN ('call', 'email', 'meeting', 'note', 'task')` : ''} ORDER BY id`)
    rows[table] = found.map(({ row }) => row)
  }
  return rows
}

/** How the changes of a set are written down. */
export function changesOf(changeSet: string) {
  return db.query<{ table: string; operation: string; undoes: string | null; actor: string }>(sql`
    SELECT table_name AS "table", operation, undoes::text, actor FROM changes WHERE change_set = ${changeSet}::uuid ORDER BY id`)
}
