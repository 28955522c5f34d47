import { DateTime } from 'luxon'
import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import type { Period } from './schema.ts'

/** The first day of the month, quarter or year it is in `zone`; null for all time. */
export function firstDayOf(period: Period, zone: string, instant: Date = new Date()): CalendarDay | null {
  if (period === 'all') return null
  return DateTime.fromJSDate(instant, { zone }).startOf(period).toISODate()
}

/** The condition that the deal under the alias `d` was closed since the period, as the reader's calendar has it, began. */
export function closedWithin({ user }: Scope, period: Period): Sql {
  const first = firstDayOf(period, user.timeZone)
  return first === null ? sql`d.actual_close_date IS NOT NULL` : sql`d.actual_close_date >= ${first}::date`
}

/**
 * How many days the deal under the alias `d` took from being entered to being closed, by the reader's calendar as it was then, whatever the clocks
 * show now; below zero where it was closed on a day before it was entered.
 */
export function cycleDays({ user }: Scope): Sql {
  return sql`d.actual_close_date - (d.created_at AT TIME ZONE ${user.timeZone}::text)::date`
}
