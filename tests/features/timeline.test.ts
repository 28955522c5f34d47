import fc from 'fast-check'
import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { completeActivity } from '../../src/features/activities/commands.ts'
import { updateClient } from '../../src/features/clients/commands.ts'
import { archiveDeal, changeDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { updateLead } from '../../src/features/leads/commands.ts'
import { FIELDS } from '../../src/features/timeline/fields.ts'
import type { Subject } from '../../src/features/timeline/fields.ts'
import { readTimeline } from '../../src/features/timeline/queries.ts'
import type { Entry } from '../../src/features/timeline/queries.ts'
import { SOURCES, placeText, timelineParams } from '../../src/features/timeline/schema.ts'
import type { Shown } from '../../src/features/timeline/schema.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

let rosa: Scope

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
})

const ALL = { show: null, before: null }

function timeline(subject: Subject, id: number, show: Shown | null = null, scope = rosa): Promise<Entry[]> {
  return readTimeline(scope, { subject, id }, { show, before: null }, 100)
}

/** Each entry in a word or two. */
function story(entries: readonly Entry[]): string[] {
  return entries.map((entry) => {
    if (entry.source === 'beginning') return 'beginning'
    if (entry.source === 'change') return `change of ${Object.keys(entry.told.fields).sort().join(', ')}`
    return `${entry.source}: ${entry.told.subject ?? entry.told.type}`
  })
}

/** Everything, a page at a time. */
async function paged(subject: Subject, id: number, size: number, show: Shown | null = null): Promise<Entry[]> {
  const all: Entry[] = []
  let before = null
  for (;;) {
    const entries: Entry[] = await readTimeline(rosa, { subject, id }, { show, before }, size)
    all.push(...entries)
    const last = entries.at(-1)
    if (!last || entries.length < size) return all
    // As it goes through the address of the next page.
    before = timelineParams({ before: placeText(last) }).before
  }
}

const keyOf = ({ at, source, id }: Entry) => placeText({ at, source, id })

