import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import { addDays, dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { byPeople, kinds } from '../activities/kinds.ts'
import type { Kind } from '../activities/kinds.ts'
import { isTheirs, isTheirsOrNobodys } from '../today/whose.ts'
import { visible } from '../users/access.ts'
import type { Holding } from './schema.ts'

/** Something with a day: a follow-up, a planned activity of a lead or a deal, or the expected close of a deal. */
export interface Entry {
  kind: 'followUp' | Kind | 'close'
  id: number
  /** The contact, lead or deal whose page tells more. */
  recordId: number
  recordName: string
  /** The client or company of that. */
  company: string | null
  day: CalendarDay
  /** 'HH:mm' on the clock of `zone`, the assignee's; the reader's when it is nobody's. */
  time: string | null
  zone: string | null
  type: string | null
  subject: string | null
  /** The beginning of what was written. */
  text: string | null
  value: Decimal | null
  currencyCode: string | null
  version: number
  updatedAt: Date
}

/** How far back and ahead a calendar is filled, in days. */
export const WINDOW = { back: 90, ahead: 730 } as const
/** Of one kind: those to come, the nearest first, and those that have passed, the latest first. */
const AHEAD = 500
const BEHIND = 200
const TEXT_SHOWN = 2_000

/**
 * What a calendar shows to whoever asks: what Today calls theirs, and the expected closes of the deals they own; nothing that is done, closed,
 * archived, or no longer theirs to see. One statement, each part of it read in the order of an index, and no further than it is shown.
 */
export async function entriesOf(
  scope: Scope,
  holds: Readonly<Record<Holding, boolean>>,
  now: Date = new Date(),
): Promise<Entry[]> {
  const today = dayIn(scope.user.timeZone, now)
  const parts = [
    ...(holds.followUps ? followUps(scope) : []),
    ...(holds.activities ? [...activities(scope, 'lead'), ...activities(scope, 'deal')] : []),
    ...(holds.closes ? [closes(scope)] : []),
  ]
  return scope.db.query<Entry>(sql`
    SELECT kind, id, "recordId", "recordName", company, day::text AS day, to_char(time, 'HH24:MI') AS time, zone, type, subject, text, value,
           "currencyCode", version, "updatedAt"
    FROM (${join(
      parts.flatMap((part) => around(part, today)),
      ' UNION ALL ',
    )}) AS entries
    ORDER BY day, time, kind, id`)
}

/** A part of a feed: its rows, and the day that they have. */
interface Part {
  day: Sql
  id: Sql
  rows: Sql
}

function around({ day, id, rows }: Part, today: CalendarDay): Sql[] {
  const ahead = sql`${day} >= ${today}::date AND ${day} <= ${addDays(today, WINDOW.ahead)}::date`
  const behind = sql`${day} < ${today}::date AND ${day} >= ${addDays(today, -WINDOW.back)}::date`
  return [
    sql`(${rows} AND ${ahead} ORDER BY ${day}, ${id} LIMIT ${AHEAD})`,
    sql`(${rows} AND ${behind} ORDER BY ${day} DESC, ${id} DESC LIMIT ${BEHIND})`,
  ]
}

function followUps(scope: Scope): Part[] {
  const { user } = scope
  const rows = (condition: Sql): Part => ({
    day: sql`m.follow_up_date`,
    id: sql`m.id`,
    rows: sql`
      SELECT 'followUp' AS kind, m.id, m.contact_id AS "recordId", k.first_name || ' ' || k.last_name AS "recordName", p.name AS company,
             m.follow_up_date AS day, NULL::time AS time, NULL::text AS zone, m.type, m.subject, left(m.content, ${TEXT_SHOWN}) AS text,
             NULL::numeric AS value, NULL::text AS "currencyCode", m.version, m.updated_at AS "updatedAt"
      FROM contact_communications m JOIN contacts k ON k.id = m.contact_id JOIN clients p ON p.id = m.client_id
      WHERE m.follow_up_date IS NOT NULL AND m.follow_up_completed_at IS NULL AND ${condition} AND k.is_active AND p.is_active
        AND ${visible(scope, 'communications', 'm')}`,
  })
  return [
    rows(isTheirs('me', user, sql`m.created_by`)),
    rows(sql`m.created_by IS DISTINCT FROM ${user.id} AND ${isTheirsOrNobodys('me', user, sql`p.owner_id`)}`),
  ]
}

function activities(scope: Scope, kind: Kind): Part[] {
  const { user } = scope
  const { table, parent, parentTable, parentColumn, parentName } = kinds[kind]
  const [company, joined] =
    kind === 'lead' ? [sql`p.company_name`, sql``] : [sql`g.name`, sql`LEFT JOIN clients g ON g.id = p.client_id`]
  const rows = (condition: Sql): Part => ({
    day: sql`a.due_date`,
    id: sql`a.id`,
    rows: sql`
      SELECT ${kind} AS kind, a.id, p.id AS "recordId", ${parentName} AS "recordName", ${company} AS company, a.due_date AS day,
             a.due_time AS time, u.time_zone AS zone, a.type, a.subject, left(a.description, ${TEXT_SHOWN}) AS text, NULL::numeric AS value,
             NULL::text AS "currencyCode", a.version, a.updated_at AS "updatedAt"
      FROM ${table} a JOIN ${parentTable} p ON p.id = a.${parentColumn} ${joined} LEFT JOIN users u ON u.id = a.assignee_id
      WHERE a.status = 'pending' AND a.due_date IS NOT NULL AND ${byPeople(sql`a`)} AND ${condition} AND p.is_active
        AND ${visible(scope, parent, 'p')}`,
  })
  return [
    rows(isTheirs('me', user, sql`a.assignee_id`)),
    rows(sql`a.assignee_id IS NULL AND ${isTheirsOrNobodys('me', user, sql`p.owner_id`)}`),
  ]
}

function closes(scope: Scope): Part {
  return {
    day: sql`d.expected_close_date`,
    id: sql`d.id`,
    rows: sql`
      SELECT 'close' AS kind, d.id, d.id AS "recordId", d.name AS "recordName", g.name AS company, d.expected_close_date AS day,
             NULL::time AS time, NULL::text AS zone, NULL::text AS type, NULL::text AS subject, NULL::text AS text, d.value,
             d.currency_code AS "currencyCode", d.version, d.updated_at AS "updatedAt"
      FROM deals d LEFT JOIN clients g ON g.id = d.client_id
      WHERE d.is_active AND d.status = 'open' AND ${isTheirs('me', scope.user, sql`d.owner_id`)} AND ${visible(scope, 'deals', 'd')}`,
  }
}
