import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal } from '../support/records.ts'

interface Client {
  id: number
  name: string
  isActive: boolean
  version: number
}
interface Page {
  data: Client[]
}

let rosa: Account
let api: Program

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  api = await program(rosa)
})

const namesIn = ({ body }: { body: unknown }) => (body as Page).data.map(({ name }) => name)
const errorsIn = ({ status, body }: { status: number; body: unknown }) => [
  status,
  Object.keys((body as { errors?: object }).errors ?? {}),
]

describe('one client', () => {
  test('is created with what was said, and with what holds unless said otherwise', async () => {
    const made = await api.send('post', '/clients', { name: ' Acme ', tags: ['key', 'key'] })

    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.any(Number) as number,
        name: 'Acme',
        description: null,
        website: null,
        email: null,
        phone: null,
        address: null,
        contactPerson: null,
        status: 'active',
        currencyCode: 'EUR',
        ownerId: rosa.id,
        tags: ['key'],
        isActive: true,
        createdBy: rosa.id,
        version: 1,
        createdAt: expect.any(String) as string,
        updatedAt: expect.any(String) as string,
      },
    ])
  })

  test('in a PATCH null empties, what is absent stays, and equal values change nothing', async () => {
    const { id } = await makeClient(as(rosa), { email: 'info@acme.example.com', website: 'acme.example.com' })

    const emptied = await api.send('patch', `/clients/${id}`, { email: null, ownerId: null })
    const again = await api.send('patch', `/clients/${id}`, { email: null, website: 'acme.example.com' })

    expect(emptied.body).toMatchObject({ email: null, ownerId: null, website: 'acme.example.com', version: 2 })
    expect(again.body).toEqual(emptied.body)
  })

  test('what is wrong is told by field, and stores nothing', async () => {
    const { id } = await makeClient(as(rosa))
    const sent = { name: '', website: 'javascript:alert(1)', currencyCode: 'XXX', ownerId: 2_147_483_647 }

    expect(errorsIn(await api.send('patch', `/clients/${id}`, sent))).toEqual([
      422,
      ['name', 'website', 'currencyCode'],
    ])
    expect(errorsIn(await api.send('patch', `/clients/${id}`, { ownerId: 2_147_483_647 }))).toEqual([422, ['ownerId']])
    expect((await api.get(`/clients/${id}`)).body).toMatchObject({ version: 1 })
  })

  test('is changed only as it was read: by If-Match or by its version', async () => {
    const { id } = await makeClient(as(rosa))
    const change = (notes: string, headers = {}, body = {}) =>
      api.send('patch', `/clients/${id}`, { description: notes, ...body }, headers)

    expect((await change('first', { 'If-Match': '"1"' })).status).toBe(200)
    expect((await change('second', { 'If-Match': '"1"' })).status).toBe(412)
    expect((await change('second', {}, { version: 1 })).status).toBe(409)
    expect((await api.get(`/clients/${id}`)).body).toMatchObject({ description: 'first', version: 2 })
  })

  test('can be given away by whoever does not see it then', async () => {
    const emil = await makeUser({ visibility: 'own' })
    const his = await program(emil)
    const { id } = await makeClient(as(emil))

    const given = await his.send('patch', `/clients/${id}`, { ownerId: rosa.id })
    const made = await his.send('post', '/clients', { name: 'For Rosa', ownerId: rosa.id })

    expect([given.status, given.body]).toEqual([200, expect.objectContaining({ ownerId: rosa.id, version: 2 })])
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ ownerId: rosa.id })])
    expect((await his.get(`/clients/${id}`)).status).toBe(404)
    expect((await his.send('patch', `/clients/${id}`, { ownerId: emil.id })).status).toBe(404)
  })

  test('costs a read two statements, and a save no more than its page', async () => {
    const { id } = await makeClient(as(rosa))
    await api.get(`/clients/${id}`)
    const reading = await queriesOf(() => api.get(`/clients/${id}`))
    const listing = await queriesOf(() => api.get('/clients'))
    const saving = await queriesOf(() => api.send('patch', `/clients/${id}`, { phone: '+49 30 1' }))

    expect([reading.length, listing.length]).toEqual([2, 2])
    const beside = /^\s*(BEGIN|COMMIT)|set_config|api_tokens/
    expect(saving.filter((statement) => !beside.test(statement)).length, saving.join('\n')).toBeLessThanOrEqual(5)
  })
})

