import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import type { Scope } from '../../platform/scope.ts'
import { differing, withNames } from './differences.ts'
import type { Differing } from './differences.ts'
import { undone } from './obstacles.ts'
import { mayBeUndone } from './offers.ts'
import type { Found } from './queries.ts'
import { KINDS } from './schema.ts'
import type { Kind } from './schema.ts'
import { isTold, kindOf } from './told.ts'
import type { Told } from './values.ts'

/** A change of one record. */
export interface ToldChange {
  id: string
  table: string
  recordId: number
  kind: Kind
  /** As it was called then; null for what has no name. */
  name: string | null
  /** Of an activity or a communication. */
  type: string | null
  /** Where it is, as long as it is there. */
  href: string | null
  fields: Record<string, [Told, Told]>
}

/** Everything that was done at once. */
export interface HistoryEntry {
  changeSet: string
  at: Date
  whoId: number | null
  who: string | null
  bySystem: boolean
  kind: Kind
  changes: ToldChange[]
  /** So many more of them are not shown. */
  others: number
  /** It is there no more: somebody took it back. */
  isUndone: boolean
  /** The reader may take it back, unless something newer stands on it. */
  isUndoable: boolean
}

/** Of one change-set are shown so many changes. */
const SHOWN = 8

interface Row {
  changeSet: string
  whoId: number | null
  who: string | null
  bySystem: boolean
  count: number
  mayBeUndone: boolean
  changes: (Omit<ToldChange, 'fields'> & { fields: Differing | null })[]
}

/** The entries of the places that were found, in their order, each with what the reader is told of it. */
export async function entriesOf(scope: Scope, found: readonly Found[]): Promise<HistoryEntry[]> {
  if (found.length === 0) return []
  const sets = found.map(({ changeSet }) => changeSet)
  const [rows, gone] = await Promise.all([scope.db.query<Row>(entries(scope, sets)), undone(scope, sets)])
  const told = await withNames(
    scope,
    rows.flatMap(({ changes }) => changes),
  )
  const bySet = new Map(rows.map((row) => [row.changeSet, row]))
  return found.flatMap(({ changeSet, at }) => {
    const row = bySet.get(changeSet)
    if (!row) return []
    const changes = row.changes.map((change) => ({ ...change, fields: told.get(change.id) ?? {} }))
    const isUndone = gone.has(changeSet)
    return {
      changeSet,
      at,
      whoId: row.whoId,
      who: row.who,
      bySystem: row.bySystem,
      kind: KINDS.find((kind) => changes.some((change) => change.kind === kind)) ?? 'changed',
      changes,
      others: row.count - changes.length,
      isUndone,
      isUndoable: !isUndone && row.mayBeUndone && scope.user.role !== 'viewer',
    }
  })
}

function entries(scope: Scope, sets: readonly string[]): Sql {
  return sql`
    SELECT s.set::text AS "changeSet", all_of.who_id AS "whoId", (SELECT u.name FROM users u WHERE u.id = all_of.who_id) AS who, all_of.by_system AS "bySystem", all_of.count,
      (SELECT bool_and(${mayBeUndone(scope)}) FROM changes c WHERE c.change_set = s.set) AS "mayBeUndone",
      ${rowsAsJson(sql`
        SELECT c.id::text, c.table_name AS "table", c.record_id AS "recordId", ${kindOf('c')} AS kind, ${name} AS name,
          coalesce(c.new_row, c.old_row) ->> 'type' AS type, ${href} AS href,
          CASE WHEN c.operation = 'update' THEN ${differing} END AS fields
        FROM changes c WHERE c.change_set = s.set AND ${isTold(scope, 'c')} ORDER BY c.id LIMIT ${SHOWN}`)} AS changes
    FROM unnest(${[...sets]}::uuid[]) AS s (set)
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS count, bool_and(c.actor = 'system') AS by_system,
          max(CASE WHEN c.actor <> 'system' THEN c.actor::integer END) AS who_id
        FROM changes c WHERE c.change_set = s.set AND ${isTold(scope, 'c')}) AS all_of
    WHERE all_of.count > 0`
}

const row = sql`coalesce(c.new_row, c.old_row)`

const name = sql`CASE c.table_name WHEN 'contacts' THEN concat_ws(' ', ${row} ->> 'first_name', ${row} ->> 'last_name')
    WHEN 'leads' THEN concat_ws(' ', ${row} ->> 'first_name', ${row} ->> 'last_name')
    WHEN 'quotes' THEN concat_ws(' · ', ${row} ->> 'number', ${row} ->> 'title')
    WHEN 'pipeline_stages' THEN coalesce(${row} ->> 'name', ${row} ->> 'key')
    WHEN 'see_as' THEN (SELECT x.name FROM users x WHERE x.id = (${row} ->> 'seen_id')::integer)
    WHEN 'exchange_rates' THEN concat_ws(' / ', ${row} ->> 'base_code', ${row} ->> 'currency_code')
    ELSE coalesce(${row} ->> 'name', ${row} ->> 'subject') END`

/** What has a page of its own, and where. */
const PLACES: readonly (readonly [table: string, path: string])[] = [
  ['clients', '/clients/'],
  ['contacts', '/contacts/'],
  ['contact_communications', '/communications/'],
  ['leads', '/leads/'],
  ['deals', '/deals/'],
  ['projects', '/projects/'],
  ['quotes', '/quotes/'],
  ['lead_activities', '/lead-activities/'],
  ['deal_activities', '/deal-activities/'],
  ['users', '/settings/users/'],
]

const href = sql`CASE c.table_name ${join(
  PLACES.map(
    ([table, path]) =>
      sql`WHEN ${raw(`'${table}'`)} THEN (SELECT ${raw(`'${path}'`)} || x.id FROM ${raw(table)} x WHERE x.id = c.record_id)`,
  ),
  ' ',
)} END`
