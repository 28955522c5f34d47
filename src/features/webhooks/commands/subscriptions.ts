import sql from 'sql-template-tag'
import { Conflict, NotFound, RuleViolation } from '../../../platform/errors.ts'
import { once } from '../../../platform/once.ts'
import type { Guard } from '../../../platform/outgoing/addresses.ts'
import type { Scope } from '../../../platform/scope.ts'
import { administer } from '../../users/administrators.ts'
import { webhookForm } from '../queries.ts'
import type { CreateWebhook, UpdateWebhook } from '../schema.ts'
import { newSecret } from '../signature.ts'
import { targetOf } from '../target.ts'

/** That are on: every write asks each of them whether it wants to hear of it. */
const MOST = 20
/** How long the secret before goes on signing, in hours. */
export const OVERLAP_HOURS = 24

/** It sees as whoever makes it. Answers its secret, which is shown once; none when the form is a repeat. */
export function createWebhook(
  scope: Scope,
  guard: Guard,
  { submission, url, description = null, ...which }: CreateWebhook,
): Promise<{ id: number; secret: string | null }> {
  const secret = newSecret()
  return administer(scope, async (scope) => {
    const created = await once(scope, submission, { url, description, ...which }, async () => {
      const target = targetOf(url, guard)
      await requireRoom(scope)
      const data = { url: target, description, ...eventsOf(which), secret, createdBy: scope.user.id }
      return scope.db.records.webhookSubscription.create({ data, select: { id: true } })
    })
    return { id: created.id, secret: created.repeated ? null : secret }
  })
}

/** Throws Conflict with what is stored when somebody else saved after `version`. */
export function updateWebhook(scope: Scope, guard: Guard, id: number, input: UpdateWebhook): Promise<void> {
  return administer(scope, async (scope) => {
    const stored = await lock(scope, id)
    const { url, description, scope: which, events, version } = input
    const data = {
      url: url === undefined ? stored.url : targetOf(url, guard),
      description: description === undefined ? stored.description : description,
      ...(which === undefined
        ? { allEvents: stored.allEvents, events: stored.events }
        : eventsOf({ scope: which, events })),
    }
    const before = {
      url: stored.url,
      description: stored.description,
      allEvents: stored.allEvents,
      events: stored.events,
    }
    if (JSON.stringify(data) === JSON.stringify(before)) return
    if (version && version !== stored.version) throw new Conflict('errors.stale', {}, webhookForm(stored))
    await scope.db.records.webhookSubscription.update({ where: { id }, data, select: { id: true } })
  })
}

/** Nothing is noted for it until it is resumed; what waits goes on waiting. */
export function pauseWebhook(scope: Scope, id: number): Promise<void> {
  return administer(scope, async (scope) => {
    if (!(await lock(scope, id)).isActive) return
    await scope.db.records.webhookSubscription.update({
      where: { id },
      data: { isActive: false },
      select: { id: true },
    })
  })
}

/** Whatever it rested for. From now on it sees as whoever resumes it, and what waited goes out at once. */
export function resumeWebhook(scope: Scope, id: number): Promise<void> {
  return administer(scope, async (scope) => {
    if (!(await lock(scope, id)).isActive) await requireRoom(scope)
    const data = {
      isActive: true,
      disabledBecause: null,
      disabledAt: null,
      failingSince: null,
      createdBy: scope.user.id,
    }
    await scope.db.records.webhookSubscription.update({ where: { id }, data, select: { id: true } })
    await sendWaiting(scope, id)
  })
}

async function requireRoom({ db }: Scope): Promise<void> {
  const active = await db.query(sql`SELECT id FROM webhook_subscriptions WHERE is_active LIMIT ${MOST}`)
  if (active.length >= MOST) throw new Conflict('webhooks.errors.tooMany', { max: MOST })
}

/** What waits for its next attempt is tried now. */
export async function sendWaiting({ db }: Scope, id: number): Promise<void> {
  await db.query(sql`
    UPDATE webhook_deliveries SET next_attempt_at = now()
    WHERE subscription_id = ${id} AND status = 'pending' AND lease IS NULL AND next_attempt_at > now() RETURNING id`)
}

/** A new secret, shown once; the one before signs beside it for a day. */
export function rotateSecret(scope: Scope, id: number): Promise<string> {
  const secret = newSecret()
  return administer(scope, async (scope) => {
    await lock(scope, id)
    await scope.db.query(sql`
      UPDATE webhook_subscriptions SET previous_secret = secret, previous_secret_until = now() + make_interval(hours => ${OVERLAP_HOURS}),
        secret = ${secret} WHERE id = ${id} RETURNING id`)
    return secret
  })
}

/** With its log. */
export function deleteWebhook(scope: Scope, id: number): Promise<void> {
  return administer(scope, async (scope) => {
    const deleted = await scope.db.query(sql`DELETE FROM webhook_subscriptions WHERE id = ${id} RETURNING id`)
    if (deleted.length === 0) throw new NotFound()
  })
}

interface Stored {
  url: string
  description: string | null
  allEvents: boolean
  events: string[]
  isActive: boolean
  version: number
}

/** Throws NotFound. */
async function lock({ db }: Scope, id: number): Promise<Stored> {
  const [stored] = await db.query<Stored>(sql`
    SELECT url, description, all_events AS "allEvents", events, is_active AS "isActive", version
    FROM webhook_subscriptions WHERE id = ${id} FOR NO KEY UPDATE`)
  if (!stored) throw new NotFound()
  return stored
}

/** Throws RuleViolation when there is nothing to be told of. */
function eventsOf({ scope, events }: Pick<CreateWebhook, 'scope' | 'events'>): {
  allEvents: boolean
  events: string[]
} {
  if (scope === 'all') return { allEvents: true, events: [] }
  if (!events?.length) throw new RuleViolation('webhooks.errors.noEvents', 'events')
  return { allEvents: false, events: [...new Set(events)].sort() }
}
