import sql from 'sql-template-tag'
import { z } from 'zod'
import { isoTime } from '../../platform/csv.ts'
import { defineList } from '../../platform/list.ts'
import { containing } from '../../platform/list-search.ts'
import { by, byGroup } from '../../platform/list-order.ts'
import { plainAmount } from '../../platform/money.ts'
import type { Decimal } from '../../platform/money.ts'
import { addDays, dayIn, startOfDay } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { CalendarDate, Currency, Id, Text } from '../../platform/validation.ts'
import { OwnerFilter, ownedBy, visible } from '../users/access.ts'
import { stageName } from '../pipelines/words.ts'
import { firstPlanned, nextStep, withoutNextStep } from './next-step.ts'
import type { NextStep } from './next-step.ts'
import { closedWithin, cycleDays } from './period.ts'
import { DEAL_STATUSES, PERIODS, StageKey } from './schema.ts'
import type { DealStatus } from './schema.ts'

export interface DealRow {
  id: number
  name: string
  clientId: number | null
  clientName: string | null
  clientIsActive: boolean | null
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

interface DealFileRow extends DealRow {
  tags: string[]
  createdAt: Date
}

export const dealList = defineList<DealRow, DealFileRow>()({
  columns: sql`d.id, d.name, d.client_id AS "clientId", c.name AS "clientName", c.is_active AS "clientIsActive", d.stage, s.name AS "stageName", d.status, d.value,
    d.currency_code AS "currencyCode", d.probability, d.expected_close_date::text AS "expectedCloseDate", o.name AS "ownerName",
    ${nextStep} AS "nextStep", d.updated_at AS "updatedAt"`,
  fileColumns: sql`, d.tags, d.created_at AS "createdAt"`,
  from: sql`deals d
    LEFT JOIN pipeline_stages s ON s.pipeline_id = d.pipeline_id AND s.key = d.stage
    LEFT JOIN clients c ON c.id = d.client_id
    LEFT JOIN users o ON o.id = d.owner_id`,
  countFrom: sql`deals d`,
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
    pipeline: Id,
    currency: Currency,
    closedFrom: CalendarDate,
    closedTo: CalendarDate,
    /** Won, and not on a day before it was entered: what a sales cycle is known of. */
    cycle: z.literal('known'),
    /** Why it was lost, word for word. */
    reason: Text(500),
    /** Which stage it left, for another or for its end, and when; `pipeline` is then the stage's, wherever the deal is now. */
    left: StageKey,
    leftFrom: CalendarDate,
    leftTo: CalendarDate,
  }),
  where: (
    {
      status,
      stage,
      owner,
      client,
      attention,
      closed,
      pipeline,
      currency,
      closedFrom,
      closedTo,
      cycle,
      reason,
      left,
      leftFrom,
      leftTo,
    },
    scope,
  ) => [
    sql`d.is_active`,
    visible(scope, 'deals', 'd'),
    status && sql`d.status = ${status}`,
    stage !== undefined && sql`d.stage = ${stage}`,
    owner !== undefined && ownedBy(scope, sql`d.owner_id`, owner),
    client !== undefined && sql`d.client_id = ${client}`,
    attention && sql`d.status = 'open'`,
    attention === 'overdue' && sql`d.expected_close_date < ${dayIn(scope.user.timeZone)}::date`,
    attention === 'unplanned' && withoutNextStep,
    closed && sql`d.status <> 'open' AND ${closedWithin(scope, closed)}`,
    pipeline !== undefined && left === undefined && sql`d.pipeline_id = ${pipeline}`,
    currency !== undefined && sql`d.currency_code = ${currency}`,
    closedFrom !== undefined && sql`d.status <> 'open' AND d.actual_close_date >= ${closedFrom}::date`,
    closedTo !== undefined && sql`d.status <> 'open' AND d.actual_close_date <= ${closedTo}::date`,
    cycle && sql`d.status = 'won' AND ${cycleDays(scope)} >= 0`,
    reason !== undefined && sql`d.status = 'lost' AND d.loss_reason = ${reason}`,
    left !== undefined &&
      sql`d.id IN (SELECT s.deal_id FROM deal_stage_stays s WHERE s.stage = ${left} AND ${pipeline === undefined ? sql`TRUE` : sql`s.pipeline_id = ${pipeline}`}
        AND s.left_at >= ${startOfDay(leftFrom ?? '1900-01-01', scope.user.timeZone)}
        AND s.left_at < ${startOfDay(addDays(leftTo ?? '2999-12-30', 1), scope.user.timeZone)})`,
  ],
  rare: ({ tag }) => [tag !== undefined && sql`d.tags @> ARRAY[${tag}]::text[]`],
  search: (pattern) => sql`d.search_text LIKE ${pattern}
    OR EXISTS (SELECT FROM clients own WHERE own.id = d.client_id AND own.search_text LIKE ${pattern} OFFSET 0)`,
  finds: (pattern, word) => sql`
    SELECT id FROM deals WHERE ${containing(sql`search_text`, pattern, word)}
    UNION ALL SELECT h.id FROM clients own JOIN deals h ON h.client_id = own.id WHERE ${containing(sql`own.search_text`, pattern, word)} AND h.is_active`,
  sorts: {
    name: by(sql`lower(d.name)`, 'text'),
    client: by(sql`lower(c.name)`, 'text', { emptyWithout: sql`d.client_id`, joined: true }),
    stage: byGroup({
      name: sql`s.pipeline_id * 1000 + s.position`,
      type: 'integer',
      key: sql`s.id`,
      then: sql`d.updated_at`,
      thenType: 'timestamptz',
      from: sql`pipeline_stages s`,
      columns: sql`, s.pipeline_id, s.key AS stage`,
      link: sql`d.stage = "group".stage AND d.pipeline_id = "group".pipeline_id`,
    }),
    probability: by(sql`d.probability`, 'integer'),
    next: by(sql`n.due_date`, 'date', { join: firstPlanned, joined: true, emptyWhen: withoutNextStep }),
    owner: byGroup({
      name: sql`lower(o.name)`,
      type: 'text',
      key: sql`o.id`,
      then: sql`d.updated_at`,
      thenType: 'timestamptz',
      from: sql`users o`,
      link: sql`d.owner_id = "group"."key"`,
      emptyWithout: sql`d.owner_id`,
    }),
    value: by(sql`d.value`, 'numeric', { nullable: true }),
    close: by(sql`d.expected_close_date`, 'date', { nullable: true }),
    created: by(sql`d.created_at`, 'timestamptz'),
    updated: by(sql`d.updated_at`, 'timestamptz'),
  },
  defaultSort: '-updated',
  csv: [
    { header: 'deals.fields.name', value: ({ name }) => name },
    { header: 'deals.fields.clientId', value: ({ clientName }) => clientName },
    { header: 'deals.fields.stage', value: (deal, { t }) => stageName(t, { key: deal.stage, name: deal.stageName }) },
    { header: 'deals.fields.status', value: ({ status }, { t }) => t(`deals.statuses.${status}`) },
    { header: 'deals.fields.value', value: ({ value, currencyCode }) => plainAmount(value, currencyCode) },
    { header: 'deals.fields.currencyCode', value: ({ currencyCode }) => currencyCode },
    { header: 'deals.fields.probability', value: ({ probability }) => probability },
    { header: 'deals.fields.expectedCloseDate', value: ({ expectedCloseDate }) => expectedCloseDate },
    {
      header: 'deals.fields.nextStep',
      value: ({ nextStep: step }, { t }) => step && (step.subject ?? t(`deals.activityTypes.${step.type}`)),
    },
    { header: 'deals.fields.nextStepDate', value: ({ nextStep: step }) => step && step.dueDate },
    { header: 'deals.fields.ownerId', value: ({ ownerName }) => ownerName },
    { header: 'deals.fields.tags', value: ({ tags }) => tags.join(', ') },
    { header: 'deals.fields.createdAt', value: ({ createdAt }, reader) => isoTime(createdAt, reader) },
    { header: 'deals.fields.updatedAt', value: ({ updatedAt }, reader) => isoTime(updatedAt, reader) },
  ],
})
