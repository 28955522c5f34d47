import { z } from 'zod'
import { RequiredText, Submission, Version } from '../../platform/validation.ts'

export const CreateTeamInput = z.object({ name: RequiredText(100), submission: Submission.nullable().optional() })
export type CreateTeam = z.output<typeof CreateTeamInput>

export const UpdateTeamInput = z.object({ name: RequiredText(100).optional(), version: Version.nullable().optional() })
export type UpdateTeam = z.output<typeof UpdateTeamInput>
