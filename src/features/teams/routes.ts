import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import { page } from '../../platform/http/page.ts'
import { idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import { requireAdministrator } from '../users/administrators.ts'
import { createTeam, deleteTeam, renameTeam } from './commands.ts'
import { teamList } from './list.ts'
import { findTeam, teamForm } from './queries.ts'
import { CreateTeamInput, UpdateTeamInput } from './schema.ts'

/** Under /settings/teams, for administrators. */
export const teamRoutes = Router()

const HOME = '/settings/teams'

teamRoutes.use((req, _res, next) => {
  requireAdministrator(scopeOf(req))
  next()
})

teamRoutes.get('/', async (req, res) => {
  await page(res, 'teams/index', { list: await teamList.fetch(scopeOf(req), teamList.parse(req.query)) })
})

teamRoutes.get('/create', async (_req, res) => {
  await page(res, 'teams/new', { form: formOf({ submission: randomUUID() }) })
})

teamRoutes.post('/create', async (req, res) => {
  const saved = await submit(CreateTeamInput, req.body, (input) => createTeam(scopeOf(req), input))
  if (!saved.ok) return page(res.status(saved.status), 'teams/new', { form: saved.form })

  if (!saved.result.repeated) notice(req, 'teams.notices.created')
  res.redirect(303, HOME)
})

teamRoutes.get('/:id/edit', async (req, res) => {
  const team = await findTeam(scopeOf(req), idOf(req))
  await page(res, 'teams/edit', { team, form: formOf(teamForm(team)) })
})

teamRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(UpdateTeamInput, req.body, (input) => renameTeam(scopeOf(req), id, input))
  if (!saved.ok) {
    const team = await findTeam(scopeOf(req), id)
    return page(res.status(saved.status), 'teams/edit', { team, form: saved.form })
  }

  notice(req, 'teams.notices.saved')
  res.redirect(303, HOME)
})

teamRoutes.get('/:id/delete', async (req, res) => {
  await page(res, 'teams/delete', { team: await findTeam(scopeOf(req), idOf(req)) })
})

teamRoutes.post('/:id/delete', async (req, res) => {
  const { members } = await deleteTeam(scopeOf(req), idOf(req))
  notice(req, 'teams.notices.deleted', { values: { count: members } })
  res.redirect(303, HOME)
})
