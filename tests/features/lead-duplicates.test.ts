import { describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { findContactWithEmail, findDuplicates } from '../../src/features/leads/duplicates.ts'
import { findLead } from '../../src/features/leads/queries.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeLead } from '../support/records.ts'

const rosa = as(await makeUser({ name: 'Rosa' }))
const emil = as(await makeUser({ name: 'Emil', visibility: 'own' }))

type Somebody = Parameters<typeof findDuplicates>[1]

async function matches(somebody: Somebody, scope: Scope = rosa): Promise<string[]> {
  const found = await findDuplicates(scope, somebody)
  return found.map(({ kind, id, same }) => `${kind} ${id}: ${same.join(', ')}`).sort()
}

describe('who might be the same as a lead', () => {
  test('is found among leads, clients and contacts by e-mail, phone or company, with what is the same', async () => {
    const client = await makeClient(rosa, { name: 'Twin Ltd', email: 'TWIN@example.com', phone: '+49 (30) 555-77' })
    const contact = await makeContact(rosa, client.id, { email: 'Twin@Example.com', mobile: '0049 170 12345' })
    const twin = await makeLead(rosa, { companyName: 'Someone else', email: 'twin@example.com' })

    expect(await matches({ email: 'twin@EXAMPLE.com', phone: '493055577', companyName: 'tWIN lTD' })).toEqual(
      [`client ${client.id}: email, phone, company`, `contact ${contact.id}: email`, `lead ${twin.id}: email`].sort(),
    )
    expect(await matches({ phone: '004917012345' })).toEqual([`contact ${contact.id}: phone`])
    expect(await findDuplicates(rosa, { phone: '0049 170 12345' })).toMatchObject([
      { kind: 'contact', name: 'Rosa Winter', detail: 'Twin Ltd' },
    ])
  })

  test('is nobody of whom only a part is the same: a number within another, a domain, a longer name', async () => {
    const client = await makeClient(rosa, {
      name: 'Part & Parcel Ltd',
      email: 'part@parcel.example',
      phone: '0555 666777',
    })
    await makeContact(rosa, client.id, { phone: '0555 888999', mobile: '0777 111222' })

    expect(await matches({ phone: '666777' })).toEqual([])
    expect(await matches({ phone: '888999' })).toEqual([])
    expect(await matches({ phone: '0555 8889990 777111222' })).toEqual([])
    expect(await matches({ email: '%@parcel.example', companyName: 'Part & Parcel' })).toEqual([])
    expect(await matches({ email: 'other@parcel.example' })).toEqual([])
  })

  test('is nobody archived, nobody out of sight, and neither the lead itself nor what it became', async () => {
    const gone = await makeClient(rosa, { name: 'Gone Twins', email: 'gone@twins.example' })
    await archiveClient(rosa, gone.id)
    const there = await makeClient(rosa, { name: 'There Twins' })
    await makeContact(rosa, there.id)
    const left = await makeContact(rosa, there.id, { email: 'gone@twins.example' })
    await archiveContact(rosa, left.id)
    expect(await matches({ email: 'gone@twins.example', companyName: 'Gone Twins' })).toEqual([])
    expect(await matches({ companyName: 'There Twins' }, emil)).toEqual([])

    const { id } = await makeLead(rosa, { companyName: 'Becoming', email: 'me@becoming.example' })
    expect(await matches(await findLead(rosa, id))).toEqual([])
    await convertToDeal(rosa, id, {})
    expect(await matches(await findLead(rosa, id))).toEqual([])
    expect((await matches({ email: 'me@becoming.example' })).length).toBe(3)
  })

  test('is not asked for where nothing is known, nor by four digits', async () => {
    await makeLead(rosa, { companyName: null, phone: '1234' })
    const statements = await queriesOf(async () => {
      expect(await matches({ email: null, phone: '1234', companyName: '  ' })).toEqual([])
      expect(await matches({})).toEqual([])
    })
    expect(statements).toEqual([])
  })

  test('is found whatever was typed: NUL, half of a pair, wildcards', async () => {
    expect(await matches({ email: '\0', phone: '%%_', companyName: '\ud800' })).toEqual([])
  })
})

test('a contact with the lead’s address is known at its client, the primary one first', async () => {
  const [client, other] = [await makeClient(rosa, { name: 'One' }), await makeClient(rosa, { name: 'Other' })]
  await makeContact(rosa, client.id, { email: 'shared@one.example', isPrimary: false })
  const primary = await makeContact(rosa, client.id, { email: 'Shared@One.example', isPrimary: true })
  expect(await findContactWithEmail(rosa, client.id, 'shared@one.example')).toBe(primary.id)
  expect(await findContactWithEmail(rosa, other.id, 'shared@one.example')).toBeNull()
  expect(await findContactWithEmail(rosa, client.id, null)).toBeNull()
})
