import { DateTime, IANAZone } from 'luxon'

/** A day without a zone, 'YYYY-MM-DD', as PostgreSQL's date prints it and <input type="date"> sends it. */
export type CalendarDay = string

export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name)
}

const days = new Map<string, Intl.DateTimeFormat>()

/** Which day it is for someone in `zone`, now or at `instant`. Throws RangeError for a zone that there is not. A board asks for each card. */
export function dayIn(zone: string, instant: Date = new Date()): CalendarDay {
  let format = days.get(zone)
  if (!format) {
    // Swedish dates are written as ISO 8601 has them.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
    days.set(zone, format)
  }
  return format.format(instant)
}

/** A real day of the calendar between the years 1900 and 2999: no 31 February, no year 0. */
export function isCalendarDay(text: string): boolean {
  return /^(19|2\d)\d\d-\d\d-\d\d$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid
}

export function addDays(day: CalendarDay, days: number): CalendarDay {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toISODate() as CalendarDay
}

/** The instant at which `day` begins for someone in `zone`; where the clocks go forward over midnight, the first there is. */
export function startOfDay(day: CalendarDay, zone: string): Date {
  return DateTime.fromISO(day, { zone }).startOf('day').toJSDate()
}

/** Whole days from `from` to `to`; negative when `to` lies before. */
export function daysBetween(from: CalendarDay, to: CalendarDay): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
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

/** A day and a time of that day without a zone, 'YYYY-MM-DDTHH:mm', as <input type="datetime-local"> shows and sends it. */
export type LocalTime = string

/** A real day of the calendar and a time of day, to the minute or the second. Whether the clocks show it at all is its zone's to say: `instantOf`. */
export function isLocalTime(text: string): boolean {
  const [day = '', time = ''] = text.split('T')
  return isCalendarDay(day) && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(time) && text.length === 11 + time.length
}

/** ISO 8601 with Z or an offset: a real day of the calendar and a time of it, which is one instant wherever it is read. */
export function isMoment(text: string): boolean {
  const [day = '', time = ''] = text.split('T')
  const isTime = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(time)
  return isCalendarDay(day) && isTime && text.length === 11 + time.length && !Number.isNaN(Date.parse(text))
}

/** What the clocks in `zone` show at `instant`. */
export function localInput(instant: Date, zone: string): LocalTime {
  return DateTime.fromJSDate(instant, { zone }).toFormat("yyyy-MM-dd'T'HH:mm")
}

/** How far the clocks in `zone` are ahead of UTC at `instant`, '+02:00': tells the two 02:30 of the night in which they go back apart. */
export function offsetInput(instant: Date, zone: string): string {
  return DateTime.fromJSDate(instant, { zone }).toFormat('ZZ')
}

/**
 * The instant at which the clocks in `zone` show `local`; null when they never do, because they go forward over it. Where they show it twice,
 * `offset` (as of `offsetInput`) says which is meant; without one that fits, the first.
 */
export function instantOf(local: LocalTime, zone: string, offset: string | null = null): Date | null {
  const read = DateTime.fromISO(local, { zone })
  if (!read.isValid || !read.toFormat("yyyy-MM-dd'T'HH:mm:ss").startsWith(local)) return null
  const possible = read.getPossibleOffsets().sort((a, b) => a.toMillis() - b.toMillis())
  return (possible.find((instant) => instant.toFormat('ZZ') === offset) ?? possible[0] ?? read).toJSDate()
}
