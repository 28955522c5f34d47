import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idOf, localPath, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { findClient } from '../clients/queries.ts'
import { COMMUNICATION_TYPES, DIRECTIONS } from '../communications/schema.ts'
import { stageName } from '../pipelines/words.ts'
import { blankLog, timelineOf } from '../timeline/present.ts'
import { requireWritable } from '../users/access.ts'
import { archiveContact, createContact, makePrimaryContact, restoreContact, updateContact } from './commands.ts'
import { contactCard } from './card.ts'
import { contactList } from './list.ts'
import { contactForm, findContact, listArchivedContacts, listClientContacts, listDealsOfContact } from './queries.ts'
import { CONTACT_ROLES, CreateContactInput, UpdateContactInput } from './schema.ts'

/** The contacts of one client, under /clients. */
export const clientContactRoutes = Router()
export const contactRoutes = Router()

clientContactRoutes.get('/:id/contacts', async (req, res) => {
  const [scope, id] = [scopeOf(req), idOf(req)]
  const [client, contacts, archived] = await Promise.all([
    findClient(scope, id),
    listClientContacts(scope, id),
    listArchivedContacts(scope, id),
  ])
  await page(res, 'contacts/of-client', { client, contacts, archived })
})

clientContactRoutes.get('/:id/contacts/create', async (req, res) => {
  await showNew(req, res, formOf({ submission: randomUUID(), role: 'contact' }))
})

clientContactRoutes.post('/:id/contacts/create', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(CreateContactInput, req.body, (input) => createContact(scopeOf(req), id, input))
  if (!saved.ok) return showNew(req, res.status(saved.status), saved.form)

  notice(req, 'contacts.notices.created')
  res.redirect(303, `/contacts/${saved.result.id}`)
})

/** The list as a file: GET /contacts.csv, with the query string of the page. */
export const contactFileRoutes = Router()

contactFileRoutes.get('/contacts.csv', (req, res) => sendCsv(req, res, contactList, 'contacts'))

contactRoutes.get('/', async (req, res) => {
  const list = await contactList.fetch(scopeOf(req), contactList.parse(req.query))
  await page(res, 'contacts/index', { list, roles: CONTACT_ROLES })
})

contactRoutes.get('/:id.vcf', async (req, res) => {
  const contact = await findContact(scopeOf(req), idOf(req))
  res
    .attachment(`${fileName(contact.name)}.vcf`)
    .type('text/vcard')
    .send(contactCard(contact, req.user?.homeTimeZone ?? 'UTC'))
})

contactRoutes.get('/:id', async (req, res) => {
  const [scope, id] = [scopeOf(req), idOf(req)]
  const [contact, deals, timeline] = await Promise.all([
    findContact(scope, id),
    listDealsOfContact(scope, id),
    timelineOf(scope, { subject: 'contacts', id }, req.query, req.get('turbo-frame')),
  ])
  await page(res, 'contacts/show', {
    contact,
    deals,
    timeline,
    logForm: formOf(blankLog(scope)),
    types: COMMUNICATION_TYPES,
    directions: DIRECTIONS,
    stageName,
  })
})

contactRoutes.get('/:id/edit', async (req, res) => {
  await requireWritable(scopeOf(req), 'contacts', idOf(req))
  const contact = await findContact(scopeOf(req), idOf(req))
  await page(res, 'contacts/edit', { form: formOf(contactForm(contact)), contact, roles: CONTACT_ROLES })
})

contactRoutes.post('/:id/edit', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(UpdateContactInput, req.body, (input) => updateContact(scopeOf(req), id, input), {
    keepsTyped: true,
  })
  if (!saved.ok) {
    await requireWritable(scopeOf(req), 'contacts', id)
    const contact = await findContact(scopeOf(req), id)
    return page(res.status(saved.status), 'contacts/edit', { form: saved.form, contact, roles: CONTACT_ROLES })
  }

  notice(req, 'contacts.notices.saved')
  res.redirect(303, `/contacts/${id}`)
})

contactRoutes.post('/:id/set-primary', async (req, res) => {
  const id = idOf(req)
  await makePrimaryContact(scopeOf(req), id)
  notice(req, 'contacts.notices.primary')
  res.redirect(303, backTo(req, id))
})

contactRoutes.post('/:id/delete', async (req, res) => {
  const id = idOf(req)
  await archiveContact(scopeOf(req), id)
  notice(req, 'contacts.notices.archived', {
    link: { href: `/contacts/${id}`, label: { key: 'contacts.notices.show' } },
  })
  res.redirect(303, backTo(req, id))
})

contactRoutes.post('/:id/restore', async (req, res) => {
  const id = idOf(req)
  await restoreContact(scopeOf(req), id)
  notice(req, 'contacts.notices.restored')
  res.redirect(303, backTo(req, id))
})

/** For whoever may add somebody to the client. */
async function showNew(req: Request, res: Response, form: Form): Promise<void> {
  const [scope, id] = [scopeOf(req), idOf(req)]
  await requireWritable(scope, 'clients', id)
  const [client, contacts] = await Promise.all([findClient(scope, id), listClientContacts(scope, id)])
  await page(res, 'contacts/new', { form, client, isFirst: contacts.length === 0, roles: CONTACT_ROLES })
}

/** To the page whose button was pressed (its form says so), else to the contact. */
function backTo(req: Request, id: number): string {
  const { returnTo } = (req.body ?? {}) as { returnTo?: unknown }
  return returnTo === undefined ? `/contacts/${id}` : localPath(returnTo)
}

/** A name without what file systems take for something else. */
function fileName(name: string): string {
  return name.replace(/[\p{Cc}\\/:*?"<>|]+/gu, ' ').trim() || 'contact'
}
