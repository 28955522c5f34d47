import sql from 'sql-template-tag'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { cancelActivity, completeActivity, reopenActivity } from '../../src/features/activities/commands.ts'
import { archiveContact, makePrimaryContact, restoreContact } from '../../src/features/contacts/commands.ts'
import { completeFollowUp, deleteCommunication } from '../../src/features/communications/commands.ts'
import { closeDeal, reopenDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { archiveLead, markLeadLost, reopenLead, restoreLead, updateLead } from '../../src/features/leads/commands.ts'
import { presentLead } from '../../src/features/leads/present.ts'
import { findLead } from '../../src/features/leads/queries.ts'
import { updateQuote } from '../../src/features/quotes/commands.ts'
import { EVENT_TYPES } from '../../src/features/webhooks/events.ts'
import { forgetDeliveries } from '../../src/features/webhooks/commands/log.ts'
import { createWebhook, pauseWebhook } from '../../src/features/webhooks/commands/subscriptions.ts'
import { bodyOf } from '../../src/features/webhooks/present.ts'
import { findDelivery } from '../../src/features/webhooks/queries.ts'
import { guardOf } from '../../src/platform/outgoing/addresses.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
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

const guard = guardOf()
let rosa: Scope
let emil: Scope
let webhookId: number

beforeAll(async () => {
  rosa = as(await makeUser({ role: 'admin' }))
  emil = as(await makeUser())
  webhookId = (await createWebhook(rosa, guard, { url: 'https://hooks.example.com', scope: 'all' })).id
})

beforeEach(() => forget())

async function forget(): Promise<void> {
  await db.query(sql`DELETE FROM webhook_deliveries`)
}

interface Queued {
  id: number
  type: string
  eventId: string
  noun: string
  recordId: number
}

function queued(id = webhookId): Promise<Queued[]> {
  return db.query<Queued>(sql`
    SELECT id::int AS id, type, event_id AS "eventId", table_name AS noun, record_id AS "recordId"
    FROM webhook_deliveries WHERE subscription_id = ${id} ORDER BY id`)
}

/** The events that `work` causes. */
async function eventsOf(work: () => Promise<unknown>): Promise<string[]> {
  await forget()
  await work()
  return (await queued()).map(({ type }) => type)
}

test('each verb is told by its name', async () => {
  const client = await makeClient(emil)
  const contact = await makeContact(emil, client.id)
  const second = await makeContact(emil, client.id)
  const lead = await makeLead(emil)
  const deal = await makeDeal(emil)
  const task = await makeActivity(emil, 'deal', deal.id)
  const quote = await makeQuote(emil, client.id, { status: 'draft' })
  const mail = await makeCommunication(emil, contact.id, { followUpDate: '2026-01-15' })

  const stories: Record<string, [() => Promise<unknown>, string[]]> = {
    'a new client': [() => makeClient(emil), ['client.created']],
    'a new project': [() => makeProject(emil, client.id), ['project.created']],
    'another primary contact': [
      () => makePrimaryContact(emil, second.id),
      ['contact.primary_changed', 'contact.updated', 'contact.primary_changed', 'contact.updated'],
    ],
    'a contact to the Trash': [() => archiveContact(emil, contact.id), ['contact.archived']],
    'and back': [() => restoreContact(emil, contact.id), ['contact.restored']],
    'a follow-up that is done': [
      () => completeFollowUp(emil, mail.id),
      ['communication.follow_up_completed', 'communication.updated'],
    ],
    'a communication that is deleted': [() => deleteCommunication(emil, mail.id), ['communication.deleted']],
    'a name': [() => updateLead(emil, lead.id, { firstName: 'Ada' }), ['lead.updated']],
    'the same name': [() => updateLead(emil, lead.id, { firstName: 'Ada' }), []],
    'a lead that is lost': [() => markLeadLost(emil, lead.id, 'No budget'), ['lead.lost', 'lead.updated']],
    'and not lost after all': [() => reopenLead(emil, lead.id), ['lead.reopened', 'lead.updated']],
    'a lead to the Trash': [() => archiveLead(emil, lead.id), ['lead.archived']],
    'and out of it': [() => restoreLead(emil, lead.id), ['lead.restored']],
    'a move': [() => moveDeal(emil, deal.id, { stage: 'qualification' }), ['deal.stage_changed', 'deal.updated']],
    'a deal that is won': [
      () => closeDeal(emil, deal.id, { outcome: 'won' }),
      ['deal.stage_changed', 'deal.won', 'deal.updated'],
    ],
    'and open again': [() => reopenDeal(emil, deal.id), ['deal.stage_changed', 'deal.reopened', 'deal.updated']],
    'a task that is done': [() => completeActivity(emil, 'deal', task.id), ['activity.completed', 'activity.updated']],
    'and is not': [() => reopenActivity(emil, 'deal', task.id), ['activity.reopened', 'activity.updated']],
    'and will not be': [() => cancelActivity(emil, 'deal', task.id), ['activity.cancelled', 'activity.updated']],
    'a quote that is taken': [
      () => updateQuote(emil, quote.id, { status: 'accepted' }),
      ['quote.accepted', 'quote.updated'],
    ],
  }
  const told: Record<string, string[]> = {}
  for (const [name, [work]] of Object.entries(stories)) told[name] = await eventsOf(work)

  expect(told).toEqual(Object.fromEntries(Object.entries(stories).map(([name, [, events]]) => [name, events])))
  expect(EVENT_TYPES).toEqual(expect.arrayContaining(Object.values(told).flat()))
})

test('a conversion is told whole: the lead, and what became of it', async () => {
  const lead = await makeLead(emil)
  const events = await eventsOf(() => convertToDeal(emil, lead.id, { client: 'new', contact: 'new' }))

  expect(events).toEqual(
    expect.arrayContaining(['client.created', 'contact.created', 'deal.created', 'lead.converted', 'lead.updated']),
  )
})

test('every event that can be subscribed to is one that the database knows', async () => {
  const [row] = await db.query<{ source: string }>(
    sql`SELECT prosrc AS source FROM pg_proc WHERE proname = 'webhook_events_of'`,
  )
  const verbs = new Set(EVENT_TYPES.map((type) => type.split('.')[1]!))
  // 'reopened', 'completed' and the like are statuses, or stand there by name.
  const statuses = ['won', 'completed', 'cancelled', 'expired']
  for (const verb of verbs) expect(statuses.includes(verb) || row!.source.includes(verb), verb).toBe(true)
})

test('what is rolled back was never told; what is told was committed with it', async () => {
  const before = await queued()
  await inTransaction(emil, async (scope) => {
    await makeLead(scope)
    throw new Error('no')
  }).catch(() => undefined)

  expect(await queued()).toEqual(before)
})

test('a message holds the record as it became, what it was before, and who did it', async () => {
  const { id } = await makeDeal(emil, { value: '90071992547409.5', expectedCloseDate: '2026-01-31' })
  await forget()
  await closeDeal(emil, id, { outcome: 'lost', lossReason: 'Too dear' })
  const [, lost] = await queued()
  const message = JSON.parse(bodyOf(await findDelivery(rosa, lost!.id))) as Record<string, unknown>

  expect(message).toMatchObject({
    id: lost!.eventId,
    type: 'deal.lost',
    actor: { id: emil.user.id, name: emil.user.name },
    record: { noun: 'deals', id },
    data: {
      id,
      status: 'lost',
      stage: 'closed_lost',
      value: '90071992547409.50',
      currencyCode: 'EUR',
      probability: 0,
      lossReason: 'Too dear',
      expectedCloseDate: '2026-01-31',
      closedAt: expect.stringMatching(/Z$/) as string,
    },
    previous: { status: 'open', stage: 'prospecting', lossReason: null, closedAt: null, probability: 10 },
  })
  expect(message.previous).not.toHaveProperty('value')
  expect(message.previous).not.toHaveProperty('version')
  expect(JSON.stringify(message)).not.toMatch(/boardPosition|searchText/)
})

test('a record has the names and the values that the API gives it', async () => {
  const { id } = await makeLead(emil, { estimatedValue: '1234.5', score: 40, tags: ['fair'], notes: 'Two\nlines' })
  const [created] = await queued()
  const { data } = JSON.parse(bodyOf(await findDelivery(rosa, created!.id))) as { data: object }

  expect(data).toEqual(presentLead(await findLead(emil, id)))
})

test('one event has one id, whoever is told of it; and only those who asked for it are', async () => {
  const other = await createWebhook(rosa, guard, {
    url: 'https://other.example.com',
    scope: 'some',
    events: ['lead.created', 'deal.won'],
  })
  const lead = await makeLead(emil)
  await updateLead(emil, lead.id, { firstName: 'Ada' })

  const [first] = await queued()
  expect((await queued(other.id)).map(({ type, eventId }) => [type, eventId])).toEqual([
    ['lead.created', first!.eventId],
  ])
  await pauseWebhook(rosa, other.id)
})

test('it sees as whoever made it: while they administer no more, nothing is noted', async () => {
  const ada = as(await makeUser({ role: 'admin' }))
  const { id } = await createWebhook(ada, guard, { url: 'https://ada.example.com', scope: 'all' })
  const noted = async (role: string, isActive: boolean) => {
    await inTransaction(system, (scope) =>
      scope.db.records.user.update({ where: { id: ada.user.id ?? 0 }, data: { role, isActive } }),
    )
    await forget()
    await makeLead(emil)
    return (await queued(id)).length
  }

  expect([
    await noted('admin', true),
    await noted('manager', true),
    await noted('admin', false),
    await noted('admin', true),
  ]).toEqual([1, 0, 0, 1])
  await pauseWebhook(rosa, id)
})

test('nothing is noted by itself: no card that moves up, no note that the product writes', async () => {
  const deal = await makeDeal(emil)
  const other = await makeDeal(emil)

  expect(await eventsOf(() => moveDeal(emil, deal.id, { stage: 'prospecting', beforeId: other.id }))).toEqual([])
  expect(await eventsOf(() => makeActivity(emil, 'deal', deal.id))).toEqual(['activity.created'])
})

test('the log forgets what is older than a month, and nothing that is still to be delivered', async () => {
  for (let index = 0; index < 3; index += 1) await makeLead(emil)
  const [old, young, waiting] = await queued()
  await db.query(
    sql`UPDATE webhook_deliveries SET status = 'delivered', finished_at = now() - interval '31 days' WHERE id = ${old!.id}`,
  )
  await db.query(
    sql`UPDATE webhook_deliveries SET status = 'failed', finished_at = now() - interval '29 days' WHERE id = ${young!.id}`,
  )
  await db.query(sql`UPDATE webhook_deliveries SET occurred_at = now() - interval '40 days' WHERE id = ${waiting!.id}`)
  await forgetDeliveries(system)
  expect((await queued()).map(({ id }) => id)).toEqual([young!.id, waiting!.id])

  await pauseWebhook(rosa, webhookId)
  await forgetDeliveries(system)
  expect((await queued()).map(({ id }) => id)).toEqual([young!.id])
})
