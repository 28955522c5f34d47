import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import { addDays, startOfDay } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { cycleDays } from '../deals/period.ts'
import { reached } from '../leads/steps.ts'
import type { StageKind } from '../pipelines/queries.ts'
import { ownedBy, visible } from '../users/access.ts'
import type { Question } from './question.ts'

/** The facts behind the dashboard: counted and summed by the database, currency by currency and exactly; converted and rounded elsewhere. */

export interface OpenFact {
  /** A row of a stage, or of an owner. */
  of: 'stage' | 'owner'
  pipelineId: number | null
  stage: string | null
  ownerId: number | null
  ownerName: string | null
  currencyCode: string
  count: number
  value: Decimal | null
  weighted: Decimal | null
}

/** The open deals as they are now, whatever the period. */
export function openDeals(scope: Scope, question: Question): Promise<OpenFact[]> {
  return scope.db.query<OpenFact>(sql`
    SELECT f.*, u.name AS "ownerName" FROM (
      SELECT CASE GROUPING(d.owner_id) WHEN 0 THEN 'owner' ELSE 'stage' END AS of, d.pipeline_id AS "pipelineId", d.stage,
             d.owner_id AS "ownerId", d.currency_code AS "currencyCode", count(*)::int AS count, sum(d.value) AS value,
             sum(d.value * d.probability) / 100 AS weighted
      FROM deals d WHERE ${deals(scope, question)} AND d.status = 'open'
      GROUP BY GROUPING SETS ((d.pipeline_id, d.stage, d.currency_code), (d.owner_id, d.currency_code))) f
      LEFT JOIN users u ON u.id = f."ownerId"`)
}

export interface ClosedFact {
  of: 'bucket' | 'owner'
  /** The first day of its month or year. */
  bucket: CalendarDay | null
  status: 'won' | 'lost'
  ownerId: number | null
  ownerName: string | null
  currencyCode: string
  count: number
  value: Decimal | null
  /** Deals whose cycle is known, and their days from being entered to being closed. One closed on a day before it was entered has none. */
  timed: number
  days: number
}

export function closedDeals(scope: Scope, question: Question): Promise<ClosedFact[]> {
  return scope.db.query<ClosedFact>(sql`
    SELECT f.*, u.name AS "ownerName" FROM (
      SELECT CASE GROUPING(d.owner_id) WHEN 0 THEN 'owner' ELSE 'bucket' END AS of, d.bucket::text AS bucket, d.status, d.owner_id AS "ownerId",
             d.currency_code AS "currencyCode", count(*)::int AS count, sum(d.value) AS value,
             (count(*) FILTER (WHERE d.days >= 0))::int AS timed, coalesce(sum(d.days) FILTER (WHERE d.days >= 0), 0)::int AS days
      FROM (
        SELECT date_trunc(${question.unit}, d.actual_close_date::timestamp)::date AS bucket, d.status, d.owner_id, d.currency_code, d.value, ${cycleDays(scope)} AS days
        FROM deals d WHERE ${deals(scope, question)} AND ${closedIn(question)}) d
      GROUP BY GROUPING SETS ((d.bucket, d.status, d.currency_code), (d.owner_id, d.status, d.currency_code))) f
      LEFT JOIN users u ON u.id = f."ownerId"`)
}

export interface StayFact {
  pipelineId: number
  stage: string
  /** Deals that left the stage in the period, whether once or more often. */
  deals: number
  stays: number
  /** On average, of a stay. */
  seconds: number
}

/**
 * How long the stays lasted that ended in the period. Archived deals are few, and are left out; whose deals they are is only asked when that
 * narrows them.
 */
export function stageStays(scope: Scope, question: Question): Promise<StayFact[]> {
  const { pipeline, from } = question
  const narrowing = narrowed(scope, question)
  return scope.db.query<StayFact>(sql`
    SELECT s.pipeline_id AS "pipelineId", s.stage, count(*)::int AS stays,
           -- Each deal's first stay that ended in the period.
           (count(*) FILTER (WHERE s.left_before IS NULL OR s.left_before < ${startOfDay(from, scope.user.timeZone)}))::int AS deals,
           extract(epoch FROM sum(s.left_at - s.entered_at) / count(*))::float AS seconds
    FROM deal_stage_stays s
    WHERE ${within(scope, question, sql`s.left_at`)} AND ${pipeline === undefined ? sql`TRUE` : sql`s.pipeline_id = ${pipeline}`}
      AND s.deal_id NOT IN (SELECT id FROM deals WHERE NOT is_active)
      AND ${narrowing.length === 0 ? sql`TRUE` : sql`s.deal_id IN (SELECT d.id FROM deals d WHERE d.is_active AND ${join(narrowing, ' AND ')})`}
    GROUP BY s.pipeline_id, s.stage`)
}