describe('what stands in a timeline', () => {
  test('a deal tells its activities, those of its lead, its communications and its changes, the newest first', async () => {
    const lead = await makeLead(rosa)
    await makeActivity(rosa, 'lead', lead.id, { status: 'completed', subject: 'First call' })
    const { dealId } = await convertToDeal(rosa, lead.id, { client: 'new', contact: 'new' })
    const { contactId } = await findDeal(rosa, dealId)
    await makeCommunication(rosa, contactId ?? 0, { subject: 'About it', relatedDealId: dealId })
    await makeCommunication(rosa, contactId ?? 0, { subject: 'About something else' })
    await changeDeal(rosa, dealId, { notes: 'Ten of them', stage: 'proposal' })
    await makeActivity(rosa, 'deal', dealId, { subject: 'Planned' })

    const told = await timeline('deals', dealId)
    expect(story(told).sort()).toEqual([
      'beginning',
      'change of notes',
      'communication: About it',
      'dealActivity: stage_change',
      'leadActivity: First call',
      'leadActivity: conversion',
    ])
    const times = told.map(({ at }) => at.getTime())
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })

  test('a client tells its own changes, what its contacts said, and what was done for its deals and leads', async () => {
    const lead = await makeLead(rosa)
    await makeActivity(rosa, 'lead', lead.id, { status: 'completed', subject: 'First call' })
    const { dealId } = await convertToDeal(rosa, lead.id, { client: 'new', contact: 'new' })
    const deal = await findDeal(rosa, dealId)
    const [clientId, contactId] = [deal.clientId ?? 0, deal.contactId ?? 0]
    await makeActivity(rosa, 'deal', dealId, { status: 'completed', subject: 'Offer sent' })
    await makeCommunication(rosa, contactId, { subject: 'Thanks' })
    await updateClient(rosa, clientId, { website: 'https://acme.example.com' })
    await changeDeal(rosa, dealId, { notes: 'Told on the page of the deal' })
    const other = await makeClient(rosa)
    await makeCommunication(rosa, (await makeContact(rosa, other.id)).id, { subject: 'Somebody else' })

    expect(story(await timeline('clients', clientId)).sort()).toEqual(
      [
        'beginning',
        'change of website',
        'communication: Thanks',
        'dealActivity: Offer sent',
        'leadActivity: First call',
        'leadActivity: conversion',
      ].sort(),
    )
    expect((await timeline('clients', clientId)).find(({ source }) => source === 'dealActivity')?.told).toMatchObject({
      recordId: dealId,
      recordName: expect.stringContaining('Sommer') as string,
      changeable: true,
    })
    expect(story(await timeline('contacts', contactId)).sort()).toEqual([
      'beginning',
      'communication: Thanks',
      'dealActivity: Offer sent',
    ])
  })

  test('can be narrowed to one kind', async () => {
    const client = await makeClient(rosa)
    const contact = await makeContact(rosa, client.id)
    const deal = await makeDeal(rosa, { clientId: client.id, contactId: contact.id })
    await makeCommunication(rosa, contact.id, { subject: 'Said', relatedDealId: deal.id })
    await makeActivity(rosa, 'deal', deal.id, { status: 'completed', subject: 'Done' })
    await changeDeal(rosa, deal.id, { name: 'Another name', value: '7' })
    const shown = async (show: Shown) => story(await timeline('deals', deal.id, show)).sort()

    expect(await shown('communications')).toEqual(['communication: Said'])
    expect(await shown('activities')).toEqual(['dealActivity: Done', 'dealActivity: value_change'])
    expect(await shown('changes')).toEqual(['beginning', 'change of name'])
  })

  test('what is planned stands elsewhere until it is done', async () => {
    const deal = await makeDeal(rosa)
    const { id } = await makeActivity(rosa, 'deal', deal.id, { subject: 'Call' })
    expect(story(await timeline('deals', deal.id))).toEqual(['beginning'])

    await completeActivity(rosa, 'deal', id)
    expect(story(await timeline('deals', deal.id))).toEqual(['dealActivity: Call', 'beginning'])
  })

  test('nothing is told twice, and nothing that is no news', async () => {
    const first = await makeDeal(rosa, { value: '100' })
    const { id } = await makeDeal(rosa, { value: '100' })
    await changeDeal(rosa, id, { value: '200', ownerId: null })
    await moveDeal(rosa, id, { stage: 'qualification' })
    await moveDeal(rosa, id, { stage: 'prospecting', afterId: first.id })
    await closeDeal(rosa, id, { outcome: 'lost', lossReason: 'Too dear' })
    expect(story(await timeline('deals', id, 'changes'))).toEqual(['beginning'])
    expect(await timeline('deals', id, 'activities')).toHaveLength(5)

    const lead = await makeLead(rosa)
    await updateLead(rosa, lead.id, { status: 'contacted', score: 50 })
    await updateLead(rosa, lead.id, { score: 60, source: 'Fair' })
    expect(story(await timeline('leads', lead.id, 'changes'))).toEqual(['change of source', 'beginning'])
  })
})

