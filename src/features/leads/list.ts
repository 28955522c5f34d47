import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { z } from 'zod'
import { isoTime } from '../../platform/csv.ts'
import { plainAmount } from '../../platform/money.ts'
import type { Decimal } from '../../platform/money.ts'
import { defineList } from '../../platform/list.ts'
import { containing } from '../../platform/list-search.ts'
import { by, byGroup } from '../../platform/list-order.ts'
import { addDays, startOfDay } from '../../platform/time.ts'
import { CalendarDate, Currency, Id, Text } from '../../platform/validation.ts'
import { OwnerFilter, ownedBy, visible } from '../users/access.ts'
import { LEAD_STATUSES, SCORE_BANDS } from './schema.ts'
import type { LeadStatus, ScoreBand } from './schema.ts'
import { LEAD_STEPS, ledTo, reached } from './steps.ts'

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

export interface LeadFileRow extends LeadRow {
  email: string | null
  phone: string | null
  title: string | null
  tags: string[]
  createdAt: Date
}

function scoredAs(band: ScoreBand): Sql {
  const range = SCORE_BANDS[band]
  return range ? sql`l.score BETWEEN ${range[0]} AND ${range[1]}` : sql`l.score IS NULL`
}

export const leadList = defineList<LeadRow, LeadFileRow>()({
  columns: sql`l.id, l.first_name AS "firstName", l.last_name AS "lastName", l.company_name AS "companyName", l.status, l.source, l.score,
    l.estimated_value AS "estimatedValue", l.currency_code AS "currencyCode", o.name AS "ownerName", l.updated_at AS "updatedAt"`,
  fileColumns: sql`, l.email, l.phone, l.title, l.tags, l.created_at AS "createdAt"`,
  from: sql`leads l LEFT JOIN users o ON o.id = l.owner_id`,
  countFrom: sql`leads l`,
  key: sql`l.id`,
  filter: z.object({
    status: z.enum(LEAD_STATUSES),
    owner: OwnerFilter,
    source: Text(100),
    tag: Text(50),
    score: z.enum(Object.keys(SCORE_BANDS) as [ScoreBand, ...ScoreBand[]]),
    /** Without any source. */
    unsourced: z.literal('yes'),
    createdFrom: CalendarDate,
    createdTo: CalendarDate,
    lostFrom: CalendarDate,
    lostTo: CalendarDate,
    /** Why it was lost, word for word. */
    reason: Text(500),
    /** How far it came. */
    reached: z.enum(LEAD_STEPS),
    /** Of the deal it led to. */
    dealPipeline: Id,
    dealCurrency: Currency,
  }),
  where: (
    {
      status,
      owner,
      source,
      score,
      unsourced,
      createdFrom,
      createdTo,
      lostFrom,
      lostTo,
      reason,
      reached: step,
      dealPipeline,
      dealCurrency,
    },
    scope,
  ) => [
    sql`l.is_active`,
    visible(scope, 'leads', 'l'),
    status && sql`l.status = ${status}`,
    owner !== undefined && ownedBy(scope, sql`l.owner_id`, owner),
    source !== undefined && sql`l.source = ${source}`,
    score !== undefined && scoredAs(score),
    unsourced && sql`l.source IS NULL`,
    createdFrom !== undefined && sql`l.created_at >= ${startOfDay(createdFrom, scope.user.timeZone)}`,
    createdTo !== undefined && sql`l.created_at < ${startOfDay(addDays(createdTo, 1), scope.user.timeZone)}`,
    lostFrom !== undefined && sql`l.status = 'lost' AND l.lost_at >= ${startOfDay(lostFrom, scope.user.timeZone)}`,
    lostTo !== undefined &&
      sql`l.status = 'lost' AND l.lost_at < ${startOfDay(addDays(lostTo, 1), scope.user.timeZone)}`,
    reason !== undefined && sql`l.lost_reason = ${reason}`,
    step && reached(scope, step),
    dealPipeline !== undefined && ledTo(scope, sql`d.pipeline_id = ${dealPipeline}`),
    dealCurrency !== undefined && ledTo(scope, sql`d.currency_code = ${dealCurrency}`),
  ],
  rare: ({ tag }) => [tag !== undefined && sql`l.tags @> ARRAY[${tag}]::text[]`],
  search: (pattern, word) => containing(sql`l.search_text`, pattern, word),
  phone: (pattern) => sql`l.phone_digits LIKE ${pattern}`,
  sorts: {
    name: by([sql`lower(l.last_name)`, sql`lower(l.first_name)`], 'text'),
    status: by([sql`l.status`, sql`l.updated_at`], ['text', 'timestamptz']),
    source: by([sql`l.source`, sql`l.updated_at`], ['text', 'timestamptz'], { nullable: true }),
    owner: byGroup({
      name: sql`lower(o.name)`,
      type: 'text',
      key: sql`o.id`,
      then: sql`l.updated_at`,
      thenType: 'timestamptz',
      from: sql`users o`,
      link: sql`l.owner_id = "group"."key"`,
      emptyWithout: sql`l.owner_id`,
    }),
    company: by(sql`lower(l.company_name)`, 'text', { nullable: true }),
    score: by(sql`l.score`, 'integer', { nullable: true }),
    value: by(sql`l.estimated_value`, 'numeric', { nullable: true }),
    created: by(sql`l.created_at`, 'timestamptz'),
    updated: by(sql`l.updated_at`, 'timestamptz'),
  },
  defaultSort: '-updated',
  csv: [
    { header: 'leads.fields.firstName', value: ({ firstName }) => firstName },
    { header: 'leads.fields.lastName', value: ({ lastName }) => lastName },
    { header: 'leads.fields.companyName', value: ({ companyName }) => companyName },
    { header: 'leads.fields.title', value: ({ title }) => title },
    { header: 'leads.fields.email', value: ({ email }) => email },
    { header: 'leads.fields.phone', value: ({ phone }) => phone },
    { header: 'leads.fields.status', value: ({ status }, { t }) => t(`leads.statuses.${status}`) },
    { header: 'leads.fields.source', value: ({ source }) => source },
    { header: 'leads.fields.score', value: ({ score }) => score },
    {
      header: 'leads.fields.estimatedValue',
      value: ({ estimatedValue, currencyCode }) => plainAmount(estimatedValue, currencyCode),
    },
    { header: 'leads.fields.currencyCode', value: ({ currencyCode }) => currencyCode },
    { header: 'leads.fields.ownerId', value: ({ ownerName }) => ownerName },
    { header: 'leads.fields.tags', value: ({ tags }) => tags.join(', ') },
    { header: 'leads.fields.createdAt', value: ({ createdAt }, reader) => isoTime(createdAt, reader) },
    { header: 'leads.fields.updatedAt', value: ({ updatedAt }, reader) => isoTime(updatedAt, reader) },
  ],
})
