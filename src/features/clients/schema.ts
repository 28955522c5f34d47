import { z } from 'zod'
import {
  Currency,
  Email,
  Id,
  LONG_TEXT,
  OptionalText,
  RequiredText,
  Submission,
  Tags,
  Text,
  Version,
  cleared,
} from '../../platform/validation.ts'

export const CLIENT_STATUSES = ['active', 'inactive'] as const
export type ClientStatus = (typeof CLIENT_STATUSES)[number]

/** The address to link to: what was typed, with https:// where no scheme was; null for anything a browser should not be sent to. */
export function webAddress(typed: string): string | null {
  const address = /^[a-z][a-z\d+.-]*:(?!\d)/i.test(typed) ? typed : `https://${typed}`
  if (/\s/.test(address) || !URL.canParse(address)) return null
  const { protocol, hostname } = new URL(address)
  return ['http:', 'https:'].includes(protocol) && hostname.includes('.') ? address : null
}

const Website = Text(300).refine((text) => text === '' || webAddress(text) !== null, {
  params: { key: 'clients.errors.website' },
})

const details = {
  description: OptionalText(LONG_TEXT),
  website: cleared(Website),
  email: Email.nullable().optional(),
  phone: OptionalText(50),
  address: OptionalText(1_000),
  contactPerson: OptionalText(200),
  status: z.enum(CLIENT_STATUSES).optional(),
  currencyCode: Currency.optional(),
  ownerId: Id.nullable().optional(),
  tags: Tags.optional(),
}

export const CreateClientInput = z.object({
  name: RequiredText(200),
  ...details,
  submission: Submission.nullable().optional(),
})
export type CreateClient = z.output<typeof CreateClientInput>

export const UpdateClientInput = z.object({
  name: RequiredText(200).optional(),
  ...details,
  version: Version.nullable().optional(),
})
export type UpdateClient = z.output<typeof UpdateClientInput>

/** A client with open deals is archived only by somebody who has been told of them. */
export const ArchiveClientInput = z.object({ confirmed: z.boolean().optional() })
export type ArchiveClient = z.output<typeof ArchiveClientInput>
