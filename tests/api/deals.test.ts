import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'

let rosa: Account
let api: Program

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  api = await program(rosa)
})

type Body = Record<string, unknown>
const post = (path: string, body?: object, headers?: Record<string, string>) => api.send('post', path, body, headers)

/** How often each status was answered, to eight at once. */
async function eight(send: (turn: number) => Promise<{ status: number }>): Promise<Record<number, number>> {
  const answers = await Promise.all(Array.from({ length: 8 }, (_, turn) => send(turn)))
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

describe('one deal', () => {
  test('is created in a stage, with what that brings, and the value that its chances leave', async () => {
    const made = await post('/deals', { name: 'Forklifts', value: '1000.01', stage: 'proposal' })
    const body = made.body as Body

    expect(made.status).toBe(201)
    expect(body).toMatchObject({
      stage: 'proposal',
      status: 'open',
      probability: 50,
      value: '1000.01',
      weightedValue: '500.01',
      currencyCode: 'EUR',
      ownerId: rosa.id,
      version: 1,
    })
    expect(Object.keys(body)).not.toContain('boardPosition')
  })

  test('in a PATCH null empties, what is absent stays, and equal values change nothing', async () => {
    const { id } = await makeDeal(as(rosa), { expectedCloseDate: '2026-03-31', notes: 'In spring' })

    const emptied = await api.send('patch', `/deals/${id}`, { expectedCloseDate: null, value: null })
    const again = await api.send('patch', `/deals/${id}`, { expectedCloseDate: null, notes: 'In spring' })

    expect(emptied.body).toMatchObject({
      expectedCloseDate: null,
      value: null,
      weightedValue: null,
      notes: 'In spring',
    })
    expect((emptied.body as Body).version).toBe(2)
    expect(again.body).toEqual(emptied.body)
  })

  test('that was changed in between is told: 412 by If-Match, 409 by version', async () => {
    const { id } = await makeDeal(as(rosa))
    await api.send('patch', `/deals/${id}`, { name: 'Newer' })

    const byTag = await api.send('patch', `/deals/${id}`, { name: 'Mine' }, { 'If-Match': '"1"' })
    const byVersion = await api.send('patch', `/deals/${id}`, { name: 'Mine', version: 1 })
    const moved = await post(`/deals/${id}/move`, { stage: 'proposal' }, { 'If-Match': '"1"' })
    const fresh = await post(`/deals/${id}/move`, { stage: 'proposal' }, { 'If-Match': '"2"' })

    expect([byTag, byVersion, moved, fresh].map(({ status }) => status)).toEqual([412, 409, 412, 200])
  })

  test('that is given away is answered as it is, and then out of sight', async () => {
    const own = await makeUser({ visibility: 'own' })
    const theirs = await program(own)
    const { id } = await makeDeal(as(own), { ownerId: own.id })

    const given = await theirs.send('patch', `/deals/${id}`, { ownerId: rosa.id })

    expect([given.status, given.body]).toEqual([
      200,
      expect.objectContaining({ ownerId: rosa.id, version: 2 }) as object,
    ])
    expect((await theirs.get(`/deals/${id}`)).status).toBe(404)
    expect((await theirs.get('/deals')).body).toMatchObject({ data: [] })
  })

  test('a contact of another client is refused at its field', async () => {
    const [client, other] = [await makeClient(as(rosa)), await makeClient(as(rosa))]
    const contact = await makeContact(as(rosa), other.id)

    const answer = await post('/deals', { name: 'Forklifts', clientId: client.id, contactId: contact.id })

    expect(answer.status).toBe(422)
    expect(Object.keys((answer.body as { errors: object }).errors)).toEqual(['contactId'])
  })

  test('the contacts at its client are a token’s for contacts to read', async () => {
    const client = await makeClient(as(rosa))
    const contact = await makeContact(as(rosa), client.id)
    const { id } = await makeDeal(as(rosa), { clientId: client.id })
    const forDeals = await program(rosa, ['deals:write'])

    expect((await api.get(`/deals/${id}/contacts`)).body).toMatchObject({ data: [{ id: contact.id, isPrimary: true }] })
    expect((await forDeals.get(`/deals/${id}/contacts`)).status).toBe(403)
  })
})

describe('closing', () => {
  test('is done once: the second is told, and reopening brings the stage back', async () => {
    const { id } = await makeDeal(as(rosa), { stage: 'negotiation' })

    const won = await post(`/deals/${id}/close-won`, { actualCloseDate: '2026-01-31' })
    const again = await post(`/deals/${id}/close-won`)
    const lost = await post(`/deals/${id}/close-lost`, { lossReason: 'Too dear' })
    const reopened = await post(`/deals/${id}/reopen`)
    const twice = await post(`/deals/${id}/reopen`)

    expect(won.body).toMatchObject({ status: 'won', probability: 100, actualCloseDate: '2026-01-31' })
    expect([again.status, lost.status]).toEqual([409, 409])
    expect(reopened.body).toMatchObject({ status: 'open', stage: 'negotiation', probability: 75, closedAt: null })
    expect(twice.status).toBe(409)
  })

  test('as lost needs a reason', async () => {
    const { id } = await makeDeal(as(rosa))

    const bare = await post(`/deals/${id}/close-lost`)

    expect([bare.status, Object.keys((bare.body as { errors: object }).errors)]).toEqual([422, ['lossReason']])
  })
})

describe('eight at once', () => {
  test('close a deal: one does', async () => {
    const { id } = await makeDeal(as(rosa))
    const counts = await eight((turn) =>
      turn % 2 ? post(`/deals/${id}/close-won`) : post(`/deals/${id}/close-lost`, { lossReason: 'Too dear' }),
    )

    expect(counts).toEqual({ 200: 1, 409: 7 })
  })

  test('move a deal that they read as it was: one does', async () => {
    const { id } = await makeDeal(as(rosa))
    const counts = await eight(() => post(`/deals/${id}/move`, { stage: 'proposal' }, { 'If-Match': '"1"' }))

    expect(counts).toEqual({ 200: 1, 412: 7 })
  })

  test('convert a lead to a deal: one does', async () => {
    const { id } = await makeLead(as(rosa))
    const counts = await eight(() => post(`/leads/${id}/convert-to-deal`, { client: 'new', contact: 'new' }))

    expect(counts).toEqual({ 200: 1, 409: 7 })
  })

  test('send one new deal under one key: it is made once', async () => {
    const key = { 'Idempotency-Key': 'forklifts-1' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('/deals', { name: 'Made once' }, key)))

    expect(new Set(answers.map(({ body }) => (body as { id: number }).id)).size).toBe(1)
  })
})

