import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { archiveLead } from '../../src/features/leads/commands.ts'
import { PAGE_SIZE } from '../../src/platform/list.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'

let nora: Account
let admin: Visitor
let emil: Account
let member: Visitor

beforeAll(async () => {
  nora = await makeUser({ role: 'admin', name: 'Nora Berg' })
  emil = await makeUser({ visibility: 'own', name: 'Emil Own' })
  ;[admin, member] = await Promise.all([browse(nora), browse(emil)])
})

async function makeArchivedLead(lastName: string, who = nora): Promise<number> {
  const { id } = await makeLead(as(who), { lastName, companyName: 'Sommer AG' })
  await archiveLead(as(who), id)
  return id
}

async function restored(visitor: Visitor, path: string): Promise<boolean> {
  return !(await visitor.get(path)).text.includes('In the Trash since')
}

describe('the Trash', () => {
  test('shows what is archived, since when, by whom and whose it is, each noun under its own address', async () => {
    const client = await makeClient(as(nora), { name: 'Gone Ltd', ownerId: emil.id })
    const contact = await makeContact(as(nora), client.id, { lastName: 'Former' })
    const deal = await makeDeal(as(nora), { name: 'Dropped', clientId: client.id })
    const lead = await makeArchivedLead('Lost-Track')
    await archiveContact(as(nora), contact.id)
    await archiveDeal(as(nora), deal.id)
    await archiveClient(as(nora), client.id)

    for (const [path, record, name] of [
      ['/trash', `/clients/${client.id}`, 'Gone Ltd'],
      ['/trash/contacts', `/contacts/${contact.id}`, 'Rosa Former'],
      ['/trash/deals', `/deals/${deal.id}`, 'Dropped'],
      ['/trash/leads', `/leads/${lead}`, 'Emil Lost-Track'],
    ] as const) {
      const { text, status } = await admin.get(path)
      expect(status).toBe(200)
      expect(text).toContain(`<a href="${record}"><bdi>${name}</bdi></a>`)
      expect(text).toContain('Nora Berg')
    }
    expect((await admin.get('/trash')).text).toContain('Emil Own')
    expect((await admin.get('/trash/deals')).text).toContain('Gone Ltd')
  })

  test('shows nobody what they may not see, and finds by name', async () => {
    await makeArchivedLead('Noras-Only')
    await makeArchivedLead('Emils-Own', emil)

    const seen = (await member.get('/trash/leads')).text

    expect(seen).toContain('Emils-Own')
    expect(seen).not.toContain('Noras-Only')
    const found = (await admin.get('/trash/leads?q=noras')).text
    expect(found).toContain('Noras-Only')
    expect(found).not.toContain('Emils-Own')
    expect((await admin.get('/trash/leads?q=nosuchlead')).text).toContain('Nothing in the Trash matches this')
  })

  test('is paged, the latest first, without losing or repeating anybody', async () => {
    const ids = new Set<string>()
    for (let count = 0; count < PAGE_SIZE + 5; count += 1) ids.add(String(await makeArchivedLead(`Paged ${count}`)))
    const seen: string[] = []
    let path: string | undefined = '/trash/leads?q=paged'
    while (path) {
      const { text }: { text: string } = await admin.get(path)
      seen.push(...[...text.matchAll(/name="ids" value="(\d+)"/g)].map(([, id = '']) => id))
      const next: string | undefined = /rel="next"[^>]*href="([^"]*)"/.exec(text)?.[1]
      path = next && `/trash/leads${next.replaceAll('&amp;', '&')}`
    }

    expect(seen).toHaveLength(ids.size)
    expect(new Set(seen)).toEqual(ids)
    expect(seen[0]).toBe([...ids].at(-1))
  })

  test('says honestly that there is nothing, and leads to where there is something', async () => {
    const visitor = await browse(await makeUser({ visibility: 'own' }))

    const { text } = await visitor.get('/trash/deals')

    expect(text).toContain('No archived deals')
    expect(text).not.toContain('<table')
  })
})

describe('restoring', () => {
  test('one by its button, whatever else is ticked, and back to where it was pressed', async () => {
    const [one, other] = [await makeArchivedLead('One'), await makeArchivedLead('Other')]

    const answer = await admin.post('/trash/leads/restore', { only: one, ids: other, returnTo: '/trash/leads?q=o' })

    expect([answer.status, answer.headers.location]).toEqual([303, '/trash/leads?q=o'])
    expect((await admin.get('/trash/leads')).text).toContain('1 record is back.')
    expect([await restored(admin, `/leads/${one}`), await restored(admin, `/leads/${other}`)]).toEqual([true, false])
  })

  test('several that are ticked; what is gone for good is said', async () => {
    const ids = [await makeArchivedLead('A'), await makeArchivedLead('B')]

    await admin.post('/trash/leads/restore', { ids: [...ids, 2_147_483_647].map(String) })

    const { text } = await admin.get('/trash/leads')
    expect(text).toContain('2 records are back.')
    expect(text).toContain('1 record had been deleted for good')
    for (const id of ids) expect(await restored(admin, `/leads/${id}`)).toBe(true)
  })

  test('nothing, when nothing is ticked or what was sent makes no sense', async () => {
    for (const ids of ['', 'abc', ['-1', '99999999999']]) {
      expect((await admin.post('/trash/leads/restore', { ids })).status).toBe(303)
      expect((await admin.get('/trash/leads')).text).toContain('Nothing was selected.')
    }
  })

  test('is not offered to a viewer, and refused', async () => {
    const id = await makeArchivedLead('Kept')
    const viewer = await browse(await makeUser({ role: 'viewer' }))

    const { text } = await viewer.get('/trash/leads?q=kept')
    expect(text).toContain('Emil Kept')
    expect(text).not.toMatch(/name="ids"|\/restore"|\/delete"/)
    expect((await viewer.post('/trash/leads/restore', { ids: id })).status).toBe(403)
    expect(await restored(admin, `/leads/${id}`)).toBe(false)
  })
})

