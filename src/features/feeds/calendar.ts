import ical, { ICalEventTransparency } from 'ical-generator'
import type { ICalEventData } from 'ical-generator'
import { DateTime } from 'luxon'
import type { Translate } from '../../platform/i18n.ts'
import { kinds } from '../activities/kinds.ts'
import type { Decimal } from '../../platform/money.ts'
import { addDays, instantOf } from '../../platform/time.ts'
import type { Entry } from './entries.ts'

/** How a calendar is put into words, and where its entries lead. */
export interface Telling {
  name: string
  /** What makes the entries' ids this installation's. */
  installation: string
  /** 'https://crm.example.com' */
  origin: string
  /** The reader's: the clock of what is nobody's. */
  zone: string
  t: Translate
  money(amount: Decimal, currency: string): string
}

/** How often a calendar is asked to ask, and how long something with a time is shown to take: nobody has said. Both in seconds. */
const REFRESH = 30 * 60
const LENGTH = 30 * 60

/**
 * An iCalendar (RFC 5545). A day is a day, whatever the clocks; a time of day is told in UTC, so that no calendar has to know the rules of its zone.
 * The same entries make the same text.
 */
export function calendarText(entries: readonly Entry[], telling: Telling): string {
  const calendar = ical({
    prodId: { company: 'Dealwright', product: 'Dealwright', language: 'EN' },
    name: nameOf(telling),
    ttl: REFRESH,
    events: entries.map((entry) => eventOf(entry, telling)),
  })
  return `${calendar.toString()}\r\n`
}

function eventOf(entry: Entry, telling: Telling): ICalEventData {
  const url = `${telling.origin}/${PAGES[entry.kind]}/${entry.recordId}`
  return {
    id: `${entry.kind}-${entry.id}@${telling.installation}`,
    ...times(entry, telling.zone),
    summary: plain(summaryOf(entry, telling)),
    description: plain([...detailsOf(entry, telling), url].join('\n')),
    url,
    stamp: entry.updatedAt,
    lastModified: entry.updatedAt,
    sequence: entry.version,
  }
}

const PAGES: Readonly<Record<Entry['kind'], string>> = {
  followUp: 'contacts',
  lead: kinds.lead.parent,
  deal: kinds.deal.parent,
  close: 'deals',
}

function times(
  { day, time, zone }: Entry,
  readerZone: string,
): Pick<ICalEventData, 'start' | 'end' | 'allDay' | 'transparency'> {
  if (time === null) {
    const [start, end] = [day, addDays(day, 1)].map((date) => new Date(`${date}T00:00:00Z`)) as [Date, Date]
    return { start, end, allDay: true, transparency: ICalEventTransparency.TRANSPARENT }
  }
  const start = momentOf(`${day}T${time}`, zone ?? readerZone)
  return { start, end: new Date(start.getTime() + LENGTH * 1000), transparency: ICalEventTransparency.OPAQUE }
}

/** Of a time that the clocks pass over, as late as it would have been; of one that they show twice, the first. */
function momentOf(local: string, zone: string): Date {
  return instantOf(local, zone) ?? DateTime.fromISO(local, { zone }).toJSDate()
}

function summaryOf({ kind, type, subject, recordName }: Entry, { t }: Telling): string {
  if (kind === 'close') return t('feeds.entries.close', { name: recordName })
  if (kind === 'followUp')
    return subject
      ? t('feeds.entries.followUp', { name: recordName, subject })
      : t('feeds.entries.followUpBare', { name: recordName })
  const what = t(`activities.types.${type as 'call'}`)
  return subject
    ? t('feeds.entries.activity', { type: what, subject, name: recordName })
    : t('feeds.entries.activityBare', { type: what, name: recordName })
}

function detailsOf({ kind, recordName, company, value, currencyCode, text }: Entry, { t, money }: Telling): string[] {
  const name = company ? t('feeds.entries.of', { name: recordName, company }) : recordName
  return [
    t(`feeds.entries.records.${kind}`, { name }),
    ...(value && currencyCode ? [t('feeds.entries.value', { value: money(value, currencyCode) })] : []),
    ...(text ? ['', text, ''] : []),
  ]
}

/** On one line, with what means something there escaped: ical-generator does that for entries, not for the name. */
function nameOf({ name }: Telling): string {
  return plain(name.replaceAll(/\s+/g, ' ')).replaceAll(/[\\;,]/g, '\\$&')
}

/** Without what no line of a calendar may hold: the control characters, but for tabs and line ends. */
function plain(text: string): string {
  return text.replace(/(?![\t\r\n])\p{Cc}/gu, '')
}
