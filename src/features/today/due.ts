import sql, { empty, join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Db } from '../../platform/database/database.ts'
import type { Scope } from '../../platform/scope.ts'
import { dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { writesOf } from '../../platform/written.ts'
import type { DueMoment } from '../activities/due.ts'
import { byPeople, kinds } from '../activities/kinds.ts'
import type { Kind } from '../activities/kinds.ts'
import { visible, writable } from '../users/access.ts'
import { bounded } from './bounds.ts'
import type { Bounded } from './bounds.ts'
import type { Whose } from './schema.ts'
import { isTheirs, isTheirsOrNobodys, unseen } from './whose.ts'

/** Something to be done: the follow-up of a communication, or a planned activity of a lead or a deal. */
export interface DueItem extends DueMoment {
  kind: 'followUp' | Kind
  id: number
  type: string
  subject: string | null
  dueDate: CalendarDay
  assigneeName: string | null
  /** The contact, lead or deal it is about. */
  recordId: number
  recordName: string
  /** The client or company of that. */
  company: string | null
  /** May this reader complete it and put it off? */
  writable: boolean
}

/** `now` is due or overdue by the clock of whoever is to do it; `week` comes within the seven days after. */
type Range = 'now' | 'week'
const WEEK = 7
const SHOWN = 20
const COUNTED = 100

/**
 * What is to be done, the longest waiting first, what has a time of day before what has none. Mine is what I have to do or promised, and what
 * nobody has to do for a record of mine or nobody's; a follow-up concerns the client's owner too. Nothing of archived records.
 */
export async function dueItems(
  scope: Scope,
  whose: Whose,
  range: Range,
  now: Date = new Date(),
): Promise<Bounded<DueItem>> {
  const order = sql`due_date, due_time, kind, id`
  const rows = await scope.db.frequent<DueItem & { total: number }>(sql`
    WITH shown AS MATERIALIZED (
      SELECT * FROM (${join(
        stretches(scope, whose, range, now).map((rows) => sql`(${rows} LIMIT ${raw(String(SHOWN))})`),
        ' UNION ALL ',
      )}) AS stretches
      ORDER BY ${order} LIMIT ${raw(String(SHOWN))})
    SELECT kind, id, type, subject, due_date::text AS "dueDate", to_char(due_time, 'HH24:MI') AS "dueTime", zone, "assigneeName",
           "recordId", "recordName", company, writable, (SELECT count(*)::int FROM (${inAnyOrder(stretches(scope, whose, range, now), COUNTED + 1)}) AS found) AS total
    FROM (${join([followUpDetails(scope), activityDetails(scope, 'lead'), activityDetails(scope, 'deal')], ' UNION ALL ')}) AS items
    ORDER BY ${order}`)
  return bounded(rows, COUNTED)
}

/** How much of mine is due or overdue; `more` beyond 99. For every page, so it stops as soon as that is known. */
export async function countDue(scope: Scope, now: Date = new Date()): Promise<{ count: number; more: boolean }> {
  const [row] = await scope.db.frequent<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM (${inAnyOrder(stretches(scope, 'me', 'now', now), COUNTED)}) AS stretches`)
  const count = row?.count ?? 0
  return { count: Math.min(count, COUNTED - 1), more: count >= COUNTED }
}

const KEPT_MS = 15_000
const KEPT = 1_000

interface KeptCount {
  of: Promise<{ count: number; more: boolean }>
  writes: number
  at: number
}
const kept = new WeakMap<Db, Map<string, KeptCount>>()

/**
 * The same beside the navigation, at most a quarter of a minute old: what others do for one shows as soon as that, what one does oneself at once.
 * `isNews`: something has just happened to this reader, in another process perhaps, which this one has not heard of.
 */
export function countDueLately(scope: Scope, isNews = false): Promise<{ count: number; more: boolean }> {
  const { id, role, visibility, teamId, timeZone } = scope.user
  if (id === null) return countDue(scope)
  const counts = kept.get(scope.db) ?? new Map<string, KeptCount>()
  kept.set(scope.db, counts)
  const reader = JSON.stringify([id, role, visibility, teamId, timeZone])
  const known = counts.get(reader)
  const writes = writesOf(id)
  if (known && !isNews && known.writes === writes && Date.now() - known.at < KEPT_MS) return known.of
  const count = { of: countDue(scope), writes, at: Date.now() }
  // Anew to the end: the first is the oldest.
  counts.delete(reader)
  if (counts.size >= KEPT) counts.delete(counts.keys().next().value as string)
  counts.set(reader, count)
  // What could not be counted is counted again for the next page; this one hears of it from what is answered.
  count.of.catch(() => counts.get(reader) === count && counts.delete(reader))
  return count.of
}

/** No more than so many of them all: what comes first is counted first, and the rest not looked at. */
function inAnyOrder(stretches: readonly Sql[], limit: number): Sql {
  const parts = stretches.map((rows) => sql`(${rows} LIMIT ${raw(String(limit))})`)
  return sql`${join(parts, ' UNION ALL ')} LIMIT ${raw(String(limit))}`
}

/**
 * kind, id, due_date and due_time of what is due, in stretches that each have an index to be read from in that order. Whoever
 * asks for their own has a day of their own; of others, each goes by theirs.
 */
function stretches(scope: Scope, whose: Whose, range: Range, now: Date): Sql[] {
  return [
    ...followUps(scope, whose, range, now),
    ...activities(scope, 'lead', whose, range, now),
    ...activities(scope, 'deal', whose, range, now),
  ]
}

function followUps(scope: Scope, whose: Whose, range: Range, now: Date): Sql[] {
  const { user } = scope
  const day = unseen(sql`${dayIn(user.timeZone, now)}::date`)
  const rows = (condition: Sql) => sql`
    SELECT 'followUp' AS kind, m.id, m.follow_up_date AS due_date, NULL::time AS due_time
    FROM contact_communications m JOIN contacts k ON k.id = m.contact_id JOIN clients p ON p.id = m.client_id
    WHERE m.follow_up_date IS NOT NULL AND m.follow_up_completed_at IS NULL AND ${within(range, sql`m.follow_up_date`, day)}
      AND ${condition} AND k.is_active AND p.is_active AND ${visible(scope, 'communications', 'm')}
    ORDER BY m.follow_up_date, m.id`
  const author = isTheirs(whose, user, sql`m.created_by`)
  const owner = isTheirsOrNobodys(whose, user, sql`p.owner_id`)
  return whose === 'me'
    ? [rows(author), rows(sql`m.created_by IS DISTINCT FROM ${unseen(sql`${user.id}::integer`)} AND ${owner}`)]
    : [rows(sql`(${author} OR ${owner})`)]
}

function activities(scope: Scope, kind: Kind, whose: Whose, range: Range, now: Date): Sql[] {
  const { user } = scope
  const { table, parent, parentTable, parentColumn } = kinds[kind]
  const today = dayIn(user.timeZone, now)
  const rows = (isDue: Sql, condition: Sql, { assignee = empty, first = empty } = {}) => sql`
    SELECT ${raw(`'${kind}'`)} AS kind, a.id, a.due_date, a.due_time
    FROM ${table} a JOIN ${parentTable} p ON p.id = a.${parentColumn} ${assignee}
    WHERE a.status = 'pending' AND a.due_date IS NOT NULL AND ${isDue} AND ${condition}
      AND ${byPeople(sql`a`)} AND p.is_active AND ${visible(scope, parent, 'p')}
    ORDER BY ${first} a.due_date, a.due_time, a.id`
  const theirs = isTheirs(whose, user, sql`a.assignee_id`)
  const nobodys = sql`(a.assignee_id IS NULL AND ${isTheirsOrNobodys(whose, user, sql`p.owner_id`)})`
  if (whose === 'me') {
    const isDue = within(range, sql`a.due_date`, unseen(sql`${today}::date`))
    // IS NULL alone does not tell PostgreSQL that the index has these rows in order.
    return [rows(isDue, theirs), rows(isDue, nobodys, { first: sql`a.assignee_id,` })]
  }

  const clock = sql`(${now}::timestamptz AT TIME ZONE coalesce(u.time_zone, ${user.timeZone}))::date`
  // The dates it is for somebody, mostly one: what an index can begin and end at. Those before it are many, and of no interest for the week.
  const day = (extreme: Sql) => sql`(SELECT ${extreme}(day) FROM (
      SELECT ${today}::date AS day UNION ALL SELECT (${now}::timestamptz AT TIME ZONE time_zone)::date FROM users) AS days)`
  const near =
    range === 'now'
      ? sql`a.due_date <= ${day(sql`max`)}`
      : sql`a.due_date > ${day(sql`min`)} AND a.due_date <= ${day(sql`max`)} + ${raw(String(WEEK))}`
  const assignee = sql`LEFT JOIN users u ON u.id = a.assignee_id`
  // CASE: one of two, to PostgreSQL, where a comparison leaves it so few rows that it sorts all there are rather than read the first from the index.
  const isDue = sql`${near} AND CASE WHEN ${within(range, sql`a.due_date`, clock)} THEN TRUE ELSE FALSE END`
  return [rows(isDue, sql`(${theirs} OR ${nobodys})`, { assignee })]
}

function within(range: Range, date: Sql, day: Sql): Sql {
  return range === 'now' ? sql`${date} <= ${day}` : sql`${date} > ${day} AND ${date} <= ${day} + ${raw(String(WEEK))}`
}

function followUpDetails(scope: Scope): Sql {
  return sql`
    SELECT s.kind, s.id, s.due_date, s.due_time, m.type, m.subject, NULL::text AS zone, u.name AS "assigneeName", m.contact_id AS "recordId",
           k.first_name || ' ' || k.last_name AS "recordName", p.name AS company, ${writable(scope, 'communications', 'm')} AS writable
    FROM shown s JOIN contact_communications m ON m.id = s.id JOIN contacts k ON k.id = m.contact_id JOIN clients p ON p.id = m.client_id
      LEFT JOIN users u ON u.id = m.created_by
    WHERE s.kind = 'followUp'`
}

function activityDetails(scope: Scope, kind: Kind): Sql {
  const { table, parent, parentTable, parentColumn, parentName } = kinds[kind]
  const [company, joined] =
    kind === 'lead' ? [sql`p.company_name`, sql``] : [sql`g.name`, sql`LEFT JOIN clients g ON g.id = p.client_id`]
  return sql`
    SELECT s.kind, s.id, s.due_date, s.due_time, a.type, a.subject, u.time_zone AS zone, u.name AS "assigneeName", p.id AS "recordId",
           ${parentName} AS "recordName", ${company} AS company, ${writable(scope, parent, 'p')} AS writable
    FROM shown s JOIN ${table} a ON a.id = s.id JOIN ${parentTable} p ON p.id = a.${parentColumn} ${joined}
      LEFT JOIN users u ON u.id = a.assignee_id
    WHERE s.kind = ${raw(`'${kind}'`)}`
}
