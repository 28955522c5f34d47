import { randomUUID } from 'node:crypto'
import sql from 'sql-template-tag'
import { NotFound } from '../../../platform/errors.ts'
import type { Outcome, Post } from '../../../platform/outgoing/post.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { requireAdministrator } from '../../users/administrators.ts'
import { PING } from '../events.ts'
import { HEADERS, bodyOf } from '../present.ts'
import type { Told } from '../present.ts'
import { actsFor, administers, tellers, told } from '../queries.ts'
import type { Attempt } from '../queries.ts'
import { LEASE, PATIENCE_HOURS, waitAfter } from '../schedule.ts'
import { signedHeaders } from '../signature.ts'
import { sendWaiting } from './subscriptions.ts'

/** At once, to one receiver; one that fails is tried with one at a time. */
const AT_ONCE = 4
/** A receiver that was away for so long, in milliseconds, and answers again is sent at once what has waited. */
const AWAY = 600_000

/** A delivery whose attempt is under way: nobody else makes one until the lease is over. */
export interface Claimed extends Told {
  id: number
  lease: string
  attempts: number
  webhookId: number
  url: string
  /** The newest first. */
  secrets: string[]
  failingSince: Date | null
}

/** As the columns round: by another measure, what is due at this moment would be due up to half a millisecond from now. */
const moment = sql`now()::timestamptz(3)`

const claimed = sql`d.id::int AS id, d.lease, d.attempts, s.id AS "webhookId", s.url, s.failing_since AS "failingSince",
  ARRAY[s.secret] || CASE WHEN s.previous_secret_until > now() THEN ARRAY[s.previous_secret] ELSE '{}' END AS secrets, ${told}`

/**
 * Takes what is due: of each record the earliest, so that a later event never overtakes one that is still to arrive, and of each receiver a few, so
 * that one that is slow holds up nobody else. Any number of processes may ask at once.
 */
export function claimDue({ db }: Scope): Promise<Claimed[]> {
  return db.query<Claimed>(sql`
    WITH due AS MATERIALIZED (
      SELECT d.id FROM ${actsFor} CROSS JOIN LATERAL (
        SELECT d.id FROM webhook_deliveries d
        WHERE d.subscription_id = s.id AND d.status = 'pending' AND d.next_attempt_at <= ${moment} AND NOT EXISTS (
          SELECT FROM webhook_deliveries e WHERE e.subscription_id = d.subscription_id AND e.table_name = d.table_name
            AND e.record_id = d.record_id AND e.status = 'pending' AND e.id < d.id)
        ORDER BY d.next_attempt_at, d.id
        LIMIT greatest(0, CASE WHEN s.failing_since IS NULL THEN ${AT_ONCE}::int ELSE 1 END - (
          SELECT count(*) FROM webhook_deliveries w WHERE w.subscription_id = s.id AND w.lease IS NOT NULL AND w.next_attempt_at > now()))
        FOR UPDATE SKIP LOCKED) d
      WHERE s.is_active AND ${administers}),
    taken AS (
      UPDATE webhook_deliveries d SET lease = ${randomUUID()}::uuid, attempts = d.attempts + 1, next_attempt_at = now() + make_interval(secs => ${LEASE})
      FROM due WHERE d.id = due.id RETURNING d.*)
    SELECT ${claimed} FROM taken d JOIN webhook_subscriptions s ON s.id = d.subscription_id ${tellers} ORDER BY d.id`)
}

/** Sends it and writes down what came of it. One that `signal` ends is free again at once, as if it had not been tried. */
export async function attempt(scope: Scope, post: Post, delivery: Claimed, signal?: AbortSignal): Promise<void> {
  const body = bodyOf(delivery)
  const outcome = await post(new URL(delivery.url), {
    headers: { ...HEADERS, ...signedHeaders({ id: delivery.eventId, body }, delivery.secrets) },
    body,
    ...(signal && { signal }),
  })
  if (outcome.interrupted && outcome.statusCode === null) return release(scope, delivery)
  await record(scope, delivery, outcome)
}

