import { z } from 'zod'
import {
  CalendarDate,
  Id,
  LONG_TEXT,
  LocalDateTime,
  OptionalText,
  Submission,
  Version,
} from '../../platform/validation.ts'
import type { LocalTime } from '../../platform/time.ts'
import { SNOOZES } from '../activities/schema.ts'

export const COMMUNICATION_TYPES = ['call', 'email', 'meeting', 'message', 'note'] as const
export type CommunicationType = (typeof COMMUNICATION_TYPES)[number]

export const DIRECTIONS = ['outbound', 'inbound'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Of the communication itself: a call can be scheduled. Whether its follow-up is open is another matter. */
export const COMMUNICATION_STATUSES = ['completed', 'pending', 'scheduled', 'cancelled'] as const
export type CommunicationStatus = (typeof COMMUNICATION_STATUSES)[number]

/** What the list can be narrowed to: any open follow-up, those that are late or due on the reader's day, or communications without one. */
export const FOLLOW_UPS = ['open', 'overdue', 'today', 'none'] as const

const details = {
  direction: z.enum(DIRECTIONS).optional(),
  subject: OptionalText(500),
  content: OptionalText(LONG_TEXT),
  /** On the clock of whoever enters it. */
  communicationDate: LocalDateTime.optional(),
  /** Which of two equal times is meant in the night the clocks go back, as '+02:00'; what fits no such time is passed over. */
  communicationDateOffset: OptionalText(10),
  followUpDate: CalendarDate.nullable().optional(),
  status: z.enum(COMMUNICATION_STATUSES).optional(),
  relatedProjectId: Id.nullable().optional(),
  relatedQuoteId: Id.nullable().optional(),
  relatedDealId: Id.nullable().optional(),
}

export const LogCommunicationInput = z.object({
  type: z.enum(COMMUNICATION_TYPES),
  ...details,
  submission: Submission.nullable().optional(),
})
export type LogCommunication = z.output<typeof LogCommunicationInput>

export const UpdateCommunicationInput = z.object({
  type: z.enum(COMMUNICATION_TYPES).optional(),
  ...details,
  version: Version.nullable().optional(),
})
export type UpdateCommunication = z.output<typeof UpdateCommunicationInput>

/** Also as programs say it, who name the instant itself, whatever anybody's clock shows then. */
export type Timed<Input> = Omit<Input, 'communicationDate'> & { communicationDate?: LocalTime | Date }

/** Until one of the days that have a name, or any other. */
export const SnoozeFollowUpInput = z.object({
  until: z.enum(SNOOZES).nullable().optional(),
  followUpDate: CalendarDate.nullable().optional(),
})
export type SnoozeFollowUp = z.output<typeof SnoozeFollowUpInput>
