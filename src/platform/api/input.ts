import type { Request } from 'express'
import type { z } from 'zod'
import type { Message, TranslationKey } from '../i18n.ts'
import { fieldFromForm, messageOf } from '../validation.ts'
import { MOST_ENTRIES, MOST_FIELDS } from './bounds.ts'
import { InvalidInput, withinReason } from './problem.ts'

type Fields = Record<string, unknown>

/** The query string in the types of `schema`; a parameter there is not, or that cannot be what it says, is refused. */
export function queryOf(schema: z.ZodObject, req: Request): Fields {
  const shape = schema.shape as Record<string, z.ZodType>
  const given = Object.entries(req.query).map(([name, value]) => {
    const type = Object.hasOwn(shape, name) ? shape[name] : undefined
    return [name, type ? fieldFromForm(type, value) : value] as const
  })
  return checked(schema, Object.fromEntries(given), 'query')
}

/**
 * JSON as it came, in the types of `schema`. Throws InvalidInput with what is wrong, by field: "tags.3"; what is wrong with all of it stands at
 * `whole`.
 */
export function checked(schema: z.ZodType, input: unknown, whole: 'body' | 'query' = 'body'): Fields {
  const beyond = beyondReason(input, whole)
  if (beyond) throw new InvalidInput(beyond)
  const result = schema.safeParse(input)
  if (!result.success) throw new InvalidInput(withinReason(problemsIn(result.error, input, whole), whole))
  return result.data as Fields
}

/** What is refused as it stands: a schema would make a message of each of its parts. */
function beyondReason(input: unknown, whole: string): Record<string, Message[]> | null {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return null
  const fields = Object.entries(input)
  if (fields.length > MOST_FIELDS)
    return { [whole]: [{ key: 'api.errors.tooManyFields', values: { max: MOST_FIELDS } }] }
  const [long] = fields.find(([, value]) => Array.isArray(value) && value.length > MOST_ENTRIES) ?? []
  return long === undefined ? null : { [long]: [{ key: 'errors.tooMany', values: { max: MOST_ENTRIES } }] }
}

function* problemsIn(error: z.ZodError, input: unknown, whole: string): Generator<[field: string, message: Message]> {
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) yield [[...issue.path, key].join('.'), { key: 'api.errors.unknownField' }]
    } else if (issue.path.length === 0) yield [whole, { key: 'api.errors.notAnObject' }]
    else yield [issue.path.join('.'), ofType(issue, valueAt(input, issue.path))]
  }
}

const NEEDED: Readonly<Record<string, TranslationKey>> = {
  string: 'api.errors.notText',
  boolean: 'api.errors.notTrueOrFalse',
  array: 'api.errors.notAList',
  object: 'api.errors.notAnObject',
  record: 'api.errors.notAnObject',
}

/** A form has no types to mistake, a program does: an amount as a number is the first thing that is tried. */
function ofType(issue: z.core.$ZodIssue, given: unknown): Message {
  const key =
    issue.code === 'invalid_type' && given !== undefined && given !== null ? NEEDED[issue.expected] : undefined
  return key ? { key } : messageOf(issue, given)
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  )
}
