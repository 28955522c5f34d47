import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { number } from '../../platform/database/number.ts'
import { COUNT_BOUND } from './schema.ts'
import type { Source } from './sources.ts'

/** What is gone through behind the sample, when enough of that is `among` what tells that it is worthwhile. */
export interface Stretch {
  condition: Sql
  frequent: number
  among: Sql
  walked: number
}

/**
 * `newest`: the ids of what meets `every` among the first `sample` in the order of time and, of the `stretches` behind those, in the first that is
 * worthwhile; and which of them have it `within` themselves.
 */
export function newest(
  { table, alias, active, newer }: Source,
  { every, within }: { every: Sql; within: Sql },
  sample: number,
  stretches: readonly Stretch[],
): Sql {
  const as = raw(alias)
  const rows = (meets: Sql, condition: Sql, from: number, to: number) => sql`
      SELECT ${as}.id, (${within}) AS "isWithin" FROM (
        SELECT * FROM ${table} ${as} WHERE ${active} AND ${condition} ORDER BY ${newer} OFFSET ${number(from)} LIMIT ${number(to - from)}) AS ${as}
      WHERE ${meets}`
  const next = stretches.map(({ condition, frequent, among, walked }, index) => {
    const isFrequent = sql`(SELECT count(*) FROM sample WHERE ${among}) >= ${number(frequent)}`
    const isFirst = stretches
      .slice(0, index)
      .map((earlier) => sql` AND (SELECT count(*) FROM sample WHERE ${earlier.among}) < ${number(earlier.frequent)}`)
    const isWorthwhile = sql`${isFrequent}${join([sql``, ...isFirst], '')}`
    const missing = sql`greatest(0, ${number(COUNT_BOUND + 1)} - (SELECT count(*) FROM sample WHERE ${among}))`
    return sql`${raw(`next${index}`)} AS MATERIALIZED (${rows(condition, isWorthwhile, sample, walked)} LIMIT ${missing})`
  })
  const nexts = next.map((_, index) => sql`SELECT * FROM ${raw(`next${index}`)}`)
  return sql`sample AS MATERIALIZED (${rows(every, sql`TRUE`, 0, sample)}),
    ${join(next)},
    newest AS MATERIALIZED (SELECT * FROM sample UNION ALL ${join(nexts, ' UNION ALL ')})`
}
