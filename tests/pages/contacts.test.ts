import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveContact, updateContact } from '../../src/features/contacts/commands.ts'
import { findContact, listClientContacts } from '../../src/features/contacts/queries.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact } from '../support/records.ts'

let scope: Scope
let rosa: Visitor
let acme: number

beforeAll(async () => {
  const account = await makeUser({ name: 'Rosa' })
  scope = as(account)
  rosa = await browse(account)
})

beforeEach(async () => {
  acme = (await makeClient(scope, { name: 'Acme Forklifts' })).id
})

describe('adding a contact to a client', () => {
  test('leads to the contact, who is primary as the first one', async () => {
    const path = `/clients/${acme}/contacts/create`
    const fields = formFields(await rosa.get(path), path)
    const answer = await rosa.post(path, {
      ...fields,
      firstName: 'Zoë',
      lastName: 'O’Neil <b>',
      email: 'zoe@acme.example',
      mobile: '+49 171 55',
      notes: 'Likes tea\nand quiet',
    })

    expect(answer.status).toBe(303)
    const shown = await rosa.get(answer.headers.location as string)
    for (const words of [
      'Zoë O’Neil &lt;b&gt;',
      'Primary',
      'href="mailto:zoe@acme.example"',
      'href="tel:+4917155"',
      'Likes tea\nand quiet',
      'Acme Forklifts',
    ]) {
      expect(shown.text).toContain(words)
    }
    expect(shown.text).not.toMatch(/undefined|>null|NaN|>None/)
  })

  test('with bad input shows each message at its field, keeps what was typed, and stores nothing', async () => {
    const answer = await rosa.post(`/clients/${acme}/contacts/create`, {
      firstName: '',
      lastName: 'x'.repeat(101),
      email: 'a@b',
      role: 'boss',
      isPrimary: 'on',
      notes: 'Kept',
    })

    expect(answer.status).toBe(422)
    for (const field of ['firstName', 'lastName', 'email', 'role']) expect(answer.text).toContain(`id="${field}-error"`)
    expect(answer.text).toContain('value="a@b"')
    expect(answer.text).toContain('Kept')
    expect(await listClientContacts(scope, acme)).toEqual([])
  })

  test('is refused in the form when the client is archived', async () => {
    await archiveClient(scope, acme)

    const answer = await rosa.post(`/clients/${acme}/contacts/create`, { firstName: 'A', lastName: 'B' })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain('This client is archived. Restore it before adding contacts.')
    expect(answer.text).toContain('value="A"')
  })

  test('that does not exist, or is out of sight, is a 404', async () => {
    const own = await browse(await makeUser({ visibility: 'own' }))

    expect((await rosa.post('/clients/999999/contacts/create', { firstName: 'A', lastName: 'B' })).status).toBe(404)
    expect((await own.get(`/clients/${acme}/contacts`)).status).toBe(404)
    expect((await own.get(`/clients/${acme}/contacts/create`)).status).toBe(404)
    expect((await own.post(`/clients/${acme}/contacts/create`, { firstName: 'A', lastName: 'B' })).status).toBe(404)
  })
})

describe('the contacts of a client', () => {
  test('are listed with the primary first, and another one is made primary from there', async () => {
    await makeContact(scope, acme, { firstName: 'Zoë', lastName: 'Zuse' })
    const { id } = await makeContact(scope, acme, { firstName: 'Anna', lastName: 'Aalto' })
    const path = `/clients/${acme}/contacts`
    const before = await rosa.get(path)
    expect(before.text.indexOf('Zoë Zuse')).toBeLessThan(before.text.indexOf('Anna Aalto'))

    const answer = await rosa.post(`/contacts/${id}/set-primary`, formFields(before, `/contacts/${id}/set-primary`))

    expect(answer.headers.location).toBe(path)
    const after = await rosa.get(path)
    expect(after.text.indexOf('Anna Aalto')).toBeLessThan(after.text.indexOf('Zoë Zuse'))
    expect(after.text).toContain('This is the primary contact now.')
  })

  test('say so when nobody is primary, and offer archived ones back', async () => {
    const { id } = await makeContact(scope, acme, { lastName: 'First' })
    await makeContact(scope, acme, { lastName: 'Second' })
    await archiveContact(scope, id)

    const { text } = await rosa.get(`/clients/${acme}/contacts`)

    expect(text).toContain('Nobody is the primary contact at the moment.')
    expect(text).toContain(`action="/contacts/${id}/restore"`)
    expect((await rosa.get(`/clients/${acme}`)).text).toContain('No primary contact at the moment.')
  })
})

