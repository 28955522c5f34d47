import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import { dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { withoutNextStep } from '../deals/next-step.ts'
import { visible } from '../users/access.ts'
import { bounded } from './bounds.ts'
import type { Bounded } from './bounds.ts'
import type { Whose } from './schema.ts'
import { isTheirsOrNobodys, unseen } from './whose.ts'

const SHOWN = 20
const COUNTED = 100

export interface DealReminder {
  id: number
  name: string
  clientName: string | null
  clientIsActive: boolean | null
  ownerName: string | null
  value: Decimal | null
  currencyCode: string
  expectedCloseDate: CalendarDay | null
}

/** Open deals that should have been closed by now, the longest overdue first. */
export function overdueDeals(scope: Scope, whose: Whose, now: Date = new Date()): Promise<Bounded<DealReminder>> {
  const late = sql`d.expected_close_date < ${unseen(sql`${dayIn(scope.user.timeZone, now)}::date`)}`
  return remind(scope, whose, late, sql`d.expected_close_date`)
}

/** Open deals for which nothing is planned, those left alone the longest first. */
export function dealsWithoutNextStep(scope: Scope, whose: Whose): Promise<Bounded<DealReminder>> {
  return remind(scope, whose, withoutNextStep, sql`d.updated_at`)
}

async function remind(scope: Scope, whose: Whose, condition: Sql, order: Sql): Promise<Bounded<DealReminder>> {
  const rows = await scope.db.frequent<DealReminder & { total: number }>(sql`
    WITH found AS MATERIALIZED (${first(
      scope,
      whose,
      sql`d.owner_id`,
      (owner) => sql`
      SELECT d.id, ${order} AS place FROM deals d
      WHERE d.is_active AND d.status = 'open' AND ${condition} AND ${owner} AND ${visible(scope, 'deals', 'd')}
      ORDER BY ${order}, d.id`,
    )})
    SELECT d.id, d.name, c.name AS "clientName", c.is_active AS "clientIsActive", o.name AS "ownerName", d.value, d.currency_code AS "currencyCode",
           d.expected_close_date::text AS "expectedCloseDate", (SELECT count(*)::int FROM found) AS total
    FROM (SELECT * FROM found ORDER BY place, id LIMIT ${raw(String(SHOWN))}) f JOIN deals d ON d.id = f.id
      LEFT JOIN clients c ON c.id = d.client_id LEFT JOIN users o ON o.id = d.owner_id
    ORDER BY f.place, f.id`)
  return bounded(rows, COUNTED)
}

export interface UncontactedLead {
  id: number
  name: string
  companyName: string | null
  ownerName: string | null
  createdAt: Date
}

/** New leads that no one has been in touch with, the longest waiting first. */
export async function uncontactedLeads(scope: Scope, whose: Whose): Promise<Bounded<UncontactedLead>> {
  const rows = await scope.db.frequent<UncontactedLead & { total: number }>(sql`
    WITH found AS MATERIALIZED (${first(
      scope,
      whose,
      sql`l.owner_id`,
      (owner) => sql`
      SELECT l.id, l.created_at AS place FROM leads l
      WHERE l.is_active AND l.status = 'new' AND ${owner} AND ${visible(scope, 'leads', 'l')}
      ORDER BY l.created_at, l.id`,
    )})
    SELECT l.id, l.first_name || ' ' || l.last_name AS name, l.company_name AS "companyName", o.name AS "ownerName",
           l.created_at AS "createdAt", (SELECT count(*)::int FROM found) AS total
    FROM (SELECT * FROM found ORDER BY place, id LIMIT ${raw(String(SHOWN))}) f JOIN leads l ON l.id = f.id LEFT JOIN users o ON o.id = l.owner_id
    ORDER BY f.place, f.id`)
  return bounded(rows, COUNTED)
}

/**
 * The first rows of `read`, of theirs and of nobody's, one more than are counted. My own and nobody's are read apart, each in the order of an index
 * that begins with the owner: however much belongs to others, it is not met.
 */
function first({ user }: Scope, whose: Whose, owner: Sql, read: (owner: Sql) => Sql): Sql {
  const parts =
    whose === 'me'
      ? [sql`${owner} = ${unseen(sql`${user.id}::integer`)}`, sql`${owner} IS NULL`]
      : [isTheirsOrNobodys(whose, user, owner)]
  const stretches = parts.map((part) => sql`(${read(part)} LIMIT ${raw(String(COUNTED + 1))})`)
  return sql`SELECT * FROM (${join(stretches, ' UNION ALL ')}) AS stretches ORDER BY place, id LIMIT ${raw(String(COUNTED + 1))}`
}
