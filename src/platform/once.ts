import { createHash } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Db } from './database/database.ts'
import { AlreadySent, Conflict } from './errors.ts'
import type { Scope } from './scope.ts'

interface Created {
  id: number
}

/**
 * Creates at most once for one `submission` (the uuid a create form carries): the repeat of a form, even at the same instant, answers the id of
 * the first. Inside a transaction. Somebody else's uuid is refused, and so is a form that was changed since (AlreadySent): its `input` would be lost.
 */
export async function once(
  scope: Scope,
  submission: string | null | undefined,
  input: unknown,
  create: () => Promise<Created>,
): Promise<Created & { repeated: boolean }> {
  if (!submission || scope.user.id === null) return { ...(await create()), repeated: false }
  const content = createHash('sha256').update(JSON.stringify(input)).digest()
  // A concurrent repeat waits here, on the unique index, until the first has committed.
  const claimed = await scope.db.query(sql`
    INSERT INTO submissions (id, user_id, content) VALUES (${submission}::uuid, ${scope.user.id}, ${content}) ON CONFLICT (id) DO NOTHING RETURNING id`)
  if (claimed.length === 0) return { id: await resultOf(scope, submission, content), repeated: true }
  const created = await create()
  await scope.db.query(
    sql`UPDATE submissions SET record_id = ${created.id} WHERE id = ${submission}::uuid RETURNING id`,
  )
  return { id: created.id, repeated: false }
}

async function resultOf(scope: Scope, submission: string, content: Buffer): Promise<number> {
  const [earlier] = await scope.db.query<{ id: number; isSame: boolean }>(sql`
    SELECT record_id AS id, content IS NOT DISTINCT FROM ${content}::bytea AS "isSame" FROM submissions
    WHERE id = ${submission}::uuid AND user_id = ${scope.user.id} AND record_id IS NOT NULL`)
  if (!earlier) throw new Conflict('errors.stale')
  if (!earlier.isSame) throw new AlreadySent(earlier.id)
  return earlier.id
}

/** Forgets submissions older than a day. */
export async function forgetSubmissions(db: Db): Promise<void> {
  await db.query(sql`DELETE FROM submissions WHERE created_at < now() - interval '1 day' RETURNING id`)
}
