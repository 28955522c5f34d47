import { z } from 'zod'
import { RequiredText, Text, Version } from '../../platform/validation.ts'
import { Language, Password, PresentPassword } from '../users/schema.ts'
import { isSecret } from '../users/totp.ts'
import { zoneNamed } from './zones.ts'

export const THEMES = ['system', 'light', 'dark'] as const

/** A zone by its name, or by its city: what people type is "Berlin". */
const Zone = Text(100)
  .refine((text) => zoneNamed(text) !== null, { params: { key: 'profile.errors.timeZone' } })
  .transform((text) => zoneNamed(text) ?? text)

export const ProfileInput = z.object({
  name: RequiredText(100).optional(),
  locale: Language.optional(),
  timeZone: Zone.optional(),
  theme: z.enum(THEMES).optional(),
  version: Version.nullable().optional(),
})
export type ProfileChange = z.output<typeof ProfileInput>

export const PasswordChangeInput = z.object({ currentPassword: PresentPassword, password: Password })

const TypedCode = RequiredText(100)

export const EnrolInput = z.object({
  secret: z.string().refine(isSecret, { params: { key: 'errors.invalid' } }),
  code: TypedCode,
  currentPassword: PresentPassword,
})

export const ConfirmInput = z.object({ code: TypedCode, currentPassword: PresentPassword })

/** A session as its page calls it. */
export const EndSessionInput = z.object({ session: z.string().regex(/^[0-9a-f]{64}$/) })
