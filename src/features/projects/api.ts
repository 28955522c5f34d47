import { bulk } from '../../platform/api/bulk.ts'
import { Deleted } from '../../platform/api/json.ts'
import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { belonging } from '../../platform/api/parent.ts'
import type { Scope } from '../../platform/scope.ts'
import { Id } from '../../platform/validation.ts'
import { lockVersion } from '../users/locking.ts'
import { createProject, deleteProject, updateProject } from './commands.ts'
import { projectList } from './list.ts'
import { ProjectJson, presentProject } from './present.ts'
import { findProject, projectColumns } from './queries.ts'
import { CreateProjectInput, UpdateProjectInput } from './schema.ts'
import type { CreateProject } from './schema.ts'

const area = 'projects'
const CreateBody = CreateProjectInput.omit({ submission: true }).extend({ clientId: Id })
const EXAMPLE = {
  clientId: 12,
  name: 'New hall',
  description: 'Racks and forklifts for the new hall',
  status: 'active',
  startDate: '2026-02-01',
  endDate: '2026-06-30',
} as const

const read = async (scope: Scope, id: number) => presentProject(await findProject(scope, id))
const create = (scope: Scope, { clientId, ...input }: Omit<CreateProject, 'submission'> & { clientId: number }) =>
  belonging('clientId', createProject(scope, clientId, input))
const lock = (scope: Scope, id: number) => lockVersion(scope, 'projects', id)

export const projectOperations: Operation[] = [
  listing({
    path: '/projects',
    id: 'listProjects',
    area,
    summary: 'List projects',
    description: 'Of all clients, or of one: `client`.',
    list: projectList,
    columns: projectColumns,
    record: ProjectJson,
    name: 'ProjectPage',
    present: presentProject,
  }),
  operation({
    method: 'post',
    path: '/projects',
    id: 'createProject',
    area,
    summary: 'Create a project of a client',
    description: 'Planned, unless said otherwise.',
    body: CreateBody,
    answer: ProjectJson,
    status: 201,
    example: { body: EXAMPLE },
    run: async (scope, { body }) => read(scope, (await create(scope, body)).id),
  }),
  bulk({
    path: '/projects/bulk',
    id: 'storeProjects',
    area,
    summary: 'Create or change many projects',
    table: 'projects',
    create: CreateBody,
    update: UpdateProjectInput.extend({ clientId: Id.optional() }),
    example: EXAMPLE,
    createOne: create,
    updateOne: updateProject,
  }),
  operation({
    method: 'get',
    path: '/projects/{id}',
    id: 'readProject',
    area,
    summary: 'Read a project',
    answer: ProjectJson,
    run: (scope, { id }) => read(scope, id),
  }),
  operation({
    method: 'patch',
    path: '/projects/{id}',
    id: 'updateProject',
    area,
    summary: 'Change a project',
    description: 'What is absent stays as it is, and `null` empties a field.',
    lock,
    body: UpdateProjectInput,
    answer: ProjectJson,
    refuses: [409],
    example: { body: { status: 'completed', description: null } },
    run: async (scope, { id, body }) => {
      await updateProject(scope, id, body)
      return read(scope, id)
    },
  }),
  operation({
    method: 'delete',
    path: '/projects/{id}',
    id: 'deleteProject',
    area,
    summary: 'Delete a project',
    description:
      'For good: it does not go to the Trash. Deals and communications that are linked to it stay, without the link.',
    lock,
    answer: Deleted,
    run: async (scope, { id }) => {
      await deleteProject(scope, id)
      return { id }
    },
  }),
]
