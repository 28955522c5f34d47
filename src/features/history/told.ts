import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { seesAll } from '../users/access.ts'
import { reaches, rootId, rootNoun } from './reach.ts'
import type { Kind } from './schema.ts'
import { RECORD_TABLES, isAutomatic } from './tables.ts'

/** Nobody's work, or what follows from something that is told. A card that changed its place in its column is no news. */
const SILENT = sql`'{version,updated_at,board_position,archived_at,archived_by}'::text[]`

/** The tables whose rows are told of to everybody who sees the record; the others are an administrator's. */
const OF_RECORDS = join(
  RECORD_TABLES.filter((table) => table !== 'external_ids').map((table) => sql`${raw(`'${table}'`)}`),
)

/**
 * Whether this reader is told of a row of `changes`: of what they see, and, as administrator, of settings and of what is no longer there. What
 * happened by itself stands in its record's timeline.
 */
export function isTold(scope: Scope, alias: string): Sql {
  const c = raw(alias)
  const says = saysSomething(alias)
  if (scope.user.role === 'admin') return says
  const row = sql`coalesce(${c}.new_row, ${c}.old_row)`
  const seen = reaches(
    scope,
    'visible',
    rootNoun(sql`${c}.table_name`),
    rootId(sql`${c}.table_name`, sql`${c}.record_id`, row),
  )
  return sql`${c}.table_name IN (${OF_RECORDS}) AND ${says} AND ${isThere(alias)}${seesAll(scope.user) ? sql`` : sql` AND coalesce(${seen}, FALSE)`}`
}

/** Whether a row of `changes` is somebody's work, whoever reads of it. */
export function saysSomething(alias: string): Sql {
  const c = raw(alias)
  return sql`((${c}.operation <> 'update' OR ${c}.new_row - ${SILENT} IS DISTINCT FROM ${c}.old_row - ${SILENT}) AND NOT ${isAutomatic(alias)}
    AND ${c}.table_name <> 'external_ids')`
}

/** Whether the record that a row speaks of, or for what is said and planned the record it belongs to, is still there. */
function isThere(alias: string): Sql {
  const c = raw(alias)
  const row = sql`coalesce(${c}.new_row, ${c}.old_row)`
  const there = (table: string, id: Sql) => sql`EXISTS (SELECT FROM ${raw(table)} x WHERE x.id = ${id})`
  return sql`CASE ${c}.table_name
    WHEN 'lead_activities' THEN ${there('leads', sql`(${row} ->> 'lead_id')::integer`)}
    WHEN 'deal_activities' THEN ${there('deals', sql`(${row} ->> 'deal_id')::integer`)}
    WHEN 'contact_communications' THEN ${there('contact_communications', sql`${c}.record_id`)}
    WHEN 'clients' THEN ${there('clients', sql`${c}.record_id`)} WHEN 'contacts' THEN ${there('contacts', sql`${c}.record_id`)}
    WHEN 'leads' THEN ${there('leads', sql`${c}.record_id`)} WHEN 'deals' THEN ${there('deals', sql`${c}.record_id`)}
    WHEN 'projects' THEN ${there('projects', sql`${c}.record_id`)} WHEN 'quotes' THEN ${there('quotes', sql`${c}.record_id`)}
    ELSE FALSE END`
}

/** What a row of `changes` is, as one of KINDS. */
export function kindOf(alias: string): Sql {
  const c = raw(alias)
  const [was, is] = [sql`${c}.old_row`, sql`${c}.new_row`]
  const differs = (column: string) =>
    sql`${was} ->> ${raw(`'${column}'`)} IS DISTINCT FROM ${is} ->> ${raw(`'${column}'`)}`
  return sql`CASE WHEN ${c}.undoes IS NOT NULL THEN 'undone' WHEN ${c}.operation = 'insert' THEN 'created' WHEN ${c}.operation = 'delete' THEN 'deleted'
    WHEN ${c}.operation = 'redact' THEN 'erased'
    WHEN ${c}.table_name IN ('clients', 'contacts', 'leads', 'deals') AND ${differs('is_active')}
      THEN CASE WHEN ${is} ->> 'is_active' = 'true' THEN 'restored' ELSE 'archived' END
    WHEN ${c}.table_name = 'deals' AND ${differs('status')} THEN CASE WHEN ${is} ->> 'status' = 'open' THEN 'reopened' ELSE 'closed' END
    WHEN ${c}.table_name = 'deals' AND (${differs('stage')} OR ${differs('pipeline_id')}) THEN 'moved'
    WHEN ${c}.table_name = 'leads' AND (${differs('converted_to_client_id')} OR ${differs('converted_to_deal_id')})
      AND ${is} ->> 'status' = 'converted' THEN 'converted'
    WHEN ${c}.table_name = 'leads' AND ${differs('status')} AND 'lost' IN (${is} ->> 'status', ${was} ->> 'status')
      THEN CASE WHEN ${is} ->> 'status' = 'lost' THEN 'closed' ELSE 'reopened' END
    WHEN ${c}.table_name IN ('lead_activities', 'deal_activities') AND ${differs('status')}
      THEN CASE ${is} ->> 'status' WHEN 'completed' THEN 'completed' WHEN 'pending' THEN 'reopened' ELSE 'changed' END
    WHEN ${c}.table_name = 'contact_communications' AND ${differs('follow_up_completed_at')}
      THEN CASE WHEN ${is} ->> 'follow_up_completed_at' IS NULL THEN 'reopened' ELSE 'completed' END
    ELSE 'changed' END`
}

export function isOfKind(alias: string, kind: Kind | null): Sql {
  return kind === null ? sql`TRUE` : sql`${kindOf(alias)} = ${kind}`
}
