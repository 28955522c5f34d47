import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient, createClient, restoreClient, updateClient } from '../../src/features/clients/commands.ts'
import { clientList } from '../../src/features/clients/list.ts'
import {
  clientForm,
  clientOptions,
  findClient,
  suggestClients,
  surroundingsOf,
} from '../../src/features/clients/queries.ts'
import { CreateClientInput, UpdateClientInput, webAddress } from '../../src/features/clients/schema.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { listDealsOfClient } from '../../src/features/deals/queries.ts'
import { convertToClient } from '../../src/features/leads/conversion.ts'
import { Conflict, Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { submission } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'

let account: Account
let rosa: Scope
let emil: Scope

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa' })
  rosa = as(account)
  emil = as(await makeUser({ name: 'Emil' }))
})

async function rowsChanged(id: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM changes WHERE table_name = 'clients' AND record_id = ${id}`,
  )
  return row?.count ?? 0
}

async function namesFound(scope: Scope, query: Record<string, string>): Promise<string[]> {
  const { rows } = await clientList.fetch(scope, clientList.parse(query))
  return rows.map(({ name }) => name)
}

describe('a new client', () => {
  test('is active, in the base currency, and owned by whoever creates it', async () => {
    const { id } = await createClient(rosa, { name: 'Baltic Cranes' })

    expect(await findClient(rosa, id)).toMatchObject({
      name: 'Baltic Cranes',
      status: 'active',
      currencyCode: 'EUR',
      tags: [],
      isActive: true,
      version: 1,
      owner: { id: account.id, name: 'Rosa' },
      creator: { id: account.id, name: 'Rosa' },
    })
  })

  test('belongs to nobody when that is said', async () => {
    const { id } = await createClient(rosa, { name: 'Ownerless', ownerId: null })

    expect((await findClient(rosa, id)).owner).toBeNull()
  })

  test('cannot be given to somebody who is not there', async () => {
    await expect(createClient(rosa, { name: 'Ghost', ownerId: 999_999 })).rejects.toMatchObject({ field: 'ownerId' })
  })

  test('comes about once, however often its form is sent at once', async () => {
    const input = { name: 'Sent eight times', submission: submission() }

    const made = await Promise.all(Array.from({ length: 8 }, () => createClient(rosa, input)))

    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(made.filter(({ repeated }) => !repeated)).toHaveLength(1)
    expect(await namesFound(rosa, { q: 'Sent eight times' })).toHaveLength(1)
  })

  test('keeps what a name can hold: markup, quotes, right-to-left text, emoji', async () => {
    const name = `<b>O'Neil</b> "شركة" 👩🏽‍💻 & Co`
    const { id } = await createClient(rosa, CreateClientInput.parse(fromForm(CreateClientInput, { name })))

    expect((await findClient(rosa, id)).name).toBe(name)
  })
})

describe('what may come in', () => {
  test.each([
    ['a blank name', { name: '   ' }, 'name'],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, 'name'],
    ['a name with a NUL byte', { name: 'a\0b' }, 'name'],
    ['an unknown status', { name: 'A', status: 'maybe' }, 'status'],
    ['an e-mail address that is none', { name: 'A', email: 'nobody' }, 'email'],
    ['a currency that is none', { name: 'A', currencyCode: 'XXX' }, 'currencyCode'],
    ['a web address that runs script', { name: 'A', website: 'javascript:alert(1)' }, 'website'],
    ['an owner that is no number', { name: 'A', ownerId: '1e3' }, 'ownerId'],
    ['a phone number of 51 characters', { name: 'A', phone: '1'.repeat(51) }, 'phone'],
  ])('%s is refused at its field', (_, body, field) => {
    const checked = CreateClientInput.safeParse(fromForm(CreateClientInput, body))

    expect(checked.error?.issues.map(({ path }) => path[0])).toEqual([field])
  })

  test.each([
    ['www.example.com', 'https://www.example.com'],
    ['http://example.com/a?b=c', 'http://example.com/a?b=c'],
    ['example.com:8080/shop', 'https://example.com:8080/shop'],
    ['javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['mailto:a@example.com', null],
    ['not an address', null],
  ])('the address to link to for %s is %s', (typed, address) => {
    expect(webAddress(typed)).toBe(address)
  })
})

