import { z } from 'zod'
import { RecordId, RecordVersion } from '../../platform/api/json.ts'
import { STAGE_KINDS } from './queries.ts'

/** A stage as programs read it, and as it is stored. */
export const StageJson = z
  .object({
    id: RecordId,
    pipelineId: RecordId,
    key: z.string().meta({ description: 'What deals call it, as their `stage`; never changes.' }),
    name: z
      .string()
      .nullable()
      .meta({ description: 'null: it is called by the words for its `key`, in the language of whoever reads.' }),
    kind: z.enum(STAGE_KINDS).meta({ description: 'The `status` of the deals in it.' }),
    probability: z.int().min(0).max(100).meta({ description: 'Percent: what a deal that enters the stage gets.' }),
    position: z.int().meta({ description: 'Its place among the stages of its pipeline.' }),
    staleAfterDays: z.int().nullable().meta({ description: 'After so many days an open deal in it is marked.' }),
    version: RecordVersion,
  })
  .meta({
    title: 'Stage',
    examples: [
      {
        id: 3,
        pipelineId: 1,
        key: 'proposal',
        name: null,
        kind: 'open',
        probability: 50,
        position: 3,
        staleAfterDays: 21,
        version: 1,
      },
    ],
  })

/** A pipeline with its stages, in their order. It has no version: its stages change one by one, and each has its own. */
export const PipelineJson = z
  .object({
    id: RecordId,
    name: z.string(),
    isDefault: z.boolean().meta({ description: 'New deals go there unless another is chosen.' }),
    stages: z.array(StageJson),
  })
  .meta({
    title: 'Pipeline',
    examples: [{ id: 1, name: 'Sales', isDefault: true, stages: StageJson.meta()?.examples ?? [] }],
  })
