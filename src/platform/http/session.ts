import type {} from './types.ts'
import type { Request, RequestHandler } from 'express'
import session from 'express-session'
import type { Store } from 'express-session'
import { NotFound } from '../errors.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** csurf makes a session for each visitor who is shown a form; those that never sign in are gone after this. */
const ANONYMOUS_LIFE = HOUR
const SIGNED_IN_LIFE = 14 * DAY
const LONGEST_LIFE = 90 * DAY

export function sessions(options: { store: Store; secret: string; secure: boolean }): RequestHandler {
  const { store } = options
  const inner = session({
    store,
    name: 'dealwright',
    secret: options.secret,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: options.secure, maxAge: ANONYMOUS_LIFE },
  })
  // A session that cannot be saved is reported when the answer is already on its way, past all error handlers: Express would close the
  // connection, and cut off a page that is about to arrive whole.
  return (req, res, next) => {
    // "*" is what HTTP allows beside paths: there is no page, and express-session would leave such a request without a session.
    if (!req.path.startsWith('/')) throw new NotFound()
    inner(req, res, (error?: unknown) => {
      if (error && res.headersSent) req.log.error({ err: error }, 'a session was not saved')
      else next(error)
    })
  }
}

/**
 * express-session sends the head of a response before the session is saved. A browser follows a redirect as soon as it has read that, and
 * would ask with the session as it was: without the notice, say. So after a form the redirect waits. (Reads change no session, and must
 * not begin one for everybody who knocks.)
 */
export const saveBeforeRedirect: RequestHandler = (req, res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD') return next()
  const redirect = res.redirect.bind(res) as (...args: unknown[]) => void
  res.redirect = (...args: unknown[]) => {
    req.session.save((error: unknown) => (error ? next(error) : redirect(...args)))
  }
  next()
}

/** From now on this session is somebody's, and lives as long as theirs do. */
export function beginSignedIn(req: Request): void {
  req.session.signedInAt = Date.now()
  prolong(req)
}

function prolong(req: Request): void {
  const age = Date.now() - (req.session.signedInAt ?? 0)
  req.session.renewedAt = Date.now()
  req.session.cookie.maxAge = Math.min(SIGNED_IN_LIFE, LONGEST_LIFE - age)
}

/** A signed-in session slides by one write a day, and ends 90 days after its sign-in however much it is used. */
export const keepSignedIn: RequestHandler = (req, _res, next) => {
  const { signedInAt, renewedAt } = req.session
  if (!req.user || signedInAt === undefined) return next()
  if (Date.now() - signedInAt >= LONGEST_LIFE) {
    req.logout(next)
    return
  }
  if (Date.now() - (renewedAt ?? 0) >= DAY) prolong(req)
  next()
}
