import sql from 'sql-template-tag'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { updateLead } from '../../src/features/leads/commands.ts'
import { attempt, claimDue } from '../../src/features/webhooks/commands/delivering.ts'
import { replayDelivery, replayFailed } from '../../src/features/webhooks/commands/log.ts'
import { sendWebhooks } from '../../src/features/webhooks/commands/sending.ts'
import {
  createWebhook,
  deleteWebhook,
  pauseWebhook,
  resumeWebhook,
  rotateSecret,
} from '../../src/features/webhooks/commands/subscriptions.ts'
import { findDelivery, findWebhook } from '../../src/features/webhooks/queries.ts'
import { WAITS } from '../../src/features/webhooks/schedule.ts'
import { guardOf } from '../../src/platform/outgoing/addresses.ts'
import { poster } from '../../src/platform/outgoing/post.ts'
import type { Post } from '../../src/platform/outgoing/post.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { logger } from '../support/log.ts'
import { as, makeUser, system } from '../support/people.ts'
import { startReceiver } from '../support/receiver.ts'
import type { Received, Receiver } from '../support/receiver.ts'
import { makeLead } from '../support/records.ts'

const guard = guardOf(['127.0.0.1'])
const post = poster({ guard })
const impatient = poster({ guard, timeout: 200 })
let rosa: Scope
let receiver: Receiver
let webhook: { id: number; secret: string }
const running: { stop(): Promise<void> }[] = []

beforeAll(async () => {
  rosa = as(await makeUser({ role: 'admin' }))
})

beforeEach(async () => {
  receiver = await startReceiver()
  webhook = await makeWebhook(receiver.url)
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()))
  await deleteWebhook(rosa, webhook.id)
})

async function makeWebhook(url: string, events: string[] = ['lead.created', 'lead.updated']) {
  const { id, secret } = await createWebhook(rosa, guard, { url, scope: 'some', events: events as never })
  return { id, secret: secret ?? '' }
}

function start(processes = 1) {
  for (let index = 0; index < processes; index += 1)
    running.push(sendWebhooks({ db, post, logger, round: 20, grace: 50 }))
}

/** Everything that is due, one round after the other, until nothing is. */
async function deliverDue(by: Post = post): Promise<void> {
  for (;;) {
    const due = await claimDue(system)
    if (due.length === 0) return
    await Promise.all(due.map((delivery) => attempt(system, by, delivery)))
  }
}

interface Row {
  id: number
  type: string
  status: string
  attempts: number
  wait: number
  leased: boolean
}

async function deliveries(id = webhook.id): Promise<Row[]> {
  return db.query<Row>(sql`
    SELECT id::int AS id, type, status, attempts, lease IS NOT NULL AS leased, extract(epoch FROM next_attempt_at - now())::float8 AS wait
    FROM webhook_deliveries WHERE subscription_id = ${id} ORDER BY id`)
}

/** As if so many hours had gone by. */
async function pass(hours: number): Promise<void> {
  const by = sql`make_interval(secs => ${hours * 3_600})`
  await db.query(sql`
    UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at - ${by} WHERE subscription_id = ${webhook.id}`)
  await inTransaction(system, (scope) =>
    scope.db.query(
      sql`UPDATE webhook_subscriptions SET failing_since = failing_since - ${by} WHERE id = ${webhook.id} RETURNING id`,
    ),
  )
}

const names = (received: readonly Received[]) => received.map(({ json }) => json.data.firstName)

test('a message arrives signed, as an independent library checks it', async () => {
  const lead = await makeLead(rosa, {
    firstName: 'Ada',
    estimatedValue: '12345678901234.56',
    notes: 'Größe "10" \u{1F600}\n‏النور',
  })
  await deliverDue()

  const [message] = receiver.received
  expect(receiver.received).toHaveLength(1)
  const verified = new Webhook(webhook.secret).verify(message!.body, message!.headers as Record<string, string>)
  expect(verified).toMatchObject({
    id: message!.headers['webhook-id'],
    type: 'lead.created',
    actor: { id: rosa.user.id, name: rosa.user.name },
    record: { noun: 'leads', id: lead.id },
    data: {
      id: lead.id,
      firstName: 'Ada',
      estimatedValue: '12345678901234.56',
      notes: 'Größe "10" \u{1F600}\n‏النور',
      tags: [],
      createdAt: expect.stringMatching(/^\d{4}-.*T.*\.\d{3}Z$/) as string,
    },
  })
  expect(() =>
    new Webhook('whsec_d3Jvbmc=').verify(message!.body, message!.headers as Record<string, string>),
  ).toThrow()
  expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 1 }])
  expect((await findDelivery(rosa, (await deliveries())[0]!.id)).log).toMatchObject([
    { statusCode: 204, problem: null },
  ])
})

