import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'
import type { Field, Named } from './fields.ts'

/** One value of a field as it was stored: text that may be cut, an amount with its currency, or what an id or a key names. */
export type Told =
  string | boolean | string[] | [amount: string | null, currency: string] | { name: string | null; key?: string } | null

type Fields = Readonly<Record<string, Field>>

/** As much of a text as is read to be told. */
const READ = 200

/**
 * What differs between old_row and new_row of `changes c`, column by column, before and after, as jsonb; NULL where nothing that is told does.
 */
export function difference(fields: Fields): Sql {
  const follows = Object.entries(fields).flatMap(([column, { follows }]) =>
    follows
      ? [
          sql` AND NOT (key = ${column} AND c.old_row ->> ${follows}::text IS DISTINCT FROM c.new_row ->> ${follows}::text)`,
        ]
      : [],
  )
  return sql`SELECT jsonb_object_agg(key, jsonb_build_array(${value(sql`c.old_row`, fields)}, ${value(sql`c.new_row`, fields)})) AS told
      FROM unnest(${['is_active', ...Object.keys(fields)]}::text[]) AS key
      WHERE c.old_row ->> key IS DISTINCT FROM c.new_row ->> key${joined(follows)}`
}

function value(row: Sql, fields: Fields): Sql {
  const amounts = Object.entries(fields).flatMap(([column, { currency }]) =>
    currency ? [sql`WHEN key = ${column} THEN jsonb_build_array(${row} ->> key, ${row} ->> ${currency}::text)`] : [],
  )
  return sql`CASE ${joined(amounts)}
    WHEN jsonb_typeof(${row} -> key) = 'string' THEN to_jsonb(left(${row} ->> key, ${READ}))
    WHEN jsonb_typeof(${row} -> key) = 'number' THEN to_jsonb(${row} ->> key) ELSE ${row} -> key END`
}

const NAMES: Readonly<Record<Named, { from: Sql; name: Sql; scoped: boolean }>> = {
  users: { from: sql`users`, name: sql`n.name`, scoped: false },
  teams: { from: sql`teams`, name: sql`n.name`, scoped: false },
  pipelines: { from: sql`pipelines`, name: sql`n.name`, scoped: false },
  clients: { from: sql`clients`, name: sql`n.name`, scoped: true },
  contacts: { from: sql`contacts`, name: sql`n.first_name || ' ' || n.last_name`, scoped: true },
  leads: { from: sql`leads`, name: sql`n.first_name || ' ' || n.last_name`, scoped: true },
  deals: { from: sql`deals`, name: sql`n.name`, scoped: true },
  projects: { from: sql`projects`, name: sql`n.name`, scoped: true },
  quotes: { from: sql`quotes`, name: sql`n.number || ' · ' || n.title`, scoped: true },
}

/** Where the names of a kind of id are found, under the alias `n`, and which of them this reader may see. */
export function nameSource(scope: Scope, of: Named): { from: Sql; name: Sql; seen: Sql } {
  const { from, name, scoped } = NAMES[of]
  const seen = scoped ? visible(scope, of as Exclude<Named, 'users' | 'teams' | 'pipelines'>, 'n') : sql`TRUE`
  return { from, name, seen }
}

/** What differs (`told`), with the names that its ids stand for today; without a name what is gone, or not this reader's to see. */
export function named(scope: Scope, fields: Fields, told: Sql): Sql {
  const ids = Object.entries(fields).flatMap(([column, { of }]) => (of ? [{ column, of }] : []))
  if (ids.length === 0) return told
  const name = (of: Named, value: Sql) => {
    const { from, name, seen } = nameSource(scope, of)
    return sql`CASE WHEN ${value} IS NOT NULL THEN jsonb_build_object('name', (
      SELECT ${name} FROM ${from} n WHERE n.id = CASE WHEN ${value} ~ '^[0-9]{1,9}$' THEN (${value})::integer END AND ${seen})) END`
  }
  const cases = ids.map(
    ({ column, of }) =>
      sql`WHEN ${column} THEN jsonb_build_array(${name(of, sql`value ->> 0`)}, ${name(of, sql`value ->> 1`)})`,
  )
  return sql`(SELECT jsonb_object_agg(key, CASE key ${join(cases, ' ')} ELSE value END) FROM jsonb_each(${told}))`
}

function joined(parts: readonly Sql[]): Sql {
  return parts.reduce((all, part) => sql`${all} ${part}`, sql``)
}
