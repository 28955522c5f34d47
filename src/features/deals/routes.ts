import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idIn, idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, heldConflict, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { currencies } from '../../platform/money.ts'
import { recordActivities } from '../activities/present.ts'
import { CLIENT_OPTIONS, clientOptions } from '../clients/queries.ts'
import { allStages } from '../pipelines/queries.ts'
import { otherPipelines, stagesIn } from '../pipelines/stages.ts'
import { stageName } from '../pipelines/words.ts'
import { timelineOf } from '../timeline/present.ts'
import { requireWritable, requireWriter } from '../users/access.ts'
import { baseCurrency, listOwners } from '../users/queries.ts'
import { closedOnBoard } from './board-routes.ts'
import { archiveDeal, changeDeal, restoreDeal } from './commands/changing.ts'
import { closeDeal, reopenDeal } from './commands/closing.ts'
import { createDeal } from './commands/creating.ts'
import { dealList } from './list.ts'
import { stageBar, timing, weightedValue } from './present.ts'
import { canSeeDeal, dealForm, findDeal, linkOptions, listDealContacts } from './queries.ts'
import type { DealPage } from './queries.ts'
import { ChangeDealInput, CloseLostInput, CloseWonInput, CreateDealInput, DEAL_STATUSES } from './schema.ts'

export const dealRoutes = Router()

/** The list as a file: GET /deals.csv, with the query string of the page. */
export const dealFileRoutes = Router()

dealFileRoutes.get('/deals.csv', (req, res) => sendCsv(req, res, dealList, 'deals'))

dealRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const params = dealList.parse(req.query)
  const { stage, left, pipeline } = params.filters
  const [list, stages] = await Promise.all([
    dealList.fetch(scope, params),
    // Only where one of them is to be named.
    [stage, left, pipeline].some((asked) => asked !== undefined) ? allStages(scope) : [],
  ])
  await page(res, 'deals/index', { list, stages, statuses: DEAL_STATUSES, stageName, timing: timing(scope) })
})

dealRoutes.get('/create', async (req, res) => {
  const scope = scopeOf(req)
  requireWriter(scope)
  const { client, project, quote, pipeline, stage } = req.query
  const form = formOf({
    submission: randomUUID(),
    ownerId: scope.user.id,
    currencyCode: await baseCurrency(scope),
    clientId: client,
    relatedProjectId: project,
    relatedQuoteId: quote,
    pipelineId: idIn(pipeline),
    stage,
  })
  await showForm(req, res, 'deals/new', form)
})

dealRoutes.post('/create', async (req, res) => {
  requireWriter(scopeOf(req))
  if (isStep(req)) return showForm(req, res.status(422), 'deals/new', typed(req))
  const saved = await submit(CreateDealInput, req.body, (input) => createDeal(scopeOf(req), input))
  if (!saved.ok) return showForm(req, res.status(saved.status), 'deals/new', saved.form)

  if (!saved.result.repeated) notice(req, 'deals.notices.created')
  await redirectToDeal(req, res, saved.result.id)
})

dealRoutes.get('/:id', async (req, res) => {
  await showDeal(req, res, formOf())
})

dealRoutes.get('/:id/edit', async (req, res) => {
  await requireWritable(scopeOf(req), 'deals', idOf(req))
  const deal = await findDeal(scopeOf(req), idOf(req))
  await showForm(req, res, 'deals/edit', formOf(dealForm(deal)), deal)
})

dealRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  if (isStep(req)) {
    await requireWritable(scopeOf(req), 'deals', id)
    return showForm(req, res.status(422), 'deals/edit', typed(req), await findDeal(scopeOf(req), id))
  }
  const saved = await submit(ChangeDealInput, req.body, (input) => changeDeal(scopeOf(req), id, input), {
    keepsTyped: true,
  })
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'deals', id)
    return showForm(req, res.status(saved.status), 'deals/edit', saved.form, await findDeal(scopeOf(req), id))
  }

  notice(req, 'deals.notices.saved')
  await redirectToDeal(req, res, id)
})

dealRoutes.post('/:id/close-won', closedOnBoard('won'), async (req, res) => {
  const id = idOf(req)
  const scope = scopeOf(req)
  const saved = await submit(CloseWonInput, req.body, (input) => closeDeal(scope, id, { outcome: 'won', ...input }), {
    keepsTyped: true,
  })
  if (!saved.ok) return showClosing(req, res.status(saved.status), saved.form, 'won')

  notice(req, 'deals.notices.won')
  res.redirect(303, `/deals/${id}`)
})

dealRoutes.post('/:id/close-lost', closedOnBoard('lost'), async (req, res) => {
  const id = idOf(req)
  const scope = scopeOf(req)
  const saved = await submit(CloseLostInput, req.body, (input) => closeDeal(scope, id, { outcome: 'lost', ...input }), {
    keepsTyped: true,
  })
  if (!saved.ok) return showClosing(req, res.status(saved.status), saved.form, 'lost')

  notice(req, 'deals.notices.lost')
  res.redirect(303, `/deals/${id}`)
})

