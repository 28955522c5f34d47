import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import type { TranslationKey } from '../../platform/i18n.ts'
import { ROLES } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { startSeeingAs } from '../sessions/see-as-routes.ts'
import { teamOptions } from '../teams/queries.ts'
import { requireAdministrator } from './administrators.ts'
import { inviteUser, issueLink, withdrawLink } from './commands/inviting.ts'
import type { IssuedLink } from './commands/inviting.ts'
import { handOver } from './commands/leaving.ts'
import { deactivateUser, reactivateUser, signOutUser, updateUser } from './commands/roles.ts'
import { requireTwoFactor, resetTwoFactor } from './commands/two-factor.ts'
import { LINK_PATHS } from './links.ts'
import { userList } from './list.ts'
import { belongingsOf, findUser, isTwoFactorRequired, listOwners, userForm } from './queries.ts'
import type { UserDetails } from './queries.ts'
import {
  HandOverInput,
  InviteUserInput,
  TwoFactorRuleInput,
  USER_STATUSES,
  UpdateUserInput,
  VISIBILITIES,
} from './schema.ts'

const HOME = '/settings/users'

/** Before anything is read or said: to everybody else these pages are forbidden as a whole. */
const administrators: RequestHandler = (req, _res, next) => {
  requireAdministrator(scopeOf(req))
  next()
}

/** The settings' own page, under /settings. */
export const settingsRoutes = Router()

settingsRoutes.get('/', administrators, async (req, res) => {
  await page(res, 'users/settings', { twoFactorRequired: await isTwoFactorRequired(scopeOf(req)) })
})

settingsRoutes.post('/two-factor', administrators, async (req, res) => {
  const saved = await submit(TwoFactorRuleInput, req.body, async ({ twoFactorRequired }) => {
    await requireTwoFactor(scopeOf(req), twoFactorRequired)
    return twoFactorRequired
  })
  if (!saved.ok) return res.redirect(303, '/settings')

  notice(req, saved.result ? 'users.notices.twoFactorRequired' : 'users.notices.twoFactorOptional')
  res.redirect(303, '/settings')
})

export const userFileRoutes = Router()
userFileRoutes.get(`${HOME}.csv`, administrators, (req, res) => sendCsv(req, res, userList, 'users'))

