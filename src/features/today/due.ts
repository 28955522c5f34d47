import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { addDays, dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import type { DueMoment } from '../activities/due.ts'
import { byPeople, kinds } from '../activities/kinds.ts'
import type { Kind } from '../activities/kinds.ts'
import { visible, writable } from '../users/access.ts'
import { bounded } from './bounds.ts'
import type { Bounded } from './bounds.ts'
import type { Whose } from './schema.ts'
import { isTheirs, isTheirsOrNobodys } from './whose.ts'

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
    WITH found AS MATERIALIZED (
      SELECT * FROM (${join(
        stretches(scope, whose, range, now).map((rows) => sql`(${rows} ORDER BY 3, 4, 2 LIMIT ${COUNTED + 1})`),
        ' UNION ALL ',
      )}) AS stretches
      ORDER BY ${order} LIMIT ${COUNTED + 1}),
    shown AS MATERIALIZED (SELECT * FROM found ORDER BY ${order} LIMIT ${SHOWN})
    SELECT kind, id, type, subject, due_date::text AS "dueDate", to_char(due_time, 'HH24:MI') AS "dueTime", zone, "assigneeName",
           "recordId", "recordName", company, writable, (SELECT count(*)::int FROM found) AS total
    FROM (${join([followUpDetails(scope), activityDetails(scope, 'lead'), activityDetails(scope, 'deal')], ' UNION ALL ')}) AS items
    ORDER BY ${order}`)
  return bounded(rows, COUNTED)
}

/** How much of mine is due or overdue; `more` beyond 99. For every page, so it stops as soon as that is known. */
export async function countDue(scope: Scope, now: Date = new Date()): Promise<{ count: number; more: boolean }> {
  const [row] = await scope.db.frequent<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM (${join(
      stretches(scope, 'me', 'now', now).map((rows) => sql`(${rows} LIMIT ${COUNTED})`),
      ' UNION ALL ',
    )} LIMIT ${COUNTED}) AS stretches`)
  const count = row?.count ?? 0
  return { count: Math.min(count, COUNTED - 1), more: count >= COUNTED }
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
  const day = sql`${dayIn(user.timeZone, now)}::date`
  const rows = (condition: Sql) => sql`
    SELECT 'followUp' AS kind, m.id, m.follow_up_date AS due_date, NULL::time AS due_time
    FROM contact_communications m JOIN contacts k ON k.id = m.contact_id JOIN clients p ON p.id = m.client_id
    WHERE m.follow_up_date IS NOT NULL AND m.follow_up_completed_at IS NULL AND ${within(range, sql`m.follow_up_date`, day)}
      AND ${condition} AND k.is_active AND p.is_active AND ${visible(scope, 'communications', 'm')}`
  const author = isTheirs(whose, user, sql`m.created_by`)
  const owner = isTheirsOrNobodys(whose, user, sql`p.owner_id`)
  return whose === 'me'
    ? [rows(author), rows(sql`m.created_by IS DISTINCT FROM ${user.id} AND ${owner}`)]
    : [rows(sql`(${author} OR ${owner})`)]
}

function activities(scope: Scope, kind: Kind, whose: Whose, range: Range, now: Date): Sql[] {
  const { user } = scope
  const { table, parent, parentTable, parentColumn } = kinds[kind]
  const today = dayIn(user.timeZone, now)
  const rows = (condition: Sql, day: Sql, assignee = sql``) => sql`
    SELECT ${kind} AS kind, a.id, a.due_date, a.due_time
    FROM ${table} a JOIN ${parentTable} p ON p.id = a.${parentColumn} ${assignee}
    WHERE a.status = 'pending' AND a.due_date IS NOT NULL AND ${within(range, sql`a.due_date`, day)} AND ${condition}
      AND ${byPeople(sql`a`)} AND p.is_active AND ${visible(scope, parent, 'p')}`
  const theirs = isTheirs(whose, user, sql`a.assignee_id`)
  const nobodys = sql`(a.assignee_id IS NULL AND ${isTheirsOrNobodys(whose, user, sql`p.owner_id`)})`
  if (whose === 'me') return [rows(theirs, sql`${today}::date`), rows(nobodys, sql`${today}::date`)]

  const clock = sql`(${now}::timestamptz AT TIME ZONE coalesce(u.time_zone, ${user.timeZone}))::date`
  // No clock is further than a day from the reader's date but two: what an index can begin and end at.
  const near = range === 'now' ? sql`a.due_date <= ${addDays(today, 2)}::date` : between(today, -2, WEEK + 2)
  const assignee = sql`LEFT JOIN users u ON u.id = a.assignee_id`
  return [rows(sql`${near} AND (${theirs} OR ${nobodys})`, clock, assignee)]
}

function within(range: Range, date: Sql, day: Sql): Sql {
  return range === 'now' ? sql`${date} <= ${day}` : sql`${date} > ${day} AND ${date} <= ${day} + ${WEEK}::integer`
}

function between(day: CalendarDay, from: number, to: number): Sql {
  return sql`a.due_date BETWEEN ${addDays(day, from)}::date AND ${addDays(day, to)}::date`
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
    WHERE s.kind = ${kind}`
}
