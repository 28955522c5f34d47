import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, test } from 'vitest'
import { calendarText } from '../../src/features/feeds/calendar.ts'
import type { Telling } from '../../src/features/feeds/calendar.ts'
import type { Entry } from '../../src/features/feeds/entries.ts'
import { translator } from '../../src/platform/i18n.ts'
import { Decimal } from '../../src/platform/money.ts'
import { addDays, localInput } from '../../src/platform/time.ts'

const telling: Telling = {
  name: 'Phone',
  installation: '0f8fad5b-d9cb-469f-a165-70867728950e',
  origin: 'https://crm.example.com',
  zone: 'Europe/Berlin',
  t: translator('en'),
  money: (amount, currency) => `${currency} ${amount.toFixed(2)}`,
}

const entry: Entry = {
  kind: 'deal',
  id: 7,
  recordId: 12,
  recordName: 'Forklifts',
  company: 'Acme',
  day: '2026-06-10',
  time: null,
  zone: null,
  type: 'call',
  subject: 'Ask about delivery',
  text: null,
  value: null,
  currencyCode: null,
  version: 3,
  updatedAt: new Date('2026-05-01T08:30:15Z'),
}

/** As a calendar reads it. */
function eventsIn(text: string): ICAL.Event[] {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[])
  return calendar.getAllSubcomponents('vevent').map((component) => new ICAL.Event(component))
}

function eventOf(overrides: Partial<Entry>, other: Partial<Telling> = {}): ICAL.Event {
  const [event] = eventsIn(calendarText([{ ...entry, ...overrides }], { ...telling, ...other }))
  return event!
}

/** When it begins, as an instant. */
const begins = (event: ICAL.Event) => event.startDate.toJSDate().toISOString()

