import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { page } from '../../platform/http/page.ts'
import { idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { currencies } from '../../platform/money.ts'
import { dayIn } from '../../platform/time.ts'
import { findClient } from '../clients/queries.ts'
import { listCommunicationsOfQuote } from '../communications/queries.ts'
import { listLinkedDeals } from '../deals/queries.ts'
import { stageName } from '../pipelines/words.ts'
import { requireWritable } from '../users/access.ts'
import { createQuote, deleteQuote, updateQuote } from './commands.ts'
import { findQuote, nextQuoteNumber, quoteForm } from './queries.ts'
import type { QuotePage } from './queries.ts'
import { CreateQuoteInput, QUOTE_STATUSES, UpdateQuoteInput } from './schema.ts'

/** The quotes of one client, under /clients. */
export const clientQuoteRoutes = Router()
export const quoteRoutes = Router()

clientQuoteRoutes.get('/:id/quotes/create', async (req, res) => {
  await showNew(req, res)
})

clientQuoteRoutes.post('/:id/quotes/create', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(CreateQuoteInput, req.body, (input) => createQuote(scopeOf(req), id, input))
  if (!saved.ok) return showNew(req, res.status(saved.status), saved.form)

  if (!saved.result.repeated) notice(req, 'quotes.notices.created')
  res.redirect(303, `/quotes/${saved.result.id}`)
})

quoteRoutes.get('/:id', async (req, res) => {
  const [scope, id] = [scopeOf(req), idOf(req)]
  const [quote, deals, communications] = await Promise.all([
    findQuote(scope, id),
    listLinkedDeals(scope, 'quote', id),
    listCommunicationsOfQuote(scope, id),
  ])
  const today = dayIn(scope.user.timeZone)
  await page(res, 'quotes/show', { quote, deals, communications, today, stageName })
})

quoteRoutes.get('/:id/edit', async (req, res) => {
  await requireWritable(scopeOf(req), 'quotes', idOf(req))
  const quote = await findQuote(scopeOf(req), idOf(req))
  await showEdit(res, quote, formOf(quoteForm(quote)))
})

quoteRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(UpdateQuoteInput, req.body, (input) => updateQuote(scopeOf(req), id, input))
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'quotes', id)
    return showEdit(res.status(saved.status), await findQuote(scopeOf(req), id), saved.form)
  }

  notice(req, 'quotes.notices.saved')
  res.redirect(303, `/quotes/${id}`)
})

quoteRoutes.post('/:id/delete', async (req, res) => {
  const { clientId } = await deleteQuote(scopeOf(req), idOf(req))
  notice(req, 'quotes.notices.deleted')
  res.redirect(303, `/clients/${clientId}`)
})

/** For whoever may add something to the client. */
async function showNew(req: Request, res: Response, refused?: Form): Promise<void> {
  const scope = scopeOf(req)
  await requireWritable(scope, 'clients', idOf(req))
  const [client, nextNumber] = await Promise.all([findClient(scope, idOf(req)), nextQuoteNumber(scope)])
  const { currencyCode } = client
  const form = refused ?? formOf({ submission: randomUUID(), number: nextNumber, status: 'draft', currencyCode })
  await page(res, 'quotes/new', { form, client, nextNumber, statuses: QUOTE_STATUSES, currencies })
}

function showEdit(res: Response, quote: QuotePage, form: Form): Promise<void> {
  return page(res, 'quotes/edit', { form, quote, statuses: QUOTE_STATUSES, currencies })
}