export interface LeadFact {
  source: string | null
  /** Of the deal it led to, when that is won, in the pipeline and the currency asked for. */
  currencyCode: string | null
  leads: number
  contacted: number
  qualified: number
  converted: number
  deal: number
  won: number
  lost: number
  /** Those of `won` whose deal is in the pipeline and the currency asked for, and what these are worth. */
  wonAsked: number
  wonValue: Decimal | null
}

/** The leads entered in the period, and how far they came. */
export function leadsEntered(scope: Scope, question: Question): Promise<LeadFact[]> {
  const { pipeline, currency } = question
  const counted = (condition: Sql) => sql`(count(*) FILTER (WHERE ${condition}))::int`
  const asked = join(
    [
      sql`d.status = 'won'`,
      ...(pipeline === undefined ? [] : [sql`d.pipeline_id = ${pipeline}`]),
      ...(currency === undefined ? [] : [sql`d.currency_code = ${currency}`]),
    ],
    ' AND ',
  )
  return scope.db.query<LeadFact>(sql`
    SELECT l.source, CASE WHEN ${asked} THEN d.currency_code END AS "currencyCode", count(*)::int AS leads,
           ${counted(reached(scope, 'contacted'))} AS contacted, ${counted(reached(scope, 'qualified'))} AS qualified,
           ${counted(reached(scope, 'converted'))} AS converted, count(d.id)::int AS deal, ${counted(sql`d.status = 'won'`)} AS won,
           ${counted(sql`l.status = 'lost'`)} AS lost, ${counted(asked)} AS "wonAsked", sum(d.value) FILTER (WHERE ${asked}) AS "wonValue"
    FROM leads l LEFT JOIN deals d ON d.id = l.converted_to_deal_id AND d.is_active AND ${visible(scope, 'deals', 'd')}
    WHERE ${leads(scope, question)} AND ${within(scope, question, sql`l.created_at`)}
    GROUP BY 1, 2`)
}

export interface LossFact {
  of: 'deal' | 'lead'
  reason: string
  currencyCode: string | null
  count: number
  value: Decimal | null
}

/** Why deals and leads were lost in the period. */
export function losses(scope: Scope, question: Question): Promise<LossFact[]> {
  return scope.db.query<LossFact>(sql`
    SELECT 'deal' AS of, d.loss_reason AS reason, d.currency_code AS "currencyCode", count(*)::int AS count, sum(d.value) AS value
    FROM deals d WHERE ${deals(scope, question)} AND d.status = 'lost' AND ${closedIn(question)} GROUP BY 2, 3
    UNION ALL
    SELECT 'lead', l.lost_reason, NULL, count(*)::int, NULL
    FROM leads l WHERE ${leads(scope, question)} AND l.status = 'lost' AND ${within(scope, question, sql`l.lost_at`)} GROUP BY 2`)
}

export interface StageName {
  pipelineId: number
  pipelineName: string
  key: string
  name: string | null
  kind: StageKind
}

/** The stages of every pipeline, in order. */
export function allStages({ db }: Scope): Promise<StageName[]> {
  return db.query<StageName>(sql`
    SELECT p.id AS "pipelineId", p.name AS "pipelineName", s.key, s.name, s.kind
    FROM pipelines p JOIN pipeline_stages s ON s.pipeline_id = p.id ORDER BY p.position, p.id, s.position`)
}

/** Of a deal under `d`, all conditions but those of time. */
function deals(scope: Scope, question: Question): Sql {
  const { pipeline } = question
  return join(
    [
      sql`d.is_active`,
      ...narrowed(scope, question),
      ...(pipeline === undefined ? [] : [sql`d.pipeline_id = ${pipeline}`]),
    ],
    ' AND ',
  )
}

/** Whose deals under `d`, and in which currency; nothing when all of them are asked for. */
function narrowed(scope: Scope, { owner, currency }: Question): Sql[] {
  const seen = visible(scope, 'deals', 'd')
  return [
    ...(seen.sql === 'TRUE' ? [] : [seen]),
    ...(owner === undefined ? [] : [ownedBy(scope, sql`d.owner_id`, owner)]),
    ...(currency === undefined ? [] : [sql`d.currency_code = ${currency}`]),
  ]
}

function closedIn({ from, to }: Question): Sql {
  return sql`d.status <> 'open' AND d.actual_close_date BETWEEN ${from}::date AND ${to}::date`
}

/** Of a lead under `l`. Leads have no pipeline, and nothing to convert: only their owner narrows them. What is asked of their deals is `wonAsked`. */
function leads(scope: Scope, { owner }: Question): Sql {
  return sql`l.is_active AND ${visible(scope, 'leads', 'l')} AND ${owner === undefined ? sql`TRUE` : ownedBy(scope, sql`l.owner_id`, owner)}`
}

/** A moment inside the period, by the reader's calendar. */
function within({ user }: Scope, { from, to }: Question, moment: Sql): Sql {
  return sql`${moment} >= ${startOfDay(from, user.timeZone)} AND ${moment} < ${startOfDay(addDays(to, 1), user.timeZone)}`
}
