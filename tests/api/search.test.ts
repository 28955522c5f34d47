import { expect, test } from 'vitest'
import { search } from '../../src/features/search/queries.ts'
import { readAsked } from '../../src/features/search/schema.ts'
import { program } from '../support/api.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

type Groups = Record<
  'clients' | 'contacts' | 'leads' | 'deals' | 'communications',
  { data: { id: number }[]; count: number }
>
const idsIn = (body: unknown, kind: keyof Groups) => (body as Groups)[kind].data.map(({ id }) => id)

test('finds what the page finds, in its order, kind by kind', async () => {
  const rosa = await makeUser()
  const api = await program(rosa)
  const client = await makeClient(as(rosa), { name: 'Quendelbach Kräne' })
  const contact = await makeContact(as(rosa), client.id)
  await makeLead(as(rosa), { lastName: 'Quendelbach' })
  await makeDeal(as(rosa), { name: 'Cranes for Quendelbach', clientId: client.id, value: '1200.5' })
  await makeCommunication(as(rosa), contact.id, { content: 'Quendelbach wants ten' })

  const body: unknown = (await api.get('/search?q=quendelbach')).body
  const onThePage = await search(as(rosa), readAsked('quendelbach')!, 10)

  for (const kind of ['clients', 'contacts', 'leads', 'deals', 'communications'] as const) {
    expect(idsIn(body, kind), kind).toEqual(onThePage.groups[kind].rows.map(({ id }) => id))
    expect(idsIn(body, kind), kind).toHaveLength(1)
  }
  expect(body).toMatchObject({ isNear: false, deals: { data: [{ value: '1200.50' }], count: 1, more: false } })
})

test('finds nothing that its user does not see', async () => {
  const rosa = await makeUser()
  const own = await program(await makeUser({ visibility: 'own' }))
  await makeLead(as(rosa), { lastName: 'Zwetschgenröster', ownerId: rosa.id })

  const exact = await own.get(`/search?q=${encodeURIComponent('zwetschgenröster')}`)
  const near = await own.get('/search?q=zwetschgenrostr')

  expect([idsIn(exact.body, 'leads'), idsIn(near.body, 'leads')]).toEqual([[], []])
  expect(near.body).toMatchObject({ isNear: false })
})

test('shows no more of a kind than is asked for, and says how many there are; a slip is forgiven, and said', async () => {
  const rosa = await makeUser()
  const api = await program(rosa)
  for (let turn = 0; turn < 3; turn += 1) await makeLead(as(rosa), { lastName: 'Holunderbusch' })

  const few = await api.get('/search?q=holunderbusch&limit=2')
  const near = await api.get('/search?q=holunderbsuch')

  expect([idsIn(few.body, 'leads').length, (few.body as Groups).leads.count]).toEqual([2, 3])
  expect(near.body).toMatchObject({ isNear: true, leads: { count: 3 } })
})

test('nothing to look for is refused at its field', async () => {
  const api = await program(await makeUser())

  for (const query of ['', '?q=', '?q=%20'])
    expect((await api.get(`/search${query}`)).body).toMatchObject({ status: 422, errors: { q: [expect.any(String)] } })
})
