import { weighted } from '../../platform/money.ts'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import { dayIn, daysBetween } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { dueAt } from '../activities/due.ts'
import type { DueMoment } from '../activities/due.ts'
import type { Stage } from '../pipelines/queries.ts'
import type { Deal } from './queries.ts'

export interface StageState extends Pick<Stage, 'key' | 'name'> {
  state: 'done' | 'current' | 'won' | 'lost' | 'ahead'
}

/** Where a deal stands among the stages. A closed deal shows the end it came to, an open one the end it is to come to. */
export function stageBar(stages: readonly Stage[], deal: Pick<Deal, 'stage' | 'status'>): StageState[] {
  const here = stages.findIndex(({ key }) => key === deal.stage)
  return stages
    .map((stage, index) => ({ ...stage, index }))
    .filter(({ kind, key }) => kind === 'open' || (deal.status === 'open' ? kind === 'won' : key === deal.stage))
    .map(({ key, name, index }) => ({ key, name, state: stateAt(index) }))

  function stateAt(index: number): StageState['state'] {
    if (index === here) return deal.status === 'open' ? 'current' : deal.status
    // A lost deal did not pass through the stages before its end.
    return index < here && deal.status !== 'lost' ? 'done' : 'ahead'
  }
}

/** What depends on the day it is for the reader, for views. */
export interface Timing {
  today: CalendarDay
  /** Whole days since, by the reader's calendar: 0 is today. */
  daysSince(instant: Date): number
  isPast(day: CalendarDay | null): boolean
  /** By the clock of whoever is to do it; the reader's, where that is nobody. */
  isLate(moment: DueMoment): boolean
}

export function timing({ user }: Scope): Timing {
  const today = dayIn(user.timeZone)
  const due = dueAt(user.timeZone)
  return {
    today,
    daysSince: (instant) => Math.max(0, daysBetween(dayIn(user.timeZone, instant), today)),
    isPast: (day) => day !== null && day < today,
    isLate: (moment) => due(moment) === 'overdue',
  }
}

/** What the deal is worth in view of its chances; null when it has no value. */
export function weightedValue({
  value,
  probability,
  currencyCode,
}: Pick<Deal, 'value' | 'probability' | 'currencyCode'>): Decimal | null {
  return value && weighted(value, probability, currencyCode)
}
