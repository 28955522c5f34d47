import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idOf, localPath, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import type { Scope } from '../../platform/scope.ts'
import { dayIn, localInput, offsetInput } from '../../platform/time.ts'
import { findContact } from '../contacts/queries.ts'
import { projectsOfClient } from '../projects/queries.ts'
import { quotesOfClient } from '../quotes/queries.ts'
import { requireWritable } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import {
  completeFollowUp,
  deleteCommunication,
  logCommunication,
  reopenFollowUp,
  snoozeFollowUp,
  updateCommunication,
} from './commands.ts'
import { communicationList } from './list.ts'
import type { CommunicationRow } from './list.ts'
import { communicationForm, dealsOfClient, findCommunication, namesOf } from './queries.ts'
import type { CommunicationPage } from './queries.ts'
import {
  COMMUNICATION_STATUSES,
  COMMUNICATION_TYPES,
  DIRECTIONS,
  FOLLOW_UPS,
  LogCommunicationInput,
  SnoozeFollowUpInput,
  UpdateCommunicationInput,
} from './schema.ts'

/** What is said with one contact, under /contacts. */
export const contactCommunicationRoutes = Router()
export const communicationRoutes = Router()

const choices = { types: COMMUNICATION_TYPES, directions: DIRECTIONS, statuses: COMMUNICATION_STATUSES }

contactCommunicationRoutes.get('/:id/communications/create', async (req, res) => {
  const { timeZone } = scopeOf(req).user
  const now = new Date()
  const form = formOf({
    submission: randomUUID(),
    type: 'call',
    direction: 'outbound',
    communicationDate: localInput(now, timeZone),
    communicationDateOffset: offsetInput(now, timeZone),
    status: 'completed',
    // A link from a record's page names the record that will be talked about.
    relatedProjectId: req.query.project,
    relatedQuoteId: req.query.quote,
    relatedDealId: req.query.deal,
  })
  await showNew(req, res, form)
})

contactCommunicationRoutes.post('/:id/communications/create', async (req, res) => {
  const id = idOf(req)
  const saved = await submit(LogCommunicationInput, req.body, (input) => logCommunication(scopeOf(req), id, input))
  if (!saved.ok) return showNew(req, res.status(saved.status), saved.form)

  const communication = `/communications/${saved.result.id}`
  notice(req, 'communications.notices.logged', {
    link: { href: communication, label: { key: 'communications.notices.show' } },
  })
  res.redirect(303, `/contacts/${id}#communication-${saved.result.id}`)
})

/** The list as a file: GET /communications.csv, with the query string of the page. */
export const communicationFileRoutes = Router()

communicationFileRoutes.get('/communications.csv', (req, res) => sendCsv(req, res, communicationList, 'communications'))

communicationRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const list = await communicationList.fetch(scope, communicationList.parse(req.query))
  await page(res, 'communications/index', {
    list,
    about: await narrowedTo(scope, list.params.filters, list.rows[0]),
    followUps: FOLLOW_UPS,
    today: dayIn(scope.user.timeZone),
    ...choices,
  })
})

communicationRoutes.get('/:id', async (req, res) => {
  const scope = scopeOf(req)
  const communication = await findCommunication(scope, idOf(req))
  await page(res, 'communications/show', { communication, today: dayIn(scope.user.timeZone) })
})

communicationRoutes.get('/:id/edit', async (req, res) => {
  const scope = scopeOf(req)
  await requireWritable(scope, 'communications', idOf(req))
  const communication = await findCommunication(scope, idOf(req))
  await showEdit(scope, res, formOf(communicationForm(communication, scope.user.timeZone)), communication)
})

communicationRoutes.post('/:id/edit', async (req, res) => {
  const [scope, id] = [scopeOf(req), idOf(req)]
  const saved = await submit(UpdateCommunicationInput, req.body, (input) => updateCommunication(scope, id, input), {
    keepsTyped: true,
  })
  if (!saved.ok) {
    await requireWritable(scope, 'communications', id)
    return showEdit(scope, res.status(saved.status), saved.form, await findCommunication(scope, id))
  }

  notice(req, 'communications.notices.saved')
  res.redirect(303, `/communications/${id}`)
})