/** Under /settings/users. `origin`: where the product is found from outside, for links; null: where it was asked at. */
export function userRoutes(origin: string | null): Router {
  const routes = Router()
  routes.use(administrators)

  routes.get('/', async (req, res) => {
    const scope = scopeOf(req)
    const [list, teams] = await Promise.all([userList.fetch(scope, userList.parse(req.query)), teamOptions(scope)])
    await page(res, 'users/index', { list, teams, roles: ROLES, statuses: USER_STATUSES })
  })

  routes.get('/create', async (req, res) => {
    await showForm(req, res, 'users/new', formOf({ submission: randomUUID(), role: 'member', visibility: 'all' }))
  })

  routes.post('/create', async (req, res) => {
    const saved = await submit(InviteUserInput, req.body, (input) => inviteUser(scopeOf(req), input))
    if (!saved.ok) return showForm(req, res.status(saved.status), 'users/new', saved.form)

    const { id, link } = saved.result
    if (!link) return res.redirect(303, `${HOME}/${id}`)
    await showLink(req, res, link)
  })

  routes.get('/:id', async (req, res) => {
    const scope = scopeOf(req)
    const id = idOf(req)
    const [user, belongings] = await Promise.all([findUser(scope, id), belongingsOf(scope, id)])
    await page(res, 'users/show', { person: user, belongings, isSelf: scope.user.id === id })
  })

  routes.get('/:id/edit', async (req, res) => {
    const user = await findUser(scopeOf(req), idOf(req))
    await showForm(req, res, 'users/edit', formOf(userForm(user)), user)
  })

  routes.post('/:id/edit', async (req, res) => {
    const id = idOf(req)
    const saved = await submit(UpdateUserInput, req.body, (input) => updateUser(scopeOf(req), id, input))
    if (!saved.ok) {
      const user = await findUser(scopeOf(req), id)
      return showForm(req, res.status(saved.status), 'users/edit', saved.form, user)
    }

    notice(req, 'users.notices.saved')
    // Whoever has given up their own rights may not see the page any more.
    const gaveUp = id === scopeOf(req).user.id && saved.result.role !== 'admin'
    res.redirect(303, gaveUp ? '/' : `${HOME}/${id}`)
  })

  // A link is shown once, in answer to the form that asked for it: it is in no address, no session and no redirect. A reload leads back.
  routes.get('/:id/link', async (req, res) => {
    const { id } = await findUser(scopeOf(req), idOf(req))
    res.redirect(303, `${HOME}/${id}`)
  })

  routes.post('/:id/link', async (req, res) => {
    await showLink(req, res, await issueLink(scopeOf(req), idOf(req)))
  })

  routes.post('/:id/withdraw', verb(withdrawLink, 'users.notices.withdrawn'))
  routes.post('/:id/deactivate', verb(deactivateUser, 'users.notices.deactivated'))
  routes.post('/:id/reactivate', verb(reactivateUser, 'users.notices.reactivated'))
  routes.post('/:id/sign-out', verb(signOutUser, 'users.notices.signedOut'))
  routes.post('/:id/reset-two-factor', verb(resetTwoFactor, 'users.notices.twoFactorReset'))

  routes.post('/:id/see-as', async (req, res) => {
    await startSeeingAs(req, idOf(req))
    res.redirect(303, '/')
  })

  routes.get('/:id/hand-over', async (req, res) => {
    await showHandOver(req, res, formOf({ closed: true }))
  })

  routes.post('/:id/hand-over', async (req, res) => {
    const id = idOf(req)
    const saved = await submit(HandOverInput, req.body, (input) => handOver(scopeOf(req), id, input))
    if (!saved.ok) return showHandOver(req, res.status(saved.status), saved.form)

    const { left, ...moved } = saved.result
    notice(req, 'users.notices.handedOver', { values: moved })
    if (left > 0) notice(req, 'users.notices.left', { kind: 'warning', values: { count: left } })
    res.redirect(303, `${HOME}/${id}`)
  })

  async function showLink(
    req: Request,
    res: Response,
    { userId, purpose, token, expiresAt }: IssuedLink,
  ): Promise<void> {
    const person = await findUser(scopeOf(req), userId)
    const href = `${origin ?? `${req.protocol}://${req.host}`}${LINK_PATHS[purpose]}${token}`
    // 201, for Turbo: it shows what a form answers only when that is a redirect, an error or something new.
    await page(res.status(201), 'users/link', { person, purpose, href, expiresAt })
  }

  return routes
}

/** A button on somebody's page. */
function verb(act: (scope: Scope, id: number) => Promise<void>, done: TranslationKey): RequestHandler {
  return async (req, res) => {
    const id = idOf(req)
    await act(scopeOf(req), id)
    notice(req, done)
    res.redirect(303, `${HOME}/${id}`)
  }
}

async function showForm(req: Request, res: Response, view: string, form: Form, person?: UserDetails): Promise<void> {
  const teams = await teamOptions(scopeOf(req))
  await page(res, view, { form, teams, roles: ROLES, visibilities: VISIBILITIES, ...(person && { person }) })
}

async function showHandOver(req: Request, res: Response, form: Form): Promise<void> {
  const scope = scopeOf(req)
  const id = idOf(req)
  const [person, belongings, owners] = await Promise.all([
    findUser(scope, id),
    belongingsOf(scope, id),
    listOwners(scope),
  ])
  await page(res, 'users/hand-over', { person, belongings, form, owners: owners.filter(({ value }) => value !== id) })
}
