import type { Scope } from '../../platform/scope.ts'
import { dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { entriesOf } from './entries.ts'
import type { HistoryEntry, ToldChange } from './entries.ts'
import type { FoundPage } from './queries.ts'
import { placeText } from './schema.ts'
import type { HistoryParams } from './schema.ts'
import { isRecordTable } from './tables.ts'
import { tellFields } from './telling.ts'

/** A page of the history, as its views show it. */
export interface HistoryPage {
  /** The newest day first, in the reader's zone. */
  days: { day: CalendarDay; entries: HistoryEntry[] }[]
  today: CalendarDay
  /** The query string of the page behind this one; null where it is the last. */
  older: string | null
  tellFields: typeof tellFields
  /** The key of what the rows of a table are called. */
  thingOf(table: string): string
  /** Its record was deleted for good: what it was called is known no more. */
  isErased(change: ToldChange): boolean
}

export async function historyPage(scope: Scope, page: FoundPage, asked: Partial<HistoryParams>): Promise<HistoryPage> {
  const days = new Map<CalendarDay, HistoryEntry[]>()
  for (const entry of await entriesOf(scope, page.found)) {
    const day = dayIn(scope.user.timeZone, entry.at)
    days.set(day, [...(days.get(day) ?? []), entry])
  }
  return {
    days: Array.from(days, ([day, entries]) => ({ day, entries })),
    today: dayIn(scope.user.timeZone),
    older: page.older ? queryOf(asked, placeText(page.older)) : null,
    tellFields,
    thingOf,
    isErased: ({ name }) => name !== null && /^\[redacted\](( · | )\[redacted\])*$/.test(name),
  }
}

/** The same view from another place on. */
function queryOf({ who, noun, kind, from, to }: Partial<HistoryParams>, before: string): string {
  const chosen = Object.entries({ who, noun, kind, from, to, before })
  const query = new URLSearchParams(
    chosen.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : [])),
  )
  return `?${query.toString()}`
}

/** Tables of settings that have a word of their own; whatever is added is called a setting until it has one. */
const SETTINGS: readonly string[] = [
  'users',
  'teams',
  'settings',
  'pipelines',
  'pipeline_stages',
  'exchange_rates',
  'account_links',
  'two_factors',
  'api_tokens',
  'see_as',
]

function thingOf(table: string): string {
  return `history.things.${isRecordTable(table) || SETTINGS.includes(table) ? table : 'other'}`
}
