import { beforeAll, describe, expect, test } from 'vitest'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { browse, formFields } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeCommunication, makeContact, makeDeal, makeProject, makeQuote } from '../support/records.ts'

interface Page {
  data: { id: number }[]
}

let rosa: Account
let api: Program
let clientId: number
let contactId: number

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa', timeZone: 'Europe/Berlin' })
  api = await program(rosa)
  clientId = (await makeClient(as(rosa))).id
  contactId = (await makeContact(as(rosa), clientId)).id
})

const log = (body: object) => api.send('post', '/communications', { contactId, type: 'call', ...body })
const errorsIn = ({ status, body }: { status: number; body: unknown }) => [
  status,
  Object.keys((body as { errors?: object }).errors ?? {}),
]

describe('when it was', () => {
  test.each([
    ['2026-01-31T14:30:00+01:00', '2026-01-31T13:30:00.000Z'],
    ['2026-01-31T13:30:00Z', '2026-01-31T13:30:00.000Z'],
    ['2026-01-31T08:30-05:00', '2026-01-31T13:30:00.000Z'],
    ['2026-01-31T13:30:00.123456Z', '2026-01-31T13:30:00.123Z'],
    // In Berlin the clocks show 02:30 twice that night, and never on the other.
    ['2026-10-25T02:30:00+02:00', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T02:30:00+01:00', '2026-10-25T01:30:00.000Z'],
    ['2026-03-29T02:30:00+00:00', '2026-03-29T02:30:00.000Z'],
    ['1900-01-01T00:00:00Z', '1900-01-01T00:00:00.000Z'],
  ])('%s is %s, wherever whoever says so lives', async (said, meant) => {
    const tokyo = await program(await makeUser({ timeZone: 'Asia/Tokyo' }))
    const body = { contactId, type: 'note', communicationDate: said }
    for (const each of [api, tokyo])
      expect((await each.send('post', '/communications', body)).body).toMatchObject({ communicationDate: meant })
  })

  test.each([
    '2026-01-31T14:30',
    '2026-01-31T14:30:00',
    '2026-01-31',
    '2026-02-30T10:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T10:00:00+99:00',
    '2026-01-31 10:00:00Z',
    '1899-12-31T10:00:00Z',
    '+12026-01-31T10:00:00Z',
    'yesterday',
    1_770_000_000,
    null,
  ])('%s could be anything, and is refused', async (communicationDate) => {
    expect(errorsIn(await log({ communicationDate }))).toEqual([422, ['communicationDate']])
  })

  test('is now unless it is said', async () => {
    const before = Date.now()
    const { communicationDate } = (await log({})).body as { communicationDate: string }
    expect(Date.parse(communicationDate)).toBeGreaterThanOrEqual(before)
    expect(Date.parse(communicationDate)).toBeLessThanOrEqual(Date.now())
  })

  test('is shown on the clock of whoever looks', async () => {
    const { id } = (await log({ communicationDate: '2026-07-01T14:30:00+02:00' })).body as { id: number }
    const visitor = await browse(rosa)
    const page = await visitor.get(`/communications/${id}/edit`)
    expect(formFields(page, `/communications/${id}/edit`)).toMatchObject({ communicationDate: '2026-07-01T14:30' })
  })

  test('is changed to the second, and not by the same instant said otherwise', async () => {
    const { id } = (await log({ communicationDate: '2026-01-31T13:30:00Z' })).body as { id: number }
    const change = async (communicationDate: string) =>
      (await api.send('patch', `/communications/${id}`, { communicationDate })).body as unknown

    expect(await change('2026-01-31T14:30:00+01:00')).toMatchObject({ version: 1 })
    expect(await change('2026-01-31T14:30:07+01:00')).toMatchObject({
      communicationDate: '2026-01-31T13:30:07.000Z',
      version: 2,
    })
  })
})

describe('the follow-up', () => {
  test('is open until it is completed, once, and can be opened again', async () => {
    const { id } = (await log({ followUpDate: '2026-02-07' })).body as { id: number }
    const verb = (name: string) => api.send('post', `/communications/${id}/${name}`)

    expect((await verb('reopen')).status).toBe(409)
    expect((await verb('complete')).body).toMatchObject({ followUpCompletedAt: expect.stringMatching(/Z$/) as string })
    expect((await verb('complete')).status).toBe(409)
    expect((await verb('reopen')).body).toMatchObject({ followUpDate: '2026-02-07', followUpCompletedAt: null })
  })

  test('of which eight programs say at once that it is done, is done once', async () => {
    const { id } = (await log({ followUpDate: '2026-02-07' })).body as { id: number }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.send('post', `/communications/${id}/complete`)),
    )

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(409)])
  })

  test('on another day is another one, and open; null takes it away', async () => {
    const { id } = (await log({ followUpDate: '2026-02-07' })).body as { id: number }
    await api.send('post', `/communications/${id}/complete`)
    const change = async (followUpDate: string | null) =>
      (await api.send('patch', `/communications/${id}`, { followUpDate })).body as unknown

    expect(await change('2026-02-14')).toMatchObject({ followUpDate: '2026-02-14', followUpCompletedAt: null })
    expect(await change(null)).toMatchObject({ followUpDate: null, followUpCompletedAt: null })
    expect((await api.send('post', `/communications/${id}/complete`)).status).toBe(409)
  })

  test('is put off to a day, which must be named', async () => {
    const { id } = (await log({ followUpDate: '2026-02-07' })).body as { id: number }
    const snooze = (body: object) => api.send('post', `/communications/${id}/snooze`, body)

    expect((await snooze({ followUpDate: '2031-03-01' })).body).toMatchObject({ followUpDate: '2031-03-01' })
    expect(errorsIn(await snooze({ followUpDate: '2026-01-01' }))).toEqual([422, ['followUpDate']])
    expect(errorsIn(await snooze({}))).toEqual([422, ['followUpDate']])
    expect(errorsIn(await snooze({ until: 'never' }))).toEqual([422, ['until']])
  })

  test('is what the list is asked for', async () => {
    const { id: client } = await makeClient(as(rosa))
    const { id: contact } = await makeContact(as(rosa), client)
    const [open = 0, done = 0, none = 0] = await Promise.all(
      ['2026-01-01', '2026-01-02', null].map(
        async (followUpDate) => (await makeCommunication(as(rosa), contact, { followUpDate })).id,
      ),
    )
    await api.send('post', `/communications/${done}/complete`)
    const idsIn = async (query: string) =>
      ((await api.get(`/communications?client=${client}${query}`)).body as Page).data.map(({ id }) => id).sort()

    expect(await idsIn('')).toEqual([open, done, none].sort())
    expect(await idsIn('&followUp=open')).toEqual([open])
    expect(await idsIn('&followUp=overdue')).toEqual([open])
    expect(await idsIn('&followUp=none')).toEqual([none])
    expect(await idsIn(`&contact=${contactId}`)).toEqual([])
    expect(((await api.get(`/communications?contact=${contact}&sort=followUp`)).body as Page).data[0]).toEqual(
      (await api.get(`/communications/${open}`)).body,
    )
  })
})

