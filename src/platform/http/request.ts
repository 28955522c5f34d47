import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { NotFound } from '../errors.ts'
import { isLanguage, languages } from '../i18n.ts'
import type { Message } from '../i18n.ts'
import type { Scope } from '../scope.ts'
import type { Db } from '../database/database.ts'
import type { Notice } from './types.ts'

/** The database, for the few pages that nobody is signed in on. */
export function dbOf(req: Request): Db {
  return req.app.locals.db as Db
}

/** Who asks. Only for routes behind `requireSignIn`: elsewhere there is nobody to ask as. */
export function scopeOf(req: Request): Scope {
  if (!req.user) throw new Error(`${req.method} ${req.path} needs a signed-in user, but stands before requireSignIn`)
  return { db: dbOf(req), user: req.user, requestId: String(req.id), changeSet: changeSetOf(req) }
}

/** All that one request writes is one change-set: one entry in the history, taken back as one. */
function changeSetOf(req: Request): string {
  req.changeSet ??= randomUUID()
  return req.changeSet
}

/** The number in the URL; what is none, or larger than any id, is a page that does not exist. */
export function idOf(req: Request, name = 'id'): number {
  const text = req.params[name]
  const id = typeof text === 'string' && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(id <= 2_147_483_647)) throw new NotFound()
  return id
}

/** The id that a form or a query string names; null for none, and for what is no id. */
export function idIn(given: unknown): number | null {
  if (typeof given !== 'string' || !/^[1-9]\d{0,9}$/.test(given)) return null
  const id = Number(given)
  return id <= 2_147_483_647 ? id : null
}

/** The reader's language: their own choice, else the best of what the browser asks for. */
export function languageOf(req: Request): string {
  if (req.user && isLanguage(req.user.locale)) return req.user.locale
  return req.acceptsLanguages([...languages]) || 'en'
}

/** A client that posts and never looks at a page does not fill its session. */
const NOTICES_KEPT = 5

/** Whether a script asks, which takes an answer as JSON rather than as a page. */
export function asksForJson(req: Request): boolean {
  return req.accepts(['html', 'json']) === 'json'
}

/** Says something on the next page shown to this person, which offers to take back what this request has changed, if it has. */
export function notice(req: Request, key: Message['key'], options: Partial<Omit<Notice, 'key'>> = {}): void {
  const said: Notice = { kind: 'success', key, ...(req.changeSet && { changeSet: req.changeSet }), ...options }
  req.session.notices = [...(req.session.notices ?? []), said].slice(-NOTICES_KEPT)
}

/** A path of this site to go to after signing in, taken from the query or a form; anything else leads to the start page. */
export function localPath(given: unknown): string {
  return typeof given === 'string' && /^\/(?![/\\])[\x20-\x7e]*$/.test(given) && !given.includes('\\') ? given : '/'
}
