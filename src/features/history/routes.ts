import { Router } from 'express'
import type { Request, Response } from 'express'
import { Conflict, NotFound } from '../../platform/errors.ts'
import { page } from '../../platform/http/page.ts'
import { asksForJson, idOf, localPath, notice, scopeOf } from '../../platform/http/request.ts'
import { press } from '../../platform/http/submit.ts'
import { undo } from './commands/undoing.ts'
import type { Undone } from './commands/undoing.ts'
import { historyPage } from './present.ts'
import { findSubject, historyOfAll, historyOfRecord, listActors } from './queries.ts'
import { KINDS, historyParams, placeIn } from './schema.ts'
import { NOUNS, TABLE_OF } from './tables.ts'

export const historyRoutes = Router()

historyRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const asked = historyParams(req.query)
  const [found, actors] = await Promise.all([historyOfAll(scope, asked), listActors(scope)])
  const history = await historyPage(scope, found, asked)
  await page(res, 'history/index', { history, asked, actors, nouns: NOUNS, kinds: KINDS })
})

historyRoutes.get('/:noun/:id', async (req, res) => {
  const scope = scopeOf(req)
  const noun = NOUNS.find((name) => name === req.params.noun)
  if (!noun) throw new NotFound()
  const record = { noun, id: idOf(req) }
  const before = placeIn(req.query.before)
  const [subject, found] = await Promise.all([
    findSubject(scope, noun, record.id),
    historyOfRecord(scope, record, before),
  ])
  const history = await historyPage(scope, found, { before })
  await page(res, 'history/show', { ...record, subject, history, before })
})

historyRoutes.post('/:changeSet/undo', async (req, res) => {
  const changeSet = changeSetIn(req)
  const undone = await press(() => undo(scopeOf(req), changeSet))
  if (!undone.ok) return refuse(req, res, undone.refusal)

  notice(req, 'history.notices.undone')
  res.redirect(303, placeAfter(req, undone.result))
})

/** On the page whose button was pressed; to whom no page can be shown, as every other conflict. */
function refuse(req: Request, res: Response, { key, values }: Conflict): void {
  const { returnTo } = bodyOf(req)
  if (asksForJson(req) || typeof returnTo !== 'string' || returnTo === '') throw new Conflict(key, values)
  notice(req, key, { kind: 'error', values })
  res.redirect(303, localPath(returnTo))
}

/** A change-set is named by a uuid; everything else is no page. */
function changeSetIn(req: Request): string {
  const { changeSet } = req.params
  if (typeof changeSet !== 'string' || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(changeSet)) throw new NotFound()
  return changeSet
}

/** The page whose button was pressed (its form says so); the list, or the client, of a record that is no more. */
function placeAfter(req: Request, { removed }: Undone): string {
  const place = localPath(bodyOf(req).returnTo)
  for (const { table, id, clientId } of removed) {
    const noun = NOUNS.find((name) => TABLE_OF[name] === table)
    const path = noun ?? table.replace('_', '-')
    if (![`/${path}/${id}`, `/history/${path}/${id}`].some((address) => isWithin(place, address))) continue
    if (noun !== 'projects' && noun !== 'quotes') return noun ? `/${noun}` : '/activities'
    return clientId === null ? '/clients' : `/clients/${clientId}`
  }
  return place
}

function bodyOf(req: Request): { returnTo?: unknown } {
  return (req.body ?? {}) as { returnTo?: unknown }
}

function isWithin(place: string, address: string): boolean {
  return place === address || ['/', '?', '#'].some((next) => place.startsWith(`${address}${next}`))
}
