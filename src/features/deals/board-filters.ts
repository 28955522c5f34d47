import { z } from 'zod'
import { readFilters } from '../../platform/list.ts'
import { searchOf } from '../../platform/list-search.ts'
import { isCalendarDay } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { Id, Text } from '../../platform/validation.ts'
import { OwnerFilter } from '../users/access.ts'
import { DEFAULT_PERIOD, PERIODS, StageKey } from './schema.ts'

const BoardQuery = z.object({
  /** The default one when it is not named, or gone. */
  pipeline: Id,
  owner: OwnerFilter,
  client: Id,
  tag: Text(50),
  period: z.enum(PERIODS),
  /** The column of which the cards behind `after` are asked for: see `cursorOf`. */
  stage: StageKey,
  after: z.string().regex(/^[0-9A-Za-z-]{1,1000}~\d{1,10}$/),
})

export type BoardFilters = Partial<z.output<typeof BoardQuery>> & { q: string }

/** What a query string asks of the board; nonsense falls back to the default. */
export function boardFilters(query: Readonly<Record<string, unknown>>): BoardFilters {
  return { q: searchOf(query.q), ...readFilters(BoardQuery, query) }
}

export function periodOf({ period }: BoardFilters): z.output<typeof BoardQuery>['period'] {
  return period ?? DEFAULT_PERIOD
}

/** Whether cards and sums are fewer than all there are. */
export function isNarrowed({ q, owner, client, tag }: BoardFilters): boolean {
  return q !== '' || owner !== undefined || client !== undefined || tag !== undefined
}

/** The same board with other parameters: null drops one. Without `stage` and `after`, from the top. */
export function boardHref(filters: BoardFilters, changes: Readonly<Record<string, string | null>> = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...filters, stage: null, after: null, ...changes })) {
    if (value !== null && value !== '') query.set(name, String(value))
  }
  return query.size > 0 ? `/deals/pipeline?${query.toString()}` : '/deals/pipeline'
}

interface Placed {
  id: number
  boardPosition: string
  actualCloseDate: CalendarDay | null
}

/** Where the next cards of a column begin: behind this one, wherever it goes meanwhile. */
export function cursorOf({ id, boardPosition, actualCloseDate }: Placed): string {
  return `${actualCloseDate ?? boardPosition}~${id}`
}

/** What a cursor says of an open column, and of a closed one; what it cannot say of either lets the column begin at its top. */
export function readCursor({ after = '' }: BoardFilters): { position: string; day: CalendarDay | null; id: number } {
  const [place = '', id = '0'] = after.split('~')
  const known = Number(id) <= 2_147_483_647
  return { position: known ? place : '', day: known && isCalendarDay(place) ? place : null, id: known ? Number(id) : 0 }
}
