import { z } from 'zod'
import {
  CalendarDate,
  Currency,
  Email,
  Id,
  LONG_TEXT,
  Money,
  OptionalText,
  Percent,
  RequiredText,
  Submission,
  Tags,
  Text,
  Version,
} from '../../platform/validation.ts'

export const LEAD_STATUSES = ['new', 'contacted', 'qualified', 'converted', 'lost'] as const
export type LeadStatus = (typeof LEAD_STATUSES)[number]
/** The ones a form can set; the others come only by their verbs. */
export const WORKING_STATUSES = ['new', 'contacted', 'qualified'] as const

/** Scores in bands, for filtering: from, to; `none` has none. */
export const SCORE_BANDS = { high: [70, 100], medium: [40, 69], low: [0, 39], none: null } as const
export type ScoreBand = keyof typeof SCORE_BANDS

const fields = {
  firstName: RequiredText(100),
  lastName: RequiredText(100),
  companyName: OptionalText(200),
  email: Email.nullable().optional(),
  phone: OptionalText(50),
  title: OptionalText(100),
  source: OptionalText(100),
  status: z.enum(WORKING_STATUSES).optional(),
  score: Percent.nullable().optional(),
  estimatedValue: Money.nullable().optional(),
  currencyCode: Currency.optional(),
  ownerId: Id.nullable().optional(),
  tags: Tags.optional(),
  notes: OptionalText(LONG_TEXT),
}

export const CreateLeadInput = z.object({ ...fields, submission: Submission.nullable().optional() })
export type CreateLead = z.output<typeof CreateLeadInput>

export const UpdateLeadInput = z.object({
  ...fields,
  firstName: fields.firstName.optional(),
  lastName: fields.lastName.optional(),
  version: Version.nullable().optional(),
})
export type UpdateLead = z.output<typeof UpdateLeadInput>

export const MarkLostInput = z.object({ lostReason: RequiredText(500) })

/** Where the client comes from, and who is the contact there. What is absent is taken from the lead. */
const clientAndContact = {
  client: z.enum(['new', 'existing']).optional(),
  clientId: Id.nullable().optional(),
  clientName: OptionalText(200),
  contact: z.enum(['new', 'existing', 'none']).optional(),
  contactId: Id.nullable().optional(),
  firstName: OptionalText(100),
  lastName: OptionalText(100),
  email: Email.nullable().optional(),
  phone: OptionalText(50),
  title: OptionalText(100),
}

export const ConvertToClientInput = z.object(clientAndContact)
export type ConvertToClient = z.output<typeof ConvertToClientInput>

export const ConvertToDealInput = z.object({
  ...clientAndContact,
  name: OptionalText(200),
  value: Money.nullable().optional(),
  currencyCode: Currency.optional(),
  stage: Text(50).optional(),
  expectedCloseDate: CalendarDate.nullable().optional(),
})
export type ConvertToDeal = z.output<typeof ConvertToDealInput>
