import { z } from 'zod'
import { Email, LONG_TEXT, OptionalText, RequiredText, Submission, Tags, Version } from '../../platform/validation.ts'

/** What somebody is there for. That a client's primary contact is one and only one is `isPrimary`'s to say. */
export const CONTACT_ROLES = ['contact', 'primary', 'billing', 'technical'] as const
export type ContactRole = (typeof CONTACT_ROLES)[number]

const details = {
  email: Email.nullable().optional(),
  phone: OptionalText(50),
  mobile: OptionalText(50),
  title: OptionalText(100),
  department: OptionalText(100),
  role: z.enum(CONTACT_ROLES).optional(),
  /** true makes this the client's only primary contact; false leaves things as they are: being primary ends when another one takes over. */
  isPrimary: z.boolean().optional(),
  address: OptionalText(1_000),
  notes: OptionalText(LONG_TEXT),
  tags: Tags.optional(),
}

export const CreateContactInput = z.object({
  firstName: RequiredText(100),
  lastName: RequiredText(100),
  ...details,
  submission: Submission.nullable().optional(),
})
export type CreateContact = z.output<typeof CreateContactInput>

export const UpdateContactInput = z.object({
  firstName: RequiredText(100).optional(),
  lastName: RequiredText(100).optional(),
  ...details,
  version: Version.nullable().optional(),
})
export type UpdateContact = z.output<typeof UpdateContactInput>
