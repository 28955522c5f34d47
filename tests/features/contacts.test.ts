import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import {
  archiveContact,
  createContact,
  makePrimaryContact,
  restoreContact,
  updateContact,
} from '../../src/features/contacts/commands.ts'
import { contactList } from '../../src/features/contacts/list.ts'
import {
  contactForm,
  contactsOfClient,
  findContact,
  listArchivedContacts,
  listClientContacts,
  listDealsOfContact,
} from '../../src/features/contacts/queries.ts'
import { CreateContactInput, UpdateContactInput } from '../../src/features/contacts/schema.ts'
import { Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { submission } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal } from '../support/records.ts'

let rosa: Scope
let emil: Scope
let acme: number

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
  emil = as(await makeUser({ name: 'Emil' }))
})

beforeEach(async () => {
  acme = (await makeClient(rosa)).id
})

/** The names of a client's primary contacts, whatever the commands believe. */
async function primariesOf(clientId: number): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    sql`SELECT last_name AS name FROM contacts WHERE client_id = ${clientId} AND is_primary ORDER BY id`,
  )
  return rows.map(({ name }) => name)
}

async function rowsChanged(id: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM changes WHERE table_name = 'contacts' AND record_id = ${id}`,
  )
  return row?.count ?? 0
}

async function namesFound(scope: Scope, query: Record<string, string>): Promise<string[]> {
  const { rows } = await contactList.fetch(scope, contactList.parse(query))
  return rows.map(({ name }) => name)
}

describe('the primary contact', () => {
  test('is the first one of a client, asked for or not', async () => {
    await makeContact(rosa, acme, { lastName: 'First', isPrimary: false })
    await makeContact(rosa, acme, { lastName: 'Second' })

    expect(await primariesOf(acme)).toEqual(['First'])
  })

  test('is the one made as primary, and the only one', async () => {
    await makeContact(rosa, acme, { lastName: 'First' })
    await makeContact(rosa, acme, { lastName: 'Second', isPrimary: true })

    expect(await primariesOf(acme)).toEqual(['Second'])
  })

  test('is whoever gets that role, and the one before loses it', async () => {
    const first = await makeContact(rosa, acme, { lastName: 'First', role: 'primary' })
    const second = await makeContact(rosa, acme, { lastName: 'Second' })

    await updateContact(rosa, second.id, { role: 'primary' })

    expect(await primariesOf(acme)).toEqual(['Second'])
    expect((await findContact(rosa, first.id)).role).toBe('contact')
  })

  test('stays who it is when a form without the box ticked is saved', async () => {
    const first = await makeContact(rosa, acme, { lastName: 'First' })

    await updateContact(rosa, first.id, { isPrimary: false, title: 'Buyer' })

    expect(await primariesOf(acme)).toEqual(['First'])
  })

  test('comes first among the contacts of the client', async () => {
    await makeContact(rosa, acme, { lastName: 'Aalto' })
    await makeContact(rosa, acme, { lastName: 'Zuse', isPrimary: true })
    await makeContact(rosa, acme, { lastName: 'Miller' })

    expect((await listClientContacts(rosa, acme)).map(({ lastName }) => lastName)).toEqual(['Zuse', 'Aalto', 'Miller'])
    expect((await contactsOfClient(rosa, acme)).map(({ label }) => label)).toEqual([
      'Rosa Zuse',
      'Rosa Aalto',
      'Rosa Miller',
    ])
  })

  test('eight created as primary at once: all are there, one is primary', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, place) => makeContact(rosa, acme, { lastName: `N${place}`, isPrimary: true })),
    )

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('fulfilled'))
    expect(await listClientContacts(rosa, acme)).toHaveLength(8)
    expect(await primariesOf(acme)).toHaveLength(1)
  })

  test('eight first contacts at once: all are there, one is primary', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, place) => makeContact(rosa, acme, { lastName: `N${place}` })),
    )

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('fulfilled'))
    expect(await primariesOf(acme)).toHaveLength(1)
  })

  test('eight set primary at once: all requests succeed, one contact is primary', async () => {
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, place) => makeContact(rosa, acme, { lastName: `N${place}` })),
    )

    const answers = await Promise.allSettled(made.map(({ id }) => makePrimaryContact(rosa, id)))

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('fulfilled'))
    expect(await primariesOf(acme)).toHaveLength(1)
  })

  test('set primary, edits, archiving and new ones all at once: every request succeeds, one contact is primary', async () => {
    const made = await Promise.all(
      Array.from({ length: 4 }, (_, place) => makeContact(rosa, acme, { lastName: `N${place}` })),
    )
    const [a, b, c, d] = made.map(({ id }) => id) as [number, number, number, number]

    const answers = await Promise.allSettled([
      makePrimaryContact(rosa, a),
      updateContact(rosa, b, { isPrimary: true }),
      archiveContact(rosa, c),
      makeContact(rosa, acme, { isPrimary: true }),
      makePrimaryContact(rosa, d),
      archiveContact(rosa, c).then(() => restoreContact(rosa, c)),
    ])

    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill('fulfilled'))
    expect(await primariesOf(acme)).toHaveLength(1)
  })

  test('setting the same one again writes nothing', async () => {
    const { id } = await makeContact(rosa, acme)
    const before = await rowsChanged(id)

    await makePrimaryContact(rosa, id)

    expect(await rowsChanged(id)).toBe(before)
  })

  test('cannot be an archived contact', async () => {
    await makeContact(rosa, acme, { lastName: 'First' })
    const { id } = await makeContact(rosa, acme, { lastName: 'Second' })
    await archiveContact(rosa, id)

    await expect(makePrimaryContact(rosa, id)).rejects.toMatchObject({
      status: 409,
      key: 'contacts.errors.archivedPrimary',
    })
    expect(await primariesOf(acme)).toEqual(['First'])
  })

  test('is promised by the database too: a second one is refused to whoever goes round the commands', async () => {
    await makeContact(rosa, acme)
    const { id } = await makeContact(rosa, acme)

    const write = inTransaction(rosa, ({ db }) =>
      db.records.contact.update({ where: { id }, data: { isPrimary: true } }),
    )

    await expect(write).rejects.toThrow(/contacts_one_primary|Unique constraint/)
  })
})

describe('archiving', () => {
  test('the primary leaves the client with none, until somebody is named', async () => {
    const first = await makeContact(rosa, acme, { lastName: 'First' })
    const second = await makeContact(rosa, acme, { lastName: 'Second' })
    await archiveContact(rosa, first.id)

    expect(await primariesOf(acme)).toEqual([])
    expect((await listArchivedContacts(rosa, acme)).map(({ lastName }) => lastName)).toEqual(['First'])

    await makePrimaryContact(rosa, second.id)
    expect(await primariesOf(acme)).toEqual(['Second'])
  })

  test('and restoring brings a contact back as it was, but not over the head of another primary', async () => {
    const first = await makeContact(rosa, acme, { lastName: 'First', notes: 'Likes tea', role: 'billing' })
    const second = await makeContact(rosa, acme, { lastName: 'Second' })
    await archiveContact(rosa, first.id)
    await makePrimaryContact(rosa, second.id)

    await restoreContact(rosa, first.id)

    expect(await findContact(rosa, first.id)).toMatchObject({
      isActive: true,
      isPrimary: false,
      notes: 'Likes tea',
      role: 'billing',
    })
    expect(await primariesOf(acme)).toEqual(['Second'])
  })

  test('the only contact makes it primary again when it comes back', async () => {
    const { id } = await makeContact(rosa, acme, { lastName: 'Only' })
    await archiveContact(rosa, id)
    await restoreContact(rosa, id)

    expect(await primariesOf(acme)).toEqual(['Only'])
  })

  test('takes a contact out of lists and choices, save where it is chosen already', async () => {
    await makeContact(rosa, acme)
    const { id } = await makeContact(rosa, acme, { firstName: 'Archie', lastName: 'Vanished' })
    await archiveContact(rosa, id)

    expect(await namesFound(rosa, { q: 'Archie Vanished' })).toEqual([])
    expect((await contactsOfClient(rosa, acme)).map(({ value }) => value)).not.toContain(id)
    expect(await contactsOfClient(rosa, acme, id)).toContainEqual({ value: id, label: 'Archie Vanished' })
  })

  test('is undone before a contact is edited', async () => {
    const { id } = await makeContact(rosa, acme)
    await archiveContact(rosa, id)

    await expect(updateContact(rosa, id, { lastName: 'New' })).rejects.toMatchObject({
      key: 'contacts.errors.archived',
    })
  })

  test('an archived client takes no new contacts, and keeps those it has', async () => {
    await makeContact(rosa, acme)
    await archiveClient(rosa, acme)

    await expect(makeContact(rosa, acme)).rejects.toThrow(RuleViolation)
    expect(await listClientContacts(rosa, acme)).toHaveLength(1)
  })
})

describe('saving', () => {
  test('an untouched form changes nothing, not even the version', async () => {
    const { id } = await makeContact(rosa, acme, {
      firstName: 'Zoë',
      lastName: 'O’Neil',
      email: 'zoe@example.com',
      address: 'Hauptstraße 1\n10115 Berlin',
      tags: ['tea', 'golf'],
      role: 'primary',
    })
    const before = await rowsChanged(id)

    const sent = formOf(contactForm(await findContact(rosa, id))).values
    await updateContact(rosa, id, UpdateContactInput.parse(fromForm(UpdateContactInput, sent)))

    expect(await rowsChanged(id)).toBe(before)
    expect((await findContact(rosa, id)).version).toBe(1)
  })

  test('the second of two people is told, and sees what the first one saved', async () => {
    const { id, version } = await makeContact(rosa, acme).then((made) => findContact(rosa, made.id))
    await updateContact(rosa, id, { title: 'Buyer', version })

    await expect(updateContact(emil, id, { title: 'Seller', version })).rejects.toMatchObject({
      status: 409,
      stored: { title: 'Buyer' },
    })
    expect((await findContact(rosa, id)).title).toBe('Buyer')
  })

  test('empty text is stored as nothing', async () => {
    const { id } = await makeContact(rosa, acme, { phone: '030 1', title: 'Buyer' })

    await updateContact(rosa, id, UpdateContactInput.parse({ phone: ' ', title: '' }))

    expect(await findContact(rosa, id)).toMatchObject({ phone: null, title: null })
  })

  test('a form sent twice makes one contact', async () => {
    const input = { firstName: 'Twice', lastName: 'Sent', submission: submission() }

    const [first, second] = await Promise.all([createContact(rosa, acme, input), createContact(rosa, acme, input)])

    expect(first.id).toBe(second.id)
    expect(await listClientContacts(rosa, acme)).toHaveLength(1)
  })

  test.each([
    ['a blank first name', { firstName: ' ', lastName: 'B' }, 'firstName'],
    ['no last name', { firstName: 'A' }, 'lastName'],
    ['a name of 101 characters', { firstName: 'A', lastName: 'x'.repeat(101) }, 'lastName'],
    ['an e-mail address that is none', { firstName: 'A', lastName: 'B', email: 'a@b' }, 'email'],
    ['an unknown role', { firstName: 'A', lastName: 'B', role: 'boss' }, 'role'],
    ['a NUL byte in the notes', { firstName: 'A', lastName: 'B', notes: 'a\0' }, 'notes'],
    ['half a character in the title', { firstName: 'A', lastName: 'B', title: 'a\ud83d' }, 'title'],
  ])('%s is refused at its field', (_, body, field) => {
    const checked = CreateContactInput.safeParse(fromForm(CreateContactInput, body))

    expect(checked.error?.issues.map(({ path }) => path[0])).toEqual([field])
  })

  test('counts characters as people do: a hundred emoji are a hundred', async () => {
    const { id } = await createContact(
      rosa,
      acme,
      CreateContactInput.parse({ firstName: '🦊'.repeat(100), lastName: 'Fox' }),
    )

    expect((await findContact(rosa, id)).firstName).toBe('🦊'.repeat(100))
  })
})

describe('the list over all clients', () => {
  test('finds a person by name in any order, and by where they work', async () => {
    const client = await makeClient(rosa, { name: 'Löwenbräu Spedition' })
    await makeContact(rosa, client.id, { firstName: 'Zoë', lastName: 'Ångström' })

    expect(await namesFound(rosa, { q: 'angstrom ZOE' })).toEqual(['Zoë Ångström'])
    expect(await namesFound(rosa, { q: 'zoe lowenbrau' })).toEqual(['Zoë Ångström'])
    expect(await namesFound(rosa, { q: 'zoe elsewhere' })).toEqual([])
  })

  test('filters by role and primary', async () => {
    const client = await makeClient(rosa, { name: 'Filterwerk' })
    await makeContact(rosa, client.id, { lastName: 'One' })
    await makeContact(rosa, client.id, { lastName: 'Two', role: 'billing' })

    expect(await namesFound(rosa, { q: 'Filterwerk', role: 'billing' })).toEqual(['Rosa Two'])
    expect(await namesFound(rosa, { q: 'Filterwerk', primary: 'yes' })).toEqual(['Rosa One'])
    expect(await namesFound(rosa, { q: 'Filterwerk', role: 'boss', primary: '1', cursor: 'x' })).toEqual([
      'Rosa One',
      'Rosa Two',
    ])
  })

  test('takes two queries, however many contacts there are', async () => {
    expect(await queriesOf(() => contactList.fetch(rosa, contactList.parse({ q: 'rosa' })))).toHaveLength(2)
  })
})

describe('who may what', () => {
  test('a viewer reads and writes nothing', async () => {
    const viewer = as(await makeUser({ role: 'viewer' }))
    const { id } = await makeContact(rosa, acme)

    expect((await findContact(viewer, id)).id).toBe(id)
    await expect(makeContact(viewer, acme)).rejects.toThrow(Forbidden)
    await expect(updateContact(viewer, id, { title: 'x' })).rejects.toThrow(Forbidden)
    await expect(makePrimaryContact(viewer, id)).rejects.toThrow(Forbidden)
    await expect(archiveContact(viewer, id)).rejects.toThrow(Forbidden)
    await expect(restoreContact(viewer, id)).rejects.toThrow(Forbidden)
  })

  test("follows the client: somebody else's contacts are not there for those who see their own", async () => {
    const own = as(await makeUser({ visibility: 'own' }))
    const { id } = await makeContact(rosa, acme, { lastName: 'Invisible' })

    expect(await namesFound(own, { q: 'Invisible' })).toEqual([])
    expect(await listClientContacts(own, acme)).toEqual([])
    expect(await contactsOfClient(own, acme, id)).toEqual([])
    await expect(findContact(own, id)).rejects.toThrow(NotFound)
    await expect(makePrimaryContact(own, id)).rejects.toThrow(NotFound)
    await expect(makeContact(own, acme)).rejects.toThrow(NotFound)
  })
})

test('a contact shows the deals it stands for', async () => {
  const { id } = await makeContact(rosa, acme)
  await makeDeal(rosa, { clientId: acme, contactId: id, name: 'Ours' })
  await makeDeal(rosa, { clientId: acme, name: 'Not theirs' })

  expect((await listDealsOfContact(rosa, id)).map(({ name }) => name)).toEqual(['Ours'])
})
