import { z } from 'zod'
import { Deleted } from '../../platform/api/json.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { belonging } from '../../platform/api/parent.ts'
import { Id } from '../../platform/validation.ts'
import {
  createPipeline,
  createStage,
  deletePipeline,
  deleteStage,
  lockStage,
  makeDefaultPipeline,
  moveStage,
  renamePipeline,
  updateStage,
} from './commands.ts'
import { PipelineJson, StageJson } from './present.ts'
import { readPipeline, readPipelines, readStage } from './queries.ts'
import {
  CreatePipelineInput,
  CreateStageInput,
  MoveStageInput,
  UpdatePipelineInput,
  UpdateStageInput,
} from './schema.ts'

const area = 'pipelines'
const change = { area, answer: PipelineJson } as const
const stageChange = { area, lock: lockStage, answer: StageJson } as const
const FOR_ADMINISTRATORS = 'For administrators.'

/** Everybody reads what a deal can go through; settings are an administrator's. */
export const pipelineOperations: Operation[] = [
  operation({
    method: 'get',
    path: '/pipelines',
    id: 'listPipelines',
    area,
    summary: 'List the pipelines with their stages',
    description: 'All of them, in their order.',
    answer: z.object({ data: z.array(PipelineJson) }).meta({ title: 'Pipelines' }),
    run: async (scope) => ({ data: await readPipelines(scope) }),
  }),
  operation({
    method: 'post',
    path: '/pipelines',
    id: 'createPipeline',
    area,
    summary: 'Create a pipeline',
    description: `With copies of the default one’s stages. ${FOR_ADMINISTRATORS}`,
    body: CreatePipelineInput.omit({ submission: true }),
    answer: PipelineJson,
    status: 201,
    example: { body: { name: 'Service contracts' } },
    run: async (scope, { body }) => readPipeline(scope, (await createPipeline(scope, body)).id),
  }),
  operation({
    method: 'get',
    path: '/pipelines/{id}',
    id: 'readPipeline',
    area,
    summary: 'Read a pipeline with its stages',
    answer: PipelineJson,
    run: (scope, { id }) => readPipeline(scope, id),
  }),
  operation({
    ...change,
    method: 'patch',
    path: '/pipelines/{id}',
    id: 'updatePipeline',
    summary: 'Rename a pipeline',
    description: FOR_ADMINISTRATORS,
    body: UpdatePipelineInput.omit({ version: true }),
    example: { body: { name: 'Service' } },
    run: async (scope, { id, body }) => {
      await renamePipeline(scope, id, body)
      return readPipeline(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/pipelines/{id}/make-default',
    id: 'makeDefaultPipeline',
    summary: 'Make a pipeline the default one',
    description: FOR_ADMINISTRATORS,
    run: async (scope, { id }) => {
      await makeDefaultPipeline(scope, id)
      return readPipeline(scope, id)
    },
  }),
  operation({
    method: 'delete',
    path: '/pipelines/{id}',
    id: 'deletePipeline',
    area,
    summary: 'Delete a pipeline',
    description: `One that holds no deals, archived ones among them, and is not the default one. ${FOR_ADMINISTRATORS}`,
    answer: Deleted,
    refuses: [409],
    run: async (scope, { id }) => {
      await deletePipeline(scope, id)
      return { id }
    },
  }),
  operation({
    method: 'post',
    path: '/stages',
    id: 'createStage',
    area,
    summary: 'Create a stage of a pipeline',
    description: `An open one, behind the other open ones. Its \`key\` is made of its name. ${FOR_ADMINISTRATORS}`,
    body: CreateStageInput.omit({ submission: true }).extend({ pipelineId: Id }),
    answer: StageJson,
    status: 201,
    example: { body: { pipelineId: 1, name: 'Site visit', probability: 40, staleAfterDays: 14 } },
    run: async (scope, { body: { pipelineId, ...input } }) =>
      readStage(scope, (await belonging('pipelineId', createStage(scope, pipelineId, input))).id),
  }),
  operation({
    method: 'get',
    path: '/stages/{id}',
    id: 'readStage',
    area,
    summary: 'Read a stage',
    answer: StageJson,
    run: (scope, { id }) => readStage(scope, id),
  }),
  operation({
    ...stageChange,
    method: 'patch',
    path: '/stages/{id}',
    id: 'updateStage',
    summary: 'Change a stage',
    description: `What is absent stays as it is, and \`null\` empties a field; deals that are in it keep their probability. Won and lost ones have 100 and 0. ${FOR_ADMINISTRATORS}`,
    body: UpdateStageInput,
    refuses: [409],
    example: { body: { name: 'First call', staleAfterDays: null, probability: 15 } },
    run: async (scope, { id, body }) => {
      await updateStage(scope, id, body)
      return readStage(scope, id)
    },
  }),
  operation({
    ...stageChange,
    method: 'post',
    path: '/stages/{id}/move',
    id: 'moveStage',
    summary: 'Move a stage among the open ones',
    description: `It changes places with its neighbour; at either end it stays. ${FOR_ADMINISTRATORS}`,
    body: MoveStageInput,
    refuses: [409],
    example: { body: { direction: 'down' } },
    run: async (scope, { id, body }) => {
      await moveStage(scope, id, body.direction)
      return readStage(scope, id)
    },
  }),
  operation({
    method: 'delete',
    path: '/stages/{id}',
    id: 'deleteStage',
    area,
    summary: 'Delete a stage',
    description: `An open one that holds no deals, archived ones among them, and is not the last. ${FOR_ADMINISTRATORS}`,
    lock: lockStage,
    answer: Deleted,
    refuses: [409],
    run: async (scope, { id }) => {
      await deleteStage(scope, id)
      return { id }
    },
  }),
]
