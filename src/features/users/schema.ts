import { z } from 'zod'
import { isLanguage } from '../../platform/i18n.ts'
import { ROLES } from '../../platform/scope.ts'
import { isTimeZone } from '../../platform/time.ts'
import { Email, Id, RequiredText } from '../../platform/validation.ts'

export const VISIBILITIES = ['own', 'team', 'all'] as const

/** At least ten characters, at most a size that cannot be used to keep the hashing busy. Nothing else: length is what counts. Not trimmed. */
export const Password = z
  .string()
  .refine((password) => [...password].length >= 10, { params: { key: 'users.errors.passwordShort' } })
  .refine((password) => password.length <= 200, { params: { key: 'errors.tooLong', values: { max: 200 } } })

export const Language = z.string().refine(isLanguage, { params: { key: 'errors.choice' } })
export const TimeZone = z.string().refine(isTimeZone, { params: { key: 'errors.choice' } })

export const CreateUserInput = z.object({
  name: RequiredText(100),
  email: Email,
  password: Password,
  role: z.enum(ROLES),
  visibility: z.enum(VISIBILITIES).optional(),
  teamId: Id.nullable().optional(),
  locale: Language.optional(),
  timeZone: TimeZone.optional(),
})
export type CreateUser = z.output<typeof CreateUserInput>
