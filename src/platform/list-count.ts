import type { Sql } from 'sql-template-tag'
import type { Scope } from './scope.ts'

export const COUNT_BOUND = 10_000
/** What is searched for is counted no further: counting asks more of each row than whether it is there. */
export const SEARCH_COUNT_BOUND = 1_000
const LIVE_COUNT_BOUND = 1_000
const KEPT_MS = 30_000
const KEPT = 1_000

const counts = new Map<string, { count: number; at: number }>()

/**
 * What `statement` counts (as "count", to one more than `bound`). Up to a thousand rows are counted each time. Beyond that the count is for
 * orientation, and may be half a minute old: counting ten thousand rows for every page shown would cost more than the page.
 */
export async function countedUpTo(
  { db }: Scope,
  statement: Sql,
  bound: number,
): Promise<{ count: number; more: boolean }> {
  const key = JSON.stringify([statement.text, statement.values])
  const known = counts.get(key)
  if (known && Date.now() - known.at < KEPT_MS) return upToBound(known.count, bound)
  counts.delete(key)
  const [row] = await db.query<{ count: number }>(statement)
  const found = row?.count ?? 0
  if (found > LIVE_COUNT_BOUND) {
    if (counts.size >= KEPT) counts.delete(counts.keys().next().value as string)
    counts.set(key, { count: found, at: Date.now() })
  }
  return upToBound(found, bound)
}

/** What has been `found`, as far as it is told. */
export function upToBound(found: number, bound: number): { count: number; more: boolean } {
  return found > bound ? { count: bound, more: true } : { count: found, more: false }
}
