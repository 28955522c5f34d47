import { z } from 'zod'
import { Currency, Email, RequiredText } from '../../platform/validation.ts'
import { Password, TimeZone } from '../users/schema.ts'

export const SetupInput = z.object({
  name: RequiredText(100),
  email: Email,
  password: Password,
  baseCurrency: Currency.optional(),
  timeZone: TimeZone.optional(),
  sampleData: z.boolean().optional(),
})
export type Setup = z.output<typeof SetupInput>
