import sql, { join, raw } from 'sql-template-tag'
import type { Db } from './database/database.ts'

/** What a field is in the database; with what stands there when nothing is given, where that is not nothing. */
type Column = 'text' | 'integer' | 'numeric' | 'text[]' | readonly [type: string, otherwise: string]

/**
 * Stores `rows`, whatever each of them leaves out, in their order and in one statement that is the same for any number of them. (Prisma compiles a plan for
 * each number of rows and for what each of them leaves out, and keeps it: megabytes for some hundred rows.) Answers their ids in the same order.
 */
export async function storeMany<Row extends object>(
  db: Db,
  table: string,
  columns: Readonly<Record<keyof Row & string, Column>>,
  rows: readonly Row[],
): Promise<{ id: number }[]> {
  const fields = Object.entries<Column>(columns).map(([field, column]) => {
    const [type, otherwise] = typeof column === 'string' ? [column, null] : column
    const given = raw(`"${field}"`)
    return {
      name: raw(field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
      declared: sql`${given} ${raw(type)}`,
      value: otherwise === null ? given : sql`coalesce(${given}, ${otherwise}::${raw(type)})`,
    }
  })
  return db.query<{ id: number }>(sql`
    INSERT INTO ${raw(table)} (${join(fields.map(({ name }) => name))})
    SELECT ${join(fields.map(({ value }) => value))}
    FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS (${join(fields.map(({ declared }) => declared))})) WITH ORDINALITY
    ORDER BY ordinality RETURNING id`)
}