communicationRoutes.post('/:id/complete', async (req, res) => {
  const id = idOf(req)
  await completeFollowUp(scopeOf(req), id)
  const place = backTo(req, `/communications/${id}`)
  notice(req, 'communications.notices.completed', {
    link: { href: `/communications/${id}`, label: { key: 'communications.notices.show' } },
  })
  res.redirect(303, place)
})

communicationRoutes.post('/:id/reopen', async (req, res) => {
  const id = idOf(req)
  await reopenFollowUp(scopeOf(req), id)
  notice(req, 'communications.notices.reopened')
  res.redirect(303, backTo(req, `/communications/${id}`))
})

communicationRoutes.get('/:id/snooze', async (req, res) => {
  const scope = scopeOf(req)
  await requireWritable(scope, 'communications', idOf(req))
  const communication = await findCommunication(scope, idOf(req))
  const form = formOf({ followUpDate: communication.followUpDate })
  await page(res, 'communications/snooze', { communication, form, returnTo: `/communications/${communication.id}` })
})

communicationRoutes.post('/:id/snooze', async (req, res) => {
  const [scope, id] = [scopeOf(req), idOf(req)]
  const saved = await submit(SnoozeFollowUpInput, req.body, (input) => snoozeFollowUp(scope, id, input), {
    keepsTyped: true,
  })
  if (!saved.ok) {
    await requireWritable(scope, 'communications', id)
    const communication = await findCommunication(scope, id)
    return page(res.status(saved.status), 'communications/snooze', {
      communication,
      form: saved.form,
      returnTo: backTo(req, `/communications/${id}`),
    })
  }

  notice(req, 'communications.notices.snoozed')
  res.redirect(303, backTo(req, `/communications/${id}`))
})

communicationRoutes.post('/:id/delete', async (req, res) => {
  const { contactId } = await deleteCommunication(scopeOf(req), idOf(req))
  notice(req, 'communications.notices.deleted')
  res.redirect(303, backTo(req, `/contacts/${contactId}`))
})

/** For whoever may log something with the contact. */
async function showNew(req: Request, res: Response, form: Form): Promise<void> {
  const scope = scopeOf(req)
  await requireWritable(scope, 'contacts', idOf(req))
  const contact = await findContact(scope, idOf(req))
  await page(res, 'communications/new', { form, contact, ...(await optionsOf(scope, contact.clientId)), ...choices })
}

async function showEdit(scope: Scope, res: Response, form: Form, communication: CommunicationPage): Promise<void> {
  const options = await optionsOf(scope, communication.clientId, communication)
  await page(res, 'communications/edit', { form, communication, ...options, ...choices })
}

/** What a communication with this client can be about; what `linked` is about already, among them. */
async function optionsOf(
  scope: Scope,
  clientId: number,
  linked?: Pick<CommunicationPage, 'relatedProjectId' | 'relatedQuoteId' | 'relatedDealId'>,
) {
  const [projects, quotes, deals] = await Promise.all([
    projectsOfClient(scope, clientId, linked?.relatedProjectId),
    quotesOfClient(scope, clientId, linked?.relatedQuoteId),
    dealsOfClient(scope, clientId, linked?.relatedDealId),
  ])
  return { projects, quotes, deals }
}

/** Whose communications the list is narrowed to, with their names. The first row knows them, and only an empty list has to ask. */
async function narrowedTo(
  scope: Scope,
  filters: { contact?: unknown; client?: unknown },
  row: CommunicationRow | undefined,
): Promise<{ contact?: Option; client?: Option }> {
  const asked = { contact: filters.contact as number | undefined, client: filters.client as number | undefined }
  if (asked.contact === undefined && asked.client === undefined) return {}
  const names = row ?? (await namesOf(scope, asked))
  return {
    ...(asked.contact && names.contactName ? { contact: { value: asked.contact, label: names.contactName } } : {}),
    ...(asked.client && names.clientName ? { client: { value: asked.client, label: names.clientName } } : {}),
  }
}

/** To the page whose button was pressed (its form says so), else to `place`. */
function backTo(req: Request, place: string): string {
  const { returnTo } = (req.body ?? {}) as { returnTo?: unknown }
  return returnTo === undefined ? place : localPath(returnTo)
}
