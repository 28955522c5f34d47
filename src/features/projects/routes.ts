import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { page } from '../../platform/http/page.ts'
import { idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { dayIn } from '../../platform/time.ts'
import { findClient } from '../clients/queries.ts'
import { listCommunicationsOfProject } from '../communications/queries.ts'
import { listLinkedDeals } from '../deals/queries.ts'
import { stageName } from '../pipelines/words.ts'
import { requireWritable } from '../users/access.ts'
import { createProject, deleteProject, updateProject } from './commands.ts'
import { findProject, projectForm } from './queries.ts'
import { CreateProjectInput, PROJECT_STATUSES, UpdateProjectInput } from './schema.ts'

/** The projects of one client, under /clients. */
export const clientProjectRoutes = Router()
export const projectRoutes = Router()

clientProjectRoutes.get('/:id/projects/create', async (req, res) => {
  await showNew(req, res, formOf({ submission: randomUUID(), status: 'planned' }))
})

clientProjectRoutes.post('/:id/projects/create', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(CreateProjectInput, req.body, (input) => createProject(scopeOf(req), id, input))
  if (!saved.ok) return showNew(req, res.status(saved.status), saved.form)

  if (!saved.result.repeated) notice(req, 'projects.notices.created')
  res.redirect(303, `/projects/${saved.result.id}`)
})

projectRoutes.get('/:id', async (req, res) => {
  const [scope, id] = [scopeOf(req), idOf(req)]
  const [project, deals, communications] = await Promise.all([
    findProject(scope, id),
    listLinkedDeals(scope, 'project', id),
    listCommunicationsOfProject(scope, id),
  ])
  const today = dayIn(scope.user.timeZone)
  await page(res, 'projects/show', { project, deals, communications, today, stageName })
})

projectRoutes.get('/:id/edit', async (req, res) => {
  await requireWritable(scopeOf(req), 'projects', idOf(req))
  const project = await findProject(scopeOf(req), idOf(req))
  await page(res, 'projects/edit', { project, form: formOf(projectForm(project)), statuses: PROJECT_STATUSES })
})

projectRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(UpdateProjectInput, req.body, (input) => updateProject(scopeOf(req), id, input))
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'projects', id)
    const project = await findProject(scopeOf(req), id)
    return page(res.status(saved.status), 'projects/edit', { project, form: saved.form, statuses: PROJECT_STATUSES })
  }

  notice(req, 'projects.notices.saved')
  res.redirect(303, `/projects/${id}`)
})

projectRoutes.post('/:id/delete', async (req, res) => {
  const { clientId } = await deleteProject(scopeOf(req), idOf(req))
  notice(req, 'projects.notices.deleted')
  res.redirect(303, `/clients/${clientId}`)
})

/** For whoever may add something to the client. */
async function showNew(req: Request, res: Response, form: Form): Promise<void> {
  await requireWritable(scopeOf(req), 'clients', idOf(req))
  const client = await findClient(scopeOf(req), idOf(req))
  await page(res, 'projects/new', { form, client, statuses: PROJECT_STATUSES })
}
