import { z } from 'zod'
import {
  CalendarDate,
  Currency,
  LONG_TEXT,
  Money,
  OptionalText,
  RequiredText,
  Submission,
  Version,
} from '../../platform/validation.ts'

export const QUOTE_STATUSES = ['draft', 'sent', 'accepted', 'rejected', 'expired'] as const
export type QuoteStatus = (typeof QUOTE_STATUSES)[number]

const required = {
  number: RequiredText(50),
  title: RequiredText(200),
}

const details = {
  status: z.enum(QUOTE_STATUSES).optional(),
  total: Money.nullable().optional(),
  currencyCode: Currency.optional(),
  validUntil: CalendarDate.nullable().optional(),
  notes: OptionalText(LONG_TEXT),
}

export const CreateQuoteInput = z.object({
  ...required,
  ...details,
  submission: Submission.nullable().optional(),
})
export type CreateQuote = z.output<typeof CreateQuoteInput>

export const UpdateQuoteInput = z.object({
  number: required.number.optional(),
  title: required.title.optional(),
  ...details,
  version: Version.nullable().optional(),
})
export type UpdateQuote = z.output<typeof UpdateQuoteInput>
