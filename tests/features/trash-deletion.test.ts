import sql, { raw } from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient, restoreClient } from '../../src/features/clients/commands.ts'
import { archiveContact, restoreContact } from '../../src/features/contacts/commands.ts'
import { archiveDeal, restoreDeal } from '../../src/features/deals/commands/changing.ts'
import { archiveLead, restoreLead, updateLead } from '../../src/features/leads/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { deleteForGood, emptyTrash } from '../../src/features/trash/commands/erasing.ts'
import { departureOf } from '../../src/features/trash/departure.ts'
import { TRASH_NOUNS } from '../../src/features/trash/nouns.ts'
import type { TrashNoun } from '../../src/features/trash/nouns.ts'
import { emptiable } from '../../src/features/trash/queries.ts'
import { Conflict, Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
import {
  makeActivity,
  makeClient,
  makeCommunication,
  makeContact,
  makeDeal,
  makeLead,
  makeProject,
  makeQuote,
} from '../support/records.ts'

let nora: Scope
let member: Scope

const ARCHIVE = { clients: archiveClient, contacts: archiveContact, leads: archiveLead, deals: archiveDeal }
const RESTORE = { clients: restoreClient, contacts: restoreContact, leads: restoreLead, deals: restoreDeal }
/** One of each, archived, by whoever is given. */
async function makeTrashed(scope: Scope, noun: TrashNoun): Promise<number> {
  const { id } = await {
    clients: () => makeClient(scope),
    contacts: async () => makeContact(scope, (await makeClient(scope)).id),
    leads: () => makeLead(scope),
    deals: () => makeDeal(scope),
  }[noun]()
  await ARCHIVE[noun](scope, id)
  return id
}

async function markOf(noun: TrashNoun, id: number): Promise<string> {
  return (await departureOf(nora, { [noun]: [id] })).mark
}

async function deleteAsSeen(noun: TrashNoun, id: number, withActive = false) {
  return deleteForGood(nora, noun, id, { seen: await markOf(noun, id), withActive })
}

async function rowsIn(table: TrashNoun, id: number): Promise<number> {
  const found = await db.pool.query(`SELECT FROM ${table} WHERE id = $1`, [id])
  return found.rows.length
}

/** Every row of every table of this database, as text, the sessions and the audit too. */
async function dump(): Promise<string> {
  const tables = await db.query<{ name: string }>(sql`
    SELECT quote_ident(c.relname) AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`)
  const parts = []
  for (const { name } of tables) {
    const { rows } = await db.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)
    parts.push(`${name}\n${rows.map(({ row }) => row).join('\n')}`)
  }
  return parts.join('\n').toLowerCase()
}

beforeAll(async () => {
  nora = as(await makeUser({ role: 'admin' }))
  member = as(await makeUser())
})

describe('nothing of a person is left in the database', () => {
  const secret = /quibblewick|zebulon|\+?49[ -]?5551|05551/

  test('after a client is deleted: not of its contacts, what was said, its deals, quotes, projects, nor in the history of any of them', async () => {
    const client = await makeClient(nora, {
      name: 'Quibblewick Ltd',
      email: 'info@quibblewick.example.com',
      phone: '+49 5551 1234',
      contactPerson: 'Zebulon Quibblewick',
      tags: ['zebulon'],
    })
    const contact = await makeContact(nora, client.id, {
      firstName: 'Zebulon',
      lastName: 'Quibblewick',
      email: 'zebulon@quibblewick.example.com',
      mobile: '05551 77',
    })
    const project = await makeProject(nora, client.id, { name: 'Hall for Quibblewick' })
    const quote = await makeQuote(nora, client.id, { title: 'For Zebulon' })
    const deal = await makeDeal(nora, {
      name: 'Forklifts for Quibblewick',
      clientId: client.id,
      contactId: contact.id,
      relatedProjectId: project.id,
      relatedQuoteId: quote.id,
      notes: 'Zebulon decides',
    })
    await makeActivity(nora, 'deal', deal.id, {
      subject: 'Call Zebulon',
      description: 'zebulon@quibblewick.example.com',
    })
    await makeCommunication(nora, contact.id, {
      subject: 'Zebulon called',
      content: 'Quibblewick wants ten',
      relatedDealId: deal.id,
      relatedProjectId: project.id,
      relatedQuoteId: quote.id,
    })
    await archiveDeal(nora, deal.id)
    await archiveContact(nora, contact.id)
    await archiveClient(nora, client.id)
    expect(await dump()).toMatch(secret)

    expect(await deleteAsSeen('clients', client.id)).toEqual({ deleted: true })

    expect((await dump()).match(secret)).toBeNull()
  })

  test('after a lead is deleted: not in its activities and columns either', async () => {
    const lead = await makeLead(nora, {
      firstName: 'Zebulon',
      lastName: 'Quibblewick',
      email: 'zebulon@quibblewick.example.com',
      phone: '+49 5551 99',
      source: 'quibblewick.example.com',
      notes: 'Zebulon',
    })
    await updateLead(nora, lead.id, { lastName: 'Quibblewick-Smith', score: 50 })
    await makeActivity(nora, 'lead', lead.id, { subject: 'Ask Zebulon' })
    await archiveLead(nora, lead.id)

    await deleteAsSeen('leads', lead.id)

    expect((await dump()).match(secret)).toBeNull()
  })

  test('after a contact is deleted: its client and deals stay, and know nothing of them', async () => {
    const client = await makeClient(nora)
    const contact = await makeContact(nora, client.id, {
      firstName: 'Zebulon',
      lastName: 'Quibblewick',
      email: 'zebulon@quibblewick.example.com',
    })
    await makeCommunication(nora, contact.id, { content: 'Zebulon says yes' })
    const deal = await makeDeal(nora, { clientId: client.id, contactId: contact.id })
    await archiveContact(nora, contact.id)

    await deleteAsSeen('contacts', contact.id)

    expect((await dump()).match(secret)).toBeNull()
    const [left] = await db.query<{ contactId: number | null; clientId: number }>(
      sql`SELECT contact_id AS "contactId", client_id AS "clientId" FROM deals WHERE id = ${deal.id}`,
    )
    expect(left).toEqual({ contactId: null, clientId: client.id })
  })
})

