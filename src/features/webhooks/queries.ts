import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Problem } from '../../platform/outgoing/post.ts'
import type { Scope } from '../../platform/scope.ts'
import type { EventType } from './events.ts'
import type { Told } from './present.ts'
import type { DeliveryStatus } from './schema.ts'

export interface Webhook {
  id: number
  url: string
  description: string | null
  allEvents: boolean
  events: EventType[]
  isActive: boolean
  disabledBecause: 'failing' | 'gone' | null
  disabledAt: Date | null
  failingSince: Date | null
  previousSecretUntil: Date | null
  /** As whom it sees; null when they are gone. */
  actsAs: { id: number; name: string } | null
  /** Whoever it acts as is an active administrator no longer. */
  isOrphaned: boolean
  version: number
  createdAt: Date
}

/** Under `s`, of those who administer: `administers` under `u`. */
export const actsFor = sql`webhook_subscriptions s LEFT JOIN users u ON u.id = s.created_by`
export const administers = sql`(u.is_active AND u.role = 'admin')`

const columns = sql`s.id, s.url, s.description, s.all_events AS "allEvents", s.events, s.is_active AS "isActive",
  s.disabled_because AS "disabledBecause", s.disabled_at AS "disabledAt", s.failing_since AS "failingSince",
  CASE WHEN s.previous_secret_until > now() THEN s.previous_secret_until END AS "previousSecretUntil",
  CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS "actsAs",
  ${administers} IS NOT TRUE AS "isOrphaned", s.version, s.created_at AS "createdAt"`

export interface WebhookRow extends Webhook {
  pending: number
  failed: number
}

/** How many are counted before it is only said that there are more. */
export const COUNTED = 100

/** All of them: they are few. With how many deliveries wait, and how many were given up. */
export function listWebhooks({ db }: Scope): Promise<WebhookRow[]> {
  return db.query<WebhookRow>(sql`
    SELECT ${columns}, ${countOf('pending')} AS pending, ${countOf('failed')} AS failed FROM ${actsFor} ORDER BY lower(s.url), s.id`)
}

/** Throws NotFound. */
export async function findWebhook({ db }: Scope, id: number): Promise<WebhookRow> {
  const [found] = await db.query<WebhookRow>(sql`
    SELECT ${columns}, ${countOf('pending')} AS pending, ${countOf('failed')} AS failed FROM ${actsFor} WHERE s.id = ${id}`)
  if (!found) throw new NotFound()
  return found
}

function countOf(status: DeliveryStatus): Sql {
  return sql`(SELECT count(*)::int FROM (
    SELECT FROM webhook_deliveries d WHERE d.subscription_id = s.id AND d.status = ${status} LIMIT ${COUNTED + 1}) few)`
}

/** The fields of the edit form as they are stored. */
export function webhookForm({
  url,
  description,
  allEvents,
  events,
  version,
}: Pick<Webhook, 'url' | 'description' | 'allEvents' | 'version'> & { events: readonly string[] }) {
  return { url, description, scope: allEvents ? 'all' : 'some', events: [...events], version }
}

/** What a message is made of (`Told`), of deliveries under `d`, changes under `c` and whoever made them under `a`. */
export const told = sql`d.event_id AS "eventId", d.type, d.occurred_at AS "occurredAt", d.table_name AS "tableName",
  d.record_id AS "recordId", a.id AS "actorId", a.name AS "actorName", ${exact(sql`c.old_row`)} AS was, ${exact(sql`c.new_row`)} AS "nowIs"`
export const tellers = sql`LEFT JOIN changes c ON c.id = d.change_id
  LEFT JOIN users a ON a.id = CASE WHEN c.actor <> 'system' THEN c.actor::int END`

/** A row with its amounts as text: as numbers of JSON they would become floats on the way. */
function exact(row: Sql): Sql {
  return sql`${row} || coalesce((SELECT jsonb_object_agg(name, ${row} ->> name) FROM unnest('{value,estimated_value,total}'::text[]) AS name
    WHERE jsonb_typeof(${row} -> name) = 'number'), '{}')`
}

export interface Attempt {
  id: number
  attemptedAt: Date
  durationMs: number
  statusCode: number | null
  problem: Problem | 'redirect' | 'status' | null
  answer: string
}

export interface Delivery extends Told {
  id: number
  webhookId: number
  url: string
  status: DeliveryStatus
  attempts: number
  nextAttemptAt: Date
  isUnderWay: boolean
  finishedAt: Date | null
  log: Attempt[]
}

/** One delivery, with what is sent and each attempt, the newest first. Throws NotFound. */
export async function findDelivery({ db }: Scope, id: number): Promise<Delivery> {
  const [[delivery], log] = await Promise.all([
    db.query<Omit<Delivery, 'log'>>(sql`
      SELECT d.id::int AS id, s.id AS "webhookId", s.url, d.status, d.attempts, d.next_attempt_at AS "nextAttemptAt",
             d.lease IS NOT NULL AS "isUnderWay", d.finished_at AS "finishedAt", ${told}
      FROM webhook_deliveries d JOIN webhook_subscriptions s ON s.id = d.subscription_id ${tellers} WHERE d.id = ${id}`),
    db.query<Attempt>(sql`
      SELECT id::int AS id, attempted_at AS "attemptedAt", duration_ms AS "durationMs", status_code AS "statusCode", problem, answer
      FROM webhook_attempts WHERE delivery_id = ${id} ORDER BY id DESC`),
  ])
  if (!delivery) throw new NotFound()
  return { ...delivery, log }
}