dealRoutes.post('/:id/reopen', async (req, res) => {
  const id = idOf(req)
  await reopenDeal(scopeOf(req), id)
  notice(req, 'deals.notices.reopened')
  res.redirect(303, `/deals/${id}`)
})

dealRoutes.post('/:id/delete', async (req, res) => {
  const id = idOf(req)
  await archiveDeal(scopeOf(req), id)
  notice(req, 'deals.notices.archived', { link: { href: `/deals/${id}`, label: { key: 'deals.notices.show' } } })
  res.redirect(303, '/deals')
})

dealRoutes.post('/:id/restore', async (req, res) => {
  const id = idOf(req)
  await restoreDeal(scopeOf(req), id)
  notice(req, 'deals.notices.restored')
  res.redirect(303, `/deals/${id}`)
})

/** For scripts of our own pages, with the session's cookie: GET /api/deals/:id/contacts. */
export const dealApiRoutes = Router()

dealApiRoutes.get('/:id/contacts', async (req, res) => {
  res.json(await listDealContacts(scopeOf(req), idOf(req)))
})

/** The page again, for whoever may close the deal: what is wrong with a form is nobody else's to learn. */
async function showClosing(req: Request, res: Response, form: Form, closing: 'won' | 'lost'): Promise<void> {
  await requireWritable(scopeOf(req), 'deals', idOf(req))
  await showDeal(req, res, form, closing)
}

/** `closing` says which of the two closing forms `form` is. */
async function showDeal(req: Request, res: Response, form: Form, closing?: 'won' | 'lost'): Promise<void> {
  const scope = scopeOf(req)
  const id = idOf(req)
  const [deal, activities, timeline, everyStage] = await Promise.all([
    findDeal(scope, id),
    recordActivities(scope, 'deal', id),
    timelineOf(scope, { subject: 'deals', id }, req.query, req.get('turbo-frame')),
    allStages(scope),
  ])
  const stages = stagesIn(everyStage, deal.pipelineId)
  await page(res, 'deals/show', {
    deal,
    activities,
    timeline,
    stages: stageBar(stages, deal),
    openStages: stages.filter(({ kind }) => kind === 'open'),
    elsewhere: otherPipelines(everyStage, deal.pipelineId),
    stageName,
    timing: timing(scope),
    weighted: weightedValue(deal),
    wonForm: closing === 'won' ? form : formOf(),
    lostForm: closing === 'lost' ? form : formOf(),
  })
}

async function showForm(
  req: Request,
  res: Response,
  view: string,
  form: Form,
  deal: DealPage | null = null,
): Promise<void> {
  const scope = scopeOf(req)
  const { clientSearch } = bodyOf(req)
  const search = typeof clientSearch === 'string' ? clientSearch : ''
  const clientId = idIn(form.values.clientId)
  const [everyStage, clients, links, owners] = await Promise.all([
    allStages(scope),
    clientOptions(scope, clientId, search),
    linkOptions(scope, clientId, {
      contactId: idIn(form.values.contactId),
      relatedProjectId: idIn(form.values.relatedProjectId),
      relatedQuoteId: idIn(form.values.relatedQuoteId),
    }),
    listOwners(scope, idIn(form.values.ownerId)),
  ])
  const pipelineId = deal?.pipelineId ?? idIn(form.values.pipelineId)
  await page(res, view, {
    form,
    deal,
    stages: stagesIn(everyStage, pipelineId).filter(({ kind }) => kind === 'open'),
    elsewhere: deal ? [] : otherPipelines(everyStage, pipelineId),
    stageName,
    clients,
    ...links,
    owners,
    currencies,
    clientSearch: search,
    // More than a select can hold: then they can be searched for.
    manyClients: search !== '' || clients.length >= CLIENT_OPTIONS,
  })
}

/** Handing a deal over can take it out of one's own sight. */
async function redirectToDeal(req: Request, res: Response, id: number): Promise<void> {
  res.redirect(303, (await canSeeDeal(scopeOf(req), id)) ? `/deals/${id}` : '/deals')
}

function bodyOf(req: Request): Readonly<Record<string, unknown>> {
  return (req.body ?? {}) as Readonly<Record<string, unknown>>
}

/** A button of the form that saves nothing: the form comes back with what was typed and what belongs to the client chosen. */
function isStep(req: Request): boolean {
  return bodyOf(req).step === 'client'
}

function typed(req: Request): Form {
  const body = bodyOf(req)
  const names = ['submission', 'version', 'pipelineId', ...Object.keys(ChangeDealInput.shape)]
  return {
    ...formOf(Object.fromEntries(names.map((name) => [name, body[name]]))),
    ...heldConflict(ChangeDealInput, body),
  }
}
