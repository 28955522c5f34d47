import sql from 'sql-template-tag'
import { z } from 'zod'
import type { Decimal } from '../../platform/money.ts'
import { by, defineList } from '../../platform/list.ts'
import { Text } from '../../platform/validation.ts'
import { OwnerFilter, ownedBy, visible } from '../users/access.ts'
import { LEAD_STATUSES } from './schema.ts'
import type { LeadStatus } from './schema.ts'

export interface LeadRow {
  id: number
  firstName: string
  lastName: string
  companyName: string | null
  status: LeadStatus
  source: string | null
  score: number | null
  estimatedValue: Decimal | null
  currencyCode: string
  ownerName: string | null
  updatedAt: Date
}

export const leadList = defineList<LeadRow>()({
  columns: sql`l.id, l.first_name AS "firstName", l.last_name AS "lastName", l.company_name AS "companyName", l.status, l.source, l.score,
    l.estimated_value AS "estimatedValue", l.currency_code AS "currencyCode", o.name AS "ownerName", l.updated_at AS "updatedAt"`,
  from: sql`leads l LEFT JOIN users o ON o.id = l.owner_id`,
  key: sql`l.id`,
  filter: z.object({ status: z.enum(LEAD_STATUSES), owner: OwnerFilter, source: Text(100), tag: Text(50) }),
  where: ({ status, owner, source, tag }, scope) => [
    sql`l.is_active`,
    visible(scope, 'leads', 'l'),
    status && sql`l.status = ${status}`,
    owner !== undefined && ownedBy(scope, sql`l.owner_id`, owner),
    source !== undefined && sql`l.source = ${source}`,
    tag !== undefined && sql`l.tags @> ARRAY[${tag}]::text[]`,
  ],
  search: (pattern) => sql`l.search_text LIKE ${pattern}`,
  sorts: {
    name: by([sql`lower(l.last_name)`, sql`lower(l.first_name)`], 'text'),
    company: by(sql`lower(l.company_name)`, 'text', { nullable: true }),
    score: by(sql`l.score`, 'integer', { nullable: true }),
    value: by(sql`l.estimated_value`, 'numeric', { nullable: true }),
    created: by(sql`l.created_at`, 'timestamptz'),
    updated: by(sql`l.updated_at`, 'timestamptz'),
  },
  defaultSort: '-updated',
})