describe('saving', () => {
  test('an untouched form changes nothing, not even the version', async () => {
    const { id } = await createClient(rosa, {
      name: 'Untouched',
      description: 'Two\nlines',
      website: 'www.example.com',
      email: 'a@example.com',
      tags: ['north', 'key account'],
    })
    const before = await rowsChanged(id)

    const sent = formOf(clientForm(await findClient(rosa, id))).values
    await updateClient(rosa, id, UpdateClientInput.parse(fromForm(UpdateClientInput, sent)))

    expect(await rowsChanged(id)).toBe(before)
    expect((await findClient(rosa, id)).version).toBe(1)
  })

  test('null clears, what was not sent stays', async () => {
    const { id } = await createClient(rosa, { name: 'Clearing', phone: '030 1', email: 'a@example.com' })

    await updateClient(rosa, id, { phone: null })

    expect(await findClient(rosa, id)).toMatchObject({ phone: null, email: 'a@example.com', version: 2 })
  })

  test('the second of two people is told, and sees what the first one saved', async () => {
    const { id } = await createClient(rosa, { name: 'Shared' })
    await updateClient(rosa, id, { name: 'Shared by Rosa', version: 1 })

    const late = updateClient(emil, id, { name: 'Shared by Emil', version: 1 })

    await expect(late).rejects.toMatchObject({ status: 409, stored: { name: 'Shared by Rosa', version: 2 } })
    expect((await findClient(rosa, id)).name).toBe('Shared by Rosa')
  })

  test('eight at once on one version: one is saved', async () => {
    const { id } = await createClient(rosa, { name: 'Raced' })

    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, place) => updateClient(rosa, id, { name: `Raced ${place}`, version: 1 })),
    )

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await findClient(rosa, id)).version).toBe(2)
  })

  test('an archived client is refused', async () => {
    const { id } = await createClient(rosa, { name: 'Gone' })
    await archiveClient(rosa, id)

    await expect(updateClient(rosa, id, { name: 'Still here' })).rejects.toThrow(Conflict)
  })
})

describe('archiving', () => {
  test('takes the client out of lists and choices, and restoring brings it back as it was', async () => {
    const { id } = await createClient(rosa, { name: 'Archivable', tags: ['old'] })
    await archiveClient(rosa, id)

    expect(await namesFound(rosa, { q: 'Archivable' })).toEqual([])
    expect(await clientOptions(rosa, null, 'Archivable')).toEqual([])
    expect((await findClient(rosa, id)).isActive).toBe(false)

    await restoreClient(rosa, id)

    expect(await namesFound(rosa, { q: 'Archivable' })).toEqual(['Archivable'])
    expect((await findClient(rosa, id)).tags).toEqual(['old'])
  })

  test('asks first while deals are open, and not when they are closed', async () => {
    const { id } = await createClient(rosa, { name: 'Busy' })
    const deal = await makeDeal(rosa, { clientId: id })

    await expect(archiveClient(rosa, id)).rejects.toMatchObject({
      key: 'clients.errors.openDeals',
      values: { count: 1 },
    })
    expect((await findClient(rosa, id)).isActive).toBe(true)
    await expect(archiveClient(rosa, id)).rejects.toThrow(RuleViolation)

    await archiveClient(rosa, id, { confirmed: true })
    expect((await findClient(rosa, id)).isActive).toBe(false)
    expect(await listDealsOfClient(rosa, id)).toHaveLength(1)

    await restoreClient(rosa, id)
    await closeDeal(rosa, deal.id, { outcome: 'won' })
    await archiveClient(rosa, id)
    expect((await findClient(rosa, id)).isActive).toBe(false)
  })
})

