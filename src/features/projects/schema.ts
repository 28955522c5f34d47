import { z } from 'zod'
import { CalendarDate, LONG_TEXT, OptionalText, RequiredText, Submission, Version } from '../../platform/validation.ts'

export const PROJECT_STATUSES = ['planned', 'active', 'completed', 'cancelled'] as const
export type ProjectStatus = (typeof PROJECT_STATUSES)[number]

const details = {
  description: OptionalText(LONG_TEXT),
  status: z.enum(PROJECT_STATUSES).optional(),
  startDate: CalendarDate.nullable().optional(),
  endDate: CalendarDate.nullable().optional(),
}

export const CreateProjectInput = z.object({
  name: RequiredText(200),
  ...details,
  submission: Submission.nullable().optional(),
})
export type CreateProject = z.output<typeof CreateProjectInput>

export const UpdateProjectInput = z.object({
  name: RequiredText(200).optional(),
  ...details,
  version: Version.nullable().optional(),
})
export type UpdateProject = z.output<typeof UpdateProjectInput>
