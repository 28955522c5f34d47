import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idIn, idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { currencies } from '../../platform/money.ts'
import { recordActivities } from '../activities/present.ts'
import { allStages } from '../pipelines/queries.ts'
import { timelineOf } from '../timeline/present.ts'
import { requireWritable, requireWriter } from '../users/access.ts'
import { baseCurrency, listOwners } from '../users/queries.ts'
import { archiveLead, createLead, markLeadLost, reopenLead, restoreLead, updateLead } from './commands.ts'
import { findDuplicates } from './duplicates.ts'
import { leadList } from './list.ts'
import { findLead, leadForm, listSources } from './queries.ts'
import type { LeadPage } from './queries.ts'
import {
  CreateLeadInput,
  LEAD_STATUSES,
  SCORE_BANDS,
  MarkLostInput,
  UpdateLeadInput,
  WORKING_STATUSES,
} from './schema.ts'

export const leadRoutes = Router()

/** The list as a file: GET /leads.csv, with the query string of the page. */
export const leadFileRoutes = Router()

leadFileRoutes.get('/leads.csv', (req, res) => sendCsv(req, res, leadList, 'leads'))

leadRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const params = leadList.parse(req.query)
  const { dealPipeline } = params.filters
  const [list, stages] = await Promise.all([
    leadList.fetch(scope, params),
    // Only where a pipeline is to be named.
    dealPipeline === undefined ? [] : allStages(scope),
  ])
  const pipelineName = stages.find(({ pipelineId }) => pipelineId === dealPipeline)?.pipelineName
  await page(res, 'leads/index', { list, pipelineName, statuses: LEAD_STATUSES, bands: Object.keys(SCORE_BANDS) })
})

leadRoutes.get('/create', async (req, res) => {
  const scope = scopeOf(req)
  requireWriter(scope)
  const form = formOf({
    submission: randomUUID(),
    status: 'new',
    ownerId: scope.user.id,
    currencyCode: await baseCurrency(scope),
  })
  await showForm(req, res, 'leads/new', form)
})

leadRoutes.post('/create', async (req, res) => {
  requireWriter(scopeOf(req))
  const saved = await submit(CreateLeadInput, req.body, (input) => createLead(scopeOf(req), input))
  if (!saved.ok) return showForm(req, res.status(saved.status), 'leads/new', saved.form)

  notice(req, 'leads.notices.created')
  res.redirect(303, `/leads/${saved.result.id}`)
})

/** Who might be the same as what is being typed: the form shows it beside the fields, and it is a page of its own. */
leadRoutes.get('/duplicates', async (req, res) => {
  const [email, phone, companyName] = ['email', 'phone', 'companyName'].map((name) => textIn(req.query[name]))
  const lead = { id: idIn(textIn(req.query.id)), email, phone, companyName }
  await page(res, 'leads/duplicates', { duplicates: await findDuplicates(scopeOf(req), lead) })
})

leadRoutes.get('/:id', async (req, res) => {
  await showLead(req, res, formOf())
})

leadRoutes.get('/:id/edit', async (req, res) => {
  await requireWritable(scopeOf(req), 'leads', idOf(req))
  const lead = await findLead(scopeOf(req), idOf(req))
  await showForm(req, res, 'leads/edit', formOf(leadForm(lead)), lead)
})

leadRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(UpdateLeadInput, req.body, (input) => updateLead(scopeOf(req), id, input), {
    keepsTyped: true,
  })
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'leads', id)
    return showForm(req, res.status(saved.status), 'leads/edit', saved.form, await findLead(scopeOf(req), id))
  }

  notice(req, 'leads.notices.saved')
  res.redirect(303, `/leads/${id}`)
})

leadRoutes.post('/:id/mark-lost', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(MarkLostInput, req.body, ({ lostReason }) => markLeadLost(scopeOf(req), id, lostReason), {
    keepsTyped: true,
  })
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'leads', id)
    return showLead(req, res.status(saved.status), saved.form)
  }

  notice(req, 'leads.notices.lost')
  res.redirect(303, `/leads/${id}`)
})

leadRoutes.post('/:id/reopen', async (req, res) => {
  const id = idOf(req)
  await reopenLead(scopeOf(req), id)
  notice(req, 'leads.notices.reopened')
  res.redirect(303, `/leads/${id}`)
})

leadRoutes.post('/:id/delete', async (req, res) => {
  const id = idOf(req)
  await archiveLead(scopeOf(req), id)
  notice(req, 'leads.notices.archived', { link: { href: `/leads/${id}`, label: { key: 'leads.notices.show' } } })
  res.redirect(303, '/leads')
})

leadRoutes.post('/:id/restore', async (req, res) => {
  const id = idOf(req)
  await restoreLead(scopeOf(req), id)
  notice(req, 'leads.notices.restored')
  res.redirect(303, `/leads/${id}`)
})

async function showLead(req: Request, res: Response, form: Form): Promise<void> {
  const scope = scopeOf(req)
  const lead = await findLead(scope, idOf(req))
  const [activities, timeline, duplicates] = await Promise.all([
    recordActivities(scope, 'lead', lead.id),
    timelineOf(scope, { subject: 'leads', id: lead.id }, req.query, req.get('turbo-frame')),
    findDuplicates(scope, lead),
  ])
  await page(res, 'leads/show', { lead, activities, timeline, duplicates, form })
}

async function showForm(req: Request, res: Response, view: string, form: Form, lead?: LeadPage): Promise<void> {
  const scope = scopeOf(req)
  const { email, phone, companyName } = form.values
  const [owners, sources, duplicates] = await Promise.all([
    listOwners(scope, lead?.ownerId),
    listSources(scope),
    findDuplicates(scope, {
      email,
      phone,
      companyName,
      ...(lead && { id: lead.id, convertedToClientId: lead.convertedToClientId }),
    }),
  ])
  await page(res, view, { form, lead, owners, sources, duplicates, statuses: WORKING_STATUSES, currencies })
}

function textIn(given: unknown): string {
  return typeof given === 'string' ? given.slice(0, 500) : ''
}
