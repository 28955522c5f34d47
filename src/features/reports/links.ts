import type { CalendarDay } from '../../platform/time.ts'
import type { LeadStep } from '../leads/steps.ts'
import type { Question } from './question.ts'

type Parameters = Readonly<Record<string, string | number | undefined>>

/** `path` with those of the parameters that say something. */
function address(path: string, parameters: Parameters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return query.size > 0 ? `${path}?${query.toString()}` : path
}

/** The lists that prove the figures: the question's conditions, and the figure's own. */
export function linksOf(question: Question) {
  const { owner, pipeline, currency, from, to } = question
  const deals = (own: Parameters) => address('/deals', { owner, pipeline, currency, ...own })
  const leads = (own: Parameters) => address('/leads', { owner, ...own })
  const closedInPeriod = { closedFrom: from, closedTo: to }
  const entered = { createdFrom: from, createdTo: to }
  return {
    open: (own: Parameters = {}) => deals({ status: 'open', ...own }),
    closed: (status: 'won' | 'lost', own: Parameters & { closedFrom?: CalendarDay; closedTo?: CalendarDay } = {}) =>
      deals({ status, ...closedInPeriod, ...own }),
    /** Won or lost: what a rate is of. */
    wonOrLost: (own: Parameters = {}) => deals({ ...closedInPeriod, ...own }),
    timed: () => deals({ status: 'won', ...closedInPeriod, cycle: 'known' }),
    left: (inPipeline: number, stage: string) =>
      deals({ pipeline: inPipeline, left: stage, leftFrom: from, leftTo: to }),
    entered: (own: Parameters & { reached?: LeadStep } = {}) => leads({ ...entered, ...own }),
    enteredAndWon: (own: Parameters = {}) =>
      leads({ ...entered, ...own, reached: 'won', dealPipeline: pipeline, dealCurrency: currency }),
    lostLeads: (reason?: string) => leads({ status: 'lost', lostFrom: from, lostTo: to, reason }),
  }
}

export type Links = ReturnType<typeof linksOf>

/** The same report with other parameters. */
export function reportHref(question: Question, path: string, changes: Parameters = {}): string {
  const { period, from, to, owner, pipeline, currency } = question
  return address(path, {
    period,
    ...(period === 'custom' && { from, to }),
    owner,
    pipeline,
    currency,
    ...changes,
  })
}
