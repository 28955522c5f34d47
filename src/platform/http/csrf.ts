import csurf from 'csurf'
import type { Request, RequestHandler } from 'express'
import { Forbidden } from '../errors.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The token half of the guard: csurf, with the secret in the session. The token is taken from the form or a header, never from the URL, which gets logged. */
export function csrfToken(): RequestHandler {
  return csurf({
    value: (req: Request) => {
      const body = req.body as Record<string, unknown> | undefined
      const token = body?._csrf ?? req.get('x-csrf-token')
      return typeof token === 'string' ? token : ''
    },
  })
}

/**
 * The other half, which needs no session: a browser says where a request comes from, and a write from another site is refused. Programs that
 * say nothing of their origin pass on to the token.
 */
export function originCheck(ownOrigin: string | null): RequestHandler {
  return (req, _res, next) => {
    if (READS.has(req.method) || comesFromHere(req, ownOrigin)) return next()
    next(new Forbidden('errors.crossSite.message'))
  }
}

const fromHere = new WeakSet<Request>()

/** Did a browser say that a page of ours has sent this? Programs say nothing. */
export function sentFromHere(req: Request): boolean {
  return fromHere.has(req)
}

function comesFromHere(req: Request, ownOrigin: string | null): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  const origin = req.get('origin')
  if (origin === undefined) return true
  if (origin !== ownOrigin && origin !== `${req.protocol}://${req.host}`) return false
  fromHere.add(req)
  return true
}