describe('paging', () => {
  test('loses nothing and repeats nothing, whatever the times and the size of the page', async () => {
    const client = await makeClient(rosa)
    const contact = await makeContact(rosa, client.id)
    const lead = await makeLead(rosa)
    const deal = await makeDeal(rosa, { clientId: client.id, contactId: contact.id })
    await db.pool.query('ALTER TABLE changes DISABLE TRIGGER append_only')
    const moment = fc
      .integer({ min: 0, max: 3 })
      .map((second) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString())
    const entry = fc.tuple(fc.constantFrom('communication', 'dealActivity', 'leadActivity', 'change'), moment)
    await inTransaction(rosa, async ({ db }) => {
      await db.query(sql`UPDATE deals SET lead_id = ${lead.id} WHERE id = ${deal.id} RETURNING id`)
    })

    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), async (made, size) => {
        await inTransaction(rosa, async ({ db }) => {
          for (const table of ['contact_communications', 'deal_activities', 'lead_activities'])
            await db.query({ text: `DELETE FROM ${table} RETURNING id`, values: [] } as never)
          await db.query(sql`DELETE FROM changes WHERE table_name = 'deals' RETURNING id`)
          for (const [source, at] of made) await db.query(insertion(source, at, { contact, client, deal, lead }))
        })
        const all = await timeline('deals', deal.id)
        const times = all.map(({ at }) => at.getTime())
        const ranks = all.map(({ at, source, id }) => [at.getTime(), SOURCES.indexOf(source), id] as const)

        expect(all).toHaveLength(made.length + 1)
        expect(times).toEqual([...times].sort((a, b) => b - a))
        expect(ranks).toEqual([...ranks].sort((a, b) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2]))
        expect((await paged('deals', deal.id, size)).map(keyOf)).toEqual(all.map(keyOf))
      }),
      { numRuns: 40 },
    )
  })

  function insertion(
    source: string,
    at: string,
    { contact, client, deal, lead }: Record<'contact' | 'client' | 'deal' | 'lead', { id: number }>,
  ) {
    if (source === 'communication')
      return sql`INSERT INTO contact_communications (contact_id, client_id, related_deal_id, type, communication_date)
                 VALUES (${contact.id}, ${client.id}, ${deal.id}, 'call', ${at}::timestamptz) RETURNING id`
    if (source === 'dealActivity')
      return sql`INSERT INTO deal_activities (deal_id, type, activity_date, completed_at)
                 VALUES (${deal.id}, 'note', ${at}::timestamptz, ${at}::timestamptz) RETURNING id`
    if (source === 'leadActivity')
      return sql`INSERT INTO lead_activities (lead_id, type, activity_date, completed_at)
                 VALUES (${lead.id}, 'note', ${at}::timestamptz, ${at}::timestamptz) RETURNING id`
    return sql`INSERT INTO changes (change_set, created_at, actor, table_name, record_id, operation, old_row, new_row)
               VALUES (gen_random_uuid(), ${at}::timestamptz, 'system', 'deals', ${deal.id}, 'update', '{"name": "A"}', '{"name": "B"}') RETURNING id`
  }

  test('of a client with many deals, and narrowed, is the same', async () => {
    const client = await makeClient(rosa)
    for (let index = 0; index < 7; index += 1) {
      const deal = await makeDeal(rosa, { clientId: client.id })
      for (let done = 0; done < 4; done += 1)
        await makeActivity(rosa, 'deal', deal.id, { status: 'completed', activityDate: `2026-01-0${done + 1}T09:00` })
      await updateClient(rosa, client.id, { phone: `+49 30 ${index}` })
    }

    for (const show of [null, 'activities', 'changes'] as const) {
      const all = await timeline('clients', client.id, show)
      expect(all).toHaveLength({ activities: 28, changes: 8, all: 36 }[show ?? 'all'])
      expect((await paged('clients', client.id, 5, show)).map(keyOf)).toEqual(all.map(keyOf))
    }
  })

  test.each([
    '',
    'x',
    '2026-01-01',
    '2026-13-45T99:99:99.000Z~change~1',
    '2026-01-01T00:00:00.000Z~nothing~1',
    '2026-01-01T00:00:00.000Z~change~0',
    '0000-01-01T00:00:00.000Z~change~1',
    ['a'],
    undefined,
  ])('begins at the newest when asked for %s', (before) => {
    expect(timelineParams({ before, show: 'everything' })).toEqual(ALL)
  })
})