describe('deleting for good', () => {
  test('shows what goes along, asks about what is not archived, and does it', async () => {
    const client = await makeClient(as(nora), { name: 'Acme <b>Ltd</b>' })
    const contact = await makeContact(as(nora), client.id, { lastName: 'Stays-Active' })
    await archiveClient(as(nora), client.id)
    const address = `/trash/clients/${client.id}/delete`

    const page = await admin.get(address)
    expect(page.text).toContain('Delete Acme &lt;b&gt;Ltd&lt;/b&gt; for good?')
    expect(page.text).toContain('1 contact')
    expect(page.text).toContain(`href="/contacts/${contact.id}"`)
    const fields = formFields(page, address)

    const refused = await admin.post(address, fields)
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('Please say that what is not archived is to go too.')
    const done = await admin.post(address, { ...fields, withActive: 'true' })
    expect([done.status, done.headers.location]).toEqual([303, '/trash'])

    expect((await admin.get('/trash')).text).toContain('The client was deleted for good.')
    for (const path of [`/clients/${client.id}`, `/contacts/${contact.id}`, address])
      expect((await admin.get(path)).status).toBe(404)
    // What tells of changes finds nothing there, and is a page all the same.
    for (const path of ['/', '/?for=all', '/search?q=acme']) expect((await admin.get(path)).status).toBe(200)
  })

  test('leaves a history that can be read, and offers none of it back', async () => {
    const client = await makeClient(as(nora), { name: 'Erased Ltd' })
    await makeDeal(as(nora), { name: 'Erased deal', clientId: client.id, value: '1250' })
    await archiveClient(as(nora), client.id, { confirmed: true })
    const path = `/trash/clients/${client.id}/delete`
    const fields = formFields(await admin.get(path), path)
    expect((await admin.post(path, { ...fields, withActive: 'true' })).status).toBe(303)

    const { status, text } = await admin.get('/history?noun=clients')

    expect(status).toBe(200)
    const entries = text.split('class="history-entry"').filter((entry) => entry.includes('(erased)'))
    expect(entries.length).toBeGreaterThanOrEqual(3)
    expect(entries.filter((entry) => entry.includes('/undo"'))).toEqual([])
    expect(text).not.toContain('[redacted]')
  })

  test('shows the page again when something came to it meanwhile', async () => {
    const client = await makeClient(as(nora))
    const deal = await makeDeal(as(nora), { clientId: client.id })
    await archiveDeal(as(nora), deal.id)
    await archiveClient(as(nora), client.id)
    const address = `/trash/clients/${client.id}/delete`
    const fields = formFields(await admin.get(address), address)
    await admin.post(`/deals/${deal.id}/restore`)

    const answer = await admin.post(address, { ...fields, withActive: 'true' })

    expect(answer.status).toBe(409)
    expect(answer.text).toContain('What goes along has changed since this page was shown.')
    expect(formFields(answer, address).seen).not.toBe(fields.seen)
    expect((await admin.get(`/clients/${client.id}`)).status).toBe(200)
  })

  test('is for administrators, in the Trash only', async () => {
    const id = await makeArchivedLead('Guarded')
    const address = `/trash/leads/${id}/delete`
    const manager = await browse(await makeUser({ role: 'manager' }))

    for (const [visitor, status] of [
      [manager, 403],
      [member, 404],
    ] as const) {
      expect((await visitor.get(address)).status).toBe(status)
      expect((await visitor.post(address, { seen: 'x' })).status).toBe(status)
    }
    expect((await manager.get(`/leads/${id}`)).text).not.toContain(address)
    expect((await admin.get(`/leads/${id}`)).text).toContain(address)
    await admin.post(`/leads/${id}/restore`)
    expect((await admin.get(address)).status).toBe(409)
  })

  test('emptying says what would go, and leaves what is younger', async () => {
    const id = await makeArchivedLead('Young')

    const { text, status } = await admin.get('/trash/delete?days=7')

    expect(status).toBe(200)
    expect(text).toContain('Nothing has been in the Trash for that long')
    expect((await admin.post('/trash/delete', { days: '7', seen: 'x' })).status).toBe(409)
    expect((await admin.post('/trash/delete', { days: '0', seen: 'x' })).status).toBe(422)
    expect((await member.get('/trash/delete')).status).toBe(403)
    expect((await admin.get(`/leads/${id}`)).status).toBe(200)
  })
})
