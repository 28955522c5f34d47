import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { kinds } from '../activities/kinds.ts'
import type { Kind } from '../activities/kinds.ts'
import { entryColumns, people, textShown } from '../activities/queries.ts'
import type { ActivityEntry } from '../activities/queries.ts'
import { entries } from '../communications/queries.ts'
import type { CommunicationEntry } from '../communications/queries.ts'
import { visible, writable } from '../users/access.ts'
import { FIELDS } from './fields.ts'
import type { Named, Subject } from './fields.ts'
import { SOURCES } from './schema.ts'
import type { Shown, SourceName, TimelineParams } from './schema.ts'
import { newestOf, rankOf, sourcesOf } from './sources.ts'

/** An activity of people, or what happened by itself, with the record it belongs to. */
export interface ActivityOfRecord extends ActivityEntry {
  recordName: string
  /** May this reader change it? */
  changeable: boolean
}

/** One value of a field as it was stored: text that may be cut, an amount with its currency, or what an id names. */
export type Told =
  string | boolean | string[] | [amount: string | null, currency: string] | { name: string | null } | null

export interface RecordChange {
  /** null is the system, and somebody who is gone. */
  who: string | null
  bySystem: boolean
  /** Of each column that differs: before and after. */
  fields: Record<string, [Told, Told]>
}

export type Entry = { at: Date; id: number } & (
  | { source: 'communication'; told: CommunicationEntry }
  | { source: 'leadActivity' | 'dealActivity'; told: ActivityOfRecord }
  | { source: 'change'; told: RecordChange }
  | { source: 'beginning'; told: { who: string | null } }
)

/** Which sources a timeline that is narrowed to one kind still has. */
const SOURCES_SHOWN: Readonly<Record<Shown, readonly SourceName[]>> = {
  communications: ['communication'],
  activities: ['leadActivity', 'dealActivity'],
  changes: ['change', 'beginning'],
}

/** What a record of this kind can have in its timeline. */
export function shownOf(subject: Subject): Shown[] {
  return subject === 'leads' ? ['activities', 'changes'] : ['communications', 'activities', 'changes']
}

/**
 * At most `limit` entries of a record's timeline, the newest first, in one statement: the places of the page are found in indexes, source by source,
 * and only what stands on it is read. Nothing for a record that this reader may not see.
 */
export async function readTimeline(
  scope: Scope,
  { subject, id }: { subject: Subject; id: number },
  { show, before }: TimelineParams,
  limit: number,
): Promise<Entry[]> {
  const sources = sourcesOf(scope, subject).filter(({ name }) => !show || SOURCES_SHOWN[show].includes(name))
  const rows = await scope.db.query<{ at: Date; rank: number; id: string; told: object }>(sql`
    WITH subject AS MATERIALIZED (SELECT s.* FROM ${raw(subject)} s WHERE s.id = ${id} AND ${visible(scope, subject, 's')}),
    page AS MATERIALIZED (
      SELECT * FROM (${join(
        sources.map((source) => newestOf(source, before, limit)),
        ' UNION ALL ',
      )}) AS entries
      ORDER BY at DESC, rank DESC, id DESC LIMIT ${limit})
    SELECT page.at, page.rank, page.id::text AS id, CASE page.rank
        WHEN ${rankOf('communication')} THEN (SELECT to_json(entry) FROM (${entries(scope)} WHERE m.id = page.id) AS entry)
        WHEN ${rankOf('dealActivity')} THEN (SELECT to_json(entry) FROM (${activity(scope, 'deal')}) AS entry)
        WHEN ${rankOf('leadActivity')} THEN (SELECT to_json(entry) FROM (${activity(scope, 'lead')}) AS entry)
        WHEN ${rankOf('change')} THEN (
          SELECT json_build_object('bySystem', c.actor = 'system', 'fields', ${named(scope, subject)},
            'who', (SELECT u.name FROM users u WHERE u.id = CASE WHEN c.actor <> 'system' THEN c.actor::integer END))
          FROM changes c WHERE c.id = page.id)
        ELSE (SELECT json_build_object('who', u.name) FROM subject s LEFT JOIN users u ON u.id = s.created_by) END AS told
    FROM page ORDER BY page.at DESC, page.rank DESC, page.id DESC`)
  return rows.map(
    ({ rank, at, id, told }) => ({ source: SOURCES[rank], at, id: Number(id), told: withDates(told) }) as Entry,
  )
}

function activity(scope: Scope, kind: Kind): Sql {
  const { table, parent, parentTable, parentColumn, parentName } = kinds[kind]
  return sql`SELECT ${entryColumns(kind)}, ${textShown}, ${parentName} AS "recordName",
      p.is_active AND ${writable(scope, parent, 'p')} AS changeable
    FROM ${table} a JOIN ${parentTable} p ON p.id = a.${parentColumn} ${people} WHERE a.id = page.id`
}

const NAMES: Readonly<Record<Named, { from: Sql; name: Sql; scoped: boolean }>> = {
  users: { from: sql`users`, name: sql`n.name`, scoped: false },
  pipelines: { from: sql`pipelines`, name: sql`n.name`, scoped: false },
  clients: { from: sql`clients`, name: sql`n.name`, scoped: true },
  contacts: { from: sql`contacts`, name: sql`n.first_name || ' ' || n.last_name`, scoped: true },
  leads: { from: sql`leads`, name: sql`n.first_name || ' ' || n.last_name`, scoped: true },
  projects: { from: sql`projects`, name: sql`n.name`, scoped: true },
  quotes: { from: sql`quotes`, name: sql`n.number || ' · ' || n.title`, scoped: true },
}

/** What differs, with the names that its ids stand for today; without a name what is gone, or not this reader's to see. */
function named(scope: Scope, subject: Subject): Sql {
  const ids = Object.entries(FIELDS[subject]).flatMap(([column, { of }]) => (of ? [{ column, of }] : []))
  if (ids.length === 0) return sql`page.told`
  const name = (of: Named, value: Sql) => {
    const { from, name, scoped } = NAMES[of]
    const seen = scoped ? visible(scope, of as Exclude<Named, 'users' | 'pipelines'>, 'n') : sql`TRUE`
    return sql`CASE WHEN ${value} IS NOT NULL THEN jsonb_build_object('name', (
      SELECT ${name} FROM ${from} n WHERE n.id = CASE WHEN ${value} ~ '^[0-9]{1,9}$' THEN (${value})::integer END AND ${seen})) END`
  }
  const cases = ids.map(
    ({ column, of }) =>
      sql`WHEN ${column} THEN jsonb_build_array(${name(of, sql`value ->> 0`)}, ${name(of, sql`value ->> 1`)})`,
  )
  return sql`(SELECT jsonb_object_agg(key, CASE key ${join(cases, ' ')} ELSE value END) FROM jsonb_each(page.told))`
}

const DATES = ['activityDate', 'completedAt', 'communicationDate', 'followUpCompletedAt', 'createdAt', 'updatedAt']

/** JSON knows no dates. */
function withDates(told: object): object {
  return Object.fromEntries(
    Object.entries(told).map(([name, value]: [string, unknown]) => [
      name,
      DATES.includes(name) && typeof value === 'string' ? new Date(value) : value,
    ]),
  )
}
