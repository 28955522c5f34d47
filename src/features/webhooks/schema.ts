import { z } from 'zod'
import { CalendarDate, OptionalText, RequiredText, Submission, Version } from '../../platform/validation.ts'
import { EVENT_TYPES } from './events.ts'

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** `all`: those to come as well. */
const Scope = z.enum(['all', 'some'])
const Events = z.array(z.enum(EVENT_TYPES)).max(EVENT_TYPES.length)
const Url = RequiredText(2_000)

export const CreateWebhookInput = z.object({
  url: Url,
  description: OptionalText(200),
  scope: Scope,
  events: Events.nullable().optional(),
  submission: Submission.nullable().optional(),
})
export type CreateWebhook = z.output<typeof CreateWebhookInput>

export const UpdateWebhookInput = z.object({
  url: Url.optional(),
  description: OptionalText(200),
  scope: Scope.optional(),
  events: Events.nullable().optional(),
  version: Version.nullable().optional(),
})
export type UpdateWebhook = z.output<typeof UpdateWebhookInput>

/** Of changes since then; without a day, all that are kept. */
export const ReplayInput = z.object({ since: CalendarDate.nullable().optional() })
