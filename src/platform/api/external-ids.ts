import sql from 'sql-template-tag'
import type { Scope } from '../scope.ts'

/**
 * Which records this user's programs call by these names, of `noun` (a table). Until the transaction ends nobody else gives names there in this
 * user's name: of two requests that bring the same new record at once, the second finds what the first has made.
 */
export async function knownAs(
  { db, user }: Scope,
  noun: string,
  externalIds: readonly string[],
): Promise<Map<string, number>> {
  if (externalIds.length === 0) return new Map()
  await db.query(sql`SELECT pg_advisory_xact_lock(hashtext(${`external_ids ${noun} ${user.id}`})) IS NULL AS locked`)
  const rows = await db.query<{ externalId: string; recordId: number }>(sql`
    SELECT external_id AS "externalId", record_id AS "recordId" FROM external_ids
    WHERE noun = ${noun} AND user_id = ${user.id} AND external_id = ANY (${[...externalIds]}::text[])`)
  return new Map(rows.map(({ externalId, recordId }) => [externalId, recordId]))
}

/** From now on these names mean these records, whatever they meant before. */
export async function remember({ db, user }: Scope, noun: string, made: ReadonlyMap<string, number>): Promise<void> {
  if (made.size === 0) return
  await db.query(sql`
    INSERT INTO external_ids (noun, user_id, external_id, record_id)
    SELECT ${noun}, ${user.id}, * FROM unnest(${[...made.keys()]}::text[], ${[...made.values()]}::int[])
    ON CONFLICT (noun, user_id, external_id) DO UPDATE SET record_id = excluded.record_id RETURNING id`)
}
