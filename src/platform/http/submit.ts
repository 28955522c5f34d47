import type { z } from 'zod'
import { AlreadySent, Conflict, RuleViolation } from '../errors.ts'
import type { Message } from '../i18n.ts'
import { Decimal } from '../money.ts'
import { fromForm, problemsOf } from '../validation.ts'
import type { FormBody } from '../validation.ts'
import { choicesIn, compare, settled } from './conflict.ts'
import type { FormConflict } from './conflict.ts'

/** What a form shows: what was typed or stored, what is wrong with it, and, after a conflict, what others have saved meanwhile. */
export interface Form {
  values: Record<string, string>
  errors: Record<string, Message>
  conflict?: FormConflict
}

export type Submitted<Result> = { ok: true; result: Result } | { ok: false; status: 409 | 422; form: Form }

interface Submission {
  /** The page can show the form whatever has become of the record: that this allows no save any more is said there, above what was typed. */
  keepsTyped?: true
}

/**
 * The hinge between a form and a command: bad input and a broken rule come back as the same form, with what was typed and each message at
 * its field, and so does a save on a record that others changed in between (409). Everything else is thrown on.
 */
export async function submit<Schema extends z.ZodObject, Result>(
  schema: Schema,
  body: unknown,
  act: (input: z.output<Schema>) => Promise<Result>,
  { keepsTyped }: Submission = {},
): Promise<Submitted<Result>> {
  const sent = (typeof body === 'object' && body !== null ? body : {}) as FormBody
  const answered = settled(schema, sent)
  const input = fromForm(schema, answered.body)
  const values = typedValues(schema, sent)
  const refused = (errors: Form['errors'], status: 409 | 422 = 422): Submitted<Result> => ({
    ok: false,
    status,
    form: { values, errors, ...heldConflict(schema, sent) },
  })
  const checked = schema.safeParse(input)
  if (!checked.success) return refused(problemsOf(checked.error, input))
  try {
    return { ok: true, result: await act(checked.data) }
  } catch (error) {
    if (error instanceof RuleViolation) return refused({ [error.field]: { key: error.key, values: error.values } })
    if (error instanceof Conflict && error.stored)
      return { ok: false, status: 409, form: conflictForm(error, error.stored, { ...values, ...answered.theirs }) }
    if (error instanceof AlreadySent || (error instanceof Conflict && keepsTyped))
      return refused({ form: { key: error.key, values: error.values } }, 409)
    throw error
  }
}

export type Pressed<Result> = { ok: true; result: Result } | { ok: false; refusal: Conflict }

/** For a button without a form: what became impossible meanwhile comes back, to be said on the page where it was pressed. */
export async function press<Result>(act: () => Promise<Result>): Promise<Pressed<Result>> {
  try {
    return { ok: true, result: await act() }
  } catch (error) {
    if (error instanceof Conflict) return { ok: false, refusal: error }
    throw error
  }
}

/** A form that shows `record`: an edit form as it is opened, or a create form with what can be known beforehand. */
export function formOf(record: Readonly<Record<string, unknown>> = {}): Form {
  return {
    values: Object.fromEntries(Object.entries(record).map(([name, value]) => [name, formText(value)])),
    errors: {},
  }
}

/** What was still to be chosen on a form that is sent, for one that comes back. */
export function heldConflict(schema: z.ZodObject, body: FormBody): { conflict?: FormConflict } {
  const choices = choicesIn(schema, body)
  return choices.length === 0 ? {} : { conflict: { saved: null, choices, taken: [], kept: [] } }
}

function conflictForm(error: Conflict, stored: Readonly<Record<string, unknown>>, typed: Record<string, string>): Form {
  const theirs = formOf(stored).values
  const { base, saved, together } = error.meanwhile ?? { base: null, saved: null, together: [] }
  const found = compare(typed, theirs, { base, together })
  return {
    // Saving again is then a decision: it goes by the version that the reader has now seen.
    values: {
      ...typed,
      ...Object.fromEntries(found.taken.map((field) => [field.name, field.theirs])),
      version: theirs.version ?? '',
    },
    errors: {},
    conflict: { saved, ...found },
  }
}

function typedValues(schema: z.ZodObject, body: FormBody): Record<string, string> {
  const names = Object.keys(schema.shape)
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(body, name)).map((name) => [name, formText(body[name])]),
  )
}

function formText(value: unknown): string {
  if (value === null || value === undefined || value === false) return ''
  if (value === true) return 'true'
  if (Array.isArray(value)) return value.join(', ')
  if (value instanceof Decimal) return value.toFixed()
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? '' : String(value)
}
