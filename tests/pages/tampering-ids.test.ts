import sql, { raw } from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { deactivateUser } from '../../src/features/users/commands/roles.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
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

const NOWHERE = 2_147_483_647

/** Everything a member who sees their own only has, and the same of somebody else. */
let mia: Account
let visitor: Visitor
let own: Awaited<ReturnType<typeof makeThings>>
let hidden: Awaited<ReturnType<typeof makeThings>>
let archived: number
let gone: number

async function makeThings(account: Account) {
  const scope = as(account)
  const client = await makeClient(scope)
  const contact = await makeContact(scope, client.id)
  const [project, quote] = [await makeProject(scope, client.id), await makeQuote(scope, client.id)]
  const [lead, deal] = [await makeLead(scope), await makeDeal(scope, { clientId: client.id, contactId: contact.id })]
  const communication = await makeCommunication(scope, contact.id)
  const activity = await makeActivity(scope, 'lead', lead.id)
  return {
    client: client.id,
    contact: contact.id,
    project: project.id,
    quote: quote.id,
    lead: lead.id,
    deal: deal.id,
    communication: communication.id,
    activity: activity.id,
  }
}

beforeAll(async () => {
  mia = await makeUser({ visibility: 'own', name: 'Mia' })
  const stranger = await makeUser({ visibility: 'own', name: 'Stranger', teamId: await makeTeam('Others') })
  own = await makeThings(mia)
  hidden = await makeThings(stranger)
  archived = (await makeClient(as(mia))).id
  await archiveClient(as(mia), archived, {})
  const left = await makeUser({ name: 'Left' })
  await deactivateUser(as(await makeUser({ role: 'admin' })), left.id)
  gone = left.id
  visitor = await browse(mia)
})

async function written(): Promise<number> {
  const [row] = await db.query<{ last: number }>(sql`SELECT coalesce(max(id), 0)::int AS last FROM changes`)
  return row?.last ?? 0
}

const ofOwn = () => ({ name: 'A deal', clientId: String(own.client) })

/** Each form field that takes an id: where it is sent, with what beside it, and ids of others that it must not take. */
const FIELDS: [
  field: string,
  what: string,
  path: () => string,
  beside: () => object,
  bad: () => (number | string)[],
][] = [
  ['clientId', 'a new deal', () => '/deals/create', () => ({ name: 'A deal' }), () => [hidden.client, archived]],
  ['contactId', 'a new deal', () => '/deals/create', ofOwn, () => [hidden.contact]],
  ['relatedProjectId', 'a new deal', () => '/deals/create', ofOwn, () => [hidden.project]],
  ['relatedQuoteId', 'a new deal', () => '/deals/create', ofOwn, () => [hidden.quote]],
  ['ownerId', 'a new deal', () => '/deals/create', ofOwn, () => [gone]],
  ['clientId', 'a deal', () => `/deals/${own.deal}/edit`, () => ({}), () => [hidden.client, archived]],
  ['contactId', 'a deal', () => `/deals/${own.deal}/edit`, () => ({}), () => [hidden.contact]],
  ['relatedProjectId', 'a deal', () => `/deals/${own.deal}/edit`, () => ({}), () => [hidden.project]],
  ['relatedQuoteId', 'a deal', () => `/deals/${own.deal}/edit`, () => ({}), () => [hidden.quote]],
  ['ownerId', 'a deal', () => `/deals/${own.deal}/edit`, () => ({}), () => [gone]],
  ['ownerId', 'a new lead', () => '/leads/create', () => ({ firstName: 'A', lastName: 'B' }), () => [gone]],
  ['ownerId', 'a lead', () => `/leads/${own.lead}/edit`, () => ({}), () => [gone]],
  ['ownerId', 'a new client', () => '/clients/create', () => ({ name: 'A' }), () => [gone]],
  ['ownerId', 'a client', () => `/clients/${own.client}/edit`, () => ({}), () => [gone]],
  ...(['relatedProjectId', 'relatedQuoteId', 'relatedDealId'] as const).flatMap((field): typeof FIELDS => {
    const bad = () => [
      hidden[{ relatedProjectId: 'project', relatedQuoteId: 'quote', relatedDealId: 'deal' }[field] as 'deal'],
    ]
    return [
      [
        field,
        'a new communication',
        () => `/contacts/${own.contact}/communications/create`,
        () => ({ type: 'call' }),
        bad,
      ],
      [field, 'a communication', () => `/communications/${own.communication}/edit`, () => ({}), bad],
    ]
  }),
  [
    'contactId',
    'what was said with a client',
    () => `/clients/${own.client}/communications/create`,
    () => ({ type: 'call' }),
    () => [hidden.contact],
  ],
  [
    'assigneeId',
    'a new activity',
    () => `/leads/${own.lead}/activities/create`,
    () => ({ type: 'call', subject: 'Call' }),
    () => [gone],
  ],
  ['assigneeId', 'an activity', () => `/lead-activities/${own.activity}/edit`, () => ({}), () => [gone]],
  ['assigneeId', 'handing on', () => `/lead-activities/${own.activity}/reassign`, () => ({}), () => [gone]],
  ...(['convert-to-client', 'convert-to-deal'] as const).flatMap((verb): typeof FIELDS => [
    [
      'clientId',
      verb,
      () => `/leads/${own.lead}/${verb}`,
      () => ({ client: 'existing', contact: 'none' }),
      () => [hidden.client, archived],
    ],
    [
      'contactId',
      verb,
      () => `/leads/${own.lead}/${verb}`,
      () => ({ client: 'existing', clientId: String(own.client), contact: 'existing' }),
      () => [hidden.contact],
    ],
  ]),
]

