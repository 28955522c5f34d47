import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { z } from 'zod'
import { Decimal, roundMoney } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { stagesOf } from '../pipelines/queries.ts'
import type { Stage } from '../pipelines/queries.ts'
import { OwnerFilter, ownedBy, visible } from '../users/access.ts'
import { nextStep } from './next-step.ts'
import type { NextStep } from './next-step.ts'
import { closedWithin } from './period.ts'
import { DEFAULT_PERIOD, PERIODS } from './schema.ts'
import type { Period } from './schema.ts'

/** How many cards a column shows; its count and its sums are of all its deals. */
export const CARDS_SHOWN = 50

export interface BoardFilters {
  period: Period
  owner?: z.output<typeof OwnerFilter>
}

/** What a query string asks of the board; nonsense falls back to the default. */
export function boardFilters(query: Readonly<Record<string, unknown>>): BoardFilters {
  const owner = OwnerFilter.safeParse(query.owner)
  return {
    period: z.enum(PERIODS).catch(DEFAULT_PERIOD).parse(query.period),
    ...(owner.success && { owner: owner.data }),
  }
}

export interface BoardCard {
  id: number
  stage: string
  name: string
  clientName: string | null
  value: Decimal | null
  currencyCode: string
  ownerName: string | null
  expectedCloseDate: CalendarDay | null
  stageEnteredAt: Date
  nextStep: NextStep | null
}

export interface Total {
  currencyCode: string
  sum: Decimal
  weighted: Decimal
}

export interface BoardColumn extends Stage {
  count: number
  totals: Total[]
  cards: BoardCard[]
}

interface TotalRow {
  stage: string
  currencyCode: string
  count: number
  /** Empty when no deal in this currency has a value. */
  sum: Decimal | null
  weighted: Decimal | null
}

/** A column a stage of the default pipeline, in three queries however many stages it has. */
export async function board(scope: Scope, filters: BoardFilters): Promise<BoardColumn[]> {
  const [stages, totals, cards] = await Promise.all([
    stagesOf(scope),
    totalsByStage(scope, filters),
    topCards(scope, filters),
  ])
  return stages.map((stage) => {
    const ofStage = totals.filter((row) => row.stage === stage.key)
    return {
      ...stage,
      count: ofStage.reduce((count, row) => count + row.count, 0),
      totals: ofStage.flatMap(totalOf),
      cards: cards.filter((card) => card.stage === stage.key),
    }
  })
}

/** Summed exactly by the database, rounded once here. */
function totalOf({ currencyCode, sum, weighted }: TotalRow): Total[] {
  if (sum === null) return []
  return [
    {
      currencyCode,
      sum: roundMoney(sum, currencyCode),
      weighted: roundMoney(weighted ?? new Decimal(0), currencyCode),
    },
  ]
}

const defaultPipeline = sql`(SELECT id FROM pipelines WHERE is_default)`

/** Open deals and closed ones apart, as each has an index to be summed from; weighted once for all deals of the same probability. */
function totalsByStage(scope: Scope, filters: BoardFilters): Promise<TotalRow[]> {
  const sums = (condition: Sql) => sql`
    SELECT d.stage, d.currency_code, d.probability, count(*) AS count, sum(d.value) AS sum FROM deals d
    WHERE d.pipeline_id = ${defaultPipeline} AND ${shown(scope, filters)} AND ${condition}
    GROUP BY d.stage, d.currency_code, d.probability`
  return scope.db.query<TotalRow>(sql`
    SELECT stage, currency_code AS "currencyCode", sum(count)::int AS count, sum(sum) AS sum, sum(sum * probability) / 100 AS weighted
    FROM (
      ${sums(sql`d.status = 'open'`)}
      UNION ALL
      ${sums(sql`d.status <> 'open' AND ${closedWithin(scope, filters.period)}`)}
    ) AS sums
    GROUP BY stage, currency_code ORDER BY sum(count) DESC, currency_code`)
}

/** The first cards of each column: open deals by their places, closed ones by when they were closed. */
function topCards(scope: Scope, filters: BoardFilters): Promise<BoardCard[]> {
  const first = (condition: Sql, order: Sql) => sql`
    SELECT d.*, s.position FROM pipeline_stages s CROSS JOIN LATERAL (
      SELECT d.*, row_number() OVER (ORDER BY ${order}) AS place FROM deals d
      WHERE d.pipeline_id = s.pipeline_id AND d.stage = s.key AND ${shown(scope, filters)} AND ${condition}
      ORDER BY ${order} LIMIT ${CARDS_SHOWN}) d
    WHERE s.pipeline_id = ${defaultPipeline}`
  return scope.db.query<BoardCard>(sql`
    SELECT d.id, d.stage, d.name, c.name AS "clientName", d.value, d.currency_code AS "currencyCode", o.name AS "ownerName",
           d.expected_close_date::text AS "expectedCloseDate", d.stage_entered_at AS "stageEnteredAt", ${nextStep} AS "nextStep"
    FROM (
      ${first(sql`d.status = 'open'`, sql`d.board_position, d.id`)} AND s.kind = 'open'
      UNION ALL
      ${first(sql`d.status <> 'open' AND ${closedWithin(scope, filters.period)}`, sql`d.actual_close_date DESC, d.id`)} AND s.kind <> 'open'
    ) d
      LEFT JOIN clients c ON c.id = d.client_id
      LEFT JOIN users o ON o.id = d.owner_id
    ORDER BY d.position, d.place`)
}

function shown(scope: Scope, { owner }: BoardFilters): Sql {
  return sql`d.is_active AND ${visible(scope, 'deals', 'd') ?? sql`TRUE`} AND ${owner === undefined ? sql`TRUE` : ownedBy(scope, sql`d.owner_id`, owner)}`
}