test('after a new secret, the one before signs as well, for a day', async () => {
  const next = await rotateSecret(rosa, webhook.id)
  await makeLead(rosa)
  await deliverDue()
  await inTransaction(system, (scope) =>
    scope.db.query(
      sql`UPDATE webhook_subscriptions SET previous_secret_until = now() WHERE id = ${webhook.id} RETURNING id`,
    ),
  )
  await makeLead(rosa)
  await deliverDue()

  const verifies = (secret: string, { body, headers }: Received) => {
    try {
      return Boolean(new Webhook(secret).verify(body, headers as Record<string, string>))
    } catch {
      return false
    }
  }
  expect(receiver.received.map((message) => [verifies(webhook.secret, message), verifies(next, message)])).toEqual([
    [true, true],
    [false, true],
  ])
})

test('a later event of a record waits for the earlier one, while other records go on', async () => {
  const lead = await makeLead(rosa, { firstName: 'First' })
  const other = await makeLead(rosa, { firstName: 'Other' })
  await updateLead(rosa, lead.id, { firstName: 'Second' })
  await updateLead(rosa, lead.id, { firstName: 'Third' })
  let broken = true
  receiver.answer(({ json }) => ({ status: broken && json.record.id === lead.id ? 500 : 204 }))
  await deliverDue()
  expect(names(receiver.received).sort()).toEqual(['First', 'Other'])
  expect(other.id).not.toBe(lead.id)

  await pass(1)
  await deliverDue()
  broken = false
  await pass(1)
  await deliverDue()

  const told = receiver.received.filter(({ json }) => json.record.id === lead.id)
  expect(names(told)).toEqual(['First', 'First', 'First', 'Second', 'Third'])
  expect(new Set(told.slice(0, 3).map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`)).size).toBe(1)
  expect(told.at(-1)!.json.previous).toEqual({ firstName: 'Second' })
})

test('what fails is tried again for nearly a day, ever less often, then given up, and its receiver is turned off', async () => {
  await makeLead(rosa)
  receiver.answer(() => ({ status: 503, body: 'not today' }))

  const waits: number[] = []
  for (;;) {
    await deliverDue()
    const [delivery] = await deliveries()
    if (delivery?.status !== 'pending') break
    waits.push(delivery.wait)
    await pass(delivery.wait / 3_600)
  }

  expect(waits).toHaveLength(WAITS.length)
  waits.forEach((wait, index) => {
    expect(wait).toBeGreaterThan(WAITS[index]! * 0.95)
    expect(wait).toBeLessThan(WAITS[index]! * 1.1 + 2)
  })
  const [delivery] = await deliveries()
  expect(delivery).toMatchObject({ status: 'failed', attempts: WAITS.length + 1 })
  expect((await findDelivery(rosa, delivery!.id)).log[0]).toMatchObject({
    statusCode: 503,
    problem: 'status',
    answer: 'not today',
  })
  expect(await findWebhook(rosa, webhook.id)).toMatchObject({ isActive: false, disabledBecause: 'failing' })
})

test('a receiver that says it is gone is turned off at once', async () => {
  await makeLead(rosa)
  receiver.answer(() => ({ status: 410 }))
  await deliverDue()

  expect(await findWebhook(rosa, webhook.id)).toMatchObject({ isActive: false, disabledBecause: 'gone' })
})

test('a receiver that fails one event and takes the others stays on', async () => {
  const bad = await makeLead(rosa, { firstName: 'Bad' })
  receiver.answer(({ json }) => ({ status: json.record.id === bad.id ? 500 : 204 }))
  await deliverDue()
  await pass(13)
  await makeLead(rosa)
  await deliverDue()
  await pass(13)
  await makeLead(rosa)
  await deliverDue()

  expect(await findWebhook(rosa, webhook.id)).toMatchObject({ isActive: true, disabledBecause: null })
})

test('when a receiver answers again after a while, what waited goes out at once', async () => {
  await makeLead(rosa, { firstName: 'One' })
  await makeLead(rosa, { firstName: 'Two' })
  let up = false
  receiver.answer(() => ({ status: up ? 204 : 500 }))
  await deliverDue()
  await pass(1)
  await deliverDue()
  await pass(1)
  await db.query(
    sql`UPDATE webhook_deliveries SET next_attempt_at = now() + interval '5 hours' WHERE subscription_id = ${webhook.id}`,
  )
  up = true
  await makeLead(rosa, { firstName: 'Three' })
  await deliverDue()

  expect((await deliveries()).map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered'])
})

test('a redirect is not followed', async () => {
  const elsewhere = await startReceiver()
  receiver.answer(() => ({ status: 307, headers: { Location: elsewhere.url } }))
  await makeLead(rosa)
  await deliverDue()

  expect(elsewhere.received).toEqual([])
  expect((await findDelivery(rosa, (await deliveries())[0]!.id)).log).toMatchObject([
    { statusCode: 307, problem: 'redirect' },
  ])
})

test('of a process that dies in the middle the next one takes over within a minute, under the same id', async () => {
  await makeLead(rosa)
  const [claimed] = await claimDue(system)
  // Sent, and killed before it was noted.
  await post(new URL(receiver.url), { headers: { 'webhook-id': claimed!.eventId }, body: '{}' })
  expect(await claimDue(system)).toEqual([])
  expect((await deliveries())[0]?.wait).toBeLessThanOrEqual(60)

  await pass(1)
  await deliverDue()

  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([claimed!.eventId, claimed!.eventId])
  expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }])
  // The dead come back: what they have to say is not written down.
  await attempt(system, post, claimed!)
  expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }])
})

test('eight processes deliver each event once, each record in order', async () => {
  const leads = []
  for (let index = 0; index < 6; index += 1) leads.push(await makeLead(rosa, { firstName: 'v0' }))
  for (let version = 1; version <= 4; version += 1) {
    await Promise.all(leads.map(({ id }) => updateLead(rosa, id, { firstName: `v${version}` })))
  }
  receiver.answer(() => ({ after: Math.random() * 10 }))
  start(8)
  await expect.poll(async () => (await deliveries()).every(({ status }) => status === 'delivered')).toBe(true)

  expect(receiver.received).toHaveLength(30)
  for (const { id } of leads) {
    expect(names(receiver.received.filter(({ json }) => json.record.id === id))).toEqual(['v0', 'v1', 'v2', 'v3', 'v4'])
  }
})

test('a receiver that never answers holds up nobody else', async () => {
  const slow = await startReceiver()
  slow.answer(() => ({ after: null }))
  const stuck = await makeWebhook(slow.url)
  for (let index = 0; index < 10; index += 1) await makeLead(rosa)
  start()
  await expect.poll(() => receiver.received.length).toBe(10)

  // A few at once, not all ten, and none of them was waited for.
  expect(slow.received.length).toBeGreaterThan(0)
  expect(slow.received.length).toBeLessThanOrEqual(4)
  expect((await deliveries(stuck.id)).filter(({ leased }) => leased)).toHaveLength(slow.received.length)
  await deleteWebhook(rosa, stuck.id)
})

test('a receiver that never answers is failing, and is tried again', async () => {
  receiver.answer(() => ({ after: null }))
  await makeLead(rosa)
  await deliverDue(impatient)

  expect(await deliveries()).toMatchObject([{ status: 'pending', attempts: 1, leased: false }])
  expect((await findWebhook(rosa, webhook.id)).failingSince).not.toBe(null)
})

test('a process that is stopped lets go of what it has not finished', async () => {
  receiver.answer(() => ({ after: null }))
  await makeLead(rosa)
  start()
  await expect.poll(() => receiver.received.length).toBe(1)
  await running.pop()?.stop()

  expect(await deliveries()).toMatchObject([{ status: 'pending', attempts: 0, leased: false }])
  expect((await deliveries())[0]?.wait).toBeLessThanOrEqual(0)
})

test('what is due at this moment is delivered at this moment', async () => {
  await makeLead(rosa)
  await deliverDue()
  const [{ id }] = (await deliveries()) as [Row]
  for (let index = 0; index < 100; index += 1) {
    await replayDelivery(rosa, id)
    const due = await claimDue(system)
    expect(due.map((one) => one.id)).toEqual([id])
    await db.query(sql`UPDATE webhook_deliveries SET lease = NULL WHERE id = ${id}`)
  }
})

test('what was given up, or delivered, can be sent again, under the same id and in order', async () => {
  const lead = await makeLead(rosa, { firstName: 'One' })
  await updateLead(rosa, lead.id, { firstName: 'Two' })
  await deliverDue()
  await db.query(
    sql`UPDATE webhook_deliveries SET status = 'failed', attempts = 10 WHERE subscription_id = ${webhook.id}`,
  )

  expect(await replayFailed(rosa, webhook.id, new Date(Date.now() + 1_000))).toBe(0)
  expect(await replayFailed(rosa, webhook.id, null)).toBe(2)
  await deliverDue()
  await replayDelivery(rosa, (await deliveries())[0]!.id)
  await deliverDue()

  expect(names(receiver.received)).toEqual(['One', 'Two', 'One', 'Two', 'One'])
  const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
  expect([ids[2], ids[3], ids[4]]).toEqual([ids[0], ids[1], ids[0]])
})

test('a paused one is sent nothing and notes nothing; what waited goes out when it is resumed', async () => {
  await makeLead(rosa, { firstName: 'Before' })
  await pauseWebhook(rosa, webhook.id)
  await makeLead(rosa, { firstName: 'Meanwhile' })
  await deliverDue()
  expect(receiver.received).toEqual([])

  await resumeWebhook(rosa, webhook.id)
  await makeLead(rosa, { firstName: 'After' })
  await deliverDue()

  expect(names(receiver.received)).toEqual(['Before', 'After'])
})

test('an answer that is cut off, endless or no text is a good one all the same, and little of it is kept', async () => {
  receiver.answer(() => ({ status: 200, body: `\0${'ä'.repeat(1_000_000)}` }))
  await makeLead(rosa)
  await deliverDue()

  const { log } = await findDelivery(rosa, (await deliveries())[0]!.id)
  expect(log).toMatchObject([{ statusCode: 200, problem: null, answer: 'ä'.repeat(1_000) }])
})
