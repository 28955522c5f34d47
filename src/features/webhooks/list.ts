import sql from 'sql-template-tag'
import { z } from 'zod'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import { Id } from '../../platform/validation.ts'
import { can } from '../users/access.ts'
import { DELIVERY_STATUSES } from './schema.ts'
import type { DeliveryStatus } from './schema.ts'

export interface DeliveryRow {
  id: number
  type: string
  tableName: string | null
  recordId: number | null
  occurredAt: Date
  status: DeliveryStatus
  attempts: number
  statusCode: number | null
}

/** What one webhook was told, or is to be; for administrators. */
export const deliveryList = defineList<DeliveryRow>()({
  columns: sql`d.id::int AS id, d.type, d.table_name AS "tableName", d.record_id AS "recordId", d.occurred_at AS "occurredAt", d.status, d.attempts,
    (SELECT t.status_code FROM webhook_attempts t WHERE t.delivery_id = d.id ORDER BY t.id DESC LIMIT 1) AS "statusCode"`,
  from: sql`webhook_deliveries d`,
  key: sql`d.id`,
  filter: z.object({ webhook: Id, status: z.enum(DELIVERY_STATUSES) }),
  where: ({ webhook, status }, { user }) => [
    !can(user, 'read', 'settings') && sql`FALSE`,
    sql`d.subscription_id = ${webhook ?? null}`,
    status && sql`d.status = ${status}`,
  ],
  search: (pattern) => sql`d.type LIKE ${pattern}`,
  sorts: { newest: by(sql`d.id`, 'integer') },
  defaultSort: '-newest',
})
