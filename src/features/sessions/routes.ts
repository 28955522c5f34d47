import { promisify } from 'node:util'
import { Router } from 'express'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { page } from '../../platform/http/page.ts'
import { dbOf, localPath } from '../../platform/http/request.ts'
import { beginSignedIn } from '../../platform/http/session.ts'
import type { SecondStep } from '../../platform/http/types.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { Forbidden, RuleViolation } from '../../platform/errors.ts'
import { RequiredText, Text } from '../../platform/validation.ts'
import { takeCode } from '../users/commands/two-factor.ts'
import { findAccount, hasUsers } from '../users/queries.ts'
import { readCode } from '../users/totp.ts'
import type { SignInLimits } from './limits.ts'
import type { AppPassport, SignedIn } from './passport.ts'
import { isInTime } from './second-step.ts'

// Whether it looks like an address, or how long a password must be, is nothing to say here: it would tell about accounts.
const SignInInput = z.object({ email: Text(200), password: z.string().max(1_000), next: z.string().nullish() })
const CodeInput = z.object({ code: RequiredText(100) })

const CODE_PAGE = '/login/code'
/** Where somebody goes who needs a second factor and has none. */
const ENROLMENT = '/profile/two-factor'

/** For everything but the few public pages: whoever is not signed in is asked to, and comes back to where they were going. */
export const requireSignIn: RequestHandler = (req, res, next) => {
  if (req.user) return next()
  if (req.path.startsWith('/api/')) {
    res
      .status(401)
      .type('application/problem+json')
      .send(JSON.stringify({ status: 401, title: 'Unauthorized' }))
    return
  }
  const target = req.method === 'GET' && req.originalUrl !== '/' ? `?next=${encodeURIComponent(req.originalUrl)}` : ''
  res.redirect(303, `/login${target}`)
}

export function sessionRoutes(passport: AppPassport, limits: SignInLimits): Router {
  const routes = Router()

  routes.get('/login', async (req, res) => {
    if (req.user) return res.redirect(303, '/')
    if (!(await hasUsers(dbOf(req)))) return res.redirect(303, '/setup')
    await showSignIn(res, formOf({ next: localPath(req.query.next) }))
  })

  routes.post('/login', async (req, res) => {
    const attempt = await submit(SignInInput, req.body, (input) => signIn(passport, limits, req, res, input))
    if (!attempt.ok) return showSignIn(res.status(attempt.status), attempt.form)
    res.redirect(303, attempt.result)
  })

  routes.get(CODE_PAGE, async (req, res) => {
    if (!isInTime(req.session.secondStep)) return res.redirect(303, '/login')
    await page(res, 'sessions/code', { form: formOf() })
  })

  routes.post(CODE_PAGE, async (req, res) => {
    const step = req.session.secondStep
    if (!isInTime(step)) return res.redirect(303, '/login')
    const attempt = await submit(CodeInput, req.body, ({ code }) => takeSecondStep(limits, req, step, code))
    if (!attempt.ok) return page(res.status(attempt.status), 'sessions/code', { form: withoutCode(attempt.form) })
    res.redirect(303, attempt.result)
  })

  routes.post('/logout', async (req, res) => {
    await logOut(req)
    res.redirect(303, '/login')
  })

  return routes
}

/** Answers where to go next. One message for a wrong password and an unknown address. */
async function signIn(
  passport: AppPassport,
  limits: SignInLimits,
  req: Request,
  res: Response,
  input: z.output<typeof SignInInput>,
): Promise<string> {
  const address = req.ip ?? ''
  await limits.count(address, input.email)
  const user = await authenticate(passport, req, res)
  if (!user) throw new RuleViolation('sessions.errors.refused', 'password')
  await limits.clear(address, input.email)
  const next = localPath(input.next)
  if (user.hasTwoFactor) return askForCode(req, user, next)
  await signInAs(req, user)
  return next
}

/** The password was right; nobody is signed in by that. A new session all the same: one that was planted must not learn of it. */
async function askForCode(req: Request, { id, credentialsVersion = 0 }: SignedIn, next: string): Promise<string> {
  await regenerate(req)
  req.session.secondStep = { userId: id, credentialsVersion, next, since: Date.now() }
  return CODE_PAGE
}

/** Answers where to go next. Whoever got a new password or was deactivated between the steps begins anew. */
async function takeSecondStep(limits: SignInLimits, req: Request, step: SecondStep, typed: string): Promise<string> {
  const { userId, credentialsVersion, next } = step
  const code = readCode(typed)
  await limits.countCode(req.ip ?? '', userId, code?.kind ?? 'app')
  const account = await findAccount(dbOf(req), userId, credentialsVersion)
  if (!account) return '/login'
  if (!(await takeCode({ db: dbOf(req), user: account, requestId: String(req.id) }, userId, code)))
    throw new RuleViolation('sessions.errors.code', 'code')
  await limits.clearCode(req.ip ?? '', userId)
  await signInAs(req, Object.assign(account, { credentialsVersion }))
  return next
}

/** Where an app's code or a recovery code is typed again, none is shown. */
function withoutCode(form: Form): Form {
  return { ...form, values: {} }
}

/** As much of what a browser says of itself as is needed to know it again. */
const LONGEST_AGENT = 300

/** Passport begins a new session here, so that one planted before the sign-in is worth nothing. */
export async function signInAs(req: Request, user: Express.User & { credentialsVersion?: number }): Promise<void> {
  await logIn(req, user)
  req.session.device = (req.get('user-agent') ?? '').slice(0, LONGEST_AGENT)
  beginSignedIn(req)
}

/** Where everybody needs a second factor, whoever has none gets to where there is one to be had, and no further. */
export const requireEnrolment: RequestHandler = (req, res, next) => {
  if (!req.user?.mustEnrol || req.path === ENROLMENT) return next()
  if (req.path.startsWith('/api/')) return next(new Forbidden('sessions.errors.mustEnrol'))
  res.redirect(303, ENROLMENT)
}

type Done = (error: Error | null) => void
const logIn = promisify((req: Request, user: Express.User, done: Done) => {
  req.login(user, done)
})
const regenerate = promisify((req: Request, done: Done) => {
  req.session.regenerate(done)
})
const logOut = promisify((req: Request, done: Done) => {
  req.logout(done)
})
const authenticate = promisify(
  (passport: AppPassport, req: Request, res: Response, done: (error: Error | null, user: SignedIn | false) => void) => {
    const handler = passport.authenticate('local', done) as RequestHandler
    handler(req, res, done as NextFunction)
  },
)

async function showSignIn(res: Response, form: Form): Promise<void> {
  await page(res, 'sessions/new', { form: { ...form, values: { ...form.values, password: '' } } })
}
