import { randomUUID } from 'node:crypto'
import type { Scope } from '../../platform/scope.ts'
import { addDays, dayIn, localInput, offsetInput } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { stageName } from '../pipelines/words.ts'
import type { Subject } from './fields.ts'
import { readTimeline, shownOf } from './queries.ts'
import type { Entry } from './queries.ts'
import { placeText, timelineParams } from './schema.ts'
import type { Shown } from './schema.ts'
import { partsOf, tellChange } from '../history/telling.ts'

/** A page of a record's timeline, as its view shows it. One query. */
export interface TimelinePage {
  subject: Subject
  /** What it can be narrowed to, and what it is narrowed to. */
  choices: Shown[]
  show: Shown | null
  /** The newest day first, in the reader's zone. */
  days: { day: CalendarDay; entries: Entry[] }[]
  /** The reader's day, and the one before. */
  today: CalendarDay
  yesterday: CalendarDay
  /** The places that this page and the one behind it begin at, for their addresses; null for the newest and behind the oldest. */
  before: string | null
  older: string | null
  /** These continue the day that was shown last, which need not be said again. */
  goesOn: boolean
  /** A script asks, for entries to put behind those that are there. */
  inFrame: boolean
  frameOf: typeof frameOf
  tellChange: typeof tellChange
  partsOf: typeof partsOf
  stageName: typeof stageName
}

const PAGE = 25

/**
 * `query` is the page's query string; `frame` the turbo-frame that a script wants to fill, if it is one that asks. A kind that such a record never has
 * shows everything.
 */
export async function timelineOf(
  scope: Scope,
  record: { subject: Subject; id: number },
  query: Readonly<Record<string, unknown>>,
  frame?: string,
): Promise<TimelinePage> {
  const { show: asked, before } = timelineParams(query)
  const choices = shownOf(record.subject)
  const show = asked && choices.includes(asked) ? asked : null
  const entries = await readTimeline(scope, record, { show, before }, PAGE + 1)
  const { timeZone } = scope.user
  const days = byDay(entries.slice(0, PAGE), timeZone)
  const last = entries.length > PAGE ? entries[PAGE - 1] : undefined
  const today = dayIn(timeZone)
  const inFrame = before !== null && frame === frameOf(placeText(before))
  return {
    subject: record.subject,
    choices,
    show,
    days,
    today,
    yesterday: addDays(today, -1),
    before: before && placeText(before),
    older: last ? placeText(last) : null,
    inFrame,
    goesOn: inFrame && days[0]?.day === dayIn(timeZone, before.at),
    frameOf,
    tellChange,
    partsOf,
    stageName,
  }
}

/** What the form that logs a communication shows before anything is typed. */
export function blankLog({ user }: Scope, contactId?: number): Record<string, unknown> {
  const now = new Date()
  return {
    submission: randomUUID(),
    contactId,
    type: 'call',
    direction: 'outbound',
    communicationDate: localInput(now, user.timeZone),
    communicationDateOffset: offsetInput(now, user.timeZone),
  }
}

/** The id of the frame that the page behind a place is put into. */
export function frameOf(place: string): string {
  return `timeline-${place.replaceAll(/[^a-zA-Z0-9]+/g, '-')}`
}

function byDay(entries: readonly Entry[], zone: string): TimelinePage['days'] {
  const days = new Map<CalendarDay, Entry[]>()
  for (const entry of entries) {
    const day = dayIn(zone, entry.at)
    days.set(day, [...(days.get(day) ?? []), entry])
  }
  return Array.from(days, ([day, entries]) => ({ day, entries }))
}