describe('an id in a form', () => {
  test.each(FIELDS)('%s of %s takes nothing that is hidden, archived or gone', async (field, _, path, beside, bad) => {
    const before = await written()
    const send = (id: number | string) => visitor.post(path(), { ...beside(), [field]: String(id) })
    const told = ({ status, text }: { status: number; text: string }) => ({
      status,
      message: new RegExp(`id="${field}-error"[^>]*>([\\s\\S]*?)</`).exec(text)?.[1]?.trim(),
    })
    const ofNothing = told(await send(NOWHERE))

    expect(ofNothing).toEqual({ status: 422, message: expect.stringMatching(/\w/) as string })
    // What is said of somebody else's is what is said of nothing: that it exists stays untold.
    for (const id of bad()) expect([id, told(await send(id))]).toEqual([id, ofNothing])
    expect(await written()).toBe(before)
  })

  test.each(['beforeId', 'afterId'])('%s beside a card: a hidden one is as good as none', async (field) => {
    const before = await written()
    const statuses = []
    for (const id of [hidden.deal, NOWHERE]) {
      const { status } = await visitor.post(`/deals/${own.deal}/move`, { stage: 'proposal', [field]: String(id) })
      statuses.push(status)
    }

    expect(new Set(statuses).size).toBe(1)
    expect(statuses.every((status) => status >= 400 && status < 500)).toBe(true)
    expect(await written()).toBe(before)
  })

  test('a pipeline that there is not is none to move to', async () => {
    const { status } = await visitor.post(`/deals/${own.deal}/move`, { stage: 'proposal', pipelineId: String(NOWHERE) })

    expect([409, 422]).toContain(status)
  })

  test('out of the Trash comes nothing that one does not see', async () => {
    const before = await written()
    await visitor.post('/trash/deals/restore', { ids: [String(hidden.deal), String(NOWHERE)] })

    expect(await written()).toBe(before)
  })

  test('people and teams that there are not are refused to an administrator too', async () => {
    const admin = await browse(await makeUser({ role: 'admin' }))
    const person = {
      name: 'New',
      email: 'new@example.com',
      role: 'member',
      visibility: 'team',
      teamId: String(NOWHERE),
    }
    const before = await written()

    expect((await admin.post('/settings/users/create', person)).status).toBe(422)
    expect((await admin.post(`/settings/users/${mia.id}/edit`, { teamId: String(NOWHERE) })).status).toBe(422)
    expect((await admin.post(`/settings/users/${mia.id}/hand-over`, { to: String(NOWHERE) })).status).toBe(422)
    expect((await admin.post(`/settings/users/${mia.id}/hand-over`, { to: String(gone) })).status).toBe(422)
    expect(await written()).toBe(before)
  })
})

const FORBIDDEN = {
  id: '1',
  createdBy: String(NOWHERE),
  created_by: '1',
  isActive: 'false',
  is_active: 'false',
  createdAt: '2001-01-01',
  updatedAt: '2001-01-01',
  clientId: String(NOWHERE),
  contactId: String(NOWHERE),
  leadId: String(NOWHERE),
  pipelineId: String(NOWHERE),
  convertedToClientId: '1',
  convertedToDealId: '1',
  convertedAt: '2001-01-01',
  convertedBy: '1',
  lostReason: 'x',
  lossReason: 'x',
  closedAt: '2001-01-01',
  boardPosition: 'zz',
  followUpCompletedAt: '2001-01-01',
  searchText: 'x',
  role: 'admin',
  visibility: 'all',
  teamId: '1',
  email: 'somebody@example.com',
  passwordHash: 'x',
  credentialsVersion: '9',
}

