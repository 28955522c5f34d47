import { Decimal } from '../../platform/money.ts'
import type { Deal, LockedDeal } from './queries.ts'
import type { ChangeDeal } from './schema.ts'

export interface Desired {
  name: string
  clientId: number | null
  contactId: number | null
  relatedProjectId: number | null
  relatedQuoteId: number | null
  value: string | null
  currencyCode: string
  probability: number
  expectedCloseDate: string | null
  ownerId: number | null
  tags: string[]
  description: string | null
  notes: string | null
}

/**
 * The deal as the input wants it: absent is unchanged, null is cleared. A probability left as it was follows the deal to its new stage; one that
 * is cleared is that of the stage.
 */
export function desired(deal: LockedDeal, input: ChangeDeal, target: { probability: number } | null): Desired {
  const ofStage = target?.probability ?? (deal.status === 'open' ? deal.stageProbability : deal.probability)
  const kept = target?.probability ?? deal.probability
  const typed = input.probability === deal.probability ? undefined : input.probability
  return {
    name: input.name ?? deal.name,
    clientId: given(input.clientId, deal.clientId),
    contactId: given(input.contactId, deal.contactId),
    relatedProjectId: given(input.relatedProjectId, deal.relatedProjectId),
    relatedQuoteId: given(input.relatedQuoteId, deal.relatedQuoteId),
    value: given(input.value, deal.value?.toFixed() ?? null),
    currencyCode: input.currencyCode ?? deal.currencyCode,
    probability: typed === null ? ofStage : (typed ?? kept),
    expectedCloseDate: given(input.expectedCloseDate, deal.expectedCloseDate),
    ownerId: given(input.ownerId, deal.ownerId),
    tags: input.tags === null ? [] : (input.tags ?? deal.tags),
    description: given(input.description, deal.description) || null,
    notes: given(input.notes, deal.notes) || null,
  }
}

function given<Value>(input: Value | undefined, stored: Value): Value {
  return input === undefined ? stored : input
}

/** The fields in which the deal is not yet as wanted. */
export function differing(deal: Deal, next: Desired): (keyof Desired)[] {
  return (Object.keys(next) as (keyof Desired)[]).filter((field) => !isSame(deal[field], next[field]))
}

function isSame(stored: Deal[keyof Desired], wanted: Desired[keyof Desired]): boolean {
  if (Decimal.isDecimal(stored)) return typeof wanted === 'string' && stored.equals(wanted)
  return Array.isArray(stored) ? JSON.stringify(stored) === JSON.stringify(wanted) : stored === wanted
}

export function pick(next: Desired, fields: readonly (keyof Desired)[]): Partial<Desired> {
  return Object.fromEntries(fields.map((field) => [field, next[field]]))
}
