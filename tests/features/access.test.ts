import fc from 'fast-check'
import sql, { raw } from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { accessTo } from '../../src/features/access/queries.ts'
import { ACCESS_NOUNS } from '../../src/features/access/schema.ts'
import type { AccessNoun } from '../../src/features/access/schema.ts'
import { convertToClient } from '../../src/features/leads/conversion.ts'
import { visible, writable } from '../../src/features/users/access.ts'
import { NotFound } from '../../src/platform/errors.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { ROLES, inTransaction } from '../../src/platform/scope.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeTeam, makeUser, system } from '../support/people.ts'
import {
  makeClient,
  makeCommunication,
  makeContact,
  makeDeal,
  makeLead,
  makeProject,
  makeQuote,
} from '../support/records.ts'

const VISIBILITIES = ['own', 'team', 'all'] as const
/** Everybody there can be: each role with each visibility, in either team and in none. */
const people: Account[] = []
let ids: Record<AccessNoun, number>
let admin: Account

beforeAll(async () => {
  const teams = [await makeTeam('North'), await makeTeam('South'), null]
  for (const role of ROLES)
    for (const visibility of VISIBILITIES)
      for (const teamId of teams) people.push(await makeUser({ role, visibility, teamId }))
  admin = people[0]!
  const client = await makeClient(system)
  const contact = await makeContact(system, client.id)
  const deal = await makeDeal(system, { name: 'Named deal', clientId: client.id })
  const lead = await makeLead(system, { firstName: 'Named', lastName: 'Lead' })
  await convertToClient(system, lead.id, { client: 'existing', clientId: client.id, contact: 'none' })
  ids = {
    clients: client.id,
    contacts: contact.id,
    communications: (await makeCommunication(system, contact.id)).id,
    projects: (await makeProject(system, client.id)).id,
    quotes: (await makeQuote(system, client.id)).id,
    deals: deal.id,
    leads: lead.id,
  }
})

function change(what: ReturnType<typeof sql>, id: number) {
  return inTransaction(system, ({ db }) => db.query(sql`UPDATE ${what} WHERE id = ${id} RETURNING id`))
}

/** What lists, pages and commands go by, for one user and record. */
async function answers(user: Account, noun: AccessNoun): Promise<{ sees: boolean; changes: boolean }> {
  const table = raw(noun === 'communications' ? 'contact_communications' : noun)
  const scope = as(user)
  const [row] = await db.query<{ sees: boolean; changes: boolean }>(sql`
    SELECT ${visible(scope, noun, 'r')} AS sees, ${writable(scope, noun, 'r')} AS changes FROM ${table} r WHERE r.id = ${ids[noun]}`)
  return row!
}

async function expectTheSame(): Promise<void> {
  for (const noun of ACCESS_NOUNS) {
    const told = new Map((await accessTo(as(admin), noun, ids[noun])).people.map((person) => [person.id, person]))
    expect(told.size, 'everybody is told of').toBeGreaterThanOrEqual(people.length)
    for (const user of people) {
      const { reason, changes } = told.get(user.id)!
      const really = await answers(user, noun)
      const who = `${user.role}, ${user.visibility}, team ${user.teamId}: ${noun}`
      expect({ sees: reason !== null, changes }, who).toEqual(really)
      // Who may not see may not change.
      expect(really.sees || !really.changes, who).toBe(true)
    }
  }
}

const own = (noun: 'clients' | 'deals' | 'leads', owner: number | null, active = true) =>
  change(sql`${raw(noun)} SET owner_id = ${owner}::int, is_active = ${active}`, ids[noun])

test('what is told is what holds, for every role, visibility and team, whoever owns what, archived or not', async () => {
  const owner = fc.option(fc.nat(people.length - 1), { nil: null })
  await fc.assert(
    fc.asyncProperty(
      fc.record({ clients: owner, deals: owner, leads: owner }),
      fc.record({ clients: fc.boolean(), deals: fc.boolean(), leads: fc.boolean() }),
      async (owners, active) => {
        for (const noun of ['clients', 'deals', 'leads'] as const) {
          const place = owners[noun]
          await own(noun, place === null ? null : people[place]!.id, active[noun])
        }
        await expectTheSame()
      },
    ),
    { numRuns: 8, endOnFailure: true },
  )
}, 120_000)

describe('the reason', () => {
  const reasonFor = async (noun: AccessNoun, user: Account, reader = admin) => {
    const person = (await accessTo(as(reader), noun, ids[noun])).people.find(({ id }) => id === user.id)
    return [person?.reason, person?.changes, person?.through?.name]
  }
  const somebody = (role: string, visibility: string, team: number) =>
    people.find(
      (user) =>
        user.role === role &&
        user.visibility === visibility &&
        user.teamId === (team === 2 ? null : people[team]!.teamId),
    )!

  test.each(['clients', 'contacts', 'quotes'] as const)('for %s says who, whose and through what', async (noun) => {
    const [owner, mate, alone, elsewhere] = [
      somebody('member', 'own', 0),
      somebody('member', 'team', 0),
      somebody('member', 'team', 2),
      somebody('member', 'own', 1),
    ]
    await own('clients', owner.id)
    await own('deals', elsewhere.id)
    await own('leads', alone.id)

    expect(await reasonFor(noun, admin)).toEqual(['administrator', true, undefined])
    expect(await reasonFor(noun, somebody('manager', 'own', 2))).toEqual(['manager', true, undefined])
    expect(await reasonFor(noun, somebody('viewer', 'all', 2))).toEqual(['everything', false, undefined])
    expect(await reasonFor(noun, owner)).toEqual(['owner', true, undefined])
    expect(await reasonFor(noun, mate)).toEqual(['team', true, undefined])
    expect(await reasonFor(noun, elsewhere)).toEqual(['throughDeal', false, 'Named deal'])
    expect(await reasonFor(noun, alone)).toEqual(['throughLead', false, 'Named Lead'])
    expect(await reasonFor(noun, somebody('member', 'team', 1))).toEqual(['throughDeal', false, 'Named deal'])
    expect(await reasonFor(noun, somebody('viewer', 'own', 2))).toEqual([null, false, undefined])
    // Whoever sees the client and not the deal learns that there is one, and not which.
    expect(await reasonFor(noun, elsewhere, owner)).toEqual(['throughDeal', false, undefined])
    await own('clients', null)
    expect(await reasonFor(noun, somebody('member', 'own', 2))).toEqual(['unowned', true, undefined])
  })

  test('is not for who does not see the record, nor for what is not there', async () => {
    const [owner, stranger] = [somebody('member', 'own', 0), somebody('viewer', 'own', 2)]
    for (const noun of ['clients', 'deals', 'leads'] as const) await own(noun, owner.id)

    for (const noun of ACCESS_NOUNS) {
      await expect(accessTo(as(stranger), noun, ids[noun])).rejects.toThrow(NotFound)
      await expect(accessTo(as(admin), noun, 2_000_000)).rejects.toThrow(NotFound)
    }
  })

  test('leaves out who was deactivated', async () => {
    const gone = await makeUser({ name: 'Gone' })
    await change(sql`users SET is_active = false`, gone.id)

    expect((await reasonFor('deals', gone))[0]).toBeUndefined()
  })
})

test('it takes two queries, however many people there are', async () => {
  const counted = async () => (await queriesOf(() => accessTo(as(admin), 'contacts', ids.contacts))).length
  await counted()

  expect(await counted()).toBe(2)
})
