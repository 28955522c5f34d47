import { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'

/** Written out: of a number that PostgreSQL is told apart from the statement, a plan made once for all values of it knows nothing. */
export function number(value: number): Sql {
  return raw(String(value))
}
