import { beforeAll, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeCommunication, makeContact, makeQuote } from '../support/records.ts'

interface Page {
  data: { id: number; title: string }[]
}

let rosa: Account
let api: Program
let clientId: number
let numbers = 0

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  api = await program(rosa)
  clientId = (await makeClient(as(rosa), { currencyCode: 'JPY' })).id
})

const make = (body: object = {}, from = api) =>
  from.send('post', '/quotes', { clientId, number: `A-${(numbers += 1)}`, title: 'Ten forklifts', ...body })
const errorsIn = ({ status, body }: { status: number; body: unknown }) => [
  status,
  Object.keys((body as { errors?: object }).errors ?? {}),
]

test('a quote is a draft in the currency of the client, unless said otherwise', async () => {
  expect((await make({ total: '9000' })).body).toMatchObject({ status: 'draft', currencyCode: 'JPY', total: '9000' })
  expect((await make({ total: '9000', currencyCode: 'EUR' })).body).toMatchObject({ total: '9000.00' })
  expect((await make()).body).toMatchObject({ total: null, validUntil: null, notes: null, createdBy: rosa.id })
})

test.each([
  [{ total: '0.5' }, 'total'],
  [{ total: '1e3' }, 'total'],
  [{ total: 9000 }, 'total'],
  [{ total: '-1' }, 'total'],
  [{ total: '100000000000000' }, 'total'],
  [{ currencyCode: 'EURO' }, 'currencyCode'],
  [{ validUntil: '2026-02-30' }, 'validUntil'],
])('%j is refused at %s', async (body, field) => {
  expect(errorsIn(await make(body))).toEqual([422, [field]])
})

test('the largest amount there is is read as it was written', async () => {
  const total = '99999999999999.99'
  const { id } = (await make({ total, currencyCode: 'EUR' })).body as { id: number }
  expect((await api.get(`/quotes/${id}`)).body).toMatchObject({ total })
})

test('a currency with fewer decimals is refused where the total has more', async () => {
  const { id } = (await make({ total: '10.50', currencyCode: 'EUR' })).body as { id: number }

  expect(errorsIn(await api.send('patch', `/quotes/${id}`, { currencyCode: 'JPY' }))).toEqual([422, ['total']])
  expect((await api.send('patch', `/quotes/${id}`, { currencyCode: 'JPY', total: '10' })).body).toMatchObject({
    total: '10',
  })
})

test('its number is its own, in capitals or not', async () => {
  const first = (await make({ number: 'Same-1' })).body as { id: number }
  const second = (await make()).body as { id: number }

  expect(errorsIn(await make({ number: 'sAME-1' }))).toEqual([422, ['number']])
  expect(errorsIn(await api.send('patch', `/quotes/${second.id}`, { number: 'SAME-1' }))).toEqual([422, ['number']])
  expect((await api.send('patch', `/quotes/${first.id}`, { number: 'SAME-1' })).body).toMatchObject({
    number: 'SAME-1',
  })
})

test('of eight programs that want one number at once, one has it', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => make({ number: 'Wanted' })))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(422)])
})

test('of many, those whose number is taken are refused, and no other', async () => {
  const items = ['Bulk-1', 'bulk-1', 'Bulk-2'].map((number) => ({ clientId, number, title: 'Ten forklifts' }))
  const answer = await api.send('post', '/quotes/bulk', { items })

  expect((answer.body as { items: { verdict: string; errors?: object }[] }).items).toMatchObject([
    { verdict: 'created' },
    { verdict: 'refused', errors: { number: [expect.any(String)] } },
    { verdict: 'created' },
  ])
})

test('it belongs to a client that is there, that is seen, that is not archived, and that stays the same', async () => {
  const emil = await program(await makeUser({ visibility: 'own' }))
  const { id: archived } = await makeClient(as(rosa))
  await archiveClient(as(rosa), archived)
  const item = { externalId: 'q-1', clientId, number: 'Kept', title: 'Kept' }
  const store = async (body: object) =>
    (await api.send('post', '/quotes/bulk', { items: [{ ...item, ...body }] })).body as unknown

  expect(errorsIn(await make({ clientId: 2_147_483_647 }))).toEqual([422, ['clientId']])
  expect(errorsIn(await make({}, emil))).toEqual([422, ['clientId']])
  expect(errorsIn(await make({ clientId: archived }))).toEqual([422, ['clientId']])
  expect(await store({})).toMatchObject({ created: 1 })
  expect(await store({})).toMatchObject({ unchanged: 1 })
  expect(await store({ clientId: (await makeClient(as(rosa))).id })).toMatchObject({ refused: 1 })
})

test('in a PATCH null empties, what is absent stays, and equal values change nothing', async () => {
  const { id } = await makeQuote(as(rosa), clientId, { total: '12.5', currencyCode: 'EUR', notes: 'By May' })

  const emptied = await api.send('patch', `/quotes/${id}`, { notes: null, total: '12.50' })
  const again = await api.send('patch', `/quotes/${id}`, { total: '12.5000', notes: null })

  expect(emptied.body).toMatchObject({ notes: null, total: '12.50', version: 2 })
  expect(again.body).toEqual(emptied.body)
})

test('deleted, it leaves what it was linked to without the link', async () => {
  const { id } = await makeQuote(as(rosa), clientId)
  const contact = await makeContact(as(rosa), clientId)
  const communication = await makeCommunication(as(rosa), contact.id, { relatedQuoteId: id })

  expect((await api.send('delete', `/quotes/${id}`)).body).toEqual({ id })
  expect((await api.get(`/quotes/${id}`)).status).toBe(404)
  expect((await api.get(`/communications/${communication.id}`)).body).toMatchObject({ relatedQuoteId: null })
})

test('the list is of all clients that one sees, or of one, by what quotes are sorted by, each row as it is read', async () => {
  const emil = await makeUser({ visibility: 'own' })
  const his = await program(emil)
  const { id: client } = await makeClient(as(emil))
  const given = [
    { number: 'E-2', title: 'Zwei', total: '5', validUntil: '2026-03-01' },
    { number: 'e-3', title: 'Drei', total: null, validUntil: null },
    { number: 'E-1', title: 'Über', total: '100', validUntil: '2026-01-01', status: 'sent' },
  ] as const
  const ids: number[] = []
  for (const quote of given) ids.push((await makeQuote(as(emil), client, quote)).id)
  const titlesIn = async (query: string) =>
    ((await his.get(`/quotes?${query}`)).body as Page).data.map(({ title }) => title)

  expect(await titlesIn('')).toEqual(['Über', 'Drei', 'Zwei'])
  expect(await titlesIn('sort=number')).toEqual(['Über', 'Zwei', 'Drei'])
  expect(await titlesIn('sort=-total')).toEqual(['Über', 'Zwei', 'Drei'])
  expect(await titlesIn('sort=validUntil')).toEqual(['Über', 'Zwei', 'Drei'])
  expect(await titlesIn('status=sent')).toEqual(['Über'])
  expect(await titlesIn('q=uber')).toEqual(['Über'])
  expect(await titlesIn('q=e-3')).toEqual(['Drei'])
  expect(await titlesIn(`client=${clientId}`)).toEqual([])
  expect(((await his.get('/quotes?q=uber')).body as Page).data[0]).toEqual((await his.get(`/quotes/${ids[2]}`)).body)
})
