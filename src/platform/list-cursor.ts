import type { Place, Sort } from './list-order.ts'
import { sortNamed } from './list-order.ts'

export interface Cursor extends Place {
  direction: 'after' | 'before'
  /** The sort it was made for. */
  sort: string
}

/** The longest text that a list is sorted by has 500 characters, each of which JSON may write with six, and base64 with eight. */
export const CURSOR_LENGTH = 5_000

type Sorts = Readonly<Record<string, Sort>>

/** The place before or after `row`, a row of the list as it is sorted by `sort`, for an address. */
export function writeCursor(sorts: Sorts, sort: string, row: unknown, direction: Cursor['direction']): string {
  const record = row as Record<string, unknown>
  const values = sortNamed(sorts, sort).by.map((_, index) => record[`cursor${index}`] ?? null)
  return Buffer.from(JSON.stringify([direction === 'after' ? 1 : 0, record.id, ...values])).toString('base64url')
}

/** The place that an address names; null for none, and for what none of ours has written. */
export function readCursor(cursor: unknown, sorts: Sorts, sort: string): Cursor | null {
  if (typeof cursor !== 'string' || cursor.length > CURSOR_LENGTH) return null
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    // Not one of ours: the first page.
    return null
  }
  if (!Array.isArray(parts)) return null
  const [direction, id, ...values] = parts as unknown[]
  const { by: expressions, empty } = sortNamed(sorts, sort)
  const isValue = (value: unknown) =>
    (typeof value === 'string' && !value.includes('\0')) || (empty !== null && value === null)
  if (values.length !== expressions.length || !values.every(isValue)) return null
  if (!Number.isSafeInteger(id) || Math.abs(id as number) > 2_147_483_647) return null
  return {
    direction: direction === 1 ? 'after' : 'before',
    sort,
    values: values as (string | null)[],
    id: id as number,
  }
}
