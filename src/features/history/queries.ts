import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { addDays, startOfDay } from '../../platform/time.ts'
import { visible } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import type { HistoryParams, Place } from './schema.ts'
import { TABLE_OF, nameOf } from './tables.ts'
import type { Noun } from './tables.ts'
import { isOfKind, isTold, saysSomething } from './told.ts'

/** Where an entry stands: a change-set, and the newest of its changes that the reader is told of. */
export interface Found extends Place {
  changeSet: string
}

export interface FoundPage {
  found: Found[]
  /** Where what is older begins; null where there is nothing older. */
  older: Place | null
}

type Narrowing = Partial<Pick<HistoryParams, 'who' | 'kind' | 'from' | 'to'>>

export const PAGE = 25
/** So many changes are looked at for one page, however few of them are this reader's to see or of the kind asked for. */
export const LOOKED_AT = 2_000

/** The record whose history is asked for; NotFound for one that this reader may not see. */
export async function findSubject(scope: Scope, noun: Noun, id: number): Promise<{ name: string | null }> {
  const table = TABLE_OF[noun]
  const [subject] = await scope.db.query<{ name: string | null }>(sql`
    SELECT ${nameOf(table, 'r')} AS name FROM ${raw(table)} r WHERE r.id = ${id} AND ${visible(scope, noun, 'r')}`)
  if (!subject) throw new NotFound()
  return subject
}

/** The change-sets that a record had a part in, the newest first: its own changes, and those of what was planned and done for a lead or deal. */
export async function historyOfRecord(
  scope: Scope,
  { noun, id }: { noun: Noun; id: number },
  before: Place | null,
  asked: Narrowing = {},
): Promise<FoundPage> {
  const table = TABLE_OF[noun]
  const sources = (alias: string) => {
    const c = raw(alias)
    const own = sql`${c}.table_name = ${raw(`'${table}'`)} AND ${c}.record_id = ${id}`
    if (noun !== 'leads' && noun !== 'deals') return [own]
    const [activities, parent] = noun === 'leads' ? ['lead_activities', 'lead_id'] : ['deal_activities', 'deal_id']
    const ofActivities = raw(`'${activities}'`)
    // Those that are there, and those that were.
    return [
      own,
      sql`${c}.table_name = ${ofActivities} AND ${c}.record_id = ANY (ARRAY(
        SELECT a.id FROM ${raw(activities ?? '')} a WHERE a.${raw(parent ?? '')} = ${id} AND a.type IN ('call', 'email', 'meeting', 'note', 'task')
        UNION SELECT d.record_id FROM changes d WHERE d.table_name = ${ofActivities} AND d.operation = 'delete'
          AND coalesce(d.old_row ->> 'lead_id', d.old_row ->> 'deal_id')::integer = ${id}))`,
    ]
  }
  const anyOf = (alias: string) => sql`(${join(sources(alias), ' OR ')})`
  const narrowed = (alias: string) =>
    join(
      [saysSomething(alias), ...within(scope, alias, asked), ...(asked.kind ? [isOfKind(alias, asked.kind)] : [])],
      ' AND ',
    )
  const parts = sources('c').map(
    (source) => sql`(SELECT c.change_set, c.created_at, c.id FROM changes c
      WHERE ${source} AND ${behind(before)} AND ${narrowed('c')} AND NOT EXISTS (
        SELECT FROM changes n WHERE n.change_set = c.change_set AND n.id > c.id AND ${anyOf('n')} AND ${narrowed('n')})
      ORDER BY c.created_at DESC, c.id DESC LIMIT ${PAGE + 1})`,
  )
  const rows = await scope.db.query<Found>(sql`
    SELECT DISTINCT change_set::text AS "changeSet", created_at AS at, id::text AS id FROM (${join(parts, ' UNION ALL ')}) AS found
    ORDER BY at DESC, id DESC LIMIT ${PAGE + 1}`)
  return pageOf(rows)
}

/** Every change-set that this reader is told of, the newest first. Reads no more than a bounded piece of the audit at a time. */
export async function historyOfAll(scope: Scope, params: HistoryParams): Promise<FoundPage> {
  const where = [behind(params.before), ...within(scope, 'c', params)]
  const tables = tablesOf(params.noun)
  // From the indexes alone, each table in the order of its own: only what is looked at is then read.
  const newest = (
    condition: Sql,
  ) => sql`(SELECT c.created_at, c.id FROM changes c WHERE ${join([condition, ...where], ' AND ')}
    ORDER BY c.created_at DESC, c.id DESC LIMIT ${LOOKED_AT})`
  const parts = tables.map((table) => newest(sql`c.table_name = ${raw(`'${table}'`)}`))
  const looked = sql`SELECT p.created_at, p.id FROM (${parts.length === 0 ? newest(sql`TRUE`) : join(parts, ' UNION ALL ')}) AS p
    ORDER BY p.created_at DESC, p.id DESC LIMIT ${LOOKED_AT}`
  const narrowed = (alias: string) =>
    sql`${isTold(scope, alias)} AND ${isOfKind(alias, params.kind)}${
      tables.length === 0
        ? sql``
        : sql` AND ${raw(alias)}.table_name IN (${join(tables.map((table) => raw(`'${table}'`)))})`
    }`
  const rows = await scope.db.query<Found>(sql`
    SELECT c.change_set::text AS "changeSet", c.created_at AS at, c.id::text AS id
    FROM (${looked}) AS p JOIN changes c ON c.id = p.id
    WHERE ${narrowed('c')} AND NOT EXISTS (
      SELECT FROM changes n WHERE n.change_set = c.change_set AND n.id > c.id AND ${narrowed('n')})
    ORDER BY p.created_at DESC, p.id DESC LIMIT ${PAGE + 1}`)
  if (rows.length > PAGE) return pageOf(rows)
  const [last] = await scope.db.query<Place>(
    sql`SELECT p.created_at AS at, p.id::text AS id FROM (${looked}) AS p OFFSET ${LOOKED_AT - 1}`,
  )
  return { found: rows, older: last ?? null }
}

/** Who did it, and when: by days of the reader's calendar. */
function within({ user: { timeZone } }: Scope, alias: string, { who, from, to }: Narrowing): Sql[] {
  const c = raw(alias)
  return [
    ...(from ? [sql`${c}.created_at >= ${startOfDay(from, timeZone)}::timestamptz`] : []),
    ...(to ? [sql`${c}.created_at < ${startOfDay(addDays(to, 1), timeZone)}::timestamptz`] : []),
    ...(who ? [sql`${c}.actor = ${who}`] : []),
  ]
}

function behind(before: Place | null): Sql {
  return before ? sql`(c.created_at, c.id) < (${before.at}::timestamptz, ${before.id}::bigint)` : sql`TRUE`
}

function pageOf(rows: readonly Found[]): FoundPage {
  const found = rows.slice(0, PAGE)
  const last = found.at(-1)
  return { found, older: rows.length > PAGE && last ? { at: last.at, id: last.id } : null }
}

function tablesOf(noun: Noun | null): string[] {
  if (noun === null) return []
  const also = { leads: ['lead_activities'], deals: ['deal_activities'] } as Partial<Record<Noun, string[]>>
  return [TABLE_OF[noun], ...(also[noun] ?? [])]
}

/** Whoever can have changed something: everybody there is or was. */
export function listActors({ db }: Scope): Promise<Option[]> {
  return db.query<Option>(sql`SELECT id AS value, name AS label FROM users ORDER BY lower(name), id LIMIT 500`)
}