describe('who sees what', () => {
  let emil: Scope
  let own: Scope
  let client: number
  let contact: number

  beforeEach(async () => {
    emil = as(await makeUser({ name: 'Emil' }))
    own = as(await makeUser({ visibility: 'own' }))
    client = (await makeClient(rosa, { ownerId: own.user.id })).id
    contact = (await makeContact(rosa, client)).id
  })

  test('activities of a deal or lead that is hidden or archived are not on the client’s page', async () => {
    const hidden = await makeDeal(rosa, { clientId: client, contactId: contact, ownerId: emil.user.id })
    const seen = await makeDeal(rosa, { clientId: client, contactId: contact, ownerId: own.user.id })
    const archived = await makeDeal(rosa, { clientId: client, contactId: contact, ownerId: own.user.id })
    for (const [id, subject] of [
      [hidden.id, 'Hidden'],
      [seen.id, 'Seen'],
      [archived.id, 'Archived'],
    ] as const)
      await makeActivity(rosa, 'deal', id, { status: 'completed', subject })
    await archiveDeal(rosa, archived.id)

    const told = async (scope: Scope, subject: 'clients' | 'contacts', id: number) =>
      story(await timeline(subject, id, 'activities', scope)).sort()
    for (const [subject, id] of [
      ['clients', client],
      ['contacts', contact],
    ] as const) {
      expect(await told(own, subject, id)).toEqual(['dealActivity: Seen'])
      expect(await told(rosa, subject, id)).toEqual(['dealActivity: Hidden', 'dealActivity: Seen'])
    }
    expect(story(await timeline('deals', archived.id, 'activities'))).toEqual(['dealActivity: Archived'])
  })

  test('a hidden record tells nothing, and a hidden lead nothing on the page of its deal', async () => {
    const lead = await makeLead(rosa, { ownerId: emil.user.id })
    await makeActivity(rosa, 'lead', lead.id, { status: 'completed', subject: 'With the lead' })
    const { dealId } = await convertToDeal(rosa, lead.id, { client: 'new', contact: 'none' })
    expect(await timeline('deals', dealId, null, own)).toEqual([])

    await changeDeal(rosa, dealId, { ownerId: own.user.id })
    expect(story(await timeline('deals', dealId, 'activities', own))).toEqual(['dealActivity: owner_change'])
    expect(await timeline('leads', lead.id, null, own)).toEqual([])
  })

  test('names of what the reader may not see, or what is gone, are kept back', async () => {
    const elsewhere = await makeClient(rosa, { name: 'Secret Ltd', ownerId: emil.user.id })
    const deal = await makeDeal(rosa, { ownerId: own.user.id })
    await changeDeal(rosa, deal.id, { clientId: elsewhere.id })
    await changeDeal(rosa, deal.id, { clientId: client })
    const names = async (scope: Scope) =>
      (await timeline('deals', deal.id, 'changes', scope)).flatMap((entry) =>
        entry.source === 'change' ? [entry.told.fields.client_id] : [],
      )

    expect(await names(own)).toEqual([
      [{ name: null }, { name: 'Acme Forklifts' }],
      [null, { name: null }],
    ])
    expect(await names(rosa)).toContainEqual([null, { name: 'Secret Ltd' }])
  })

  test('only columns that are meant to be told are read', async () => {
    const statement = (await queriesOf(() => timeline('clients', client))).join()
    await inTransaction(system, async ({ db }) => {
      await db.query(sql`INSERT INTO changes (change_set, actor, table_name, record_id, operation, old_row, new_row)
        VALUES (gen_random_uuid(), 'system', 'clients', ${client}, 'update', '{"token_hash": "a", "name": "A"}', '{"token_hash": "b", "name": "B"}'),
               (gen_random_uuid(), 'system', 'clients', ${client}, 'update', '{"token_hash": "a"}', '{"token_hash": "b"}') RETURNING id`)
    })
    const changes = (await timeline('clients', client)).filter(({ source }) => source === 'change')

    expect(statement).not.toBe('')
    expect(changes).toMatchObject([{ told: { bySystem: true, who: null, fields: { name: ['A', 'B'] } } }])
    expect(JSON.stringify(changes)).not.toContain('token')
  })
})

test('every column that is told exists', async () => {
  for (const [table, fields] of Object.entries(FIELDS)) {
    const rows = await db.query<{ name: string }>(
      sql`SELECT column_name AS name FROM information_schema.columns WHERE table_name = ${table}`,
    )
    const columns = rows.map(({ name }) => name)
    const named = Object.entries(fields).flatMap(([column, { currency, follows }]) => [column, currency, follows])
    expect(named.filter((column) => column !== undefined && !columns.includes(column))).toEqual([])
  }
})

test('a page of the timeline is one statement, of any record', async () => {
  const client = await makeClient(rosa)
  const contact = await makeContact(rosa, client.id)
  const deal = await makeDeal(rosa, { clientId: client.id })
  const lead = await makeLead(rosa)
  for (const [subject, { id }] of Object.entries({ clients: client, contacts: contact, deals: deal, leads: lead }))
    expect(await queriesOf(() => timeline(subject as Subject, id))).toHaveLength(1)
})
