import { createHash } from 'node:crypto'
import pg from 'pg'
import type { ClientBase } from 'pg'

/** One table as an archive holds it. Read from the catalog, so that a table that is added tomorrow is in tomorrow's archive. */
export interface Table {
  name: string
  /** Those that are written; generated ones are computed again. */
  columns: string[]
  /** ORDER BY of the primary key, the same on every server. */
  order: string
  numerics: string[]
  /** Columns that number themselves, and by which sequence. */
  sequences: { column: string; sequence: string }[]
}

/**
 * Where the machine remembers what holds for an hour or a day. After an import everybody signs in again. The ledger of migrations is in the header.
 */
const LEFT_OUT = ['_prisma_migrations', 'api_answers', 'api_limits', 'sessions', 'sign_in_limits', 'submissions']

const TABLES = `
SELECT c.relname::text AS name,
  ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
  (SELECT string_agg(quote_ident(a.attname) || CASE WHEN a.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END, ', ' ORDER BY k.place)
   FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
   WHERE i.indrelid = c.oid AND i.indisprimary) AS "order",
  ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.atttypid = 'numeric'::regtype
        ORDER BY a.attnum) AS numerics,
  coalesce((SELECT json_agg(json_build_object('column', a.attname, 'sequence', s.name) ORDER BY a.attnum)
            FROM pg_attribute a CROSS JOIN LATERAL pg_get_serial_sequence(c.oid::regclass::text, a.attname) AS s (name)
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND s.name IS NOT NULL), '[]') AS sequences
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL ($1)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname COLLATE "C"`

export async function readTables(client: ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Omit<Table, 'order'> & { order: string | null }>(TABLES, [LEFT_OUT])
  return rows.map(({ order, ...table }) => {
    // Without an order no hash can be compared.
    if (!order) throw new Error(`the table ${table.name} has no primary key`)
    return { ...table, order }
  })
}

/** So that every server writes a value in the same way, and none gives up on a long statement. Holds until the connection ends. */
export async function speakPlainly(client: ClientBase): Promise<void> {
  await client.query(`
    SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = 'hex';
    SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '60s'`)
}

export const quoted = pg.escapeIdentifier

export function copyOut({ name, columns, order }: Table): string {
  return `COPY (SELECT ${columns.map(quoted).join(', ')} FROM public.${quoted(name)} ORDER BY ${order}) TO STDOUT`
}

export function copyIn(name: string, columns: readonly string[]): string {
  return `COPY public.${quoted(name)} (${columns.map(quoted).join(', ')}) FROM STDIN`
}

export async function sumsOf(client: ClientBase, { name, numerics }: Table): Promise<Record<string, string | null>> {
  if (numerics.length === 0) return {}
  const sums = numerics.map((column) => `sum(${quoted(column)})::text AS ${quoted(column)}`)
  const { rows } = await client.query<Record<string, string | null>>(
    `SELECT ${sums.join(', ')} FROM public.${quoted(name)}`,
  )
  return { ...rows[0] }
}

export async function nextIds(client: ClientBase, { sequences }: Table): Promise<Record<string, number>> {
  const next: Record<string, number> = {}
  for (const { column, sequence } of sequences) {
    const { rows } = await client.query<{ next: string }>(
      `SELECT last_value + is_called::integer AS next FROM ${sequence}`,
    )
    next[column] = Number(rows[0]?.next)
  }
  return next
}

/** Counts and hashes rows as they go by. */
export function tallyOfRows() {
  const hash = createHash('sha256')
  let rows = 0
  return {
    take(chunk: Buffer): void {
      hash.update(chunk)
      // A line end inside a value is written as \n: each that is there ends a row.
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows += 1
    },
    result: () => ({ rows, sha256: hash.digest('hex') }),
  }
}
