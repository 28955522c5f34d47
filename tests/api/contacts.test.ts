import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact } from '../support/records.ts'

interface Contact {
  id: number
  clientId: number
  lastName: string
  isPrimary: boolean
}
interface Page {
  data: Contact[]
}

let rosa: Account
let api: Program
let clientId: number

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  api = await program(rosa)
  clientId = (await makeClient(as(rosa))).id
})

const ada = { firstName: 'Ada', lastName: 'Berg' }
const errorsIn = ({ status, body }: { status: number; body: unknown }) => [
  status,
  Object.keys((body as { errors?: object }).errors ?? {}),
]

async function primariesOf(client: number): Promise<number[]> {
  const rows = await db.query<{ id: number }>(
    sql`SELECT id FROM contacts WHERE client_id = ${client} AND is_primary ORDER BY id`,
  )
  return rows.map(({ id }) => id)
}

async function clientWith(contacts: number): Promise<{ client: number; ids: number[] }> {
  const { id: client } = await makeClient(as(rosa))
  const ids: number[] = []
  for (let index = 0; index < contacts; index++) ids.push((await makeContact(as(rosa), client)).id)
  return { client, ids }
}

describe('the primary contact', () => {
  test('is the first one, until another is made as primary, in the role or by the flag', async () => {
    const { id: client } = await makeClient(as(rosa))
    const make = async (more: object) =>
      (await api.send('post', '/contacts', { ...ada, clientId: client, ...more })).body as Contact

    const first = await make({})
    const second = await make({ isPrimary: false })
    const third = await make({ isPrimary: true })

    expect([first.isPrimary, second.isPrimary, third.isPrimary]).toEqual([true, false, true])
    expect(await primariesOf(client)).toEqual([third.id])
    expect((await api.send('patch', `/contacts/${second.id}`, { role: 'primary' })).body).toMatchObject({
      isPrimary: true,
    })
    expect((await api.get(`/contacts/${third.id}`)).body).toMatchObject({ isPrimary: false, version: 2 })
    expect((await api.send('patch', `/contacts/${second.id}`, { isPrimary: false })).body).toMatchObject({
      isPrimary: true,
    })
    expect(await primariesOf(client)).toEqual([second.id])
  })

  test.each([
    ['nothing', {}],
    ['If-Match', { 'If-Match': '*' }],
  ])('is exactly one after eight programs named one each at once, with %s in their headers', async (_, headers) => {
    const { client, ids } = await clientWith(8)
    const answers = await Promise.all(ids.map((id) => api.send('post', `/contacts/${id}/set-primary`, {}, headers)))

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect(await primariesOf(client)).toHaveLength(1)
  })

  test('named by its ETag by eight programs at once, is named once: the version is another then', async () => {
    const { ids } = await clientWith(2)
    const [, second = 0] = ids
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.send('post', `/contacts/${second}/set-primary`, {}, { 'If-Match': '"1"' })),
    )

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)])
  })

  test('ends with the archive, and is not to be had there', async () => {
    const { client, ids } = await clientWith(2)
    const [first = 0, second = 0] = ids
    const archived = await api.send('post', `/contacts/${first}/archive`)

    expect(archived.body).toMatchObject({ isActive: false, isPrimary: false })
    expect(await primariesOf(client)).toEqual([])
    expect((await api.send('post', `/contacts/${first}/set-primary`)).status).toBe(409)
    expect((await api.send('patch', `/contacts/${first}`, { isPrimary: true })).status).toBe(409)
    expect((await api.send('post', `/contacts/${first}/restore`)).body).toMatchObject({
      isActive: true,
      isPrimary: false,
    })
    expect((await api.send('post', `/contacts/${second}/set-primary`)).body).toMatchObject({ isPrimary: true })
  })
})

