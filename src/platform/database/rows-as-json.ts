import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'

/**
 * The rows of a SELECT as one JSON list, in their order, so that one statement can answer several lists. JSON knows neither decimals nor dates:
 * select amounts as text, and make Dates of what was a timestamp.
 */
export function rowsAsJson(rows: Sql): Sql {
  return sql`(SELECT coalesce(json_agg(listed), '[]') FROM (${rows}) AS listed)`
}
