import sql from 'sql-template-tag'
import { z } from 'zod'
import { by, defineList } from '../../platform/list.ts'
import type { Decimal } from '../../platform/money.ts'
import { dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { Id, Text } from '../../platform/validation.ts'
import { OwnerFilter, ownedBy, visible } from '../users/access.ts'
import { nextStep, withoutNextStep } from './next-step.ts'
import type { NextStep } from './next-step.ts'
import { closedWithin } from './period.ts'
import { DEAL_STATUSES, PERIODS, StageKey } from './schema.ts'
import type { DealStatus } from './schema.ts'

export interface DealRow {
  id: number
  name: string
  clientId: number | null
  clientName: string | null
  stage: string
  stageName: string | null
  status: DealStatus
  value: Decimal | null
  currencyCode: string
  probability: number
  expectedCloseDate: CalendarDay | null
  ownerName: string | null
  nextStep: NextStep | null
  updatedAt: Date
}

export const dealList = defineList<DealRow>()({
  columns: sql`d.id, d.name, d.client_id AS "clientId", c.name AS "clientName", d.stage, s.name AS "stageName", d.status, d.value,
    d.currency_code AS "currencyCode", d.probability, d.expected_close_date::text AS "expectedCloseDate", o.name AS "ownerName",
    ${nextStep} AS "nextStep", d.updated_at AS "updatedAt"`,
  from: sql`deals d
    LEFT JOIN pipeline_stages s ON s.pipeline_id = d.pipeline_id AND s.key = d.stage
    LEFT JOIN clients c ON c.id = d.client_id
    LEFT JOIN users o ON o.id = d.owner_id`,
  key: sql`d.id`,
  filter: z.object({
    status: z.enum(DEAL_STATUSES),
    stage: StageKey,
    owner: OwnerFilter,
    client: Id,
    tag: Text(50),
    /** `overdue`: should have been closed by now; `unplanned`: nothing is to happen next. Open deals only. */
    attention: z.enum(['overdue', 'unplanned']),
    /** When closed deals were closed, as on the board. */
    closed: z.enum(PERIODS),
  }),
  where: ({ status, stage, owner, client, tag, attention, closed }, scope) => [
    sql`d.is_active`,
    visible(scope, 'deals', 'd'),
    status && sql`d.status = ${status}`,
    stage !== undefined && sql`d.stage = ${stage}`,
    owner !== undefined && ownedBy(scope, sql`d.owner_id`, owner),
    client !== undefined && sql`d.client_id = ${client}`,
    tag !== undefined && sql`d.tags @> ARRAY[${tag}]::text[]`,
    attention && sql`d.status = 'open'`,
    attention === 'overdue' && sql`d.expected_close_date < ${dayIn(scope.user.timeZone)}::date`,
    attention === 'unplanned' && withoutNextStep,
    closed && sql`d.status <> 'open' AND ${closedWithin(scope, closed)}`,
  ],
  // Two index scans; an OR over both tables would read every deal.
  search: (pattern) => sql`d.id IN (
    SELECT id FROM deals WHERE search_text LIKE ${pattern}
    UNION ALL SELECT id FROM deals WHERE is_active AND client_id IN (SELECT id FROM clients WHERE search_text LIKE ${pattern}))`,
  sorts: {
    name: by(sql`lower(d.name)`, 'text'),
    value: by(sql`d.value`, 'numeric', { nullable: true }),
    close: by(sql`d.expected_close_date`, 'date', { nullable: true }),
    created: by(sql`d.created_at`, 'timestamptz'),
    updated: by(sql`d.updated_at`, 'timestamptz'),
  },
  defaultSort: '-updated',
})