test('the history keeps that it was deleted, when and by whom, and that its content was erased', async () => {
  const id = await makeTrashed(nora, 'leads')

  await deleteAsSeen('leads', id)

  const told = await db.query<{ operation: string; actor: string; old: Record<string, unknown> | null }>(sql`
    SELECT operation, actor, old_row AS old FROM changes WHERE table_name = 'leads' AND record_id = ${id} ORDER BY id`)
  expect(told.map(({ operation }) => operation)).toEqual(['insert', 'update', 'delete', 'redact'])
  expect(told.map(({ actor }) => actor)).toEqual(Array(4).fill(String(nora.user.id)))
  expect(told[2]!.old).toMatchObject({ id, first_name: '[redacted]', email: '[redacted]', is_active: false })
})

test('what goes along and what stays is told by kind, with what is not archived', async () => {
  const client = await makeClient(nora, { name: 'Acme' })
  const contact = await makeContact(nora, client.id)
  await makeCommunication(nora, contact.id)
  await makeDeal(nora, { name: 'A deal', clientId: client.id })
  const archived = await makeDeal(nora, { name: 'B deal', clientId: client.id })
  await makeActivity(nora, 'deal', archived.id)
  await archiveDeal(nora, archived.id)
  await makeProject(nora, client.id)
  const lead = await makeLead(nora)
  await convertToDeal(nora, lead.id, { client: 'existing', clientId: client.id, contact: 'none' })
  await archiveClient(nora, client.id, { confirmed: true })

  const { going, staying, history } = await departureOf(nora, { clients: [client.id] })

  expect(going.map(({ kind, count, active }) => [kind, count, active])).toEqual([
    ['clients', 1, 0],
    ['contacts', 1, 1],
    ['projects', 1, 0],
    ['deals', 3, 2],
    ['dealActivities', 1, 0],
    ['communications', 1, 0],
  ])
  expect(
    going
      .find(({ kind }) => kind === 'deals')
      ?.first.map(({ name }) => name)
      .slice(0, 2),
  ).toEqual(['A deal', 'B deal'])
  expect(staying).toMatchObject([{ kind: 'leads', count: 1, first: [{ id: lead.id, name: 'Emil Sommer' }] }])
  expect(history).toBeGreaterThanOrEqual(10)
})

test('a client whose contacts and deals are not archived goes with them only when that is said', async () => {
  const client = await makeClient(nora)
  await makeContact(nora, client.id)
  const deal = await makeDeal(nora, { clientId: client.id })
  const lead = await makeLead(nora)
  await convertToDeal(nora, lead.id, { client: 'existing', clientId: client.id, contact: 'new' })
  await archiveClient(nora, client.id, { confirmed: true })

  await expect(deleteAsSeen('clients', client.id)).rejects.toThrow(RuleViolation)
  expect(await rowsIn('clients', client.id)).toBe(1)
  expect(await deleteAsSeen('clients', client.id, true)).toEqual({ deleted: true })

  expect([await rowsIn('clients', client.id), await rowsIn('deals', deal.id)]).toEqual([0, 0])
  const [left] = await db.query(sql`
    SELECT status, converted_to_client_id AS client, converted_to_deal_id AS deal FROM leads WHERE id = ${lead.id}`)
  expect(left).toEqual({ status: 'converted', client: null, deal: null })
})

test('what changed since the page was shown is shown again, and nothing is deleted', async () => {
  const client = await makeClient(nora)
  const contact = await makeContact(nora, client.id)
  await archiveContact(nora, contact.id)
  await archiveClient(nora, client.id)
  const seen = await markOf('clients', client.id)
  await restoreContact(nora, contact.id)

  expect(await deleteForGood(nora, 'clients', client.id, { seen, withActive: true })).toEqual({ deleted: false })
  expect(await deleteForGood(nora, 'clients', client.id, { withActive: true })).toEqual({ deleted: false })

  expect(await rowsIn('clients', client.id)).toBe(1)
})

