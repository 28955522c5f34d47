import { z } from 'zod'
import { isLanguage } from '../../platform/i18n.ts'
import { ROLES } from '../../platform/scope.ts'
import { isTimeZone } from '../../platform/time.ts'
import { Email, Id, RequiredText, Submission, Version } from '../../platform/validation.ts'

export const VISIBILITIES = ['own', 'team', 'all'] as const

/** Here and able to sign in; invited, and without a password yet; or kept out. */
export const USER_STATUSES = ['active', 'invited', 'inactive'] as const
export type UserStatus = (typeof USER_STATUSES)[number]

/** At least ten characters, at most a size that cannot be used to keep the hashing busy. Nothing else: length is what counts. Not trimmed. */
export const Password = z
  .string()
  .refine((password) => [...password].length >= 10, { params: { key: 'users.errors.passwordShort' } })
  .refine((password) => password.length <= 200, { params: { key: 'errors.tooLong', values: { max: 200 } } })

/** One that is asked again: how it must be is nothing to say. */
export const PresentPassword = z.string().max(1_000)

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

export const InviteUserInput = CreateUserInput.pick({
  name: true,
  email: true,
  role: true,
  visibility: true,
  teamId: true,
}).extend({ submission: Submission.nullable().optional() })
export type InviteUser = z.output<typeof InviteUserInput>

export const UpdateUserInput = InviteUserInput.omit({ submission: true })
  .partial()
  .extend({ version: Version.nullable().optional() })
export type UpdateUser = z.output<typeof UpdateUserInput>

/** What is chosen by whoever comes by a link. */
export const NewPasswordInput = z.object({ password: Password })

export const TwoFactorRuleInput = z.object({ twoFactorRequired: z.boolean() })

/** To whom: nobody is said, not left empty. */
const NewOwner = z.union([
  z.literal('none').transform(() => null),
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(Id),
])

export const HandOverInput = z.object({
  to: NewOwner,
  /** What is closed, converted or lost goes along; else only what is still to be worked on. */
  closed: z.boolean().optional(),
})
export type HandOver = z.output<typeof HandOverInput>
