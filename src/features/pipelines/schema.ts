import { z } from 'zod'
import { OptionalText, Percent, RequiredText, Submission, Version } from '../../platform/validation.ts'

export const CreatePipelineInput = z.object({ name: RequiredText(100), submission: Submission.nullable().optional() })
export type CreatePipeline = z.output<typeof CreatePipelineInput>

export const UpdatePipelineInput = z.object({
  name: RequiredText(100).optional(),
  version: Version.nullable().optional(),
})
export type UpdatePipeline = z.output<typeof UpdatePipelineInput>

/** Days after which an open deal that has not moved on is marked. */
const StaleAfterDays = z.int().min(1).max(3650)

export const CreateStageInput = z.object({
  name: RequiredText(100),
  probability: Percent,
  staleAfterDays: StaleAfterDays.nullable().optional(),
  submission: Submission.nullable().optional(),
})
export type CreateStage = z.output<typeof CreateStageInput>

/** Without a name a stage that came with the product is called by our words, in each reader's language. */
export const UpdateStageInput = z.object({
  name: OptionalText(100),
  probability: Percent.optional(),
  staleAfterDays: StaleAfterDays.nullable().optional(),
  version: Version.nullable().optional(),
})
export type UpdateStage = z.output<typeof UpdateStageInput>

export const MoveStageInput = z.object({ direction: z.enum(['up', 'down']) })
export type Direction = z.output<typeof MoveStageInput>['direction']