describe('a contact', () => {
  test('untouched in its form stays as it is', async () => {
    const { id } = await makeContact(scope, acme, {
      address: 'Hauptstraße 1\n10115 Berlin',
      tags: ['a', 'b'],
      notes: '"quoted" & <b>',
    })
    const fields = formFields(await rosa.get(`/contacts/${id}/edit`), `/contacts/${id}/edit`)

    expect((await rosa.post(`/contacts/${id}/edit`, fields)).headers.location).toBe(`/contacts/${id}`)
    expect((await findContact(scope, id)).version).toBe(1)
  })

  test('saves what was changed, and becomes primary when the box is ticked', async () => {
    await makeContact(scope, acme)
    const { id } = await makeContact(scope, acme)
    const fields = formFields(await rosa.get(`/contacts/${id}/edit`), `/contacts/${id}/edit`)

    await rosa.post(`/contacts/${id}/edit`, { ...fields, department: 'Purchasing', role: 'billing', isPrimary: 'true' })

    expect(await findContact(scope, id)).toMatchObject({ department: 'Purchasing', role: 'billing', isPrimary: true })
    expect((await listClientContacts(scope, acme)).filter(({ isPrimary }) => isPrimary)).toHaveLength(1)
  })

  test('saved by somebody else meanwhile answers 409 with both values', async () => {
    const { id } = await makeContact(scope, acme, { title: 'Buyer' })
    const fields = formFields(await rosa.get(`/contacts/${id}/edit`), `/contacts/${id}/edit`)
    await updateContact(scope, id, { title: 'Saved by Emil' })

    const answer = await rosa.post(`/contacts/${id}/edit`, { ...fields, title: 'Typed by Rosa' })

    expect(answer.status).toBe(409)
    expect(answer.text).toContain('Saved by Emil')
    expect(answer.text).toContain('value="Typed by Rosa"')
  })

  test('is archived and comes back', async () => {
    const { id } = await makeContact(scope, acme)

    expect((await rosa.post(`/contacts/${id}/delete`)).status).toBe(303)
    const shown = (await rosa.get(`/contacts/${id}`)).text
    expect(shown).toContain('In the Trash since')
    expect(shown).not.toContain(`/contacts/${id}/set-primary`)

    await rosa.post(`/contacts/${id}/restore`)
    expect((await findContact(scope, id)).isActive).toBe(true)
  })

  test('archived cannot be made primary', async () => {
    const { id } = await makeContact(scope, acme)
    await archiveContact(scope, id)

    expect((await rosa.post(`/contacts/${id}/set-primary`)).status).toBe(409)
  })

  test('of an archived client shows it, marked', async () => {
    const { id } = await makeContact(scope, acme, { lastName: 'Orphaned' })
    await archiveClient(scope, acme)

    expect((await rosa.get(`/contacts/${id}`)).text).toContain('The client of this contact is archived.')
    expect((await rosa.get('/contacts?q=Orphaned')).text).toContain('client archived')
  })

  test('leads back only to pages of this site', async () => {
    const { id } = await makeContact(scope, acme)

    expect(
      (await rosa.post(`/contacts/${id}/set-primary`, { returnTo: 'https://evil.example/' })).headers.location,
    ).toBe('/')
    expect((await rosa.post(`/contacts/${id}/set-primary`, { returnTo: '//evil.example/' })).headers.location).toBe('/')
  })

  test.each(['/contacts/999999', '/contacts/0', '/contacts/abc', '/contacts/999999/edit', '/clients/abc/contacts'])(
    'that does not exist is a 404: %s',
    async (path) => {
      expect((await rosa.get(path)).status).toBe(404)
    },
  )
})

describe('who may what', () => {
  test('a viewer sees no buttons that write, and is refused when posting all the same', async () => {
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const { id } = await makeContact(scope, acme)

    for (const path of [`/contacts/${id}`, `/clients/${acme}/contacts`]) {
      expect((await viewer.get(path)).text).not.toMatch(/set-primary|\/edit"|\/create"|\/delete"/)
    }
    for (const verb of ['edit', 'set-primary', 'delete', 'restore']) {
      expect((await viewer.post(`/contacts/${id}/${verb}`, { title: 'No' })).status).toBe(403)
    }
    expect((await viewer.post(`/clients/${acme}/contacts/create`, { firstName: 'A', lastName: 'B' })).status).toBe(403)
  })

  test('a change without a token of the session is refused', async () => {
    const { id } = await makeContact(scope, acme)

    expect((await rosa.post(`/contacts/${id}/delete`, { _csrf: 'made-up' })).status).toBe(403)
    expect((await findContact(scope, id)).isActive).toBe(true)
  })
})
