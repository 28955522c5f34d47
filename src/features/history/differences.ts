import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { FIELDS, fieldsOf } from './fields.ts'
import type { Field, Named } from './fields.ts'
import { nameSource } from './values.ts'
import type { Told } from './values.ts'

/** What differs of a row, as it is stored; what amounts and stages need to be understood is among it whether it differs or not. */
export interface Differing {
  columns: Record<string, [Stored, Stored]>
  currency: [string | null, string | null]
  pipeline: [string | null, string | null]
}

type Stored = string | boolean | string[] | null

const TOLD_COLUMNS = JSON.stringify(
  Object.fromEntries(Object.entries(FIELDS).map(([table, fields]) => [table, Object.keys(fields)])),
)
/** As much of a text as is read to be told. */
const READ = 400

const stored = (
  row: Sql,
) => sql`CASE jsonb_typeof(${row} -> key) WHEN 'string' THEN to_jsonb(left(${row} ->> key, ${READ}))
  WHEN 'number' THEN to_jsonb(${row} ->> key) ELSE ${row} -> key END`

/** Of `changes c`, an update: a `Differing` of the columns that are told. */
export const differing: Sql = sql`jsonb_build_object(
  'columns', (SELECT coalesce(jsonb_object_agg(key, jsonb_build_array(${stored(sql`c.old_row`)}, ${stored(sql`c.new_row`)})), '{}')
              FROM jsonb_object_keys(c.new_row) AS key
              WHERE c.old_row -> key IS DISTINCT FROM c.new_row -> key AND ${TOLD_COLUMNS}::jsonb -> c.table_name ? key),
  'currency', jsonb_build_array(c.old_row ->> 'currency_code', c.new_row ->> 'currency_code'),
  'pipeline', jsonb_build_array(c.old_row ->> 'pipeline_id', c.new_row ->> 'pipeline_id'))`

interface Change {
  id: string
  table: string
  fields: Differing | null
}

/** What each change tells, under its id, with the names that ids and keys stand for today; one statement, if any. */
export async function withNames(
  scope: Scope,
  changes: readonly Change[],
): Promise<Map<string, Record<string, [Told, Told]>>> {
  const differences = changes.flatMap(({ id, table, fields }) =>
    fields ? [{ id, fields: fieldsOf(table), differs: fields }] : [],
  )
  const ids = new Map<Named, Set<number>>()
  const pipelines = new Set<number>()
  for (const { fields, differs } of differences)
    for (const [column, values] of Object.entries(differs.columns)) {
      const field = fields[column]
      if (field?.of) for (const value of values) ids.set(field.of, added(ids.get(field.of), value))
      if (field?.as === 'stage') for (const value of differs.pipeline) added(pipelines, value)
    }
  const names = await namesOf(scope, ids, pipelines)
  return new Map(
    differences.map(({ id, fields, differs }) => [
      id,
      Object.fromEntries(
        Object.entries(differs.columns).flatMap(([column, values]) => {
          const field = fields[column]
          if (!field || (field.follows && field.follows in differs.columns)) return []
          return [
            [column, [0, 1].map((side) => toldOf(field, values[side] ?? null, differs, side, names)) as [Told, Told]],
          ]
        }),
      ),
    ]),
  )
}

function added(ids: Set<number> = new Set(), value: Stored): Set<number> {
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) ids.add(Number(value))
  return ids
}

function toldOf(field: Field, value: Stored, differs: Differing, side: number, names: Map<string, string>): Told {
  if (value === null) return field.as === 'money' ? [null, ''] : null
  if (field.as === 'money') return [String(value), differs.currency[side] ?? '']
  if (field.of) return { name: names.get(`${field.of} ${String(value)}`) ?? null }
  if (field.as === 'stage')
    return { key: String(value), name: names.get(`${differs.pipeline[side] ?? ''} ${String(value)}`) ?? null }
  return value
}

/** "users 7" → "Rosa Winter", "1 proposal" → "Offer"; nothing for what is gone, or not this reader's to see. */
async function namesOf(
  scope: Scope,
  ids: ReadonlyMap<Named, ReadonlySet<number>>,
  pipelines: ReadonlySet<number>,
): Promise<Map<string, string>> {
  const parts = [...ids].flatMap(([of, found]) => {
    if (found.size === 0) return []
    const { from, name, seen } = nameSource(scope, of)
    return [
      sql`SELECT ${of} || ' ' || n.id AS key, ${name} AS name FROM ${from} n WHERE n.id = ANY (${[...found]}) AND ${seen}`,
    ]
  })
  if (pipelines.size > 0)
    parts.push(sql`SELECT s.pipeline_id || ' ' || s.key, s.name FROM pipeline_stages s
      WHERE s.name IS NOT NULL AND s.pipeline_id = ANY (${[...pipelines]})`)
  if (parts.length === 0) return new Map()
  const rows = await scope.db.query<{ key: string; name: string }>(join(parts, ' UNION ALL '))
  return new Map(rows.map(({ key, name }) => [key, name]))
}