describe('what a calendar reads', () => {
  test('says what it is, how often to ask, and is CRLF lines of at most 75 bytes', () => {
    const text = calendarText([{ ...entry, subject: '日本語'.repeat(60) }], telling)
    const calendar = new ICAL.Component(ICAL.parse(text) as unknown[])

    expect(calendar.getFirstPropertyValue('version')).toBe('2.0')
    expect(calendar.getFirstPropertyValue('x-wr-calname')).toBe('Phone')
    expect(String(calendar.getFirstPropertyValue('refresh-interval'))).toBe('PT30M')
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(Math.max(...text.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75)
  })

  test.each([
    ['Rosa; phone, "work" \\n', 'Rosa\\; phone\\, "work" \\\\n'],
    ['Rosa\r\nX-EVIL:1\n\u2028END:VCALENDAR\u0085', 'Rosa X-EVIL:1 END:VCALENDAR'],
    ['日本語, '.repeat(20), '日本語\\, '.repeat(20)],
  ])('its name is one line, escaped as text is: %j', (name, written) => {
    const text = calendarText([entry], { ...telling, name })
    const lines = text.replaceAll('\r\n ', '').split('\r\n')

    expect(lines.filter((line) => /^(NAME|X-WR-CALNAME):/.test(line))).toEqual([
      `NAME:${written}`,
      `X-WR-CALNAME:${written}`,
    ])
    expect(lines.filter((line) => /^(X-EVIL|END:VCALENDAR)/.test(line))).toEqual(['END:VCALENDAR'])
    expect(eventsIn(text)).toHaveLength(1)
  })

  test('an entry has an id of its own, a version, and a link to its record', () => {
    const event = eventOf({})

    expect(event.uid).toBe('deal-7@0f8fad5b-d9cb-469f-a165-70867728950e')
    expect(event.sequence).toBe(3)
    expect(event.component.getFirstPropertyValue('url')).toBe('https://crm.example.com/deals/12')
    expect(String(event.component.getFirstPropertyValue('dtstamp'))).toBe('2026-05-01T08:30:15Z')
    expect(String(event.component.getFirstPropertyValue('last-modified'))).toBe('2026-05-01T08:30:15Z')
    expect(event.summary).toBe('Call: Ask about delivery (Forklifts)')
    expect(event.description).toBe('Deal: Forklifts, Acme\nhttps://crm.example.com/deals/12')
  })

  test('the same entries are the same text', () => {
    expect(calendarText([entry], telling)).toBe(calendarText([{ ...entry }], { ...telling }))
  })

  test.each([
    ['followUp', 'Follow up with Forklifts: Ask about delivery', '/contacts/12'],
    ['lead', 'Call: Ask about delivery (Forklifts)', '/leads/12'],
    ['deal', 'Call: Ask about delivery (Forklifts)', '/deals/12'],
    ['close', 'Expected close: Forklifts', '/deals/12'],
  ] as const)('a %s is called %s', (kind, summary, path) => {
    const event = eventOf({ kind })

    expect(event.summary).toBe(summary)
    expect(event.component.getFirstPropertyValue('url')).toBe(`https://crm.example.com${path}`)
  })

  test('what has no subject goes by its record', () => {
    expect(eventOf({ subject: null }).summary).toBe('Call: Forklifts')
    expect(eventOf({ kind: 'followUp', subject: null }).summary).toBe('Follow up with Forklifts')
  })

  test('a close tells its value', () => {
    const event = eventOf({ kind: 'close', value: new Decimal('12000.5'), currencyCode: 'EUR' })

    expect(event.description).toContain('Value: EUR 12000.50')
  })

  test('it speaks German to whoever does', () => {
    expect(eventOf({ kind: 'close' }, { t: translator('de') }).summary).toBe('Erwarteter Abschluss: Forklifts')
  })
})

describe('days', () => {
  test('without a time it is a whole day, which ends where the next begins, and blocks nobody', () => {
    const event = eventOf({ day: '2026-12-31' })

    expect(event.startDate.isDate).toBe(true)
    expect([String(event.startDate), String(event.endDate)]).toEqual(['2026-12-31', '2027-01-01'])
    expect(event.component.getFirstPropertyValue('transp')).toBe('TRANSPARENT')
  })

  test.each(['Asia/Kathmandu', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Kiritimati', 'America/Santiago'])(
    'it is that day in %s too, on the days on which clocks change as well',
    (zone) => {
      for (const day of ['2026-03-29', '2026-10-25', '2026-04-05', '2026-09-06', '2026-03-08'])
        expect(String(eventOf({ day }, { zone }).startDate)).toBe(day)
    },
  )
})

describe('times', () => {
  test.each([
    // The clocks are five hours and three quarters ahead, all year.
    ['Asia/Kathmandu', '2026-03-29', '09:15', '2026-03-29T03:30:00.000Z'],
    ['Europe/Berlin', '2026-03-28', '14:30', '2026-03-28T13:30:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '14:30', '2026-03-29T12:30:00.000Z'],
    // 02:30 is passed over: as late as it would have been.
    ['Europe/Berlin', '2026-03-29', '02:30', '2026-03-29T01:30:00.000Z'],
    // 02:30 comes twice: the first.
    ['Europe/Berlin', '2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25', '14:30', '2026-10-25T13:30:00.000Z'],
    ['America/St_Johns', '2026-03-07', '08:00', '2026-03-07T11:30:00.000Z'],
    ['America/St_Johns', '2026-03-08', '08:00', '2026-03-08T10:30:00.000Z'],
    ['America/St_Johns', '2026-11-01', '08:00', '2026-11-01T11:30:00.000Z'],
    // Half an hour is all that the clocks of Lord Howe change by.
    ['Australia/Lord_Howe', '2026-04-04', '09:00', '2026-04-03T22:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-05', '09:00', '2026-04-04T22:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04', '09:00', '2026-10-03T22:00:00.000Z'],
    ['UTC', '2026-10-25', '02:30', '2026-10-25T02:30:00.000Z'],
  ])('in %s on %s, %s is %s', (zone, day, time, instant) => {
    const event = eventOf({ day, time, zone })

    expect(event.startDate.isDate).toBe(false)
    expect(begins(event)).toBe(instant)
    expect(event.duration.toSeconds()).toBe(1800)
    expect(event.component.getFirstPropertyValue('transp')).toBe('OPAQUE')
  })

  test("what is nobody's goes by the clock of whoever looks", () => {
    expect(begins(eventOf({ time: '09:00', zone: null }, { zone: 'Asia/Kathmandu' }))).toBe('2026-06-10T03:15:00.000Z')
  })

  test('whatever the zone and the day, the clocks there show that time, or it is one that they pass over', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    const minutes = fc.integer({ min: 0, max: 1439 })
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 900 }), minutes, (zone, offset, minute) => {
        const day = addDays('2026-01-01', offset)
        const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
        const start = eventOf({ day, time, zone }).startDate.toJSDate()
        const shown = localInput(start, zone)
        const anHourBefore = localInput(new Date(start.getTime() - 3_600_000), zone)
        const isPassedOver = anHourBefore < `${day}T${time}` && shown > `${day}T${time}`
        expect(shown === `${day}T${time}` || isPassedOver).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('text', () => {
  /** What of it a calendar can hold: no control characters, and one kind of line end. */
  const holdable = (text: string) => text.replace(/\r\n?/g, '\n').replace(/(?![\t\n])\p{Cc}/gu, '')

  test.each([
    ['commas, semicolons; colons: and \\ backslashes \\n', 'as they are'],
    ['BEGIN:VEVENT\r\nSUMMARY:Injected\r\nEND:VEVENT', 'lines stay inside'],
    ['👩‍👩‍👧‍👦 '.repeat(60), 'emoji that are many characters in one'],
    ['‏شركة النور‏ "Ltd", <b>&amp;</b>', 'right to left, quotes and markup'],
    ['x'.repeat(500), 'long'],
    ['{{name}} $t(feeds.entries.close) %s', 'what looks like a place for words'],
    ['\tTab and a\u0007 bell', 'control characters'],
  ])('%j stays %s', (text) => {
    const event = eventOf({ subject: text, text, recordName: text, company: text })

    expect(event.summary).toBe(holdable(`Call: ${text} (${text})`))
    expect(event.description).toBe(holdable(`Deal: ${text}, ${text}\n\n${text}\n\nhttps://crm.example.com/deals/12`))
  })

  test('whatever is written comes back as it was', () => {
    const anything = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((text) => text.isWellFormed())
    const lines = fc.array(
      fc.oneof(anything, fc.constantFrom('\r\n', '\n', '\r', ',', ';', '\\', ':', '"', 'END:VEVENT')),
    )
    fc.assert(
      fc.property(lines, (parts) => {
        const text = parts.join('')
        const events = eventsIn(calendarText([{ ...entry, subject: `a${text}`, text: `a${text}` }, entry], telling))
        expect(events).toHaveLength(2)
        expect(events[0]!.summary).toBe(holdable(`Call: a${text} (Forklifts)`))
        expect(events[0]!.description).toBe(
          holdable(`Deal: Forklifts, Acme\n\na${text}\n\nhttps://crm.example.com/deals/12`),
        )
      }),
      { numRuns: 300 },
    )
  })
})