/** Sends a test and waits for its answer. Answers the id of the delivery. Throws NotFound. */
export async function sendTest(scope: Scope, post: Post, webhookId: number): Promise<number> {
  requireAdministrator(scope)
  const [test] = await scope.db.query<Claimed>(sql`
    WITH d AS (
      INSERT INTO webhook_deliveries (subscription_id, event_id, type, attempts, lease, next_attempt_at)
      SELECT id, gen_random_uuid(), ${PING}, 1, gen_random_uuid(), now() + make_interval(secs => ${LEASE})
      FROM webhook_subscriptions WHERE id = ${webhookId} RETURNING *)
    SELECT ${claimed} FROM d JOIN webhook_subscriptions s ON s.id = d.subscription_id ${tellers}`)
  if (!test) throw new NotFound()
  await attempt(scope, post, test)
  return test.id
}

async function release({ db }: Scope, { id, lease }: Claimed): Promise<void> {
  await db.query(sql`
    UPDATE webhook_deliveries SET lease = NULL, attempts = attempts - 1, next_attempt_at = now() WHERE id = ${id} AND lease = ${lease}::uuid RETURNING id`)
}

async function record(scope: Scope, delivery: Claimed, outcome: Outcome): Promise<void> {
  const problem = problemOf(outcome)
  // A test tells what happened now: nobody waits for a second one.
  const wait = problem && delivery.type !== PING ? waitAfter(delivery.attempts) : null
  const status = problem === null ? 'delivered' : wait === null ? 'failed' : 'pending'
  const noted = await scope.db.query(sql`
    WITH done AS (
      UPDATE webhook_deliveries SET status = ${status}, lease = NULL,
        finished_at = CASE WHEN ${status} <> 'pending' THEN clock_timestamp() END,
        next_attempt_at = clock_timestamp() + make_interval(secs => ${wait ?? 0})
      WHERE id = ${delivery.id} AND lease = ${delivery.lease}::uuid RETURNING id)
    INSERT INTO webhook_attempts (delivery_id, attempted_at, duration_ms, status_code, problem, answer)
    SELECT id, ${outcome.at}, ${outcome.durationMs}::int, ${outcome.statusCode}::int, ${problem}, ${outcome.answer} FROM done RETURNING id`)
  // Whoever comes back after the lease has been taken for dead: the attempt that is under way now is the one that counts.
  if (noted.length === 0 || delivery.type === PING) return
  if (problem === null) await noteRecovery(scope, delivery)
  else await noteFailure(scope, delivery, outcome)
}

function problemOf({ problem, statusCode }: Outcome): Attempt['problem'] {
  if (problem) return problem
  if (statusCode === null) return 'broken'
  if (statusCode >= 200 && statusCode < 300) return null
  // Followed, it could lead into the network of whoever runs this.
  return statusCode >= 300 && statusCode < 400 ? 'redirect' : 'status'
}

async function noteRecovery(scope: Scope, { webhookId, failingSince }: Claimed): Promise<void> {
  if (failingSince === null) return
  await inTransaction(scope, async (scope) => {
    const recovered = await scope.db.query(sql`
      UPDATE webhook_subscriptions SET failing_since = NULL WHERE id = ${webhookId} AND failing_since IS NOT NULL RETURNING id`)
    // Not after each hiccup: an event that a receiver refuses every time would be spent within minutes.
    if (recovered.length > 0 && Date.now() - failingSince.getTime() > AWAY) await sendWaiting(scope, webhookId)
  })
}

async function noteFailure(
  scope: Scope,
  { webhookId, failingSince }: Claimed,
  { at, statusCode }: Outcome,
): Promise<void> {
  const isGone = statusCode === 410
  const isLost = failingSince !== null && Date.now() - failingSince.getTime() >= PATIENCE_HOURS * 3_600_000
  if (failingSince !== null && !isLost && !isGone) return
  await inTransaction(scope, (scope) =>
    isGone || isLost
      ? scope.db.query(sql`
          UPDATE webhook_subscriptions SET is_active = FALSE, disabled_because = ${isGone ? 'gone' : 'failing'}, disabled_at = clock_timestamp(),
            failing_since = coalesce(failing_since, ${at})
          WHERE id = ${webhookId} AND is_active AND (${isGone}::boolean OR failing_since = ${failingSince}) RETURNING id`)
      : scope.db.query(sql`
          UPDATE webhook_subscriptions SET failing_since = ${at} WHERE id = ${webhookId} AND failing_since IS NULL RETURNING id`),
  )
}
