import { z } from 'zod'
import type { Message, TranslationKey, Values } from './i18n.ts'
import { RuleViolation } from './errors.ts'
import { Decimal, isCurrency, minorUnitDigits } from './money.ts'
import { isCalendarDay, isLocalTime, isMoment } from './time.ts'

/**
 * The base types of what may come in, for HTML and JSON alike. None coerces and none has a default: `fromForm` turns form strings into
 * these types, JSON is parsed as it is (absent = unchanged, null = cleared).
 */

/** One line or many, trimmed, up to `max` code points (as PostgreSQL counts); no NUL, no half of a surrogate pair. */
export function Text(max: number) {
  return z
    .string()
    .trim()
    .refine(isStorable, { params: problem('errors.text'), abort: true })
    .refine((text) => isWithin(text, max), { params: problem('errors.tooLong', { max }) })
    .meta({ maxLength: max })
}

/** What nobody can see: nothing, and what only joins, directs or stands for other characters. U+2800 is a letter of Braille without dots. */
const UNSEEN = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\s\u2800]*$/u

export function RequiredText(max: number) {
  return Text(max)
    .refine((text) => !UNSEEN.test(text), { params: problem('errors.required') })
    .meta({ minLength: 1 })
}

/** A field that can be empty: an empty string and null say the same. */
export function cleared<Type extends z.ZodType<string>>(text: Type) {
  return text
    .transform((value) => (value === '' ? null : value))
    .nullable()
    .optional()
}

export function OptionalText(max: number) {
  return cleared(Text(max))
}

export const LONG_TEXT = 20_000
export const Id = z.int().min(1).max(2_147_483_647)
export const Email = Text(200)
  .refine((text) => z.regexes.html5Email.test(text) && text.includes('.', text.indexOf('@')), {
    params: problem('errors.email'),
  })
  .meta({ format: 'email' })
export const Currency = z
  .string()
  .refine(isCurrency, { params: problem('errors.currency') })
  .meta({ description: 'ISO 4217.', minLength: 3, maxLength: 3 })
export const CalendarDate = z
  .string()
  .refine(isCalendarDay, { params: problem('errors.date') })
  .meta({ format: 'date' })
/** A day and time on the clock of whoever types it; `instantOf` finds the instant. */
export const LocalDateTime = z.string().refine(isLocalTime, { params: problem('errors.dateTime') })
/** A moment as programs send it, ISO 8601 with Z or an offset: nobody's clock has to be known to tell when it is. To the millisecond. */
export const Instant = z
  .string()
  .refine(isMoment, { params: problem('errors.moment') })
  .meta({
    format: 'date-time',
    description: 'With `Z` or an offset.',
    examples: ['2026-01-31T14:30:00+01:00', '2026-01-31T13:30:00Z'],
  })
  .transform((text) => new Date(text))
/** Up to 99999999999999.9999, as a string, so that no float comes near it. How many decimals its currency allows is `requireCurrencyDecimals`' to say. */
export const Money = z.string().regex(/^\d{1,14}(\.\d{1,4})?$/, { error: 'money' })
export const Percent = z.int().min(0).max(100)
export const Tags = z
  .array(RequiredText(50))
  .max(20)
  .transform((tags) => [...new Set(tags)])
/** What tells two submissions of one form from two forms. */
export const Submission = z.uuid()
/** The record's version that an edit form was opened on. */
export const Version = z.int().min(1).max(2_147_483_647)

/**
 * Throws RuleViolation at `field` when `amount` has more decimals than `currency`: no yen in cents. "43.000" are forty-three thousand euros to many, and
 * refused: no other amount of theirs has three decimals.
 */
