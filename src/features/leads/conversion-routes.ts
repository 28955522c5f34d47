import { Router } from 'express'
import type { Request, Response } from 'express'
import type { z } from 'zod'
import { page } from '../../platform/http/page.ts'
import { idIn, idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { currencies, plainAmount } from '../../platform/money.ts'
import { CLIENT_OPTIONS, clientOptions, suggestClients } from '../clients/queries.ts'
import { contactsOfClient } from '../contacts/queries.ts'
import { openStages } from '../pipelines/queries.ts'
import { stageName } from '../pipelines/words.ts'
import { requireWritable } from '../users/access.ts'
import { refusal } from './commands.ts'
import { companyNameOf, convertToClient, convertToDeal, dealNameOf } from './conversion.ts'
import { findContactWithEmail } from './duplicates.ts'
import { findLead } from './queries.ts'
import type { LeadPage } from './queries.ts'
import { ConvertToClientInput, ConvertToDealInput } from './schema.ts'

/** The wizard: a lead becomes a client, or a deal with its client. */
export const conversionRoutes = Router()

conversionRoutes.get('/:id/convert-to-client', async (req, res) => {
  await showConversion(req, res, 'leads/convert-to-client')
})

conversionRoutes.post('/:id/convert-to-client', async (req, res) => {
  const id = idOf(req)
  if (isStep(req))
    return showConversion(req, res.status(422), 'leads/convert-to-client', typed(req, ConvertToClientInput))
  const saved = await submit(ConvertToClientInput, req.body, (input) => convertToClient(scopeOf(req), id, input))
  if (!saved.ok) return showConversion(req, res.status(saved.status), 'leads/convert-to-client', saved.form)

  notice(req, 'leads.notices.converted')
  res.redirect(303, `/clients/${saved.result.clientId}`)
})

conversionRoutes.get('/:id/convert-to-deal', async (req, res) => {
  await showConversion(req, res, 'leads/convert-to-deal')
})

conversionRoutes.post('/:id/convert-to-deal', async (req, res) => {
  const id = idOf(req)
  if (isStep(req)) return showConversion(req, res.status(422), 'leads/convert-to-deal', typed(req, ConvertToDealInput))
  const saved = await submit(ConvertToDealInput, req.body, (input) => convertToDeal(scopeOf(req), id, input))
  if (!saved.ok) return showConversion(req, res.status(saved.status), 'leads/convert-to-deal', saved.form)

  notice(req, 'leads.notices.converted')
  res.redirect(303, `/deals/${saved.result.dealId}`)
})

type View = 'leads/convert-to-client' | 'leads/convert-to-deal'

/** Both pages, for whoever may convert the lead: the wizard's choices, filled from the lead unless something was typed already. */
async function showConversion(req: Request, res: Response, view: View, typed: Form | null = null): Promise<void> {
  const scope = scopeOf(req)
  await requireWritable(scope, 'leads', idOf(req))
  const lead = await findLead(scope, idOf(req))
  const target = view === 'leads/convert-to-client' ? lead.convertedToClientId : lead.convertedToDealId
  if (!lead.isActive || lead.status === 'lost' || target !== null) throw refusal(lead)

  const { clientSearch } = bodyOf(req)
  const search = typeof clientSearch === 'string' ? clientSearch : ''
  const suggested = lead.convertedToClientId === null ? await suggestClients(scope, lead) : []
  const clientId = lead.convertedToClientId ?? (typed ? idIn(typed.values.clientId) : (suggested[0]?.id ?? null))
  // Whoever makes a new client finds nobody there.
  const isNew = typed?.values.client === 'new' && lead.convertedToClientId === null
  const [clients, contacts, namesake, stages] = await Promise.all([
    lead.convertedToClientId === null ? clientOptions(scope, clientId, search) : [],
    isNew ? [] : contactsOfClient(scope, clientId),
    clientId === null || typed ? null : findContactWithEmail(scope, clientId, lead.email),
    view === 'leads/convert-to-deal' ? openStages(scope) : [],
  ])
  const form = typed ?? formOf(suggestion(lead, clientId, lead.contact?.id ?? namesake))
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

/** What the wizard proposes: the client that was found, and somebody there with the lead's address; else new ones. */
function suggestion(lead: LeadPage, clientId: number | null, contactId: number | null): Record<string, unknown> {
  return {
    ...lead,
    client: clientId !== null && lead.convertedToClientId === null ? 'existing' : 'new',
    clientId,
    clientName: companyNameOf(lead),
    contact: contactId === null ? 'new' : 'existing',
    contactId,
    name: dealNameOf(lead),
    value: plainAmount(lead.estimatedValue, lead.currencyCode),
  }
}
