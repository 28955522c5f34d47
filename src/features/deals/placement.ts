import { generateKeyBetween } from 'fractional-indexing'
import sql, { empty } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { Conflict, RuleViolation } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import type { StageKind } from '../pipelines/queries.ts'
import type { Deal } from './queries.ts'

/** A stage and where in its column a deal goes. Two deals that get one place at the same instant are ordered by their ids. */
export interface Place {
  pipelineId: number
  key: string
  name: string | null
  kind: StageKind
  probability: number
  boardPosition: string
}

/** A card of the stage to be put before or after. */
export interface Beside {
  id: number
  side: 'before' | 'after'
}

/** The card that is placed, where it stands now: it is no neighbour of its own, and stays when it is there already. */
export type Placed = Pick<Deal, 'id' | 'pipelineId' | 'stage' | 'boardPosition'>

/**
 * A stage, and a place in it: beside the card named, else on top. Throws RuleViolation at `stage` when the pipeline (the default one, when
 * null) has no such stage, Conflict when the card is no longer in it.
 */
export async function placeIn(
  scope: Scope,
  pipelineId: number | null,
  stage: string,
  { placed = null, beside = null }: { placed?: Placed | null; beside?: Beside | null } = {},
): Promise<Place> {
  return firstPlace(scope, { pipelineId, condition: sql`s.key = ${stage}`, placed, beside })
}

/** The top of the column where new deals begin. */
export async function topOfFirst(scope: Scope, pipelineId: number | null): Promise<Place> {
  return firstPlace(scope, { pipelineId, condition: sql`s.kind = 'open'` })
}

/** The top of the column of deals that were won, or lost. */
export async function topOfClosed(scope: Scope, pipelineId: number, kind: 'won' | 'lost'): Promise<Place> {
  return firstPlace(scope, { pipelineId, condition: sql`s.kind = ${kind}` })
}

/** Where a closed deal goes when it is reopened: the stage it was closed in, or the first open one if that is gone. */
export async function topOfStageBeforeClosing(scope: Scope, dealId: number, pipelineId: number): Promise<Place> {
  const before = sql`(SELECT h.stage FROM deal_history h WHERE h.deal_id = ${dealId} AND h.pipeline_id = ${pipelineId} AND h.status = 'open'
    ORDER BY h.valid_from DESC, h.id DESC LIMIT 1)`
  return firstPlace(scope, {
    pipelineId,
    condition: sql`s.kind = 'open'`,
    preferred: sql`s.key IS NOT DISTINCT FROM ${before}`,
  })
}

interface Wanted {
  pipelineId: number | null
  condition: Sql
  /** Which of several stages comes before their order. */
  preferred?: Sql
  placed?: Placed | null
  beside?: Beside | null
}

interface StageRow extends Omit<Place, 'boardPosition'> {
  /** The neighbours' positions: null where the column ends. */
  lower: string | null
  upper: string | null
}

async function firstPlace(scope: Scope, wanted: Wanted): Promise<Place> {
  const { pipelineId, condition, preferred, placed = null, beside = null } = wanted
  const others = placed ? sql`n.id <> ${placed.id}` : sql`TRUE`
  const bounds = beside ? boundsBeside(beside, others) : { lower: sql`NULL`, upper: edge(sql`min`, others) }
  const [row] = await scope.db.query<StageRow>(sql`
    SELECT s.pipeline_id AS "pipelineId", s.key, s.name, s.kind, s.probability, ${bounds.lower} AS lower, ${bounds.upper} AS upper
    FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id
    WHERE CASE WHEN ${pipelineId}::integer IS NULL THEN p.is_default ELSE p.id = ${pipelineId} END AND ${condition}
    ORDER BY ${preferred ? sql`${preferred} DESC,` : empty} s.position LIMIT 1`)
  if (!row) throw new RuleViolation('errors.choice', 'stage')
  const { lower, upper, ...stage } = row
  if (beside && (beside.side === 'before' ? upper : lower) === null) throw new Conflict('deals.errors.neighbourGone')
  const stays = placed && isIn(stage, placed) && isBetween(placed.boardPosition, lower, upper)
  return { ...stage, boardPosition: stays ? placed.boardPosition : generateKeyBetween(lower, upper) }
}

/** Positions are ASCII and compared byte by byte (COLLATE "C"), here as there. */
function isBetween(position: string, lower: string | null, upper: string | null): boolean {
  return (lower === null || position > lower) && (upper === null || position < upper)
}

export function isIn(stage: Pick<Place, 'pipelineId' | 'key'>, deal: Pick<Deal, 'pipelineId' | 'stage'>): boolean {
  return stage.pipelineId === deal.pipelineId && stage.key === deal.stage
}

function boundsBeside({ id, side }: Beside, others: Sql): { lower: Sql; upper: Sql } {
  const card = sql`(SELECT b.board_position FROM deals b
    WHERE b.id = ${id} AND b.pipeline_id = s.pipeline_id AND b.stage = s.key AND b.is_active)`
  return side === 'before'
    ? { lower: edge(sql`max`, sql`${others} AND n.board_position < ${card}`), upper: card }
    : { lower: card, upper: edge(sql`min`, sql`${others} AND n.board_position > ${card}`) }
}

function edge(which: Sql, condition: Sql): Sql {
  return sql`(SELECT ${which}(n.board_position) FROM deals n WHERE n.pipeline_id = s.pipeline_id AND n.stage = s.key AND n.is_active AND ${condition})`
}