describe('the list', () => {
  test('finds all words in any order, without case and accents, and takes % and _ as they are', async () => {
    await createClient(rosa, { name: 'Zoë Ångström Söhne', contactPerson: 'Frau Empfang' })
    await createClient(rosa, { name: 'Hundred % and _ more' })

    expect(await namesFound(rosa, { q: 'SOHNE zoe' })).toEqual(['Zoë Ångström Söhne'])
    expect(await namesFound(rosa, { q: 'empfang angstrom' })).toEqual(['Zoë Ångström Söhne'])
    expect(await namesFound(rosa, { q: '%' })).toEqual(['Hundred % and _ more'])
    expect(await namesFound(rosa, { q: '_' })).toEqual(['Hundred % and _ more'])
    expect(await namesFound(rosa, { q: 'zoe nobody' })).toEqual([])
  })

  test('shows the primary contact, and none once that one is archived', async () => {
    const { id } = await createClient(rosa, { name: 'Primary Shown' })
    const contact = await makeContact(rosa, id, { firstName: 'Ada', lastName: 'Byron' })
    const primaryOf = async () =>
      (await clientList.fetch(rosa, clientList.parse({ q: 'Primary Shown' }))).rows.map((row) => row.primaryContactName)

    expect(await primaryOf()).toEqual(['Ada Byron'])
    await archiveContact(rosa, contact.id)
    expect(await primaryOf()).toEqual([null])
  })

  test('filters by status and owner, and takes nonsense for no filter', async () => {
    await createClient(emil, { name: 'Filter one', status: 'inactive' })
    await createClient(emil, { name: 'Filter two', ownerId: null })

    expect(await namesFound(emil, { q: 'Filter', status: 'inactive' })).toEqual(['Filter one'])
    expect(await namesFound(emil, { q: 'Filter', owner: 'me' })).toEqual(['Filter one'])
    expect(await namesFound(emil, { q: 'Filter', owner: 'none' })).toEqual(['Filter two'])
    expect(await namesFound(emil, { q: 'Filter', owner: 'x', status: '?', sort: 'nothing' })).toEqual([
      'Filter one',
      'Filter two',
    ])
    expect(await namesFound(emil, { q: 'Filter', sort: '-name' })).toEqual(['Filter two', 'Filter one'])
  })

  test('pages through every client once, forwards and back, in two queries a page', async () => {
    const lister = as(await makeUser({ visibility: 'own' }))
    for (let place = 0; place < 60; place += 1)
      await createClient(lister, { name: `Page ${place % 7}`, ownerId: lister.user.id })
    const first = await clientList.fetch(lister, clientList.parse({ owner: 'me' }))
    const second = await clientList.fetch(
      lister,
      clientList.parse(Object.fromEntries(new URLSearchParams(first.next ?? ''))),
    )
    const back = await clientList.fetch(
      lister,
      clientList.parse(Object.fromEntries(new URLSearchParams(second.previous ?? ''))),
    )

    expect(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size).toBe(60)
    expect(second.next).toBeNull()
    expect(back.rows).toEqual(first.rows)
    expect(await queriesOf(() => clientList.fetch(lister, clientList.parse({})))).toHaveLength(2)
  })
})

