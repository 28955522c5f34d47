import sql from 'sql-template-tag'
import { Conflict } from './errors.ts'
import type { Scope } from './scope.ts'
import { localInput, offsetInput } from './time.ts'

export interface StaleSave {
  /** The record's table, as the audit calls it. */
  table: string
  id: number
  /** The version that the form was opened on. */
  version: number
  /** The record as its edit form shows it now. */
  stored: Readonly<Record<string, unknown>>
  /** Fields that belong together: where the first of a group differs, all of it goes one way or the other. */
  together?: readonly (readonly string[])[]
}

interface Earlier {
  actor: string | null
  name: string | null
  at: Date | null
  base: Record<string, string> | null
}

/**
 * What to throw when somebody else saved after `version`: with what is stored, what the form was opened on, and who saved last. The audit knows
 * it; where it has no such version (any more), the two versions there are have to do.
 */
export async function stale({ db, user }: Scope, save: StaleSave): Promise<Conflict> {
  const { table, id, version, stored, together = [] } = save
  const [found] = await db.query<Earlier>(sql`
    WITH base AS (SELECT new_row FROM changes WHERE table_name = ${table} AND record_id = ${id} AND new_row ->> 'version' = ${String(version)}
                  ORDER BY id DESC LIMIT 1),
         latest AS (SELECT actor, created_at FROM changes WHERE table_name = ${table} AND record_id = ${id} AND operation <> 'redact'
                    ORDER BY id DESC LIMIT 1)
    SELECT l.actor, u.name, l.created_at AS at,
      (SELECT jsonb_object_agg(f.key, CASE jsonb_typeof(f.value)
         WHEN 'array' THEN (SELECT coalesce(string_agg(item, ', ' ORDER BY place), '')
                            FROM jsonb_array_elements_text(f.value) WITH ORDINALITY AS items(item, place))
         WHEN 'number' THEN trim_scale((f.value #>> '{}')::numeric)::text
         WHEN 'boolean' THEN CASE WHEN f.value = 'true' THEN 'true' ELSE '' END
         ELSE coalesce(f.value #>> '{}', '') END)
       FROM base, jsonb_each(base.new_row) AS f) AS base
    FROM (SELECT) AS one LEFT JOIN latest l ON TRUE
      LEFT JOIN users u ON u.id = CASE WHEN l.actor ~ '^[1-9]' THEN l.actor::integer END`)
  return new Conflict('errors.stale', {}, stored, {
    base: found?.base ? asForm(found.base, stored, user.timeZone) : null,
    saved: found?.at ? { by: found.name, byYourself: found.actor === String(user.id), at: found.at } : null,
    together,
  })
}

/** An audited row in the words of the form: its names, moments by the reader's clock, times of day to the minute. */
function asForm(row: Record<string, string>, stored: object, zone: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([column, text]) => {
      const name = column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      const offset = `${name}Offset`
      if (!(offset in stored)) return [[name, /^\d\d:\d\d:00$/.test(text) ? text.slice(0, 5) : text]]
      const instant = new Date(text)
      return [
        [name, localInput(instant, zone)],
        [offset, offsetInput(instant, zone)],
      ]
    }),
  )
}
