import { Decimal } from './money.ts'

/**
 * What of `input` differs from the stored record: the only fields worth writing. A field that was not sent (undefined) is not a change, and
 * lists are the same when their items are, amounts when they are equal ("12.5" and 12.5000).
 */
export function changedFields<Input extends object>(stored: object, input: Input): Partial<Input> {
  const known = stored as Readonly<Record<string, unknown>>
  const changed = Object.entries(input).filter(([name, value]) => value !== undefined && !same(known[name], value))
  return Object.fromEntries(changed) as Partial<Input>
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, place) => item === b[place])
  if (a instanceof Decimal) return typeof b === 'string' && a.equals(b)
  return a === b
}
