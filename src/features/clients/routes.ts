import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idOf, languageOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { translator } from '../../platform/i18n.ts'
import { currencies } from '../../platform/money.ts'
import { COMMUNICATION_TYPES, DIRECTIONS } from '../communications/schema.ts'
import { listClientContacts } from '../contacts/queries.ts'
import { listDealsOfClient } from '../deals/queries.ts'
import { stageName } from '../pipelines/words.ts'
import { logWithContact } from '../timeline/commands.ts'
import { blankLog, timelineOf } from '../timeline/present.ts'
import { LogWithContactInput } from '../timeline/schema.ts'
import { requireWritable, requireWriter } from '../users/access.ts'
import { baseCurrency, listOwners } from '../users/queries.ts'
import { archiveClient, createClient, restoreClient, updateClient } from './commands.ts'
import { clientList } from './list.ts'
import { canSeeClient, clientForm, clientOptions, countOpenDeals, findClient, surroundingsOf } from './queries.ts'
import type { ClientDetails } from './queries.ts'
import { ArchiveClientInput, CLIENT_STATUSES, CreateClientInput, UpdateClientInput, webAddress } from './schema.ts'

const CHOICES_SHOWN = 20

export const clientRoutes = Router()

/** The list as a file: GET /clients.csv, with the query string of the page. */
export const clientFileRoutes = Router()

clientFileRoutes.get('/clients.csv', (req, res) => sendCsv(req, res, clientList, 'clients'))

clientRoutes.get('/', async (req, res) => {
  const list = await clientList.fetch(scopeOf(req), clientList.parse(req.query))
  await page(res, 'clients/index', { list, statuses: CLIENT_STATUSES })
})

/** For the field that looks for clients while one types: GET /clients/options?q=. */
clientRoutes.get('/options', async (req, res) => {
  const { q } = req.query
  const found = await clientOptions(scopeOf(req), null, typeof q === 'string' ? q : '', CHOICES_SHOWN + 1)
  const options = found.slice(0, CHOICES_SHOWN)
  const key = found.length > CHOICES_SHOWN ? 'ui.picker.more' : found.length > 0 ? 'ui.picker.found' : 'ui.picker.none'
  res.json({ options, said: translator(languageOf(req))(key, { count: options.length }) })
})

clientRoutes.get('/create', async (req, res) => {
  const scope = scopeOf(req)
  requireWriter(scope)
  const form = formOf({
    submission: randomUUID(),
    status: 'active',
    ownerId: scope.user.id,
    currencyCode: await baseCurrency(scope),
  })
  await showForm(req, res, 'clients/new', form)
})

clientRoutes.post('/create', async (req, res) => {
  const saved = await submit(CreateClientInput, req.body, (input) => createClient(scopeOf(req), input))
  if (!saved.ok) {
    requireWriter(scopeOf(req))
    return showForm(req, res.status(saved.status), 'clients/new', saved.form)
  }

  notice(req, 'clients.notices.created')
  res.redirect(303, await placeOf(req, saved.result.id))
})

clientRoutes.get('/:id', async (req, res) => {
  await showClient(req, res)
})

/** What was said with one of its contacts, from the client's own page. */
clientRoutes.post('/:id/communications/create', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(LogWithContactInput, req.body, (input) => logWithContact(scopeOf(req), id, input))
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'clients', id)
    return showClient(req, res.status(saved.status), saved.form)
  }

  notice(req, 'communications.notices.logged', {
    link: { href: `/communications/${saved.result.id}`, label: { key: 'communications.notices.show' } },
  })
  res.redirect(303, `/clients/${id}#communication-${saved.result.id}`)
})

clientRoutes.get('/:id/edit', async (req, res) => {
  await requireWritable(scopeOf(req), 'clients', idOf(req))
  const client = await findClient(scopeOf(req), idOf(req))
  await showForm(req, res, 'clients/edit', formOf(clientForm(client)), client)
})

clientRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(UpdateClientInput, req.body, (input) => updateClient(scopeOf(req), id, input), {
    keepsTyped: true,
  })
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'clients', id)
    return showForm(req, res.status(saved.status), 'clients/edit', saved.form, await findClient(scopeOf(req), id))
  }

  notice(req, 'clients.notices.saved')
  res.redirect(303, await placeOf(req, id))
})

clientRoutes.post('/:id/delete', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(ArchiveClientInput, req.body, (input) => archiveClient(scopeOf(req), id, input))
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'clients', id)
    return askToArchive(req, res.status(saved.status), id)
  }

  notice(req, 'clients.notices.archived', { link: { href: `/clients/${id}`, label: { key: 'clients.notices.show' } } })
  res.redirect(303, '/clients')
})

clientRoutes.post('/:id/restore', async (req, res) => {
  const id = idOf(req)
  await restoreClient(scopeOf(req), id)
  notice(req, 'clients.notices.restored')
  res.redirect(303, `/clients/${id}`)
})

/** Where a saved client is shown: on its page, or, to somebody who gave it away, on the list without it. */
async function placeOf(req: Request, id: number): Promise<string> {
  return (await canSeeClient(scopeOf(req), id)) ? `/clients/${id}` : '/clients'
}

/** `refused` is the form that logs a communication, as it was sent. */
async function showClient(req: Request, res: Response, refused?: Form): Promise<void> {
  const [scope, id] = [scopeOf(req), idOf(req)]
  const [client, contacts, deals, surroundings, timeline] = await Promise.all([
    findClient(scope, id),
    listClientContacts(scope, id),
    listDealsOfClient(scope, id),
    surroundingsOf(scope, id),
    timelineOf(scope, { subject: 'clients', id }, req.query, req.get('turbo-frame')),
  ])
  await page(res, 'clients/show', {
    client,
    contacts,
    deals,
    ...surroundings,
    timeline,
    logForm: refused ?? formOf(blankLog(scope, contacts[0]?.id)),
    types: COMMUNICATION_TYPES,
    directions: DIRECTIONS,
    website: client.website && webAddress(client.website),
    stageName,
  })
}

async function showForm(req: Request, res: Response, view: string, form: Form, client?: ClientDetails): Promise<void> {
  const owners = await listOwners(scopeOf(req), client?.ownerId)
  await page(res, view, { form, client, owners, statuses: CLIENT_STATUSES, currencies })
}

async function askToArchive(req: Request, res: Response, id: number): Promise<void> {
  const scope = scopeOf(req)
  const [client, openDeals] = await Promise.all([findClient(scope, id), countOpenDeals(scope, id)])
  await page(res, 'clients/archive', { client, openDeals })
}
