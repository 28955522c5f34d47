import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFor } from '../../src/platform/http/format.ts'
import { instantOf, isLocalTime, localInput, offsetInput } from '../../src/platform/time.ts'

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'America/St_Johns',
]

const zone = fc.constantFrom(...ZONES)
const minutes = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2099-12-30T00:00:00Z'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 60_000) * 60_000))

/** Nights in which the clocks go forward or back, in 2026. */
const nights = fc.constantFrom(
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-04-04T15:00:00Z',
  '2026-10-03T15:30:00Z',
)
const nearAChange = fc
  .tuple(nights, fc.integer({ min: -240, max: 240 }))
  .map(([night, apart]) => new Date(Date.parse(night) + apart * 60_000))

test('what a form shows of an instant leads back to it, in every zone, in the nights of the change too', () => {
  fc.assert(
    fc.property(fc.oneof(minutes, nearAChange), zone, (instant, zone) => {
      expect(instantOf(localInput(instant, zone), zone, offsetInput(instant, zone))).toEqual(instant)
    }),
    { numRuns: 1_000 },
  )
})

test('an instant that is found shows as it was typed', () => {
  fc.assert(
    fc.property(fc.oneof(minutes, nearAChange), zone, zone, (instant, typedIn, meantIn) => {
      const local = localInput(instant, typedIn)
      const found = instantOf(local, meantIn)
      if (found) expect(localInput(found, meantIn)).toBe(local)
    }),
    { numRuns: 1_000 },
  )
})

describe('what is typed', () => {
  test.each([
    ['2026-01-15T14:30', 'Europe/Berlin', '2026-01-15T13:30:00Z'],
    ['2026-07-15T14:30', 'Europe/Berlin', '2026-07-15T12:30:00Z'],
    ['2026-07-15T14:30', 'America/New_York', '2026-07-15T18:30:00Z'],
    ['2026-07-15T14:30', 'Asia/Kathmandu', '2026-07-15T08:45:00Z'],
    ['2026-01-15T14:30', 'Australia/Lord_Howe', '2026-01-15T03:30:00Z'],
    ['2026-07-15T14:30', 'Australia/Lord_Howe', '2026-07-15T04:00:00Z'],
    ['2026-07-15T14:30:59', 'UTC', '2026-07-15T14:30:59Z'],
    // The minutes around a change.
    ['2026-03-29T01:59', 'Europe/Berlin', '2026-03-29T00:59:00Z'],
    ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['2026-10-25T01:59', 'Europe/Berlin', '2026-10-24T23:59:00Z'],
    ['2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00:00Z'],
    ['2026-10-04T02:30', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ])('at %s in %s is %s', (local, zone, instant) => {
    expect(instantOf(local, zone)).toEqual(new Date(instant))
  })

  test.each([
    ['2026-03-29T02:00', 'Europe/Berlin'],
    ['2026-03-29T02:30', 'Europe/Berlin'],
    ['2026-03-29T02:59', 'Europe/Berlin'],
    ['2026-03-08T02:30', 'America/New_York'],
    ['2026-10-04T02:00', 'Australia/Lord_Howe'],
    ['2026-10-04T02:29', 'Australia/Lord_Howe'],
    // A day that Samoa left out to be on the other side of the date line.
    ['2011-12-30T12:00', 'Pacific/Apia'],
  ])('at %s in %s never was', (local, zone) => {
    expect(instantOf(local, zone)).toBeNull()
    expect(instantOf(local, zone, '+02:00')).toBeNull()
  })

  test.each([
    ['2026-10-25T02:30', 'Europe/Berlin', '+02:00', '2026-10-25T00:30:00Z', '+01:00', '2026-10-25T01:30:00Z'],
    ['2026-11-01T01:30', 'America/New_York', '-04:00', '2026-11-01T05:30:00Z', '-05:00', '2026-11-01T06:30:00Z'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', '+11:00', '2026-04-04T14:45:00Z', '+10:30', '2026-04-04T15:15:00Z'],
  ])(
    'at %s in %s was twice: the offset says when, and without it the first',
    (local, zone, summer, first, winter, second) => {
      expect(instantOf(local, zone, summer)).toEqual(new Date(first))
      expect(instantOf(local, zone, winter)).toEqual(new Date(second))
      for (const unknown of [null, undefined, '', '+05:45', 'noon']) {
        expect(instantOf(local, zone, unknown)).toEqual(new Date(first))
      }
    },
  )

  test('goes by its zone where an offset does not fit: another day was chosen since it was shown', () => {
    expect(instantOf('2026-07-15T14:30', 'Europe/Berlin', '+01:00')).toEqual(new Date('2026-07-15T12:30:00Z'))
  })
})

test('two people see one instant, each on the clock on their wall', () => {
  const instant = instantOf('2026-10-25T14:30', 'Europe/Berlin') as Date

  expect(formatFor('en', 'Europe/Berlin').time(instant)).toMatch(/14:30|2:30\sPM/)
  expect(formatFor('en', 'America/New_York').time(instant)).toMatch(/09:30|9:30\sAM/)
  expect(localInput(instant, 'Asia/Kathmandu')).toBe('2026-10-25T19:15')
  expect(localInput(instant, 'Pacific/Kiritimati')).toBe('2026-10-26T03:30')
})

test('only a real day with a real time is a local time', () => {
  const real = ['2026-03-29T02:30', '1900-01-01T00:00', '2999-12-31T23:59', '2024-02-29T12:00:59']
  const unreal = [
    '2026-02-29T12:00',
    '2026-03-29T24:00',
    '2026-03-29T12:60',
    '2026-03-29',
    '2026-03-29 12:00',
    '2026-03-29T12:00Z',
    '2026-03-29T12:00+02:00',
    '2026-03-29T12:00T',
    '0026-03-29T12:00',
    'T12:00',
    '',
    '２０２６-03-29T12:00',
  ]

  expect(real.filter((text) => !isLocalTime(text))).toEqual([])
  expect(unreal.filter(isLocalTime)).toEqual([])
})
