import { Router } from 'express'
import type { Request, Response } from 'express'
import { NotFound } from '../../platform/errors.ts'
import { page } from '../../platform/http/page.ts'
import { dbOf, notice } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import type { SignInLimits } from '../sessions/limits.ts'
import { signInAs } from '../sessions/routes.ts'
import { choosePassword } from './commands/passwords.ts'
import { LINK_PATHS } from './links.ts'
import type { Purpose } from './links.ts'
import { findAccount, findLink } from './queries.ts'
import { NewPasswordInput } from './schema.ts'

/** Where links lead, before anybody is signed in: the token is all the proof there is. */
export function linkRoutes(limits: SignInLimits): Router {
  const routes = Router()
  for (const purpose of ['invitation', 'reset'] as const) {
    routes.get(`${LINK_PATHS[purpose]}:token`, async (req, res) => {
      const link = await unlessGuessing(limits, req, () => findLink(dbOf(req), purpose, tokenOf(req)))
      await showChoice(res, purpose, link, formOf())
    })

    routes.post(`${LINK_PATHS[purpose]}:token`, async (req, res) => {
      const link = await unlessGuessing(limits, req, () => findLink(dbOf(req), purpose, tokenOf(req)))
      const saved = await submit(NewPasswordInput, req.body, ({ password }) =>
        choosePassword(dbOf(req), purpose, tokenOf(req), password),
      )
      if (!saved.ok) return showChoice(res.status(saved.status), purpose, link, { ...saved.form, values: {} })
      await goOn(req, res, purpose, saved.result)
    })
  }
  return routes
}

function tokenOf(req: Request): string {
  return String(req.params.token)
}

/** Whoever tries links that do not exist is slowed, without a word of whether this one does. */
async function unlessGuessing<Result>(
  limits: SignInLimits,
  req: Request,
  find: () => Promise<Result>,
): Promise<Result> {
  const address = req.ip ?? ''
  await limits.refuseGuesser(address)
  try {
    return await find()
  } catch (error) {
    if (error instanceof NotFound) await limits.countUnknownLink(address)
    throw error
  }
}

interface Invited {
  name: string
  email: string
}

async function showChoice(res: Response, purpose: Purpose, { name, email }: Invited, form: Form): Promise<void> {
  await page(res, 'users/choose-password', { purpose, person: { name, email }, form, action: res.req.path })
}

/** Whoever joins is in; a new password is first tried at the sign-in, where a second factor is asked for too. */
async function goOn(
  req: Request,
  res: Response,
  purpose: Purpose,
  { userId, credentialsVersion }: { userId: number; credentialsVersion: number },
): Promise<void> {
  const account = purpose === 'invitation' ? await findAccount(dbOf(req), userId, credentialsVersion) : null
  if (account) {
    await signInAs(req, Object.assign(account, { credentialsVersion }))
    notice(req, 'users.notices.joined')
    return res.redirect(303, '/')
  }
  notice(req, 'users.notices.passwordChosen')
  res.redirect(303, '/login')
}
