import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import type { z } from 'zod'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { currencies, plainAmount } from '../../platform/money.ts'
import { CLIENT_OPTIONS, clientOptions, suggestClients } from '../clients/queries.ts'
import { contactsOfClient } from '../contacts/queries.ts'
import { openStagesOf } from '../pipelines/queries.ts'
import { stageName } from '../pipelines/words.ts'
import { requireWritable, requireWriter } from '../users/access.ts'
import { baseCurrency, listOwners } from '../users/queries.ts'
import type { Option } from '../users/queries.ts'
import { archiveLead, createLead, markLeadLost, reopenLead, restoreLead, updateLead } from './commands.ts'
import { companyNameOf, convertToClient, convertToDeal, dealNameOf } from './conversion.ts'
import { leadList } from './list.ts'
import { findDuplicates, findLead, leadForm, listLeadActivities, listSources } from './queries.ts'
import type { LeadPage } from './queries.ts'
import {
  ConvertToClientInput,
  ConvertToDealInput,
  CreateLeadInput,
  LEAD_STATUSES,
  MarkLostInput,
  UpdateLeadInput,
  WORKING_STATUSES,
} from './schema.ts'

export const leadRoutes = Router()

/** The list as a file: GET /leads.csv, with the query string of the page. */
export const leadFileRoutes = Router()

leadFileRoutes.get('/leads.csv', (req, res) => sendCsv(req, res, leadList, 'leads'))

leadRoutes.get('/', async (req, res) => {
  const list = await leadList.fetch(scopeOf(req), leadList.parse(req.query))
  await page(res, 'leads/index', { list, statuses: LEAD_STATUSES })
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
  const saved = await submit(CreateLeadInput, req.body, (input) => createLead(scopeOf(req), input))
  if (!saved.ok) return showForm(req, res.status(saved.status), 'leads/new', saved.form)

  notice(req, 'leads.notices.created')
  res.redirect(303, `/leads/${saved.result.id}`)
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
  const saved = await submit(UpdateLeadInput, req.body, (input) => updateLead(scopeOf(req), id, input))
  if (!saved.ok)
    return showForm(req, res.status(saved.status), 'leads/edit', saved.form, await findLead(scopeOf(req), id))

  notice(req, 'leads.notices.saved')
  res.redirect(303, `/leads/${id}`)
})

leadRoutes.post('/:id/mark-lost', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(MarkLostInput, req.body, ({ lostReason }) => markLeadLost(scopeOf(req), id, lostReason))
  if (!saved.ok) return showLead(req, res.status(saved.status), saved.form)

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

leadRoutes.get('/:id/convert-to-client', async (req, res) => {
  await requireWritable(scopeOf(req), 'leads', idOf(req))
  await showConversion(req, res, 'leads/convert-to-client', null)
})

leadRoutes.post('/:id/convert-to-client', async (req, res) => {
  if (isStep(req))
    return showConversion(req, res.status(422), 'leads/convert-to-client', typed(req, ConvertToClientInput))
  const saved = await submit(ConvertToClientInput, req.body, (input) => convertToClient(scopeOf(req), idOf(req), input))
  if (!saved.ok) return showConversion(req, res.status(saved.status), 'leads/convert-to-client', saved.form)

  notice(req, 'leads.notices.converted')
  res.redirect(303, `/clients/${saved.result.clientId}`)
})

leadRoutes.get('/:id/convert-to-deal', async (req, res) => {
  await requireWritable(scopeOf(req), 'leads', idOf(req))
  await showConversion(req, res, 'leads/convert-to-deal', null)
})

leadRoutes.post('/:id/convert-to-deal', async (req, res) => {
  if (isStep(req)) return showConversion(req, res.status(422), 'leads/convert-to-deal', typed(req, ConvertToDealInput))
  const saved = await submit(ConvertToDealInput, req.body, (input) => convertToDeal(scopeOf(req), idOf(req), input))
  if (!saved.ok) return showConversion(req, res.status(saved.status), 'leads/convert-to-deal', saved.form)

  notice(req, 'leads.notices.converted')
  res.redirect(303, `/deals/${saved.result.dealId}`)
})

async function showLead(req: Request, res: Response, form: Form): Promise<void> {
  const scope = scopeOf(req)
  const lead = await findLead(scope, idOf(req))
  const [activities, duplicates] = await Promise.all([listLeadActivities(scope, lead.id), findDuplicates(scope, lead)])
  await page(res, 'leads/show', { lead, activities, duplicates, form })
}

async function showForm(req: Request, res: Response, view: string, form: Form, lead?: LeadPage): Promise<void> {
  const scope = scopeOf(req)
  const [owners, sources] = await Promise.all([listOwners(scope, lead?.ownerId), listSources(scope)])
  await page(res, view, { form, lead, owners, sources, statuses: WORKING_STATUSES, currencies })
}

/** Both conversion pages: the wizard's choices, filled from the lead unless something was typed already. */
async function showConversion(req: Request, res: Response, view: string, typed: Form | null): Promise<void> {
  const scope = scopeOf(req)
  const lead = await findLead(scope, idOf(req))
  const { clientSearch } = bodyOf(req)
  const search = typeof clientSearch === 'string' ? clientSearch : ''
  const suggested = lead.convertedToClientId === null ? await suggestClients(scope, lead) : []
  const clientId = lead.convertedToClientId ?? idIn(typed?.values.clientId) ?? suggested[0]?.id ?? null
  const [clients, contacts, stages] = await Promise.all([
    lead.convertedToClientId === null ? clientOptions(scope, clientId, search) : [],
    clientId === null ? [] : contactsOfClient(scope, clientId),
    view === 'leads/convert-to-deal' ? openStagesOf(scope) : [],
  ])
  const form = typed ?? formOf(suggestion(lead, clientId, contacts))
  await page(res, view, {
    lead,
    form,
    suggested,
    clients,
    clientSearch: search,
    manyClients: search !== '' || clients.length >= CLIENT_OPTIONS,
    contacts,
    stages,
    stageName,
    currencies,
  })
}

function idIn(text = ''): number | null {
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647 ? Number(text) : null
}

/** A button of the form that saves nothing: the form comes back with what was typed and what belongs to the client chosen. */
function isStep(req: Request): boolean {
  return bodyOf(req).step === 'client'
}

function typed(req: Request, schema: z.ZodObject): Form {
  const body = bodyOf(req)
  return formOf(Object.fromEntries(Object.keys(schema.shape).map((name) => [name, body[name]])))
}

function bodyOf(req: Request): Readonly<Record<string, unknown>> {
  return (req.body ?? {}) as Readonly<Record<string, unknown>>
}

function suggestion(lead: LeadPage, clientId: number | null, contacts: readonly Option[]): Record<string, unknown> {
  const keepsContact = lead.convertedToClientId !== null && contacts.length > 0
  return {
    ...lead,
    client: clientId !== null && lead.convertedToClientId === null ? 'existing' : 'new',
    clientId,
    clientName: companyNameOf(lead),
    contact: keepsContact ? 'existing' : 'new',
    contactId: keepsContact ? contacts[0]?.value : null,
    name: dealNameOf(lead),
    value: plainAmount(lead.estimatedValue, lead.currencyCode),
  }
}