describe('who may what', () => {
  test('a viewer reads and writes nothing', async () => {
    const viewer = as(await makeUser({ role: 'viewer' }))
    const { id } = await makeClient(rosa, { name: 'Looked at' })

    expect((await findClient(viewer, id)).name).toBe('Looked at')
    await expect(createClient(viewer, { name: 'No' })).rejects.toThrow(Forbidden)
    await expect(updateClient(viewer, id, { name: 'No' })).rejects.toThrow(Forbidden)
    await expect(archiveClient(viewer, id)).rejects.toThrow(Forbidden)
    await expect(restoreClient(viewer, id)).rejects.toThrow(Forbidden)
  })

  test("somebody else's client is not there for those who see their own, in the list, on its page and in choices", async () => {
    const own = as(await makeUser({ visibility: 'own' }))
    const { id } = await makeClient(rosa, { name: 'Hidden Harbour', email: 'a@hidden-harbour.example' })

    expect(await namesFound(own, { q: 'Hidden Harbour' })).toEqual([])
    expect(await clientOptions(own, id, 'Hidden Harbour')).toEqual([])
    expect(await suggestClients(own, { companyName: 'Hidden Harbour', email: 'b@hidden-harbour.example' })).toEqual([])
    await expect(findClient(own, id)).rejects.toThrow(NotFound)
    await expect(updateClient(own, id, { name: 'Mine' })).rejects.toThrow(NotFound)
  })

  test('whoever sees a deal may read its client, but not change it', async () => {
    const own = as(await makeUser({ visibility: 'own' }))
    const { id } = await makeClient(rosa, { name: 'Seen through a deal' })
    await makeDeal(rosa, { clientId: id, ownerId: own.user.id })

    expect((await findClient(own, id)).name).toBe('Seen through a deal')
    await expect(updateClient(own, id, { name: 'No' })).rejects.toThrow(Forbidden)
  })
})

describe('choices and suggestions', () => {
  test('offer active clients, and an inactive or archived one only where it is chosen already', async () => {
    const idle = await createClient(rosa, { name: 'Chosen idle', status: 'inactive' })
    const gone = await createClient(rosa, { name: 'Chosen gone' })
    const active = await createClient(rosa, { name: 'Chosen active' })
    await archiveClient(rosa, gone.id)

    expect(await clientOptions(rosa, null, 'Chosen')).toEqual([{ value: active.id, label: 'Chosen active' }])
    expect(await clientOptions(rosa, gone.id, 'Chosen')).toEqual([
      { value: active.id, label: 'Chosen active' },
      { value: gone.id, label: 'Chosen gone' },
    ])
    expect((await clientOptions(rosa, idle.id, 'Chosen')).map(({ label }) => label)).toEqual([
      'Chosen active',
      'Chosen idle',
    ])
  })

  test('suggest by name first, then by the domain of an e-mail address of the client or of somebody there', async () => {
    const named = await createClient(rosa, { name: 'Northwind' })
    const mailed = await createClient(rosa, { name: 'Trading House', email: 'office@northwind.example' })
    const staffed = await createClient(rosa, { name: 'Warehouse' })
    await makeContact(rosa, staffed.id, { email: 'Ida@NorthWind.example' })
    const other = await createClient(rosa, { name: 'Elsewhere', email: 'x@not-northwind.example' })

    const found = await suggestClients(rosa, { companyName: ' northWIND ', email: 'emil@northwind.example' })

    expect(found).toEqual([
      { id: named.id, name: 'Northwind', reason: 'name' },
      { id: mailed.id, name: 'Trading House', reason: 'email' },
      { id: staffed.id, name: 'Warehouse', reason: 'email' },
    ])
    expect(found.map(({ id }) => id)).not.toContain(other.id)
  })

  test('do not take everybody with a public mail service for one company', async () => {
    const { id } = await createClient(rosa, { name: 'One person', email: 'one.person@gmail.com' })

    expect(await suggestClients(rosa, { companyName: null, email: 'somebody.else@gmail.com' })).toEqual([])
    expect(await suggestClients(rosa, { companyName: null, email: 'One.Person@gmail.com' })).toEqual([
      { id, name: 'One person', reason: 'email' },
    ])
  })

  test('are none for nothing', async () => {
    expect(await suggestClients(rosa, { companyName: '', email: '' })).toEqual([])
  })
})

test('a client tells which lead it came from, with source and by whom', async () => {
  const lead = await makeLead(rosa, { firstName: 'Ida', lastName: 'Frost', source: 'Trade fair' })
  const { clientId } = await convertToClient(rosa, lead.id, { client: 'new', contact: 'new' })

  expect((await surroundingsOf(rosa, clientId)).leads).toMatchObject([
    { id: lead.id, name: 'Ida Frost', source: 'Trade fair', convertedByName: 'Rosa' },
  ])
})
