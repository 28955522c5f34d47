import sql, { empty, join, raw } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible, writable } from '../users/access.ts'
import type { Roots } from './departure.ts'
import { TRASH_NOUNS } from './nouns.ts'
import type { TrashNoun } from './nouns.ts'

/** Beyond this many, nobody needs to know how many exactly. */
export const COUNTED = 99

export interface TrashOverview {
  /** How much of each noun the reader sees in the Trash, up to one more than COUNTED. */
  counts: Record<TrashNoun, number>
  /** Which of `shown` the reader may put back. */
  restorable: ReadonlySet<number>
}

/** What stands around the list of one noun, in one query. */
export async function overviewOf(scope: Scope, noun: TrashNoun, shown: readonly number[]): Promise<TrashOverview> {
  const counts = TRASH_NOUNS.map(
    (each) => sql`
      (SELECT count(*)::int FROM (
         SELECT FROM ${raw(each)} r WHERE NOT r.is_active AND ${visible(scope, each, 'r')} LIMIT ${COUNTED + 1}) AS counted) AS ${raw(each)}`,
  )
  const [row] = await scope.db.query<Record<TrashNoun, number> & { restorable: number[] }>(sql`
    SELECT ${join(counts)}, ARRAY(
      SELECT r.id FROM ${raw(noun)} r WHERE r.id = ANY (${[...shown]}::integer[]) AND ${writable(scope, noun, 'r')}) AS restorable`)
  if (!row) throw new Error('counting answered no row')
  const { restorable, ...found } = row
  return { counts: found, restorable: new Set(restorable) }
}

export interface Trashed {
  id: number
  name: string
  isActive: boolean
  archivedAt: Date | null
  archivedByName: string | null
}

const PERSON = "r.first_name || ' ' || r.last_name"
const NAMES = { clients: 'r.name', deals: 'r.name', contacts: PERSON, leads: PERSON } as const

/** A record that is, or was, in the Trash. Throws NotFound for one that the reader may not see. */
export async function findTrashed(scope: Scope, noun: TrashNoun, id: number): Promise<Trashed> {
  const [record] = await scope.db.query<Trashed>(sql`
    SELECT r.id, ${raw(NAMES[noun])} AS name, r.is_active AS "isActive", r.archived_at AS "archivedAt", a.name AS "archivedByName"
    FROM ${raw(noun)} r LEFT JOIN users a ON a.id = r.archived_by
    WHERE r.id = ${id} AND ${visible(scope, noun, 'r')}`)
  if (!record) throw new NotFound()
  return record
}

/** So many are emptied out at a time: one transaction must not keep everybody waiting. */
export const EMPTIED_AT_ONCE = 100

export interface Emptiable {
  roots: Required<Roots>
  count: number
  /** There is more, for another time. */
  more: boolean
  /** Clients with contacts or deals outside the Trash: those are deleted one by one, by somebody who has seen what goes along. */
  kept: number
}

/** What has been in the Trash for longer than `days`, the oldest first. */
export async function emptiable({ db }: Scope, days: number): Promise<Emptiable> {
  const old = sql`NOT r.is_active AND r.archived_at < now() - make_interval(days => ${days}::int)`
  const inUse = sql`(EXISTS (SELECT FROM contacts k WHERE k.client_id = r.id AND k.is_active) OR EXISTS (SELECT FROM deals d WHERE d.client_id = r.id AND d.is_active))`
  const oldest = TRASH_NOUNS.map(
    (noun) => sql`
      (SELECT ${noun} AS noun, r.id, r.archived_at FROM ${raw(noun)} r WHERE ${old} ${noun === 'clients' ? sql`AND NOT ${inUse}` : empty}
       ORDER BY r.archived_at, r.id LIMIT ${EMPTIED_AT_ONCE + 1})`,
  )
  const rows = await db.query<{ noun: TrashNoun | 'kept'; id: number }>(sql`
    (SELECT noun, id FROM (${join(oldest, ' UNION ALL ')}) AS oldest ORDER BY archived_at, id LIMIT ${EMPTIED_AT_ONCE + 1})
    UNION ALL
    SELECT 'kept', count(*)::int FROM (SELECT FROM clients r WHERE ${old} AND ${inUse} LIMIT ${COUNTED + 1}) AS kept`)
  const found = rows.filter(({ noun }) => noun !== 'kept')
  const taken = found.slice(0, EMPTIED_AT_ONCE)
  const of = (noun: TrashNoun) => taken.flatMap((row) => (row.noun === noun ? [row.id] : []))
  return {
    roots: { clients: of('clients'), contacts: of('contacts'), leads: of('leads'), deals: of('deals') },
    count: taken.length,
    more: found.length > EMPTIED_AT_ONCE,
    kept: rows.find(({ noun }) => noun === 'kept')?.id ?? 0,
  }
}