export function requireCurrencyDecimals(amount: string | null | undefined, currency: string, field: string): void {
  if (amount === null || amount === undefined) return
  const count = minorUnitDigits(currency)
  if (new Decimal(amount).decimalPlaces() > count)
    throw new RuleViolation('errors.currencyDecimals', field, { currency, count })
  if (count < 3 && /^[1-9]\d{0,2}\.\d{3}$/.test(amount))
    throw new RuleViolation('errors.thousands', field, { amount, plain: amount.replace('.', '') })
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** Counts only where it could be either: a text of megabytes is not taken apart to be refused. */
function isWithin(text: string, max: number): boolean {
  return text.length <= max || (text.length <= 2 * max && [...text].length <= max)
}

function problem(key: TranslationKey, values: Values = {}): Message & { values: Values } {
  return { key, values }
}

export type FormBody = Readonly<Record<string, unknown>>

/**
 * A form's strings as the JSON types of `schema`: '' becomes null, digits a number, "a, b" a list, a checkbox that was not sent false, CRLF
 * a line feed. What fits no type stays as it was, for the schema to refuse. A field that was not sent stays away (unchanged).
 */
export function fromForm(schema: z.ZodObject, body: FormBody): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema.shape)) {
    const value = fieldFromForm(core(field as z.ZodType), Object.hasOwn(body, name) ? body[name] : undefined)
    if (value !== undefined) input[name] = value
  }
  return input
}

/** One field's string as the JSON type of `type`; undefined when it was not sent. */
export function fieldFromForm(type: z.ZodType, sent: unknown): unknown {
  const kind = core(type).def.type
  if (kind === 'boolean')
    return sent === undefined
      ? false
      : ['on', 'true', '1'].includes(String(sent))
        ? true
        : sent === 'false' || sent === ''
          ? false
          : sent
  if (kind === 'array') return typeof sent === 'string' ? splitTags(sent) : sent
  if (typeof sent !== 'string') return sent
  const text = sent.replaceAll('\r\n', '\n')
  if (text.trim() === '') return null
  // "-0" is no number that anybody means, and -0 is not quite 0.
  if (kind === 'number' && /^\s*-?\d{1,15}\s*$/.test(text) && !/-0+\s*$/.test(text)) return Number(text)
  if (core(type) === Money) return decimalText(text)
  return text
}

function splitTags(text: string): string[] {
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

/** "1 200,50" and "1200.50" are the same amount; "1,234" is a thousand to some and one to others, and refused. */
function decimalText(text: string): string {
  const compact = text.replace(/[\s\u00a0\u202f']/g, '')
  return /^\d+,\d+$/.test(compact) && !/,\d{3}$/.test(compact) ? compact.replace(',', '.') : compact
}

/** The type under optional(), nullable(), transform(). */
function core(type: z.ZodType): z.ZodType {
  const def = type.def as { type: string; innerType?: z.ZodType; in?: z.ZodType }
  if (def.type === 'optional' || def.type === 'nullable') return core(def.innerType as z.ZodType)
  return def.type === 'pipe' ? core(def.in as z.ZodType) : type
}

/** What is wrong, by field, the first of each: keys and values, put into words at the edge. `form` collects what belongs to no field. */
export function problemsOf(error: z.ZodError, input: Readonly<Record<string, unknown>>): Record<string, Message> {
  const problems: Record<string, Message> = {}
  for (const issue of error.issues) {
    const field = String(issue.path[0] ?? 'form')
    problems[field] ??= messageOf(issue, input[field])
  }
  return problems
}

/** What to say of `issue`, at a place where `given` stood. */
export function messageOf(issue: z.core.$ZodIssue, given: unknown): Message {
  if (given === undefined || given === null || given === '') return { key: 'errors.required' }
  switch (issue.code) {
    case 'custom':
      return (issue.params as Message | undefined) ?? { key: 'errors.invalid' }
    case 'too_big':
      return issue.origin === 'array'
        ? { key: 'errors.tooMany', values: { max: Number(issue.maximum) } }
        : { key: 'errors.max', values: { max: Number(issue.maximum) } }
    case 'too_small':
      return issue.origin === 'array'
        ? { key: 'errors.tooFew', values: { min: Number(issue.minimum) } }
        : { key: 'errors.min', values: { min: Number(issue.minimum) } }
    case 'invalid_type':
      return { key: issue.expected === 'int' || issue.expected === 'number' ? 'errors.integer' : 'errors.invalid' }
    case 'invalid_value':
      return { key: 'errors.choice' }
    default:
      return { key: issue.message === 'money' ? 'errors.money' : 'errors.invalid' }
  }
}
