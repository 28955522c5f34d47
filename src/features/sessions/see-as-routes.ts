import { Router } from 'express'
import type { Request, RequestHandler } from 'express'
import { Forbidden } from '../../platform/errors.ts'
import { notice, scopeOf } from '../../platform/http/request.ts'
import type { Scope } from '../../platform/scope.ts'
import { beginSeeingAs, endSeeingAs } from '../users/commands/seeing-as.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])
const STOP = '/see-as/stop'
const WAYS_OUT = new Set([STOP, '/logout'])

/**
 * Stands before all pages: an administrator who looks with somebody else's rights changes nothing, whatever is asked for. Where it holds no more, because either of the two is not what they were, what was meant as a look becomes no write.
 */
export const seeingAs: RequestHandler = async (req, _res, next) => {
  const { seeAs } = req.session ?? {}
  if (seeAs === undefined || !req.user) return next()
  const reads = READS.has(req.method)
  if (!req.user.seenBy) {
    await end(req, scopeOf(req), seeAs)
    if (!reads && !WAYS_OUT.has(req.path)) throw new Forbidden('errors.seeingAs.over')
    notice(req, 'users.notices.seeAsOver', { kind: 'warning' })
    return next()
  }
  if (!reads && !WAYS_OUT.has(req.path)) throw new Forbidden('errors.seeingAs.message')
  // Signing out ends it too.
  if (!reads) await end(req, ownScope(req), seeAs)
  next()
}

/** Before what is somebody's own, and no right over records: not even to be looked at. */
export const ownOnly: RequestHandler = (req, _res, next) => {
  if (req.user?.seenBy) throw new Forbidden('errors.seeingAs.personal')
  next()
}

/** Under the settings of users, for administrators. */
export const startSeeingAs = async (req: Request, id: number): Promise<void> => {
  const { id: seeAs } = await beginSeeingAs(scopeOf(req), id)
  req.session.seeAs = seeAs
}

export const seeAsRoutes = Router()

/** What it takes to stop has been done on the way here. */
seeAsRoutes.post(STOP, (req, res) => {
  const seen = req.user?.seenBy ? req.user.id : null
  res.redirect(303, seen === null ? '/' : `/settings/users/${seen}`)
})

async function end(req: Request, scope: Scope, seeAs: number): Promise<void> {
  delete req.session.seeAs
  await endSeeingAs(scope, seeAs)
}

/** The administrator's own: for the one thing that is written while looking. */
function ownScope(req: Request): Scope {
  const scope = scopeOf(req)
  const { seenBy, ...user } = scope.user
  return seenBy ? { ...scope, user: { ...user, ...seenBy } } : scope
}
