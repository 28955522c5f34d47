import { DateTime } from 'luxon'
import type { z } from 'zod'
import { readFilters } from '../../platform/list.ts'
import type { Scope } from '../../platform/scope.ts'
import { dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import type { OwnerFilter } from '../users/access.ts'
import { DEFAULT_REPORT_PERIOD, ReportFilters } from './schema.ts'
import type { ReportPeriod } from './schema.ts'

/** What is reported on. */
export interface Question {
  period: ReportPeriod
  /** Its first and its last day, by the reader's calendar. */
  from: CalendarDay
  to: CalendarDay
  today: CalendarDay
  /** Whether the bars of a chart stand for months, or for years where there would be too many. */
  unit: 'month' | 'year'
  owner?: z.output<typeof OwnerFilter>
  pipeline?: number
  /** This currency's deals only, as they are; without it everything, converted. */
  currency?: string
}

const MONTHS_SHOWN = 36

/** What a query string asks; nonsense falls back to the default. Days without a period are a period of one's own. */
export function readQuestion({ user }: Scope, query: Readonly<Record<string, unknown>>, now = new Date()): Question {
  const filters = readFilters(ReportFilters, query)
  const today = dayIn(user.timeZone, now)
  const period = filters.period ?? (filters.from || filters.to ? 'custom' : DEFAULT_REPORT_PERIOD)
  const [from, to] = period === 'custom' ? ownPeriod(today, filters.from, filters.to) : daysOf(period, today)
  const { owner, pipeline, currency } = filters
  const months = DateTime.fromISO(to).diff(DateTime.fromISO(from), 'months').months
  return {
    period,
    from,
    to,
    today,
    unit: months > MONTHS_SHOWN ? 'year' : 'month',
    ...(owner !== undefined && { owner }),
    ...(pipeline !== undefined && { pipeline }),
    ...(currency !== undefined && { currency }),
  }
}

function daysOf(period: Exclude<ReportPeriod, 'custom'>, today: CalendarDay): [from: CalendarDay, to: CalendarDay] {
  const unit = ({ lastMonth: 'month', lastQuarter: 'quarter', lastYear: 'year' } as const)[period as 'lastMonth'] as
    'month' | 'quarter' | 'year' | undefined
  const first = DateTime.fromISO(today).startOf(unit ?? (period as 'month' | 'quarter' | 'year'))
  const start = unit ? first.minus({ [unit]: 1 }) : first
  return [dayOf(start), dayOf(start.endOf(unit ?? (period as 'month' | 'quarter' | 'year')))]
}

/** From a day on, up to a day, or both, in whichever order they were given. */
function ownPeriod(
  today: CalendarDay,
  from: CalendarDay | undefined,
  to: CalendarDay | undefined,
): [from: CalendarDay, to: CalendarDay] {
  const last = to ?? (from && from > today ? from : today)
  const first = from ?? dayOf(DateTime.fromISO(last).startOf('year'))
  return first <= last ? [first, last] : [last, first]
}

/** The months or years from `first` to `last`, cut to the question's days at both ends. */
export function bucketsBetween(
  { unit, from, to }: Question,
  first: CalendarDay = from,
  last: CalendarDay = to,
): { key: CalendarDay; from: CalendarDay; to: CalendarDay }[] {
  const buckets = []
  for (let start = DateTime.fromISO(first).startOf(unit); dayOf(start) <= last; start = start.plus({ [unit]: 1 })) {
    const end = dayOf(start.endOf(unit))
    const key = dayOf(start)
    buckets.push({ key, from: key < from ? from : key, to: end > to ? to : end })
  }
  return buckets
}

function dayOf(time: DateTime): CalendarDay {
  return time.toFormat('yyyy-MM-dd')
}
