import { isCalendarDay } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { NOUNS } from './tables.ts'
import type { Noun } from './tables.ts'

/** What can happen to a record, from what says most to what says least: the first of them names a change-set that did several. */
export const KINDS = [
  'undone',
  'converted',
  'created',
  'deleted',
  'erased',
  'closed',
  'reopened',
  'moved',
  'archived',
  'restored',
  'completed',
  'changed',
] as const
export type Kind = (typeof KINDS)[number]

/** The place of an entry: when its newest change was written, and the id of that. */
export interface Place {
  at: Date
  id: string
}

export interface HistoryParams {
  /** The id of a user, or 'system'. */
  who: string | null
  noun: Noun | null
  kind: Kind | null
  from: CalendarDay | null
  to: CalendarDay | null
  /** Only what is older than this; null from the newest on. */
  before: Place | null
}

const PLACE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~([1-9]\d{0,17})$/

/** What a query string asks of the history; nonsense asks for nothing. */
export function historyParams(query: Readonly<Record<string, unknown>>): HistoryParams {
  const { who } = query
  return {
    who: typeof who === 'string' && /^(system|[1-9]\d{0,8})$/.test(who) ? who : null,
    noun: NOUNS.find((noun) => noun === query.noun) ?? null,
    kind: KINDS.find((kind) => kind === query.kind) ?? null,
    from: dayIn(query.from),
    to: dayIn(query.to),
    before: placeIn(query.before),
  }
}

function dayIn(given: unknown): CalendarDay | null {
  return typeof given === 'string' && isCalendarDay(given) ? given : null
}

export function placeIn(given: unknown): Place | null {
  const [, time = '', id = ''] = (typeof given === 'string' ? PLACE.exec(given) : null) ?? []
  const at = new Date(time)
  // PostgreSQL knows no year 0; nobody did anything in it.
  return at.getUTCFullYear() > 0 ? { at, id } : null
}

export function placeText({ at, id }: Place): string {
  return `${at.toISOString()}~${id}`
}
