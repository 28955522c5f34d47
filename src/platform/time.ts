import { DateTime, IANAZone } from 'luxon'

/** A day without a zone, 'YYYY-MM-DD', as PostgreSQL's date prints it and <input type="date"> sends it. */
export type CalendarDay = string

export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name)
}

/** Which day it is for someone in `zone`, now or at `instant`. */
export function dayIn(zone: string, instant: Date = new Date()): CalendarDay {
  const day = DateTime.fromJSDate(instant, { zone }).toISODate()
  if (!day) throw new RangeError(`no such time zone: ${zone}`)
  return day
}

/** A real day of the calendar between the years 1900 and 2999: no 31 February, no year 0. */
export function isCalendarDay(text: string): boolean {
  return /^(19|2\d)\d\d-\d\d-\d\d$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid
}

export function addDays(day: CalendarDay, days: number): CalendarDay {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toISODate() as CalendarDay
}

/** Whole days from `from` to `to`; negative when `to` lies before. */
export function daysBetween(from: CalendarDay, to: CalendarDay): number {
  return DateTime.fromISO(to, { zone: 'utc' }).diff(DateTime.fromISO(from, { zone: 'utc' }), 'days').days
}

/** What Prisma wants for a `date` column: midnight UTC of that day. */
export function dateColumn(day: CalendarDay): Date
export function dateColumn(day: CalendarDay | null): Date | null
export function dateColumn(day: CalendarDay | null | undefined): Date | null | undefined
export function dateColumn(day: CalendarDay | null | undefined): Date | null | undefined {
  return day ? new Date(`${day}T00:00:00.000Z`) : day === undefined ? undefined : null
}

/** What Prisma gives of a `date` column, as a day again. */
export function dayOfColumn(date: Date): CalendarDay
export function dayOfColumn(date: Date | null): CalendarDay | null
export function dayOfColumn(date: Date | null): CalendarDay | null {
  return date ? date.toISOString().slice(0, 10) : null
}
