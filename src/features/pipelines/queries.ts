import sql from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'

export type StageKind = 'open' | 'won' | 'lost'

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

/** The stages of a pipeline, in their order; those of the default pipeline when none is named. */
export function stagesOf({ db }: Scope, pipelineId: number | null = null): Promise<Stage[]> {
  return db.query<Stage>(sql`
    SELECT s.pipeline_id AS "pipelineId", s.key, s.name, s.kind, s.probability, s.position, s.stale_after_days AS "staleAfterDays"
    FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id
    WHERE CASE WHEN ${pipelineId}::integer IS NULL THEN p.is_default ELSE p.id = ${pipelineId} END
    ORDER BY s.position`)
}

/** The stages a form may offer: a deal is closed by closing it, never by choosing a stage. */
export async function openStagesOf(scope: Scope, pipelineId: number | null = null): Promise<Stage[]> {
  return (await stagesOf(scope, pipelineId)).filter(({ kind }) => kind === 'open')
}
