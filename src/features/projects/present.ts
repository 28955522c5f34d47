import { z } from 'zod'
import { Day, Moment, RecordId, RecordVersion, momentOf } from '../../platform/api/json.ts'
import type { Project } from './queries.ts'
import { PROJECT_STATUSES } from './schema.ts'

/** A project as programs read it. */
export const ProjectJson = z
  .object({
    id: RecordId,
    clientId: RecordId,
    name: z.string(),
    description: z.string().nullable(),
    status: z.enum(PROJECT_STATUSES),
    startDate: Day.nullable(),
    endDate: Day.nullable(),
    createdBy: RecordId.nullable(),
    version: RecordVersion,
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({
    title: 'Project',
    examples: [
      {
        id: 5,
        clientId: 12,
        name: 'New hall',
        description: 'Racks and forklifts for the new hall',
        status: 'active',
        startDate: '2026-02-01',
        endDate: '2026-06-30',
        createdBy: 3,
        version: 1,
        createdAt: '2026-01-31T13:30:00.000Z',
        updatedAt: '2026-01-31T13:30:00.000Z',
      },
    ],
  })

export function presentProject(project: Project): z.input<typeof ProjectJson> {
  return {
    id: project.id,
    clientId: project.clientId,
    name: project.name,
    description: project.description,
    status: project.status,
    startDate: project.startDate,
    endDate: project.endDate,
    createdBy: project.createdBy,
    version: project.version,
    createdAt: momentOf(project.createdAt),
    updatedAt: momentOf(project.updatedAt),
  }
}
