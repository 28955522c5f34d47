import sql from 'sql-template-tag'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'

export const STAGE_KINDS = ['open', 'won', 'lost'] as const
export type StageKind = (typeof STAGE_KINDS)[number]

export interface Stage {
  pipelineId: number
  key: string
  /** Empty: the words of the key, in the reader's language (`stageName`). */
  name: string | null
  kind: StageKind
  /** Percent; what a deal that enters the stage gets. */
  probability: number
  position: number
  staleAfterDays: number | null
}

export interface NamedStage extends Stage {
  pipelineName: string
}

const STAGES = sql`
  SELECT s.pipeline_id AS "pipelineId", p.name AS "pipelineName", s.key, s.name, s.kind, s.probability, s.position,
    s.stale_after_days AS "staleAfterDays"
  FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id`

/** The stages of every pipeline, pipeline by pipeline, the default one first: for a page that also shows where else a deal can go. */
export function allStages({ db }: Scope): Promise<NamedStage[]> {
  return db.query<NamedStage>(sql`${STAGES} ORDER BY p.is_default DESC, p.position, p.id, s.position`)
}

/** Where a new deal can begin, in the default pipeline. */
export function openStages({ db }: Scope): Promise<NamedStage[]> {
  return db.query<NamedStage>(sql`${STAGES} WHERE p.is_default AND s.kind = 'open' ORDER BY s.position`)
}

export interface Pipeline {
  id: number
  name: string
  isDefault: boolean
  version: number
  stages: (Stage & { id: number; version: number; dealCount: number; more: boolean })[]
}

/** A stage with more deals than this says "10,000+". */
const COUNTED = 10_000

const PIPELINES = sql`
  SELECT p.id, p.name, p.is_default AS "isDefault", p.version, (
    SELECT json_agg(json_build_object(
      'id', s.id, 'pipelineId', s.pipeline_id, 'key', s.key, 'name', s.name, 'kind', s.kind, 'probability', s.probability, 'position', s.position,
      'staleAfterDays', s.stale_after_days, 'version', s.version, 'dealCount', least(c.found, ${COUNTED}), 'more', c.found > ${COUNTED}
    ) ORDER BY s.position)
    FROM pipeline_stages s CROSS JOIN LATERAL (
      SELECT count(*)::int AS found FROM (
        SELECT FROM deals d WHERE d.pipeline_id = s.pipeline_id AND d.stage = s.key AND d.is_active LIMIT ${COUNTED + 1}
      ) d
    ) c
    WHERE s.pipeline_id = p.id
  ) AS stages
  FROM pipelines p`

/** Every pipeline with its stages, and how many deals stand in each, the archived aside. In the settings' order. */
export function listPipelines({ db }: Scope): Promise<Pipeline[]> {
  return db.query<Pipeline>(sql`${PIPELINES} ORDER BY p.position, p.id`)
}

/** Throws NotFound. */
export async function findPipeline({ db }: Scope, id: number): Promise<Pipeline> {
  const [pipeline] = await db.query<Pipeline>(sql`${PIPELINES} WHERE p.id = ${id}`)
  if (!pipeline) throw new NotFound()
  return pipeline
}

/** A stage for programs, as it is stored. */
export interface StoredStage extends Stage {
  id: number
  version: number
}

/** For programs of everybody: nothing of what is in the stages, which not everybody sees. */
export interface PipelineOfStages {
  id: number
  name: string
  isDefault: boolean
  stages: StoredStage[]
}

/** A `StoredStage`, of stages under `s`. */
const stageColumns = sql`s.id, s.pipeline_id AS "pipelineId", s.key, s.name, s.kind, s.probability, s.position,
  s.stale_after_days AS "staleAfterDays", s.version`

const OF_STAGES = sql`
  SELECT p.id, p.name, p.is_default AS "isDefault",
    ${rowsAsJson(sql`SELECT ${stageColumns} FROM pipeline_stages s WHERE s.pipeline_id = p.id ORDER BY s.position`)} AS stages
  FROM pipelines p`

/** In the settings' order. */
export function readPipelines({ db }: Scope): Promise<PipelineOfStages[]> {
  return db.query<PipelineOfStages>(sql`${OF_STAGES} ORDER BY p.position, p.id`)
}

/** Throws NotFound. */
export async function readPipeline({ db }: Scope, id: number): Promise<PipelineOfStages> {
  const [pipeline] = await db.query<PipelineOfStages>(sql`${OF_STAGES} WHERE p.id = ${id}`)
  if (!pipeline) throw new NotFound()
  return pipeline
}

/** Throws NotFound. */
export async function readStage({ db }: Scope, id: number): Promise<StoredStage> {
  const [stage] = await db.query<StoredStage>(sql`SELECT ${stageColumns} FROM pipeline_stages s WHERE s.id = ${id}`)
  if (!stage) throw new NotFound()
  return stage
}

/** The stage with the pipeline it is of. Throws NotFound. */
export async function findStage(
  { db }: Scope,
  id: number,
): Promise<{ pipeline: Pipeline; stage: Pipeline['stages'][number] }> {
  const [pipeline] = await db.query<Pipeline>(
    sql`${PIPELINES} WHERE p.id = (SELECT pipeline_id FROM pipeline_stages WHERE id = ${id})`,
  )
  const stage = pipeline?.stages.find((stage) => stage.id === id)
  if (!pipeline || !stage) throw new NotFound()
  return { pipeline, stage }
}

export function pipelineForm({ name, version }: Pick<Pipeline, 'name' | 'version'>) {
  return { name, version }
}

export function stageForm({
  name,
  probability,
  staleAfterDays,
  version,
}: Pick<Stage, 'name' | 'probability' | 'staleAfterDays'> & { version: number }) {
  return { name, probability, staleAfterDays, version }
}
