import { z } from 'zod'
import {
  CalendarDate,
  Currency,
  Id,
  LONG_TEXT,
  Money,
  Percent,
  RequiredText,
  Submission,
  Tags,
  Text,
  Version,
} from '../../platform/validation.ts'

export const DEAL_STATUSES = ['open', 'won', 'lost'] as const
export type DealStatus = (typeof DEAL_STATUSES)[number]

/** Which closed deals the board shows: those closed in the reader's current month, quarter or year, or all. */
export const PERIODS = ['month', 'quarter', 'year', 'all'] as const
export type Period = (typeof PERIODS)[number]
export const DEFAULT_PERIOD: Period = 'quarter'

export const StageKey = z.string().regex(/^[a-z][a-z0-9_]{0,49}$/, { error: 'stage' })

const fields = {
  name: RequiredText(200),
  clientId: Id.nullable().optional(),
  contactId: Id.nullable().optional(),
  relatedProjectId: Id.nullable().optional(),
  relatedQuoteId: Id.nullable().optional(),
  value: Money.nullable().optional(),
  currencyCode: Currency.optional(),
  stage: StageKey.optional(),
  probability: Percent.nullable().optional(),
  expectedCloseDate: CalendarDate.nullable().optional(),
  ownerId: Id.nullable().optional(),
  tags: Tags.nullable().optional(),
  description: Text(LONG_TEXT).nullable().optional(),
  notes: Text(LONG_TEXT).nullable().optional(),
}

export const CreateDealInput = z.object({
  ...fields,
  pipelineId: Id.optional(),
  submission: Submission.nullable().optional(),
})
export type CreateDeal = z.output<typeof CreateDealInput>

export const ChangeDealInput = z.object({
  ...fields,
  name: fields.name.optional(),
  version: Version.nullable().optional(),
})
export type ChangeDeal = z.output<typeof ChangeDealInput>

/** A place in a stage's column: before or after one of its cards; on top when neither is named. */
export const MoveDealInput = z.object({
  stage: StageKey,
  beforeId: Id.nullable().optional(),
  afterId: Id.nullable().optional(),
  pipelineId: Id.nullable().optional(),
  version: Version.nullable().optional(),
})
export type MoveDeal = z.output<typeof MoveDealInput>

export const CloseWonInput = z.object({ actualCloseDate: CalendarDate.nullable().optional() })
export const CloseLostInput = z.object({
  lossReason: RequiredText(500),
  actualCloseDate: CalendarDate.nullable().optional(),
})

export const CloseDealInput = z.discriminatedUnion('outcome', [
  CloseWonInput.extend({ outcome: z.literal('won') }),
  CloseLostInput.extend({ outcome: z.literal('lost') }),
])
export type CloseDeal = z.output<typeof CloseDealInput>