test('a deal is moved before another one, and to another pipeline only by being moved', async () => {
  const [first, second] = [await makeDeal(as(rosa)), await makeDeal(as(rosa))]
  const admin = await program(await makeUser({ role: 'admin' }))
  const pipeline = await admin.send('post', '/pipelines', { name: 'Service contracts' })
  const pipelineId = (pipeline.body as { id: number }).id

  const before = await post(`/deals/${first.id}/move`, { stage: 'prospecting', beforeId: second.id })
  const gone = await post(`/deals/${first.id}/move`, { stage: 'proposal', afterId: second.id })
  const items = [{ externalId: 'P-1', name: 'Elsewhere', pipelineId }]
  const made = await post('/deals/bulk', { items })
  const named = await post('/deals/bulk', { items: [{ ...items[0], name: 'Renamed' }] })
  const other = await post('/deals/bulk', { items: [{ externalId: 'P-1', pipelineId: 1 }] })
  const moved = await post(`/deals/${first.id}/move`, { stage: 'proposal', pipelineId })

  expect([before.status, gone.status]).toEqual([200, 409])
  expect([made.body, named.body]).toMatchObject([{ created: 1 }, { updated: 1 }])
  expect(other.body).toMatchObject({ refused: 1, items: [{ errors: { pipelineId: [expect.any(String)] } }] })
  expect(moved.body).toMatchObject({ pipelineId, stage: 'proposal' })
})

test('many are stored with a verdict each, and by their external ids only once', async () => {
  const items = [
    { externalId: 'D-1', name: 'First' },
    { externalId: 'D-2', name: '' },
    { name: 'Third', stage: 'nowhere' },
  ]

  const first = await post('/deals/bulk', { items })
  const second = await post('/deals/bulk', { items: [{ externalId: 'D-1', name: 'First', value: '5' }] })
  const third = await post('/deals/bulk', { items: [{ externalId: 'D-1', name: 'First', value: '5' }] })

  expect(first.body).toMatchObject({ created: 1, refused: 2 })
  expect(second.body).toMatchObject({ updated: 1, items: [{ id: (first.body as { items: Body[] }).items[0]?.id }] })
  expect(third.body).toMatchObject({ unchanged: 1 })
})

test('a viewer reads and writes nothing; what is not to be seen is not there', async () => {
  const viewer = await program(await makeUser({ role: 'viewer' }))
  const own = await program(await makeUser({ visibility: 'own' }))
  const { id } = await makeDeal(as(rosa), { ownerId: rosa.id })

  expect((await viewer.get(`/deals/${id}`)).status).toBe(200)
  expect((await viewer.send('post', `/deals/${id}/close-won`)).status).toBe(403)
  expect((await own.get(`/deals/${id}`)).status).toBe(404)
  expect((await own.send('post', `/deals/${id}/move`, { stage: 'proposal' })).status).toBe(404)
})
