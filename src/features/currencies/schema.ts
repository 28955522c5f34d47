import { z } from 'zod'
import { CalendarDate, Currency, Submission, Text, Version } from '../../platform/validation.ts'
import type { TranslationKey } from '../../platform/i18n.ts'

/** A rate as it is typed, "1.0823" or "1,0823": more than nought, up to ten digits on either side of the mark. */
export const RateValue = z
  .string()
  .trim()
  .refine((text) => /^\d{1,10}([.,]\d{1,10})?$/.test(text) && /[1-9]/.test(text), {
    params: { key: 'currencies.errors.rate' satisfies TranslationKey },
  })
  .transform((text) => text.replace(',', '.'))

export const CreateRateInput = z.object({
  baseCode: Currency,
  currencyCode: Currency,
  date: CalendarDate,
  rate: RateValue,
  submission: Submission.nullable().optional(),
})
export type CreateRate = z.output<typeof CreateRateInput>

/** A rate of other currencies, or of another day, is another rate. */
export const UpdateRateInput = z.object({ rate: RateValue.optional(), version: Version.nullable().optional() })
export type UpdateRate = z.output<typeof UpdateRateInput>

export const BaseCurrencyInput = z.object({ baseCurrency: Currency, version: Version.nullable().optional() })
export type BaseCurrencyChange = z.output<typeof BaseCurrencyInput>

/** All days since 1999 are about two million characters. */
const FILE_SIZE = 4_000_000

export const ImportInput = z.object({
  text: Text(FILE_SIZE).refine((text) => text !== ''),
  /** Days before it are left out. */
  since: CalendarDate.nullable().optional(),
  step: z.enum(['preview', 'import']).optional(),
})
export type ImportRates = z.output<typeof ImportInput>