describe('what it is about', () => {
  test('belongs to the client of the contact', async () => {
    const { id: other } = await makeClient(as(rosa))
    const [mine, theirs] = await Promise.all(
      [clientId, other].map(async (client) => ({
        relatedProjectId: (await makeProject(as(rosa), client)).id,
        relatedQuoteId: (await makeQuote(as(rosa), client)).id,
        relatedDealId: (await makeDeal(as(rosa), { clientId: client })).id,
      })),
    )

    expect((await log({ ...mine })).body).toMatchObject({ ...mine, clientId, contactId })
    for (const [field, id] of Object.entries(theirs ?? {}))
      expect(errorsIn(await log({ [field]: id }))).toEqual([422, [field]])
  })

  test('is said with a contact that is there, that is seen, and that is not archived', async () => {
    const emil = await program(await makeUser({ visibility: 'own' }))
    const { id: archived } = await makeContact(as(rosa), clientId)
    await archiveContact(as(rosa), archived)

    expect(errorsIn(await log({ contactId: 2_147_483_647 }))).toEqual([422, ['contactId']])
    expect(errorsIn(await emil.send('post', '/communications', { contactId, type: 'call' }))).toEqual([
      422,
      ['contactId'],
    ])
    expect(errorsIn(await log({ contactId: archived }))).toEqual([422, ['contactId']])
  })

  test('stays as it is while its contact is archived', async () => {
    const { id: other } = await makeContact(as(rosa), clientId)
    const { id } = (await log({ contactId: other, followUpDate: '2026-02-07' })).body as { id: number }
    await archiveContact(as(rosa), other)

    expect((await api.send('patch', `/communications/${id}`, { subject: 'Changed' })).status).toBe(409)
    expect((await api.send('post', `/communications/${id}/snooze`, { until: 'tomorrow' })).status).toBe(409)
  })
})

test('in a PATCH null empties, what is absent stays, and equal values change nothing', async () => {
  const { id } = (await log({ subject: 'May', content: 'Ten' })).body as { id: number }

  const emptied = await api.send('patch', `/communications/${id}`, { content: null, status: 'pending' })
  const again = await api.send('patch', `/communications/${id}`, { subject: 'May', status: 'pending' })

  expect(emptied.body).toMatchObject({ subject: 'May', content: null, status: 'pending', version: 2 })
  expect(again.body).toEqual(emptied.body)
})

test('is deleted for good, and only as it was read', async () => {
  const { id } = (await log({})).body as { id: number }
  await api.send('patch', `/communications/${id}`, { subject: 'Changed' })
  const remove = (etag: string) => api.send('delete', `/communications/${id}`, undefined, { 'If-Match': etag })

  expect((await remove('"1"')).status).toBe(412)
  expect((await api.get(`/communications/${id}`)).status).toBe(200)
  const removed = await remove('"2"')
  expect([removed.status, removed.body]).toEqual([200, { id }])
  expect((await api.get(`/communications/${id}`)).status).toBe(404)
  expect((await remove('"2"')).status).toBe(404)
})

test('many are logged once by their external ids, with their contacts', async () => {
  const { id: other } = await makeContact(as(rosa), clientId)
  const item = { externalId: 'call-1', contactId, type: 'call', communicationDate: '2026-01-31T14:30:00+01:00' }
  const store = async (items: unknown[]) =>
    (await api.send('post', '/communications/bulk', { items })).body as {
      created: number
      unchanged: number
      refused: number
    }

  expect(await store([item, { ...item, externalId: 'call-2', contactId: 2_147_483_647 }])).toMatchObject({
    created: 1,
    refused: 1,
  })
  expect(await store([{ ...item, communicationDate: '2026-01-31T13:30:00Z' }])).toMatchObject({ unchanged: 1 })
  expect(await store([{ ...item, contactId: other }])).toMatchObject({ refused: 1 })
})
