import sql from 'sql-template-tag'
import { z } from 'zod'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import { Id } from '../../platform/validation.ts'
import { visible } from '../users/access.ts'
import { QUOTE_STATUSES } from './schema.ts'
import type { QuoteStatus } from './schema.ts'

export interface QuoteRow {
  id: number
  clientId: number
  number: string
  title: string
  status: QuoteStatus
  updatedAt: Date
}

/** The quotes of all clients, for programs; people find them with their client. */
export const quoteList = defineList<QuoteRow>()({
  columns: sql`q.id, q.client_id AS "clientId", q.number, q.title, q.status, q.updated_at AS "updatedAt"`,
  from: sql`quotes q`,
  key: sql`q.id`,
  filter: z.object({ status: z.enum(QUOTE_STATUSES), client: Id }),
  where: ({ status, client }, scope) => [
    visible(scope, 'quotes', 'q'),
    status && sql`q.status = ${status}`,
    client !== undefined && sql`q.client_id = ${client}`,
  ],
  search: (pattern) => sql`search_fold(q.number || ' ' || q.title) LIKE ${pattern}`,
  sorts: {
    number: by(sql`lower(q.number)`, 'text'),
    status: by([sql`q.status`, sql`q.updated_at`], ['text', 'timestamptz']),
    total: by(sql`q.total`, 'numeric', { nullable: true }),
    validUntil: by(sql`q.valid_until`, 'date', { nullable: true }),
    updated: by(sql`q.updated_at`, 'timestamptz'),
  },
  defaultSort: '-updated',
})
