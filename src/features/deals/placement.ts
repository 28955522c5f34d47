import sql, { empty } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { Conflict, RuleViolation } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import type { StageKind } from '../pipelines/queries.ts'
import { visible } from '../users/access.ts'
import { positionBetween } from './positions.ts'
import type { Standing, Surroundings } from './positions.ts'
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
  /** The neighbours: null where the column ends. */
  lower: Standing | null
  upper: Standing | null
}

async function firstPlace(scope: Scope, wanted: Wanted): Promise<Place> {
  const { pipelineId, condition, preferred, placed = null, beside = null } = wanted
  const others = sql`n.pipeline_id = s.pipeline_id AND n.stage = s.key AND n.is_active AND ${notItself(placed)}`
  const bounds = beside ? boundsBeside(scope, beside, others) : { lower: sql`NULL::json`, upper: first(others) }
  const [row] = await scope.db.query<StageRow>(sql`
    SELECT s.pipeline_id AS "pipelineId", s.key, s.name, s.kind, s.probability, ${bounds.lower} AS lower, ${bounds.upper} AS upper
    FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id
    WHERE CASE WHEN ${pipelineId}::integer IS NULL THEN p.is_default ELSE p.id = ${pipelineId} END AND ${condition}
    ORDER BY ${preferred ? sql`${preferred} DESC,` : empty} s.position LIMIT 1`)
  if (!row) throw new RuleViolation('errors.choice', 'stage')
  const { lower, upper, ...stage } = row
  if (beside && (beside.side === 'before' ? upper : lower) === null) throw new Conflict('deals.errors.neighbourGone')
  if (placed && isIn(stage, placed) && isBetween(placed.boardPosition, lower, upper))
    return { ...stage, boardPosition: placed.boardPosition }

  const { position, spread, otherwise } = await positionBetween(
    lower?.position ?? null,
    upper?.position ?? null,
    (size) => surroundings(scope, stage, { lower, upper, others: notItself(placed), size }),
  )
  return { ...stage, boardPosition: (await moveAside(scope, stage, spread)) ? position : otherwise }
}

interface Gap {
  lower: Standing | null
  upper: Standing | null
  others: Sql
  size: number
}

/** The cards on both sides of a gap. Locked with it is nothing: `moveAside` sees to that. */
async function surroundings(
  { db }: Scope,
  { pipelineId, key }: Pick<Place, 'pipelineId' | 'key'>,
  { lower, upper, others, size }: Gap,
): Promise<Surroundings> {
  const inColumn = sql`n.pipeline_id = ${pipelineId} AND n.stage = ${key} AND n.is_active AND ${others}`
  const cards = (condition: Sql, order: Sql) =>
    db.query<Standing>(sql`
    SELECT n.id, n.board_position AS position FROM deals n WHERE ${inColumn} AND ${condition} ORDER BY ${order} LIMIT ${size}`)
  const [before, after] = await Promise.all([
    lower
      ? cards(sql`(n.board_position, n.id) <= (${lower.position}, ${lower.id})`, sql`n.board_position DESC, n.id DESC`)
      : [],
    upper ? cards(sql`(n.board_position, n.id) >= (${upper.position}, ${upper.id})`, sql`n.board_position, n.id`) : [],
  ])
  return { before, after }
}

/**
 * Gives cards of a column new positions, all of them or none: none when somebody else has one of them in hand, for waiting for each other could
 * go on for ever. Says whether it did.
 */
async function moveAside(
  { db }: Scope,
  { pipelineId, key }: Pick<Place, 'pipelineId' | 'key'>,
  cards: readonly Standing[],
): Promise<boolean> {
  if (cards.length === 0) return true
  const ids = cards.map(({ id }) => id)
  const locked = await db.query(sql`
    SELECT id FROM deals WHERE id = ANY(${ids}) AND pipeline_id = ${pipelineId} AND stage = ${key} FOR NO KEY UPDATE SKIP LOCKED`)
  if (locked.length < cards.length) return false
  await db.query(sql`
    UPDATE deals d SET board_position = p.position
    FROM unnest(${ids}::integer[], ${cards.map(({ position }) => position)}::text[]) AS p (id, position) WHERE d.id = p.id`)
  return true
}

/** Positions are ASCII and compared byte by byte (COLLATE "C"), here as there. */
function isBetween(position: string, lower: Standing | null, upper: Standing | null): boolean {
  return (lower === null || position > lower.position) && (upper === null || position < upper.position)
}

export function isIn(stage: Pick<Place, 'pipelineId' | 'key'>, deal: Pick<Deal, 'pipelineId' | 'stage'>): boolean {
  return stage.pipelineId === deal.pipelineId && stage.key === deal.stage
}

function notItself(placed: Placed | null): Sql {
  return placed ? sql`n.id <> ${placed.id}` : sql`TRUE`
}

const standing = sql`json_build_object('id', n.id, 'position', n.board_position)`

/** Whoever cannot see the card that is named learns nothing of where it is. */
function boundsBeside(scope: Scope, { id, side }: Beside, others: Sql): { lower: Sql; upper: Sql } {
  const named = sql`(SELECT ${standing} FROM deals n WHERE n.id = ${id} AND ${others} AND ${visible(scope, 'deals', 'n')})`
  const place = sql`((SELECT b.board_position FROM deals b WHERE b.id = ${id}), ${id})`
  return side === 'before'
    ? { lower: last(sql`${others} AND (n.board_position, n.id) < ${place}`), upper: named }
    : { lower: named, upper: first(sql`${others} AND (n.board_position, n.id) > ${place}`) }
}

function first(condition: Sql): Sql {
  return sql`(SELECT ${standing} FROM deals n WHERE ${condition} ORDER BY n.board_position, n.id LIMIT 1)`
}

function last(condition: Sql): Sql {
  return sql`(SELECT ${standing} FROM deals n WHERE ${condition} ORDER BY n.board_position DESC, n.id DESC LIMIT 1)`
}
