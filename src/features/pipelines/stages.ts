import type { NamedStage } from './queries.ts'

/** Those of one pipeline, of all that there are (`allStages`); those of the default one, which comes first, for null and for what is none. */
export function stagesIn(stages: readonly NamedStage[], pipelineId: number | null): NamedStage[] {
  const chosen = stages.find((stage) => stage.pipelineId === pipelineId) ?? stages[0]
  return stages.filter((stage) => stage.pipelineId === chosen?.pipelineId)
}

/** The other pipelines, with the open stages that a deal can go to there. */
export function otherPipelines(stages: readonly NamedStage[], pipelineId: number | null) {
  const here = stagesIn(stages, pipelineId)[0]?.pipelineId
  const others = new Map(
    stages.filter((stage) => stage.pipelineId !== here).map((stage) => [stage.pipelineId, stage.pipelineName]),
  )
  return [...others].map(([id, name]) => ({
    id,
    name,
    stages: stages.filter((stage) => stage.pipelineId === id && stage.kind === 'open'),
  }))
}
