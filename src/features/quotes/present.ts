import { z } from 'zod'
import { Amount, Day, Moment, RecordId, RecordVersion, amountOf, momentOf } from '../../platform/api/json.ts'
import type { Quote } from './queries.ts'
import { QUOTE_STATUSES } from './schema.ts'

/** A quote as programs read it. */
export const QuoteJson = z
  .object({
    id: RecordId,
    clientId: RecordId,
    number: z.string().meta({ description: 'Of one quote only, in capitals or not.' }),
    title: z.string(),
    status: z.enum(QUOTE_STATUSES),
    total: Amount.nullable(),
    currencyCode: z.string(),
    validUntil: Day.nullable(),
    notes: z.string().nullable(),
    createdBy: RecordId.nullable(),
    version: RecordVersion,
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({
    title: 'Quote',
    examples: [
      {
        id: 9,
        clientId: 12,
        number: 'Q-2026-0007',
        title: 'Ten forklifts',
        status: 'sent',
        total: '12000.50',
        currencyCode: 'EUR',
        validUntil: '2026-03-31',
        notes: null,
        createdBy: 3,
        version: 1,
        createdAt: '2026-01-31T13:30:00.000Z',
        updatedAt: '2026-01-31T13:30:00.000Z',
      },
    ],
  })

export function presentQuote(quote: Quote): z.input<typeof QuoteJson> {
  return {
    id: quote.id,
    clientId: quote.clientId,
    number: quote.number,
    title: quote.title,
    status: quote.status,
    total: amountOf(quote.total, quote.currencyCode),
    currencyCode: quote.currencyCode,
    validUntil: quote.validUntil,
    notes: quote.notes,
    createdBy: quote.createdBy,
    version: quote.version,
    createdAt: momentOf(quote.createdAt),
    updatedAt: momentOf(quote.updatedAt),
  }
}
