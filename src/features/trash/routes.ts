import { Router } from 'express'
import type { Request, Response } from 'express'
import { page } from '../../platform/http/page.ts'
import { idIn, idOf, localPath, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { requireWriter } from '../users/access.ts'
import { requireAdministrator } from '../users/administrators.ts'
import { deleteForGood, emptyTrash, requireDeletable } from './commands/erasing.ts'
import { restoreSeveral } from './commands/restoring.ts'
import { activeIn, departureOf } from './departure.ts'
import { trashLists } from './list.ts'
import { TRASH_NOUNS } from './nouns.ts'
import type { TrashNoun } from './nouns.ts'
import { COUNTED, EMPTIED_AT_ONCE, emptiable, findTrashed, overviewOf } from './queries.ts'
import { AGES, DeleteInput, EmptyInput } from './schema.ts'
import type { Age } from './schema.ts'

export const trashRoutes = Router()

const RESTORED_AT_ONCE = 200
const DEFAULT_AGE: Age = '30'

/** Where each noun of the Trash is found: the first one where the Trash itself is. */
const PLACES: Readonly<Record<TrashNoun, string>> = {
  clients: '/trash',
  contacts: '/trash/contacts',
  leads: '/trash/leads',
  deals: '/trash/deals',
}

trashRoutes.get('/delete', async (req, res) => {
  requireAdministrator(scopeOf(req))
  await showEmptying(req, res, ageOf(req.query.days), formOf())
})

trashRoutes.post('/delete', async (req, res) => {
  requireAdministrator(scopeOf(req))
  const saved = await submit(EmptyInput, req.body, (input) => emptyTrash(scopeOf(req), input))
  const days = ageOf((req.body as { days?: unknown } | undefined)?.days)
  if (!saved.ok) return showEmptying(req, res.status(saved.status), days, saved.form)
  if (!saved.result.deleted) return showEmptying(req, res.status(409), days, changedMeanwhile())

  notice(req, 'trash.notices.emptied', { values: { count: saved.result.count } })
  res.redirect(303, PLACES.clients)
})

for (const noun of TRASH_NOUNS) {
  trashRoutes.get(PLACES[noun].replace('/trash', '') || '/', async (req, res) => {
    const scope = scopeOf(req)
    const list = await trashLists[noun].fetch(scope, trashLists[noun].parse(req.query))
    const overview = await overviewOf(
      scope,
      noun,
      list.rows.map(({ id }) => id),
    )
    await page(res, 'trash/index', { noun, nouns: TRASH_NOUNS, places: PLACES, list, ...overview, counted: COUNTED })
  })

  trashRoutes.post(`/${noun}/restore`, async (req, res) => {
    requireWriter(scopeOf(req))
    const { ids, only, returnTo } = (req.body ?? {}) as Readonly<Record<string, unknown>>
    // The button of one row means that one, whatever else is ticked.
    const chosen = idsIn(only ?? ids)
    const { restored, gone } = await restoreSeveral(scopeOf(req), noun, chosen)
    if (restored > 0) notice(req, 'trash.notices.restored', { values: { count: restored } })
    if (gone > 0) notice(req, 'trash.notices.gone', { kind: 'warning', values: { count: gone } })
    if (chosen.length === 0) notice(req, 'trash.notices.noneChosen', { kind: 'warning' })
    res.redirect(303, returnTo === undefined ? PLACES[noun] : localPath(returnTo))
  })

  trashRoutes.get(`/${noun}/:id/delete`, async (req, res) => {
    await requireDeletable(scopeOf(req), noun, idOf(req))
    await showDeletion(req, res, noun, formOf())
  })

  trashRoutes.post(`/${noun}/:id/delete`, async (req, res) => {
    const id = idOf(req)
    const saved = await submit(DeleteInput, req.body, (input) => deleteForGood(scopeOf(req), noun, id, input))
    if (!saved.ok) return showDeletion(req, res.status(saved.status), noun, saved.form)
    if (!saved.result.deleted) return showDeletion(req, res.status(409), noun, changedMeanwhile())

    // Without its name: what is said next is kept with the session.
    notice(req, `trash.notices.deleted.${noun}`)
    res.redirect(303, PLACES[noun])
  })
}

async function showDeletion(req: Request, res: Response, noun: TrashNoun, form: Form): Promise<void> {
  const [scope, id] = [scopeOf(req), idOf(req)]
  const [record, departure] = await Promise.all([findTrashed(scope, noun, id), departureOf(scope, { [noun]: [id] })])
  await page(res, 'trash/delete', {
    noun,
    record,
    back: PLACES[noun],
    form,
    departure: { ...departure, going: departure.going.filter(({ kind }) => kind !== noun) },
    active: activeIn(departure),
  })
}

async function showEmptying(req: Request, res: Response, days: Age, form: Form): Promise<void> {
  const scope = scopeOf(req)
  const { roots, count, more, kept } = await emptiable(scope, Number(days))
  const departure = await departureOf(scope, roots)
  await page(res, 'trash/empty', {
    ages: AGES,
    days,
    count,
    more,
    kept,
    atOnce: EMPTIED_AT_ONCE,
    departure,
    form,
  })
}

function changedMeanwhile(): Form {
  return { ...formOf(), errors: { form: { key: 'trash.errors.changed' } } }
}

function ageOf(given: unknown): Age {
  return AGES.find((age) => age === given) ?? DEFAULT_AGE
}

/** The ids that were sent, as one or as many; what is no id was not sent by a page of ours. */
function idsIn(given: unknown): number[] {
  const all: unknown[] = Array.isArray(given) ? given : [given]
  return all.flatMap((each) => idIn(each) ?? []).slice(0, RESTORED_AT_ONCE)
}
