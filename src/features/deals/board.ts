import sql, { empty, join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import { found } from '../../platform/list-search.ts'
import { Decimal, roundMoney } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import type { Stage } from '../pipelines/queries.ts'
import { ownedBy, visible } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import { cursorOf, periodOf, readCursor } from './board-filters.ts'
import type { BoardFilters } from './board-filters.ts'
import { dealList } from './list.ts'
import { nextStep } from './next-step.ts'
import type { NextStep } from './next-step.ts'
import { closedWithin } from './period.ts'

/** How many cards a column shows at a time; its count and its sums are of all its deals. */
export const CARDS_SHOWN = 50

export interface BoardCard {
  id: number
  stage: string
  name: string
  clientName: string | null
  clientIsActive: boolean | null
  value: Decimal | null
  currencyCode: string
  ownerName: string | null
  expectedCloseDate: CalendarDay | null
  actualCloseDate: CalendarDay | null
  boardPosition: string
  stageEnteredAt: Date
  version: number
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
  /** Where the cards behind these begin; null when there are none. */
  next: string | null
}

export interface Board {
  columns: BoardColumn[]
  /** Those of all columns, shown or not. */
  stages: Stage[]
  pipelineId: number
  /** All there are, for choosing one. */
  pipelines: Option[]
  owners: Option[]
  /** The client that the board is narrowed to, if the reader may see it. */
  clientName: string | null
}

/** Only a part of the board: what a move changes, or the next cards of a column. */
interface Part {
  /** The columns, by the keys of their stages or by how deals end in them. */
  stages: readonly string[]
  /** Of the open columns, no more than this card. */
  card?: number
  /** Nothing is counted or summed. */
  cardsOnly?: boolean
}

type Frame = Omit<Board, 'columns'>

interface TotalRow {
  stage: string
  currencyCode: string
  count: number
  /** Empty when no deal in this currency has a value. */
  sum: Decimal | null
  weighted: Decimal | null
}

/** A column a stage of a pipeline, in three queries however many stages it has. */
export async function board(scope: Scope, filters: BoardFilters, part?: Part): Promise<Board> {
  const framing = frameOf(scope, filters)
  // All columns need not be named, nor waited for.
  const chosen = part ? chosenOf((await framing).stages, part) : null
  const [frame, totals, cards] = await Promise.all([
    framing,
    part?.cardsOnly ? [] : totalsByStage(scope, filters, chosen),
    topCards(scope, filters, chosen, part?.card),
  ])
  return { ...frame, columns: (chosen ?? frame.stages).map((stage) => columnOf(stage, totals, cards)) }
}

function chosenOf(stages: readonly Stage[], part: Part): Stage[] {
  return stages.filter(({ key, kind }) => part.stages.includes(key) || (kind !== 'open' && part.stages.includes(kind)))
}

function columnOf(stage: Stage, totals: readonly TotalRow[], cards: readonly BoardCard[]): BoardColumn {
  const ofStage = totals.filter((row) => row.stage === stage.key)
  const found = cards.filter((card) => card.stage === stage.key)
  const shown = found.slice(0, CARDS_SHOWN)
  const last = shown.at(-1)
  return {
    ...stage,
    count: ofStage.reduce((count, row) => count + row.count, 0),
    totals: ofStage.flatMap(totalOf),
    cards: shown,
    next: last && found.length > shown.length ? cursorOf(last) : null,
  }
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

function pipelineOf({ pipeline }: BoardFilters): Sql {
  const standard = sql`(SELECT id FROM pipelines WHERE is_default)`
  return pipeline === undefined
    ? standard
    : sql`(SELECT coalesce((SELECT id FROM pipelines WHERE id = ${pipeline}), ${standard}))`
}

/** What stands around the cards, in one statement. */
async function frameOf(scope: Scope, filters: BoardFilters): Promise<Frame> {
  const { owner, client = null } = filters
  const stages = sql`
    SELECT s.pipeline_id AS "pipelineId", s.key, s.name, s.kind, s.probability, s.position, s.stale_after_days AS "staleAfterDays"
    FROM pipeline_stages s WHERE s.pipeline_id = p.id ORDER BY s.position`
  const owners = sql`
    SELECT id AS value, name AS label FROM users
    WHERE is_active OR id = ${typeof owner === 'number' ? owner : null} ORDER BY lower(name), id`
  const [frame] = await scope.db.query<Frame>(sql`
    SELECT p.id AS "pipelineId", ${rowsAsJson(stages)} AS stages, ${rowsAsJson(owners)} AS owners,
           ${rowsAsJson(sql`SELECT id AS value, name AS label FROM pipelines ORDER BY position, id`)} AS pipelines,
           (SELECT c.name FROM clients c WHERE c.id = ${client} AND ${visible(scope, 'clients', 'c')}) AS "clientName"
    FROM pipelines p WHERE p.id = ${pipelineOf(filters)}`)
  if (!frame) throw new Error('there is no default pipeline')
  return frame
}

/** Open deals and closed ones apart, as each has an index to be summed from; weighted once for all deals of the same probability. */
async function totalsByStage(
  scope: Scope,
  filters: BoardFilters,
  chosen: readonly Stage[] | null,
): Promise<TotalRow[]> {
  const sums = (condition: Sql, keys: string[] | null) => sql`
    SELECT d.stage, d.currency_code, d.probability, count(*) AS count, sum(d.value) AS sum FROM deals d
    WHERE d.pipeline_id = ${pipelineOf(filters)} AND ${shown(scope, filters)} AND ${condition}
      AND ${keys ? sql`d.stage = ANY(${keys})` : sql`TRUE`}
    GROUP BY d.stage, d.currency_code, d.probability`
  const branches = branchesOf(chosen, {
    open: (keys) => sums(sql`d.status = 'open'`, keys),
    closed: (keys) => sums(sql`d.status <> 'open' AND ${closedWithin(scope, periodOf(filters))}`, keys),
  })
  if (branches.length === 0) return []
  return scope.db.query<TotalRow>(sql`
    ${wanted(filters)}
    SELECT stage, currency_code AS "currencyCode", sum(count)::int AS count, sum(sum) AS sum, sum(sum * probability) / 100 AS weighted
    FROM (${join(branches, ' UNION ALL ')}) AS sums
    GROUP BY stage, currency_code ORDER BY sum(count) DESC, currency_code`)
}

/** The cards of each column, one more than it shows: open deals by their places, closed ones by when they were closed. */
async function topCards(
  scope: Scope,
  filters: BoardFilters,
  chosen: readonly Stage[] | null,
  card: number | undefined,
): Promise<BoardCard[]> {
  const { position, day, id } = readCursor(filters)
  // Said so that the index can start there: a condition that only holds for one column could not.
  const where = (said: Sql, otherwise: Sql) =>
    sql`CASE WHEN s.key = ${filters.stage ?? null} THEN ${said} ELSE ${otherwise} END`
  const first = where(sql`${day ?? 'infinity'}::date`, sql`'infinity'::date`)
  const cards = (kind: Sql, condition: Sql, order: Sql, keys: string[] | null) => sql`
    SELECT d.*, s.position FROM pipeline_stages s CROSS JOIN LATERAL (
      SELECT d.*, row_number() OVER (ORDER BY ${order}) AS place FROM deals d
      WHERE d.pipeline_id = s.pipeline_id AND d.stage = s.key AND ${shown(scope, filters)} AND ${condition}
      ORDER BY ${order} LIMIT ${CARDS_SHOWN + 1}) d
    WHERE s.pipeline_id = ${pipelineOf(filters)} AND ${kind} AND ${keys ? sql`s.key = ANY(${keys})` : sql`TRUE`}`
  const branches = branchesOf(chosen, {
    open: (keys) =>
      cards(
        sql`s.kind = 'open'`,
        sql`d.status = 'open' AND ${card === undefined ? sql`TRUE` : sql`d.id = ${card}`}
          AND (d.board_position, d.id) > (${where(sql`${position}::text`, sql`''`)}, ${where(sql`${id}::integer`, sql`0`)})`,
        sql`d.board_position, d.id`,
        keys,
      ),
    closed: (keys) =>
      cards(
        sql`s.kind <> 'open'`,
        sql`d.status <> 'open' AND ${closedWithin(scope, periodOf(filters))}
          AND d.actual_close_date <= ${first} AND (d.actual_close_date < ${first} OR d.id > ${id})`,
        sql`d.actual_close_date DESC, d.id`,
        keys,
      ),
  })
  if (branches.length === 0) return []
  return scope.db.query<BoardCard>(sql`
    ${wanted(filters)}
    SELECT d.id, d.stage, d.name, c.name AS "clientName", c.is_active AS "clientIsActive", d.value, d.currency_code AS "currencyCode", o.name AS "ownerName",
           d.expected_close_date::text AS "expectedCloseDate", d.actual_close_date::text AS "actualCloseDate",
           d.board_position AS "boardPosition", d.stage_entered_at AS "stageEnteredAt", d.version, ${nextStep} AS "nextStep"
    FROM (${join(branches, ' UNION ALL ')}) d
      LEFT JOIN clients c ON c.id = d.client_id
      LEFT JOIN users o ON o.id = d.owner_id
    ORDER BY d.position, d.place`)
}

/** The halves of a statement that are needed: of all columns both, without naming the columns. */
function branchesOf(
  chosen: readonly Stage[] | null,
  branch: Record<'open' | 'closed', (keys: string[] | null) => Sql>,
): Sql[] {
  if (!chosen) return [branch.open(null), branch.closed(null)]
  const keys = (isOpen: boolean) => chosen.filter(({ kind }) => (kind === 'open') === isOpen).map(({ key }) => key)
  return [
    ...(keys(true).length > 0 ? [branch.open(keys(true))] : []),
    ...(keys(false).length > 0 ? [branch.closed(keys(false))] : []),
  ]
}

/** What is searched for is found once, not for each column. */
function wanted({ q }: BoardFilters): Sql {
  return q === ''
    ? empty
    : sql`WITH wanted AS MATERIALIZED (SELECT d.id FROM deals d WHERE d.is_active AND ${join(found(dealList, q), ' AND ')})`
}

/** What the filters and the reader's scope leave of the deals. */
function shown(scope: Scope, { q, owner, client, tag }: BoardFilters): Sql {
  return join(
    [
      sql`d.is_active AND ${visible(scope, 'deals', 'd')}`,
      ...(owner === undefined ? [] : [ownedBy(scope, sql`d.owner_id`, owner)]),
      ...(client === undefined ? [] : [sql`d.client_id = ${client}`]),
      ...(tag === undefined ? [] : [sql`d.tags @> ARRAY[${tag}]::text[]`]),
      ...(q === '' ? [] : [sql`d.id IN (SELECT id FROM wanted)`]),
    ],
    ' AND ',
  )
}
