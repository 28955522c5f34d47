import { beforeAll, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeCommunication, makeContact, makeDeal, makeProject } from '../support/records.ts'

interface Page {
  data: { id: number; name: string }[]
}

let rosa: Account
let api: Program
let clientId: number

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  api = await program(rosa)
  clientId = (await makeClient(as(rosa))).id
})

const errorsIn = ({ status, body }: { status: number; body: unknown }) => [
  status,
  Object.keys((body as { errors?: object }).errors ?? {}),
]

test('a project is planned unless said otherwise, and ends after it begins', async () => {
  const make = (body: object) => api.send('post', '/projects', { clientId, name: 'New hall', ...body })

  expect((await make({ startDate: '2026-02-01', endDate: '2026-02-01' })).body).toMatchObject({
    clientId,
    status: 'planned',
    startDate: '2026-02-01',
    endDate: '2026-02-01',
    createdBy: rosa.id,
  })
  expect(errorsIn(await make({ startDate: '2026-02-02', endDate: '2026-02-01' }))).toEqual([422, ['endDate']])
  expect(errorsIn(await make({ startDate: '2026-02-30' }))).toEqual([422, ['startDate']])
})

test('it belongs to a client that is there, that is seen, that is not archived, and that stays the same', async () => {
  const emil = await program(await makeUser({ visibility: 'own' }))
  const { id: archived } = await makeClient(as(rosa))
  await archiveClient(as(rosa), archived)
  const make = (from: Program, client: number) => from.send('post', '/projects', { clientId: client, name: 'New hall' })
  const store = async (client: number) =>
    (await api.send('post', '/projects/bulk', { items: [{ externalId: 'p-1', clientId: client, name: 'Moved' }] }))
      .body as unknown

  expect(errorsIn(await make(api, 2_147_483_647))).toEqual([422, ['clientId']])
  expect(errorsIn(await make(emil, clientId))).toEqual([422, ['clientId']])
  expect(errorsIn(await make(api, archived))).toEqual([422, ['clientId']])
  expect(await store(clientId)).toMatchObject({ created: 1 })
  expect(await store(clientId)).toMatchObject({ unchanged: 1 })
  expect(await store((await makeClient(as(rosa))).id)).toMatchObject({ refused: 1 })
})

test('in a PATCH null empties, what is absent stays, and equal values change nothing', async () => {
  const { id } = await makeProject(as(rosa), clientId, { startDate: '2026-02-01', endDate: '2026-03-01' })

  const emptied = await api.send('patch', `/projects/${id}`, { endDate: null, status: 'active' })
  const again = await api.send('patch', `/projects/${id}`, { startDate: '2026-02-01', endDate: null })

  expect(emptied.body).toMatchObject({ startDate: '2026-02-01', endDate: null, status: 'active', version: 2 })
  expect(again.body).toEqual(emptied.body)
  expect(errorsIn(await api.send('patch', `/projects/${id}`, { endDate: '2026-01-31' }))).toEqual([422, ['endDate']])
})

test('of eight programs that change what they have read at once, one does', async () => {
  const { id } = await makeProject(as(rosa), clientId)
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      api.send('patch', `/projects/${id}`, { name: `Hall ${index}` }, { 'If-Match': '"1"' }),
    ),
  )

  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)])
  expect((await api.get(`/projects/${id}`)).body).toMatchObject({ version: 2 })
})

test('deleted, it leaves what it was linked to without the link', async () => {
  const { id } = await makeProject(as(rosa), clientId)
  const contact = await makeContact(as(rosa), clientId)
  const deal = await makeDeal(as(rosa), { clientId, relatedProjectId: id })
  const communication = await makeCommunication(as(rosa), contact.id, { relatedProjectId: id })

  expect((await api.send('delete', `/projects/${id}`)).body).toEqual({ id })
  expect((await api.get(`/projects/${id}`)).status).toBe(404)
  expect((await api.get(`/communications/${communication.id}`)).body).toMatchObject({
    relatedProjectId: null,
    version: 2,
  })
  expect(await findDeal(as(rosa), deal.id)).toMatchObject({ relatedProjectId: null })
})

test('the list is of all clients that one sees, or of one, by name, status and start, each row as it is read', async () => {
  const emil = await makeUser({ visibility: 'own' })
  const his = await program(emil)
  const { id: client } = await makeClient(as(emil))
  const names = ['Äther', 'beta', 'Gamma']
  const starts = ['2026-03-01', null, '2026-01-01']
  const ids: number[] = []
  for (const [index, name] of names.entries())
    ids.push(
      (
        await makeProject(as(emil), client, {
          name,
          startDate: starts[index] ?? null,
          status: index === 1 ? 'active' : 'planned',
        })
      ).id,
    )
  const namesIn = async (query: string) =>
    ((await his.get(`/projects?${query}`)).body as Page).data.map(({ name }) => name)

  expect((await namesIn('sort=name')).sort()).toEqual([...names].sort())
  expect(await namesIn('sort=-updated')).toEqual([...names].reverse())
  expect(await namesIn('sort=start')).toEqual(['Gamma', 'Äther', 'beta'])
  expect(await namesIn('status=active')).toEqual(['beta'])
  expect(await namesIn('q=aTHer')).toEqual(['Äther'])
  expect(await namesIn(`client=${clientId}`)).toEqual([])
  expect(((await his.get('/projects?status=active')).body as Page).data[0]).toEqual(
    (await his.get(`/projects/${ids[1]}`)).body,
  )
  expect((await queriesOf(() => his.get('/projects?q=gamma'))).length).toBe(2)
})