describe.each(TRASH_NOUNS)('%s', (noun) => {
  test('are deleted for good by administrators only, and out of the Trash only', async () => {
    const id = await makeTrashed(nora, noun)
    const seen = await markOf(noun, id)
    const others = [member, as(await makeUser({ role: 'manager' })), as(await makeUser({ role: 'viewer' }))]

    for (const scope of others) await expect(deleteForGood(scope, noun, id, { seen })).rejects.toThrow(Forbidden)
    const blind = as(await makeUser({ visibility: 'own' }))
    await expect(deleteForGood(blind, noun, id, { seen })).rejects.toThrow(NotFound)
    await RESTORE[noun](nora, id)
    await expect(deleteAsSeen(noun, id)).rejects.toThrow(Conflict)

    expect(await rowsIn(noun, id)).toBe(1)
  })

  test('restored and deleted for good at once: one of the two, and everybody is told which', async () => {
    for (let round = 0; round < 3; round += 1) {
      const id = await makeTrashed(nora, noun)
      const seen = await markOf(noun, id)

      const answers = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) =>
          index % 2 === round % 2 ? RESTORE[noun](nora, id) : deleteForGood(nora, noun, id, { seen }),
        ),
      )

      const [restores, deletions] = [0, 1].map((half) =>
        answers.filter((_, index) => (index % 2 === round % 2) === (half === 0)),
      )
      const isThere = (await rowsIn(noun, id)) === 1
      const done = (some: typeof answers) => some.filter((answer) => answer.status === 'fulfilled').length
      expect([done(restores!), done(deletions!)]).toEqual(isThere ? [4, 0] : [0, 1])
      for (const answer of answers) {
        if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(isThere ? Conflict : NotFound)
      }
    }
  })

  test('restored by eight at once are back, once', async () => {
    const id = await makeTrashed(nora, noun)

    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => RESTORE[noun](nora, id)))

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('fulfilled'))
    const [told] = await db.query<{ count: number }>(sql`
      SELECT count(*)::int AS count FROM changes
      WHERE table_name = ${noun} AND record_id = ${id} AND old_row ->> 'is_active' = 'false' AND new_row ->> 'is_active' = 'true'`)
    expect(told?.count).toBe(1)
  })
})

test('whoever adds to a deal that is being deleted is told that it is gone', async () => {
  const client = await makeClient(nora)
  const deal = await makeDeal(nora, { clientId: client.id })
  await archiveClient(nora, client.id, { confirmed: true })
  const seen = await markOf('clients', client.id)

  const answers = await Promise.allSettled([
    deleteForGood(nora, 'clients', client.id, { seen, withActive: true }),
    ...Array.from({ length: 7 }, () => makeActivity(member, 'deal', deal.id)),
  ])

  const [deletion, ...others] = answers
  if (deletion?.status === 'fulfilled' && deletion.value.deleted) {
    expect(await rowsIn('deals', deal.id)).toBe(0)
    for (const each of others) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(NotFound)
  } else {
    expect(await rowsIn('deals', deal.id)).toBe(1)
  }
})

describe('emptying', () => {
  /** So long ago, as far as the Trash knows. */
  async function age(noun: TrashNoun, id: number, days: number) {
    await inTransaction(system, ({ db }) =>
      db.query(
        sql`UPDATE ${raw(noun)} SET archived_at = now() - make_interval(days => ${days}) WHERE id = ${id} RETURNING id`,
      ),
    )
  }

  test('takes what has been there for longer, and leaves a client in use', async () => {
    const [old, young] = [await makeTrashed(nora, 'leads'), await makeTrashed(nora, 'leads')]
    const empty = await makeTrashed(nora, 'clients')
    const inUse = await makeTrashed(nora, 'clients')
    await restoreClient(nora, inUse)
    await makeDeal(nora, { clientId: inUse })
    await archiveClient(nora, inUse, { confirmed: true })
    for (const [noun, id] of [
      ['leads', old],
      ['clients', empty],
      ['clients', inUse],
    ] as const)
      await age(noun, id, 100)

    const { roots, count, kept } = await emptiable(nora, 90)
    expect({ roots, count, kept }).toEqual({
      roots: { clients: [empty], contacts: [], leads: [old], deals: [] },
      count: 2,
      kept: 1,
    })
    const { mark: seen } = await departureOf(nora, roots)
    expect(await emptyTrash(nora, { seen: 'another', days: '90' })).toEqual({ deleted: false, count: 2 })
    await expect(emptyTrash(member, { seen, days: '90' })).rejects.toThrow(Forbidden)
    expect(await emptyTrash(nora, { seen, days: '90' })).toEqual({ deleted: true, count: 2 })

    expect(
      await Promise.all([
        rowsIn('leads', old),
        rowsIn('leads', young),
        rowsIn('clients', empty),
        rowsIn('clients', inUse),
      ]),
    ).toEqual([0, 1, 0, 1])
    expect(await emptyTrash(nora, { seen, days: '90' })).toEqual({ deleted: false, count: 0 })
  })
})