/** A form, the table it writes to, and what it may change of a row: beside the version and its time, nothing else. */
const FORMS: [path: () => string, table: string, id: () => number, change: Record<string, string>, may: string[]][] = [
  [() => `/leads/${own.lead}/edit`, 'leads', () => own.lead, { title: 'New' }, ['title', 'email']],
  [() => `/clients/${own.client}/edit`, 'clients', () => own.client, { website: 'a.example' }, ['website', 'email']],
  [
    () => `/contacts/${own.contact}/edit`,
    'contacts',
    () => own.contact,
    { title: 'New', role: 'billing' },
    ['title', 'email', 'role'],
  ],
  [
    () => `/communications/${own.communication}/edit`,
    'contact_communications',
    () => own.communication,
    { subject: 'New' },
    ['subject'],
  ],
  [() => `/projects/${own.project}/edit`, 'projects', () => own.project, { name: 'New' }, ['name']],
  [() => `/quotes/${own.quote}/edit`, 'quotes', () => own.quote, { title: 'New' }, ['title']],
  [
    () => `/deals/${own.deal}/edit`,
    'deals',
    () => own.deal,
    { name: 'New', clientId: '', contactId: '' },
    ['name', 'client_id', 'contact_id'],
  ],
  [
    () => `/lead-activities/${own.activity}/edit`,
    'lead_activities',
    () => own.activity,
    { subject: 'New' },
    ['subject'],
  ],
  [() => '/profile', 'users', () => mia.id, { name: 'Mia B.' }, ['name']],
]

describe('a form with more in it than it has', () => {
  test.each(FORMS)('%s %s', async (path, table, id, change, may) => {
    const rowOf = async () => {
      const [row] = await db.query<{ row: Record<string, unknown> }>(
        sql`SELECT to_jsonb(t) - 'search_text' AS row FROM ${raw(table)} t WHERE id = ${id()}`,
      )
      return row?.row ?? {}
    }
    const before = await rowOf()
    const answer = await visitor.post(path(), { ...FORBIDDEN, ...change })
    const after = await rowOf()
    const changed = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]))

    expect(answer.status).toBe(303)
    expect(
      changed.filter((name) => !['version', 'updated_at', 'search_digits', 'phone_digits', ...may].includes(name)),
    ).toEqual([])
    expect(changed).toContain('version')
  })

  test.each([['converted'], ['lost']])('a lead is not made %s by its form', async (status) => {
    expect((await visitor.post(`/leads/${own.lead}/edit`, { status })).status).toBe(422)
  })

  test.each([['closed_won'], ['closed_lost']])('a deal is not moved to %s by its form', async (stage) => {
    expect((await visitor.post(`/deals/${own.deal}/edit`, { stage })).status).toBe(422)
    expect((await visitor.post(`/deals/${own.deal}/move`, { stage })).status).toBe(422)
  })
})

describe('the version that an edit form was opened on', () => {
  const EDITS = ['leads', 'clients', 'contacts', 'communications', 'projects', 'quotes', 'deals', 'lead-activities']
  const addressOf = (noun: string) => {
    const id = noun === 'lead-activities' ? own.activity : own[noun.replace(/s$/, '') as keyof typeof own]
    return `/${noun}/${id}/edit`
  }
  const textField = (fields: Record<string, string>) =>
    ['firstName', 'name', 'title', 'subject'].find((name) => name in fields) as string

  test.each(EDITS)('of %s: one of the past and one to come conflict, and nonsense is refused', async (noun) => {
    const opened = formFields(await visitor.get(addressOf(noun)), addressOf(noun))
    const field = textField(opened)
    const send = async (version: string | string[]) =>
      (await visitor.post(addressOf(noun), { ...opened, [field]: 'Typed', version })).status
    await visitor.post(addressOf(noun), { ...opened, [field]: 'Meanwhile' })
    const before = await written()

    expect(await send(String(opened.version))).toBe(409)
    expect(await send('2147483647')).toBe(409)
    for (const nonsense of ['0', '-1', '1.5', 'abc', '1e1', '99999999999', '1 OR 1=1', ['1', '2']])
      expect([nonsense, await send(nonsense)]).toEqual([nonsense, 422])
    expect(await written()).toBe(before)
  })
})
