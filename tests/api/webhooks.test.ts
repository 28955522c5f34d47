import sql from 'sql-template-tag'
import { beforeAll, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { archiveLead } from '../../src/features/leads/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { createWebhook } from '../../src/features/webhooks/commands/subscriptions.ts'
import { bodyOf } from '../../src/features/webhooks/present.ts'
import { findDelivery } from '../../src/features/webhooks/queries.ts'
import { guardOf } from '../../src/platform/outgoing/addresses.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import {
  makeActivity,
  makeClient,
  makeCommunication,
  makeContact,
  makeDeal,
  makeLead,
  makeProject,
  makeQuote,
} from '../support/records.ts'
import { fits } from './contract.ts'

const SCHEMAS: Readonly<Record<string, string>> = {
  clients: 'Client',
  contacts: 'Contact',
  communications: 'Communication',
  leads: 'Lead',
  'lead-activities': 'LeadActivity',
  deals: 'Deal',
  'deal-activities': 'DealActivity',
  projects: 'Project',
  quotes: 'Quote',
}

interface Message {
  type: string
  record: { noun: string; id: number }
  data: Record<string, unknown>
  previous?: Record<string, unknown>
}

let rosa: Scope
let api: Program
beforeAll(async () => {
  const user = await makeUser({ role: 'admin' })
  rosa = as(user)
  api = await program(user)
  await createWebhook(rosa, guardOf(), { url: 'https://hooks.example.com', scope: 'all' })
})

async function messages(): Promise<Message[]> {
  const queued = await db.query<{ id: number }>(sql`SELECT id::int AS id FROM webhook_deliveries ORDER BY id`)
  const found = await Promise.all(queued.map(({ id }) => findDelivery(rosa, id)))
  return found.map((delivery) => JSON.parse(bodyOf(delivery)) as Message)
}

test('the record of every message is the one that the API gives', async () => {
  const client = await makeClient(rosa)
  const contact = await makeContact(rosa, client.id)
  const lead = await makeLead(rosa, { estimatedValue: '1234.5' })
  const lost = await makeLead(rosa)
  const deal = await makeDeal(rosa, { value: '1000.5', clientId: client.id })
  await makeActivity(rosa, 'lead', lead.id)
  await makeActivity(rosa, 'deal', deal.id)
  await makeProject(rosa, client.id)
  await makeQuote(rosa, client.id, { status: 'draft' })
  await makeCommunication(rosa, contact.id, { followUpDate: '2026-01-15' })
  await convertToDeal(rosa, lead.id, { client: 'new', contact: 'new' })
  await closeDeal(rosa, deal.id, { outcome: 'won' })
  await archiveLead(rosa, lost.id)
  await archiveContact(rosa, contact.id)
  await archiveClient(rosa, client.id)

  const told = await messages()
  expect(new Set(told.map(({ record }) => record.noun))).toEqual(new Set(Object.keys(SCHEMAS)))
  for (const { type, record, data, previous = {} } of told) {
    const schema = SCHEMAS[record.noun] ?? ''
    expect([type, fits(`components/schemas/${schema}`, data)]).toEqual([type, true])
    expect([type, fits(`components/schemas/${schema}`, { ...data, ...previous })]).toEqual([type, true])
  }
  const latest = new Map(told.map(({ record, data }) => [`/${record.noun}/${record.id}`, data]))
  for (const [path, data] of latest) expect([path, (await api.get(path)).body]).toEqual([path, data])
})

test('what is worked out is told as it was before, too', async () => {
  const deal = await makeDeal(rosa, { value: '1000.50' })
  await api.send('patch', `/deals/${deal.id}`, { value: '2000' })

  const { data, previous } = (await messages()).at(-1) as Message
  expect(data).toMatchObject({ value: '2000.00', weightedValue: '200.00' })
  expect(previous).toEqual({ value: '1000.50', weightedValue: '100.05' })
})
