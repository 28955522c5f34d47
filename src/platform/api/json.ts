import { z } from 'zod'
import { plainAmount } from '../money.ts'
import type { Decimal } from '../money.ts'
import { Id } from '../validation.ts'

/** The types that records are made of, as programs read them. */

export const RecordId = Id
export const RecordVersion = z
  .int()
  .min(1)
  .meta({ description: 'Counts the changes; also the `ETag`, for `If-Match`.' })
/** A moment: ISO 8601 in UTC, to the millisecond. */
export const Moment = z.iso
  .datetime({ precision: 3 })
  .meta({ description: 'In UTC.', examples: ['2026-01-31T13:30:00.000Z'] })
/** A day of the calendar, without a zone. */
export const Day = z.iso.date()
/** An amount as text, with the decimals of its currency at least: no program is to read it into a float. */
export const Amount = z
  .string()
  .regex(/^\d{1,14}(\.\d{1,4})?$/)
  .meta({ description: 'A decimal number as text; its currency is in `currencyCode`.', examples: ['12000.50'] })

/** What there is to say of a record that is gone. */
export const Deleted = z.object({ id: RecordId }).meta({ title: 'Deleted', examples: [{ id: 17 }] })

export function momentOf(instant: Date): string
export function momentOf(instant: Date | null): string | null
export function momentOf(instant: Date | null): string | null {
  return instant && instant.toISOString()
}

export function amountOf(amount: Decimal | null, currency: string): string | null {
  return amount && plainAmount(amount, currency)
}
