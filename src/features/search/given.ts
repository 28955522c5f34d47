import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'

/** What a statement is told, each value once. */
export interface Given {
  /** Answers how the statement speaks of this value. */
  (value: Sql): Sql
  /** The CTE with all values named until now; it must come before whatever speaks of them. */
  all(): Sql
}

/**
 * Values in a CTE of their own. PostgreSQL plans a statement anew for each value it can see, and a search is so large that planning it takes as long
 * as running it. What stands in a materialized CTE is not seen: the plan is the same for all words, and `frequent` keeps it. What is
 * made of a value (folding a word costs more than comparing it with a record) is made once, not once a record.
 */
export function givenValues(): Given {
  const values: Sql[] = []
  const named = new Map<string, Sql>()
  const given = (value: Sql) => {
    const key = `${value.strings.join('?')}${JSON.stringify(value.values)}`
    let name = named.get(key)
    if (!name) {
      name = sql`(SELECT ${raw(`v${values.length}`)} FROM given)`
      named.set(key, name)
      values.push(value)
    }
    return name
  }
  const all = () => sql`given AS MATERIALIZED (
    SELECT ${join(values.map((value, index) => sql`${value} AS ${raw(`v${index}`)}`))})`
  return Object.assign(given, { all })
}
