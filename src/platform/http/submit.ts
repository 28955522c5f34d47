import type { z } from 'zod'
import { Conflict, RuleViolation } from '../errors.ts'
import type { Message } from '../i18n.ts'
import { Decimal } from '../money.ts'
import { fromForm, problemsOf } from '../validation.ts'
import type { FormBody } from '../validation.ts'

/** What a form shows: what was typed or stored, what is wrong with it, and, after a conflict, what others have saved meanwhile. */
export interface Form {
  values: Record<string, string>
  errors: Record<string, Message>
  conflicts?: Record<string, { yours: string; theirs: string }>
}

export type Submitted<Result> = { ok: true; result: Result } | { ok: false; status: 409 | 422; form: Form }

/**
 * The hinge between a form and a command: bad input and a broken rule come back as the same form, with what was typed and each message at
 * its field, and so does a save on a record that others changed in between (409). Everything else is thrown on.
 */
export async function submit<Schema extends z.ZodObject, Result>(
  schema: Schema,
  body: unknown,
  act: (input: z.output<Schema>) => Promise<Result>,
): Promise<Submitted<Result>> {
  const sent = (typeof body === 'object' && body !== null ? body : {}) as FormBody
  const input = fromForm(schema, sent)
  const values = typedValues(schema, sent)
  const checked = schema.safeParse(input)
  if (!checked.success) return { ok: false, status: 422, form: { values, errors: problemsOf(checked.error, input) } }
  try {
    return { ok: true, result: await act(checked.data) }
  } catch (error) {
    if (error instanceof RuleViolation) {
      return {
        ok: false,
        status: 422,
        form: { values, errors: { [error.field]: { key: error.key, values: error.values } } },
      }
    }
    if (error instanceof Conflict && error.stored)
      return { ok: false, status: 409, form: conflictForm(error, error.stored, values) }
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

function conflictForm(error: Conflict, stored: Readonly<Record<string, unknown>>, typed: Record<string, string>): Form {
  const theirs = formOf(stored).values
  const differing = Object.keys(typed).filter(
    (name) => name !== 'version' && name in theirs && !sameText(typed[name] ?? '', theirs[name] ?? ''),
  )
  return {
    // Saving again is then a decision: it goes by the version that the reader has now seen.
    values: { ...typed, version: theirs.version ?? '' },
    errors: { form: { key: error.key, values: error.values } },
    conflicts: Object.fromEntries(
      // As it was read: of a day that is only blanks no words can be made.
      differing.map((name) => [name, { yours: (typed[name] ?? '').trim(), theirs: theirs[name] ?? '' }]),
    ),
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.replaceAll('\r\n', '\n').trim()) as [string, string]
  const amount = /^\d+(\.\d+)?$/
  return left === right || (amount.test(left) && amount.test(right) && new Decimal(left).equals(right))
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
