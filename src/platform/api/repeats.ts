import { createHash } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Db } from '../database/database.ts'
import type { Scope } from '../scope.ts'
import { Refusal } from './problem.ts'

/** An answer as it was sent, and is sent again. */
export interface Answer {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

interface Repeatable {
  tokenId: number
  /** The Idempotency-Key that the program chose. */
  key: string
  /** Method, address and body: all that must be the same for two requests to be one. */
  request: readonly unknown[]
}

/**
 * Does `work` at most once for a key, and answers the same every time for a day. Inside a transaction, which keeps work and answer together: what
 * failed has stored nothing, not even that it was tried, and of several at the same instant the others wait for the first.
 */
export async function onceFor(
  { db }: Scope,
  { tokenId, key, request }: Repeatable,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex')
  const claimed = await db.query(sql`
    INSERT INTO api_answers (token_id, key, request_hash) VALUES (${tokenId}, ${key}, ${hash})
    ON CONFLICT (token_id, key) DO UPDATE SET request_hash = excluded.request_hash, created_at = now()
      WHERE api_answers.created_at < now() - interval '1 day'
    RETURNING key`)
  if (claimed.length === 0) return earlier(db, tokenId, key, hash)
  const answer = await work()
  await db.query(sql`
    UPDATE api_answers SET status = ${answer.status}, headers = ${JSON.stringify(answer.headers)}::jsonb, body = ${answer.body}
    WHERE token_id = ${tokenId} AND key = ${key} RETURNING key`)
  return answer
}

async function earlier(db: Db, tokenId: number, key: string, hash: string): Promise<Answer> {
  const [stored] = await db.query<Answer & { hash: string }>(sql`
    SELECT request_hash AS hash, status, headers, body FROM api_answers WHERE token_id = ${tokenId} AND key = ${key}`)
  // Whoever holds the key has forgotten it between the two statements: as if it had never been.
  if (!stored) throw new Refusal(409, 'api.errors.keyBusy')
  if (stored.hash !== hash) throw new Refusal(422, 'api.errors.keyReused')
  return { status: stored.status, headers: { ...stored.headers, 'Idempotency-Replayed': 'true' }, body: stored.body }
}

/** Forgets the answers older than a day. */
export async function forgetAnswers(db: Db): Promise<void> {
  await db.query(sql`DELETE FROM api_answers WHERE created_at < now() - interval '1 day' RETURNING key`)
}
