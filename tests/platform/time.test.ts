import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, test, vi } from 'vitest'
import { formatFor } from '../../src/platform/http/format.ts'
import {
  addDays,
  dateColumn,
  dayIn,
  dayOfColumn,
  daysBetween,
  isCalendarDay,
  isTimeZone,
} from '../../src/platform/time.ts'

const day = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

test('which day it is depends on who asks', () => {
  const instant = new Date('2026-03-29T22:30:00Z')

  expect(dayIn('UTC', instant)).toBe('2026-03-29')
  expect(dayIn('Europe/Berlin', instant)).toBe('2026-03-30')
  expect(dayIn('Asia/Kathmandu', instant)).toBe('2026-03-30')
  expect(dayIn('America/New_York', instant)).toBe('2026-03-29')
  expect(dayIn('Pacific/Kiritimati', new Date('2026-12-31T10:00:00Z'))).toBe('2027-01-01')
})

test('the clocks going forward or back move no day', () => {
  expect(dayIn('Europe/Berlin', new Date('2026-03-28T22:59:59Z'))).toBe('2026-03-28')
  expect(dayIn('Europe/Berlin', new Date('2026-03-28T23:00:00Z'))).toBe('2026-03-29')
  // The night of the change back is an hour longer, and so begins an hour earlier in UTC.
  expect(dayIn('Europe/Berlin', new Date('2026-10-24T21:59:59Z'))).toBe('2026-10-24')
  expect(dayIn('Europe/Berlin', new Date('2026-10-24T22:00:00Z'))).toBe('2026-10-25')
  expect(dayIn('Europe/Berlin', new Date('2026-10-25T22:59:59Z'))).toBe('2026-10-25')
  expect(addDays('2026-03-28', 1)).toBe('2026-03-29')
  expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2)
})

test('a zone that does not exist is no zone', () => {
  expect(['Europe/Berlin', 'UTC', 'Asia/Kathmandu'].every(isTimeZone)).toBe(true)
  expect(['', 'Mars/Olympus', 'Europe/berlin ', 'null'].filter(isTimeZone)).toEqual([])
  expect(() => dayIn('Mars/Olympus')).toThrow(RangeError)
})

describe('a calendar day', () => {
  test('is a real one', () => {
    expect(['2024-02-29', '1900-01-01', '2999-12-31', '2026-10-25'].filter((text) => !isCalendarDay(text))).toEqual([])
    expect(
      [
        '2025-02-29',
        '2026-02-31',
        '2026-13-01',
        '2026-00-10',
        '0000-01-01',
        '1899-12-31',
        '3000-01-01',
        '26-01-01',
        '2026-1-1',
        '2026-01-01T00:00',
        '20260101',
        ' 2026-01-01',
        '2026-01-01\n',
        '',
        'today',
        '2026-W01-1',
        '2026-001',
      ].filter(isCalendarDay),
    ).toEqual([])
  })

  test('moves by days and back again', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -36_500, max: 36_500 }), (from, days) => {
        const to = addDays(from, days)
        expect(daysBetween(from, to)).toBe(days)
        expect(addDays(to, -days)).toBe(from)
      }),
    )
  })

  test('goes through a date column of Prisma unchanged, whatever zone the process is in', () => {
    fc.assert(
      fc.property(day, (text) => {
        expect(dayOfColumn(dateColumn(text))).toBe(text)
      }),
    )
    expect([dateColumn(null), dateColumn(undefined), dayOfColumn(null)]).toEqual([null, undefined, null])
  })

  test('is shown as that day, whatever zone the reader is in', () => {
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC'])
      expect(formatFor('en', zone).date('2026-03-01')).toBe('Mar 1, 2026')
  })
})

test("an instant is shown in the reader's zone and language, daylight saving included", () => {
  const winter = new Date('2026-03-29T00:30:00Z')
  const summer = new Date('2026-03-29T01:30:00Z')

  expect(formatFor('de', 'Europe/Berlin').dateTime(winter)).toBe('29.03.2026, 01:30')
  expect(formatFor('de', 'Europe/Berlin').dateTime(summer)).toBe('29.03.2026, 03:30')
  expect(formatFor('de', 'Asia/Kathmandu').time(winter)).toBe('06:15')
  expect(formatFor('en', 'UTC').dateTime(null)).toBe('')
})

test('how long ago, or how soon, is said as luxon says it', () => {
  vi.useFakeTimers({ now: new Date('2026-03-31T12:00:00Z'), toFake: ['Date'] })
  const moment = fc.date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
  const soon = fc.integer({ min: -40 * 86_400_000, max: 40 * 86_400_000 }).map((far) => new Date(Date.now() + far))
  fc.assert(
    fc.property(fc.oneof(moment, soon), (instant) => {
      const said = DateTime.fromJSDate(instant, { zone: 'utc' }).toRelative({ locale: 'en' })
      expect(formatFor('en', 'UTC').relative(instant)).toBe(said)
    }),
    { numRuns: 2_000 },
  )
  expect(formatFor('de', 'UTC').relative(new Date('2026-02-27T12:00:00Z'))).toBe('vor 1 Monat')
  expect(formatFor('en', 'UTC').relative(null)).toBe('')
  vi.useRealTimers()
})
