import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { page } from '../../platform/http/page.ts'
import { idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { requireAdministrator } from '../users/administrators.ts'
import {
  createPipeline,
  createStage,
  deletePipeline,
  deleteStage,
  makeDefaultPipeline,
  moveStage,
  renamePipeline,
  updateStage,
} from './commands.ts'
import { findPipeline, findStage, listPipelines, pipelineForm, stageForm } from './queries.ts'
import {
  CreatePipelineInput,
  CreateStageInput,
  MoveStageInput,
  UpdatePipelineInput,
  UpdateStageInput,
} from './schema.ts'
import { hasWords, stageName } from './words.ts'

const HOME = '/settings/pipelines'

/** Under /settings/pipelines, for administrators. */
export const pipelineRoutes = Router()
/** Under /settings/stages, for administrators. */
export const stageRoutes = Router()

for (const routes of [pipelineRoutes, stageRoutes]) {
  routes.use((req, _res, next) => {
    requireAdministrator(scopeOf(req))
    next()
  })
}

pipelineRoutes.get('/', async (req, res) => {
  await page(res, 'pipelines/index', { pipelines: await listPipelines(scopeOf(req)), stageName })
})

pipelineRoutes.get('/create', async (_req, res) => {
  await page(res, 'pipelines/new', { form: formOf({ submission: randomUUID() }) })
})

pipelineRoutes.post('/create', async (req, res) => {
  const saved = await submit(CreatePipelineInput, req.body, (input) => createPipeline(scopeOf(req), input))
  if (!saved.ok) return page(res.status(saved.status), 'pipelines/new', { form: saved.form })

  if (!saved.result.repeated) notice(req, 'pipelines.notices.created')
  res.redirect(303, `${HOME}/${saved.result.id}/edit`)
})

pipelineRoutes.get('/:id/edit', async (req, res) => {
  const pipeline = await findPipeline(scopeOf(req), idOf(req))
  await page(res, 'pipelines/edit', { pipeline, stageName, form: formOf(pipelineForm(pipeline)) })
})

pipelineRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(UpdatePipelineInput, req.body, (input) => renamePipeline(scopeOf(req), id, input))
  if (!saved.ok) {
    const pipeline = await findPipeline(scopeOf(req), id)
    return page(res.status(saved.status), 'pipelines/edit', { pipeline, stageName, form: saved.form })
  }

  notice(req, 'pipelines.notices.saved')
  res.redirect(303, `${HOME}/${id}/edit`)
})

pipelineRoutes.post('/:id/make-default', async (req, res) => {
  const id = idOf(req)
  await makeDefaultPipeline(scopeOf(req), id)
  notice(req, 'pipelines.notices.madeDefault')
  res.redirect(303, HOME)
})

pipelineRoutes.get('/:id/delete', async (req, res) => {
  await page(res, 'pipelines/delete', { pipeline: await findPipeline(scopeOf(req), idOf(req)) })
})

pipelineRoutes.post('/:id/delete', async (req, res) => {
  await deletePipeline(scopeOf(req), idOf(req))
  notice(req, 'pipelines.notices.deleted')
  res.redirect(303, HOME)
})

pipelineRoutes.get('/:id/stages/create', async (req, res) => {
  await showNewStage(req, res, formOf({ submission: randomUUID() }))
})

pipelineRoutes.post('/:id/stages/create', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(CreateStageInput, req.body, (input) => createStage(scopeOf(req), id, input))
  if (!saved.ok) return showNewStage(req, res.status(saved.status), saved.form)

  if (!saved.result.repeated) notice(req, 'pipelines.notices.stageCreated')
  res.redirect(303, `${HOME}/${id}/edit`)
})

stageRoutes.get('/:id/edit', async (req, res) => {
  const { stage } = await findStage(scopeOf(req), idOf(req))
  await showStage(req, res, formOf(stageForm(stage)))
})

stageRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(UpdateStageInput, req.body, (input) => updateStage(scopeOf(req), id, input))
  if (!saved.ok) return showStage(req, res.status(saved.status), saved.form)

  notice(req, 'pipelines.notices.stageSaved')
  res.redirect(303, `${HOME}/${saved.result.pipelineId}/edit`)
})

stageRoutes.post('/:id/move', async (req, res) => {
  const { direction } = MoveStageInput.parse(req.body ?? {})
  const { pipelineId } = await moveStage(scopeOf(req), idOf(req), direction)
  res.redirect(303, `${HOME}/${pipelineId}/edit#stages`)
})

stageRoutes.get('/:id/delete', async (req, res) => {
  await page(res, 'pipelines/delete-stage', { ...(await findStage(scopeOf(req), idOf(req))), stageName })
})

stageRoutes.post('/:id/delete', async (req, res) => {
  const { pipelineId } = await deleteStage(scopeOf(req), idOf(req))
  notice(req, 'pipelines.notices.stageDeleted')
  res.redirect(303, `${HOME}/${pipelineId}/edit`)
})

async function showNewStage(req: Request, res: Response, form: Form): Promise<void> {
  await page(res, 'pipelines/new-stage', { pipeline: await findPipeline(scopeOf(req), idOf(req)), form })
}

async function showStage(req: Request, res: Response, form: Form): Promise<void> {
  const { pipeline, stage } = await findStage(scopeOf(req), idOf(req))
  await page(res, 'pipelines/edit-stage', { pipeline, stage, stageName, hasWords: hasWords(stage.key), form })
}