describe('the archive', () => {
  test('asks first where there are open deals', async () => {
    const { id } = await makeClient(as(rosa), { name: 'With deals' })
    await makeDeal(as(rosa), { clientId: id })

    expect(errorsIn(await api.send('post', `/clients/${id}/archive`))).toEqual([422, ['confirmed']])
    expect(errorsIn(await api.send('post', `/clients/${id}/archive`, { confirmed: false }))).toEqual([
      422,
      ['confirmed'],
    ])
    expect((await api.get(`/clients/${id}`)).body).toMatchObject({ isActive: true, version: 1 })
    expect((await api.send('post', `/clients/${id}/archive`, { confirmed: true })).body).toMatchObject({
      isActive: false,
    })
  })

  test('keeps a client out of the list and unchanged, until it is restored', async () => {
    const { id } = await makeClient(as(rosa), { name: 'Put away' })
    await api.send('post', `/clients/${id}/archive`)

    expect(namesIn(await api.get('/clients?q=put+away'))).toEqual([])
    expect((await api.get(`/clients/${id}`)).body).toMatchObject({ isActive: false })
    expect((await api.send('patch', `/clients/${id}`, { name: 'Other' })).status).toBe(409)
    expect((await api.send('post', `/clients/${id}/restore`)).body).toMatchObject({ name: 'Put away', isActive: true })
    expect(namesIn(await api.get('/clients?q=put+away'))).toEqual(['Put away'])
  })
})

describe('the list', () => {
  test('finds and filters as the page does, each row as it is read', async () => {
    const emil = await makeUser({ name: 'Emil', visibility: 'own' })
    const his = await program(emil)
    const { id } = await makeClient(as(emil), {
      name: 'Ölwerk',
      phone: '+49 30 987654',
      status: 'inactive',
      ownerId: emil.id,
    })
    await makeClient(as(emil), { name: 'Nobody’s', ownerId: null })
    await makeClient(as(rosa), { name: 'Not his', ownerId: rosa.id })

    expect(namesIn(await his.get('/clients?q=olwerk'))).toEqual(['Ölwerk'])
    expect(namesIn(await his.get('/clients?q=030+987'))).toEqual(['Ölwerk'])
    expect(namesIn(await his.get('/clients?q=31+987'))).toEqual([])
    expect(namesIn(await his.get('/clients?owner=me&status=inactive'))).toEqual(['Ölwerk'])
    expect(namesIn(await his.get('/clients?owner=me&status=active'))).toEqual([])
    expect(namesIn(await his.get('/clients?limit=200'))).not.toContain('Not his')
    const [row] = ((await his.get('/clients?q=olwerk')).body as Page).data
    expect(row).toEqual((await his.get(`/clients/${id}`)).body)
  })
})

test('who sees a client through a deal reads it, and changes nothing there', async () => {
  const emil = await makeUser({ visibility: 'own' })
  const his = await program(emil)
  const { id } = await makeClient(as(rosa))
  const contact = await makeContact(as(rosa), id)
  await makeDeal(as(rosa), { clientId: id, ownerId: emil.id })

  expect((await his.get(`/clients/${id}`)).status).toBe(200)
  expect((await his.get(`/contacts/${contact.id}`)).status).toBe(200)
  expect((await his.send('patch', `/clients/${id}`, { name: 'Mine' })).status).toBe(403)
  expect((await his.send('post', `/clients/${id}/archive`)).status).toBe(403)
  expect((await his.send('patch', `/contacts/${contact.id}`, { lastName: 'Mine' })).status).toBe(403)
  expect((await his.send('post', '/contacts', { clientId: id, firstName: 'A', lastName: 'B' })).status).toBe(403)
})

describe('many clients', () => {
  interface Bulk {
    created: number
    updated: number
    unchanged: number
    refused: number
    items: { verdict: string; id: number | null; errors?: object }[]
  }
  const store = async (items: unknown[]) => (await api.send('post', '/clients/bulk', { items })).body as Bulk

  test('are made once by their external ids, and then changed', async () => {
    const items = Array.from({ length: 250 }, (_, index) => ({ externalId: `c-${index}`, name: `Client ${index}` }))
    const first = await store(items)
    const second = await store(items.map((item, index) => ({ ...item, status: index < 10 ? 'inactive' : 'active' })))

    expect([first.created, second.updated, second.unchanged, second.refused]).toEqual([250, 10, 240, 0])
    const [row] = await db.query<{ owners: number }>(sql`
      SELECT count(*)::int AS owners FROM clients WHERE id = ANY (${first.items.map(({ id }) => id)}) AND owner_id = ${rosa.id} AND currency_code = 'EUR'`)
    expect(row?.owners).toBe(250)
  })

  test('of which one is refused, keep the others', async () => {
    const { items, created } = await store([
      { name: 'A' },
      { name: 'B', ownerId: 2_147_483_647 },
      { name: '' },
      { name: 'C' },
    ])

    expect(created).toBe(2)
    expect(items.map(({ verdict, errors }) => [verdict, ...Object.keys(errors ?? {})])).toEqual([
      ['created'],
      ['refused', 'ownerId'],
      ['refused', 'name'],
      ['created'],
    ])
  })
})
