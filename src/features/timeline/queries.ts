import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { kinds } from '../activities/kinds.ts'
import type { Kind } from '../activities/kinds.ts'
import { entryColumns, people, textShown } from '../activities/queries.ts'
import type { ActivityEntry } from '../activities/queries.ts'
import { entries } from '../communications/queries.ts'
import type { CommunicationEntry } from '../communications/queries.ts'
import { named } from '../history/values.ts'
import type { Told } from '../history/values.ts'
import { visible, writable } from '../users/access.ts'
import { FIELDS } from './fields.ts'
import type { Subject } from './fields.ts'
import { SOURCES } from './schema.ts'
import type { Shown, SourceName, TimelineParams } from './schema.ts'
import { newestOf, rankOf, sourcesOf } from './sources.ts'

/** An activity of people, or what happened by itself, with the record it belongs to. */
export interface ActivityOfRecord extends ActivityEntry {
  recordName: string
  /** May this reader change it? */
  changeable: boolean
}

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
          SELECT json_build_object('bySystem', c.actor = 'system', 'fields', ${named(scope, FIELDS[subject], sql`page.told`)},
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
