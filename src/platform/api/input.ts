import type { Request } from 'express'
import type { z } from 'zod'
import type { Message, TranslationKey } from '../i18n.ts'
import { fieldFromForm, messageOf } from '../validation.ts'
import { InvalidInput } from './problem.ts'

type Fields = Record<string, unknown>

/** The query string in the types of `schema`; a parameter there is not, or that cannot be what it says, is refused. */
export function queryOf(schema: z.ZodObject, req: Request): Fields {
  const shape = schema.shape as Record<string, z.ZodType>
  const given = Object.entries(req.query).map(([name, value]) => {
    const type = Object.hasOwn(shape, name) ? shape[name] : undefined
    return [name, type ? fieldFromForm(type, value) : value] as const
  })
  return checked(schema, Object.fromEntries(given))
}

/** JSON as it came, in the types of `schema`. Throws InvalidInput with all that is wrong, by field: "tags.3". */
export function checked(schema: z.ZodType, input: unknown): Fields {
  const result = schema.safeParse(input)
  if (!result.success) throw new InvalidInput(problemsIn(result.error, input))
  return result.data as Fields
}

function problemsIn(error: z.ZodError, input: unknown): Record<string, Message[]> {
  const problems = new Map<string, Message[]>()
  const add = (field: string, message: Message) => problems.set(field, [...(problems.get(field) ?? []), message])
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) add([...issue.path, key].join('.'), { key: 'api.errors.unknownField' })
    } else if (issue.path.length === 0) add('body', { key: 'api.errors.notAnObject' })
    else add(issue.path.join('.'), ofType(issue, valueAt(input, issue.path)))
  }
  return Object.fromEntries(problems)
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
