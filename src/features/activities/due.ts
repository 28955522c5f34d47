import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { addDays, localInput } from '../../platform/time.ts'
import type { CalendarDay, LocalTime } from '../../platform/time.ts'
import type { Due } from './schema.ts'

/** When something is to be done: a day, and perhaps a time, on the clock of `zone` (the assignee's; null when it is nobody's). */
export interface DueMoment {
  dueDate: CalendarDay | null
  /** 'HH:mm' */
  dueTime: string | null
  zone: string | null
}

export type DueState = 'overdue' | 'today' | 'later'

/** Judges by the clocks of each zone at one moment; the reader's, where nobody is to do it. */
export function dueAt(readerZone: string, now: Date = new Date()): (moment: DueMoment) => DueState | null {
  const clocks = new Map<string, LocalTime>()
  const clockIn = (zone: string) => {
    const known = clocks.get(zone) ?? localInput(now, zone)
    clocks.set(zone, known)
    return known
  }
  return ({ dueDate, dueTime, zone }) => {
    if (dueDate === null) return null
    const local = clockIn(zone ?? readerZone)
    const today = local.slice(0, 10)
    // Without a time it is late when its day has passed, with one as soon as the clock shows a later minute.
    if (dueTime === null ? dueDate < today : `${dueDate}T${dueTime}` < local) return 'overdue'
    return dueDate === today ? 'today' : 'later'
  }
}

/** Something to be done by somebody is due by this day of theirs. */
export function dayFor(zone: string | null, readerZone: string, now: Date = new Date()): CalendarDay {
  return localInput(now, zone ?? readerZone).slice(0, 10)
}

/** The Monday of the week after `day`'s. */
export function nextMonday(day: CalendarDay): CalendarDay {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return addDays(day, (8 - weekday) % 7 || 7)
}

/**
 * The same judgement as a condition on activities under the alias `a`, their assignees under `u`. The bounds beside it are what an index can
 * start at: no clock is further than a day from UTC's.
 */
export function dueCondition(due: Due, readerZone: string, now: Date = new Date()): Sql {
  // One expression, as the indexes and the statistics have it.
  if (due === 'none') return sql`CASE WHEN a.due_date IS NULL THEN a.status END = 'pending'`
  // To the minute, as the clock above: and so that lists can remember how many there were.
  const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000)
  const clock = sql`(${minute}::timestamptz AT TIME ZONE coalesce(u.time_zone, ${readerZone}))`
  const utcDay = minute.toISOString().slice(0, 10)
  // The last minute of the day stands for the time of what has none.
  const moment = sql`a.due_date + coalesce(a.due_time, '23:59'::time)`
  const within = (days: number) => sql`a.status = 'pending' AND a.due_date >= ${addDays(utcDay, -1)}::date
    AND a.due_date <= ${addDays(utcDay, days + 1)}::date AND a.due_date <= ${clock}::date + ${days}::integer AND ${moment} >= ${clock}`
  switch (due) {
    case 'overdue':
      return sql`a.status = 'pending' AND a.due_date <= ${addDays(utcDay, 1)}::date AND ${moment} < ${clock}`
    case 'today':
      return within(0)
    case 'week':
      return within(6)
  }
}
