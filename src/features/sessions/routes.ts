import { promisify } from 'node:util'
import { Router } from 'express'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { page } from '../../platform/http/page.ts'
import { dbOf, localPath } from '../../platform/http/request.ts'
import { beginSignedIn } from '../../platform/http/session.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { RuleViolation } from '../../platform/errors.ts'
import { Text } from '../../platform/validation.ts'
import { hasUsers } from '../users/queries.ts'
import type { SignInLimits } from './limits.ts'
import type { AppPassport } from './passport.ts'

// Whether it looks like an address, or how long a password must be, is nothing to say here: it would tell about accounts.
const SignInInput = z.object({ email: Text(200), password: z.string().max(1_000), next: z.string().nullish() })

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
    res.redirect(303, localPath(attempt.result))
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
): Promise<unknown> {
  const address = req.ip ?? ''
  await limits.count(address, input.email)
  const user = await authenticate(passport, req, res)
  if (!user) throw new RuleViolation('sessions.errors.refused', 'password')
  await limits.clear(address, input.email)
  await signInAs(req, user)
  return input.next
}

/** Passport begins a new session here, so that one planted before the sign-in is worth nothing. */
export async function signInAs(req: Request, user: Express.User): Promise<void> {
  await logIn(req, user)
  beginSignedIn(req)
}

type Done = (error: Error | null) => void
const logIn = promisify((req: Request, user: Express.User, done: Done) => {
  req.login(user, done)
})
const logOut = promisify((req: Request, done: Done) => {
  req.logout(done)
})
const authenticate = promisify(
  (
    passport: AppPassport,
    req: Request,
    res: Response,
    done: (error: Error | null, user: Express.User | false) => void,
  ) => {
    const handler = passport.authenticate('local', done) as RequestHandler
    handler(req, res, done as NextFunction)
  },
)

async function showSignIn(res: Response, form: Form): Promise<void> {
  await page(res, 'sessions/new', { form: { ...form, values: { ...form.values, password: '' } } })
}