describe('one contact', () => {
  test('belongs to a client that is there, that is seen, and that is not archived', async () => {
    const emil = await program(await makeUser({ visibility: 'own' }))
    const { id: archived } = await makeClient(as(rosa))
    await archiveClient(as(rosa), archived)
    const make = (from: Program, client: unknown) => from.send('post', '/contacts', { ...ada, clientId: client })

    expect(errorsIn(await make(api, 2_147_483_647))).toEqual([422, ['clientId']])
    expect(errorsIn(await make(emil, clientId))).toEqual([422, ['clientId']])
    expect(errorsIn(await make(api, undefined))).toEqual([422, ['clientId']])
    expect(errorsIn(await make(api, archived))).toEqual([422, ['clientId']])
  })

  test('stays with its client', async () => {
    const { id } = await makeContact(as(rosa), clientId)
    const { id: other } = await makeClient(as(rosa))

    expect(errorsIn(await api.send('patch', `/contacts/${id}`, { clientId: other }))).toEqual([422, ['clientId']])
    expect((await api.get(`/contacts/${id}`)).body).toMatchObject({ clientId, version: 1 })
  })

  test('in a PATCH null empties, what is absent stays, and equal values change nothing', async () => {
    const { id } = await makeContact(as(rosa), clientId, { email: 'a@example.com', title: 'Buyer', tags: ['x'] })

    const emptied = await api.send('patch', `/contacts/${id}`, { email: null, tags: [] })
    const again = await api.send('patch', `/contacts/${id}`, { title: 'Buyer', email: null, tags: [] })

    expect(emptied.body).toMatchObject({ email: null, title: 'Buyer', tags: [], version: 2 })
    expect(again.body).toEqual(emptied.body)
    expect(errorsIn(await api.send('patch', `/contacts/${id}`, { firstName: null, role: 'boss' }))).toEqual([
      422,
      ['firstName', 'role'],
    ])
  })
})

test('the list is of all clients, of one, of their primary contacts, each row as it is read', async () => {
  const { client, ids } = await clientWith(3)
  const billing = await makeContact(as(rosa), client, { lastName: 'Rechnung', role: 'billing' })
  const idsIn = async (query: string) =>
    ((await api.get(`/contacts?limit=200${query}`)).body as Page).data.map(({ id }) => id)

  expect((await idsIn(`&client=${client}`)).sort()).toEqual([...ids, billing.id].sort())
  expect(await idsIn(`&client=${client}&primary=yes`)).toEqual([ids[0]])
  expect(await idsIn(`&client=${client}&role=billing`)).toEqual([billing.id])
  expect(await idsIn('&q=rechnung')).toEqual([billing.id])
  expect(await idsIn('&client=2147483647')).toEqual([])
  const [row] = ((await api.get('/contacts?q=rechnung')).body as Page).data
  expect(row).toEqual((await api.get(`/contacts/${billing.id}`)).body)
})

describe('many contacts', () => {
  interface Bulk {
    created: number
    unchanged: number
    items: { verdict: string; id: number; errors?: Record<string, string[]> }[]
  }
  const store = async (items: unknown[]) => (await api.send('post', '/contacts/bulk', { items })).body as Bulk

  test('sent again as they are, change nothing; sent with another client, are refused', async () => {
    const { id: client } = await makeClient(as(rosa))
    const items = ['a', 'b'].map((name) => ({ ...ada, externalId: name, clientId: client }))
    const first = await store(items)
    const again = await store(items)
    const moved = await store([{ externalId: 'a', clientId }])

    expect([first.created, again.unchanged]).toEqual([2, 2])
    expect(moved.items[0]).toMatchObject({ verdict: 'refused', errors: { clientId: [expect.any(String)] } })
    expect(await primariesOf(client)).toEqual([first.items[0]?.id])
  })

  test('of eight programs at once, leave their client with one primary contact', async () => {
    const { id: client } = await makeClient(as(rosa))
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => store([1, 2, 3].map(() => ({ ...ada, clientId: client, isPrimary: true })))),
    )

    expect(answers.map(({ created }) => created)).toEqual(Array(8).fill(3))
    expect(await primariesOf(client)).toHaveLength(1)
  })
})
