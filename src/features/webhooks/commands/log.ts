import sql from 'sql-template-tag'
import { NotFound } from '../../../platform/errors.ts'
import type { Scope } from '../../../platform/scope.ts'
import { requireAdministrator } from '../../users/administrators.ts'
import { KEPT_DAYS } from '../schedule.ts'

/** Sends it again, under the same id, with all its attempts before it; one that waits is tried now. Throws NotFound. */
export async function replayDelivery(scope: Scope, id: number): Promise<void> {
  requireAdministrator(scope)
  const found = await scope.db.query(sql`SELECT FROM webhook_deliveries WHERE id = ${id}`)
  if (found.length === 0) throw new NotFound()
  await scope.db.query(sql`
    UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_attempt_at = now(), finished_at = NULL
    WHERE id = ${id} AND lease IS NULL RETURNING id`)
}

/** The same for all that were given up, of changes since `day` where one is given. Answers how many. Throws NotFound. */
export async function replayFailed(scope: Scope, webhookId: number, since: Date | null): Promise<number> {
  requireAdministrator(scope)
  const found = await scope.db.query(sql`SELECT FROM webhook_subscriptions WHERE id = ${webhookId}`)
  if (found.length === 0) throw new NotFound()
  const replayed = await scope.db.query(sql`
    UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_attempt_at = now(), finished_at = NULL
    WHERE subscription_id = ${webhookId} AND status = 'failed' AND type <> 'ping' AND occurred_at >= coalesce(${since}::timestamptz, '-infinity') RETURNING id`)
  return replayed.length
}

const BATCH = 5_000

/** Forgets what is older than it is kept: what is done with, and what a receiver that rests has not asked for. */
export async function forgetDeliveries({ db }: Scope): Promise<void> {
  for (;;) {
    const forgotten = await db.query(sql`
      DELETE FROM webhook_deliveries WHERE id IN (
        SELECT id FROM webhook_deliveries WHERE status <> 'pending' AND finished_at < now() - make_interval(days => ${KEPT_DAYS})
        UNION ALL
        SELECT d.id FROM webhook_deliveries d JOIN webhook_subscriptions s ON s.id = d.subscription_id AND NOT s.is_active
        WHERE d.status = 'pending' AND d.lease IS NULL AND d.occurred_at < now() - make_interval(days => ${KEPT_DAYS})
        LIMIT ${BATCH}) RETURNING id`)
    if (forgotten.length < BATCH) return
  }
}
