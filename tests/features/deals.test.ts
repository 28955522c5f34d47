import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import {
  archiveDeal,
  changeDeal,
  closeDeal,
  createDeal,
  moveDeal,
  reopenDeal,
  restoreDeal,
} from '../../src/features/deals/commands.ts'
import { dealList } from '../../src/features/deals/list.ts'
import {
  dealForm,
  dealsWithoutNextStep,
  findDeal,
  linkOptions,
  listDealActivities,
  listDealContacts,
  listDealsOfClient,
  overdueDeals,
} from '../../src/features/deals/queries.ts'
import { ChangeDealInput, CloseDealInput, CreateDealInput } from '../../src/features/deals/schema.ts'
import { deleteProject, updateProject } from '../../src/features/projects/commands.ts'
import { updateQuote } from '../../src/features/quotes/commands.ts'
import type { RuleViolation } from '../../src/platform/errors.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dateColumn, dayIn } from '../../src/platform/time.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeProject, makeQuote } from '../support/records.ts'

let rosa: Scope
let emil: Scope

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
  emil = as(await makeUser({ name: 'Emil' }))
})

/** The automatic entries of a deal's timeline, oldest first. */
async function storyOf(id: number) {
  return (await listDealActivities(rosa, id))
    .reverse()
    .map(({ type, details, creatorName }) => ({ type, details, by: creatorName }))
}

async function rowsChanged(id: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM changes WHERE table_name = 'deals' AND record_id = ${id}`,
  )
  return row?.count ?? 0
}

function errors(answers: PromiseSettledResult<unknown>[]) {
  return answers
    .filter(({ status }) => status === 'rejected')
    .map((answer) => (answer as PromiseRejectedResult).reason as { status: number; key: string })
}

test('a new deal begins in the first stage, with its probability, and belongs to whoever made it', async () => {
  const { id } = await makeDeal(rosa)

  expect(await findDeal(rosa, id)).toMatchObject({
    stage: 'prospecting',
    status: 'open',
    probability: 10,
    ownerName: 'Rosa',
    creatorName: 'Rosa',
    closedAt: null,
    stageName: null,
  })
  expect(await storyOf(id)).toEqual([])
})

test('a new deal keeps everything it was given', async () => {
  const client = await makeClient(rosa)
  const contact = await makeContact(rosa, client.id)
  const input = CreateDealInput.parse({
    name: 'Cranes <b>& "more"</b> 🏗️',
    clientId: client.id,
    contactId: contact.id,
    value: '1234.56',
    currencyCode: 'USD',
    stage: 'proposal',
    probability: 65,
    expectedCloseDate: '2027-03-28',
    ownerId: null,
    tags: ['big', 'export'],
    description: 'Two cranes',
    notes: 'Ask about\nthe colour',
  })
  const { id } = await createDeal(rosa, input)

  const deal = await findDeal(rosa, id)
  expect(deal).toMatchObject({
    ...input,
    value: expect.anything() as unknown,
    ownerName: null,
    contactName: 'Rosa Winter',
    clientName: 'Acme Forklifts',
  })
  expect(deal.value?.toFixed()).toBe('1234.56')
})

test('a deal is not born closed', async () => {
  await expect(makeDeal(rosa, { stage: 'closed_won' })).rejects.toMatchObject({ status: 422, field: 'stage' })
  await expect(makeDeal(rosa, { stage: 'nowhere' })).rejects.toMatchObject({ status: 422, field: 'stage' })
})

test('a form sent twice makes one deal', async () => {
  const submission = crypto.randomUUID()
  const made = await Promise.all(Array.from({ length: 4 }, () => makeDeal(rosa, { name: 'Only once', submission })))

  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect(made.filter(({ repeated }) => !repeated)).toHaveLength(1)
})

test.each([
  ['more decimals than the currency has', { value: '10.005', currencyCode: 'EUR' }],
  ['cents of a yen', { value: '10.5', currencyCode: 'JPY' }],
])('a value with %s is refused', async (_, fields) => {
  await expect(makeDeal(rosa, fields)).rejects.toMatchObject({ status: 422, field: 'value' })
})

test.each(['-1', 'NaN', 'Infinity', '1e3', '0x10', '1,000.00', '123456789012345', '١٢'])('%s is no value', (value) => {
  expect(CreateDealInput.safeParse({ name: 'x', value }).success).toBe(false)
})

test.each([
  { probability: 101 },
  { probability: -1 },
  { probability: 50.5 },
  { probability: '50' },
  { currencyCode: 'XXX' },
  { currencyCode: 'eur' },
])('a deal with %o is refused', (fields) => {
  expect(CreateDealInput.safeParse({ name: 'x', ...fields }).success).toBe(false)
})

test('the contact belongs to the client', async () => {
  const [acme, other] = [await makeClient(rosa), await makeClient(rosa, { name: 'Other' })]
  const stranger = await makeContact(rosa, other.id)

  await expect(makeDeal(rosa, { clientId: acme.id, contactId: stranger.id })).rejects.toMatchObject({
    status: 422,
    field: 'contactId',
  })
  await expect(makeDeal(rosa, { contactId: stranger.id })).rejects.toMatchObject({ status: 422, field: 'contactId' })
  await expect(makeDeal(rosa, { clientId: 2_000_000 })).rejects.toMatchObject({ status: 422, field: 'clientId' })
})

test('a deal does not take its contact along to another client', async () => {
  const [acme, other] = [await makeClient(rosa), await makeClient(rosa, { name: 'Other' })]
  const contact = await makeContact(rosa, acme.id)
  const { id } = await makeDeal(rosa, { clientId: acme.id, contactId: contact.id })

  await expect(changeDeal(rosa, id, { clientId: other.id })).rejects.toMatchObject({
    status: 422,
    field: 'clientId',
    key: 'deals.errors.leavesLinks',
    values: { names: 'Rosa Winter' },
  })
  await changeDeal(rosa, id, { clientId: other.id, contactId: null })
  expect(await findDeal(rosa, id)).toMatchObject({ clientId: other.id, contactId: null })
})

describe('a project and a quote', () => {
  let acme: number
  let other: number
  let project: number
  let quote: number

  beforeEach(async () => {
    acme = (await makeClient(rosa)).id
    other = (await makeClient(rosa, { name: 'Other' })).id
    project = (await makeProject(rosa, acme, { name: 'Hall 3' })).id
    quote = (await makeQuote(rosa, acme, { title: 'Racks' })).id
  })

  test('are linked to a deal of their client, shown with it, and taken off again', async () => {
    const { id } = await makeDeal(rosa, { clientId: acme, relatedProjectId: project, relatedQuoteId: quote })
    const shown = await findDeal(rosa, id)
    expect(shown).toMatchObject({ relatedProjectId: project, relatedQuoteId: quote, projectName: 'Hall 3' })
    expect(shown.quoteName).toMatch(/^T-\d+ · Racks$/)

    expect((await changeDeal(rosa, id, { relatedProjectId: null })).changed).toEqual(['relatedProjectId'])
    expect(await findDeal(rosa, id)).toMatchObject({ relatedProjectId: null, relatedQuoteId: quote, version: 2 })
  })

  test('of another client, or that do not exist, are refused at their field, and nothing is stored', async () => {
    const { id } = await makeDeal(rosa, { clientId: other })
    const refusals = [
      [{ relatedProjectId: project }, 'relatedProjectId', 'deals.errors.projectOfOtherClient'],
      [{ relatedQuoteId: quote }, 'relatedQuoteId', 'deals.errors.quoteOfOtherClient'],
      [{ relatedProjectId: 2_000_000 }, 'relatedProjectId', 'deals.errors.projectOfOtherClient'],
      [{ relatedQuoteId: 2_000_000 }, 'relatedQuoteId', 'deals.errors.quoteOfOtherClient'],
    ] as const
    for (const [links, field, key] of refusals) {
      await expect(changeDeal(rosa, id, { name: 'No', ...links })).rejects.toMatchObject({ status: 422, field, key })
      await expect(makeDeal(rosa, { clientId: other, ...links })).rejects.toMatchObject({ status: 422, field, key })
    }
    expect((await findDeal(rosa, id)).version).toBe(1)
    await expect(makeDeal(rosa, { relatedQuoteId: quote })).rejects.toMatchObject({
      field: 'relatedQuoteId',
      key: 'deals.errors.chooseClientFirst',
    })
  })

  test('stay with their client: a deal that goes to another one is refused until they are taken off', async () => {
    const { id } = await makeDeal(rosa, { clientId: acme, relatedProjectId: project, relatedQuoteId: quote })
    const refused = { status: 422, field: 'clientId', key: 'deals.errors.leavesLinks' }

    const error = await changeDeal(rosa, id, { clientId: other }).catch((reason: RuleViolation) => reason)
    expect(error).toMatchObject({ ...refused, values: { client: 'Acme Forklifts' } })
    expect((error as RuleViolation).values.names).toMatch(/^Hall 3, T-\d+ · Racks$/)
    await expect(changeDeal(rosa, id, { clientId: null, relatedQuoteId: null })).rejects.toMatchObject(refused)

    const theirs = await makeQuote(rosa, other)
    await changeDeal(rosa, id, { clientId: other, relatedProjectId: null, relatedQuoteId: theirs.id })
    expect(await findDeal(rosa, id)).toMatchObject({
      clientId: other,
      relatedProjectId: null,
      relatedQuoteId: theirs.id,
    })
  })

  test('are not the only ones that stay: a deal that was talked about keeps its client', async () => {
    const { id: contactId } = await makeContact(rosa, acme)
    const { id } = await makeDeal(rosa, { clientId: acme, contactId })
    await inTransaction(rosa, (scope) =>
      scope.db.records.communication.createMany({
        data: ['Call', 'Visit'].map((subject) => ({
          clientId: acme,
          contactId,
          type: 'call',
          subject,
          communicationDate: new Date(),
          relatedDealId: id,
        })),
      }),
    )

    await expect(changeDeal(rosa, id, { clientId: other })).rejects.toMatchObject({
      field: 'clientId',
      key: 'deals.errors.leavesLinksAndCommunications',
      values: { names: 'Rosa Winter', count: 2 },
    })
    await expect(changeDeal(rosa, id, { clientId: other, contactId: null })).rejects.toMatchObject({
      field: 'clientId',
      key: 'deals.errors.leavesCommunications',
      values: { count: 2, client: 'Acme Forklifts' },
    })
    expect((await findDeal(rosa, id)).version).toBe(1)
  })

  test('that came to an end stay selected, so that an untouched form changes nothing', async () => {
    const { id } = await makeDeal(rosa, { clientId: acme, relatedProjectId: project, relatedQuoteId: quote })
    await updateQuote(rosa, quote, { status: 'accepted' })
    await updateProject(rosa, project, { status: 'cancelled' })
    const deal = await findDeal(rosa, id)

    const options = await linkOptions(rosa, acme, deal)
    expect(options.projects.map(({ value }) => value)).toContain(project)
    expect(options.quotes.map(({ value }) => value)).toContain(quote)
    const { values } = formOf(dealForm(deal))
    await changeDeal(rosa, id, ChangeDealInput.parse(fromForm(ChangeDealInput, values)))
    expect((await findDeal(rosa, id)).version).toBe(1)
  })

  test('deleted while a deal is linked to them: the deal is saved without, or told, and never fails', async () => {
    const deals = await Promise.all(Array.from({ length: 8 }, () => makeDeal(rosa, { clientId: acme })))

    const answers = await Promise.allSettled([
      deleteProject(rosa, project),
      ...deals.map(({ id }) => changeDeal(rosa, id, { relatedProjectId: project })),
    ])

    for (const error of errors(answers)) expect(error).toMatchObject({ status: 422 })
    for (const { id } of deals) expect((await findDeal(rosa, id)).relatedProjectId).toBeNull()
  })

  test('are offered with the contacts, in one query', async () => {
    await makeContact(rosa, acme)
    const ask = () => linkOptions(rosa, acme, { contactId: null, relatedProjectId: null, relatedQuoteId: null })

    expect(await ask()).toMatchObject({ contacts: [{ label: 'Rosa Winter' }], projects: [{ label: 'Hall 3' }] })
    expect(await queriesOf(ask)).toHaveLength(1)
  })
})

test('a client or contact that was archived stays with its deal, but cannot be chosen anew', async () => {
  const client = await makeClient(rosa)
  const contact = await makeContact(rosa, client.id)
  const { id } = await makeDeal(rosa, { clientId: client.id, contactId: contact.id })
  await archiveContact(rosa, contact.id)
  await archiveClient(rosa, client.id, { confirmed: true })

  await changeDeal(rosa, id, { name: 'Renamed', clientId: client.id, contactId: contact.id })
  expect(await findDeal(rosa, id)).toMatchObject({
    name: 'Renamed',
    clientId: client.id,
    clientIsActive: false,
    contactIsActive: false,
  })
  await expect(makeDeal(rosa, { clientId: client.id })).rejects.toMatchObject({ status: 422, field: 'clientId' })
})

test('opening and saving an untouched form changes nothing', async () => {
  const client = await makeClient(rosa)
  const contact = await makeContact(rosa, client.id)
  const { id } = await makeDeal(rosa, {
    clientId: client.id,
    contactId: contact.id,
    expectedCloseDate: '2027-01-31',
    tags: ['a', 'b'],
    notes: 'one\ntwo',
    probability: 33,
  })
  const [before, changesBefore] = [await findDeal(rosa, id), await rowsChanged(id)]
  const body = formOf(dealForm(before)).values
  const input = ChangeDealInput.parse(fromForm(ChangeDealInput, { ...body, notes: 'one\r\ntwo' }))

  expect(await changeDeal(rosa, id, input)).toEqual({ id, changed: [] })
  expect(await findDeal(rosa, id)).toEqual(before)
  expect(await rowsChanged(id)).toBe(changesBefore)
})

test('value, owner and stage each leave one activity with old and new', async () => {
  const { id } = await makeDeal(rosa, { value: '100' })
  await changeDeal(emil, id, {
    value: '250.50',
    currencyCode: 'USD',
    ownerId: emil.user.id,
    stage: 'proposal',
    notes: 'unseen',
  })

  expect(await storyOf(id)).toEqual([
    {
      type: 'stage_change',
      by: 'Emil',
      details: { from: { key: 'prospecting', name: null }, to: { key: 'proposal', name: null } },
    },
    {
      type: 'value_change',
      by: 'Emil',
      details: { from: { value: '100', currencyCode: 'EUR' }, to: { value: '250.50', currencyCode: 'USD' } },
    },
    {
      type: 'owner_change',
      by: 'Emil',
      details: { from: { id: rosa.user.id, name: 'Rosa' }, to: { id: emil.user.id, name: 'Emil' } },
    },
  ])
})

test('a deal given to nobody says so', async () => {
  const { id } = await makeDeal(rosa)
  await changeDeal(rosa, id, { ownerId: null })
  expect(await storyOf(id)).toMatchObject([{ type: 'owner_change', details: { from: { name: 'Rosa' }, to: null } }])
  await expect(changeDeal(rosa, id, { ownerId: 2_000_000 })).rejects.toMatchObject({ status: 422, field: 'ownerId' })
})

test('a new stage brings its probability, unless another was typed with it', async () => {
  const { id } = await makeDeal(rosa)
  await changeDeal(rosa, id, { stage: 'proposal', probability: 10 })
  expect((await findDeal(rosa, id)).probability).toBe(50)

  await changeDeal(rosa, id, { stage: 'negotiation', probability: 60 })
  expect((await findDeal(rosa, id)).probability).toBe(60)
})

test('a changed currency is measured against the value it comes with', async () => {
  const { id } = await makeDeal(rosa, { value: '10.50' })
  await expect(changeDeal(rosa, id, { currencyCode: 'JPY' })).rejects.toMatchObject({ status: 422, field: 'value' })
})

test('two people edit one deal: the second gets both versions, and nothing is lost', async () => {
  const { id } = await makeDeal(rosa)
  const { version } = await findDeal(rosa, id)
  await changeDeal(rosa, id, { name: 'By Rosa', version })

  await expect(changeDeal(emil, id, { name: 'By Emil', version })).rejects.toMatchObject({
    status: 409,
    stored: { name: 'By Rosa', version: version + 1 },
  })
  expect((await findDeal(rosa, id)).name).toBe('By Rosa')
})

test('eight people save on one version: one saves', async () => {
  const { id } = await makeDeal(rosa, { value: '1' })
  const { version } = await findDeal(rosa, id)
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => changeDeal(n % 2 ? rosa : emil, id, { value: String(n + 2), version })),
  )

  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(errors(answers).every(({ status }) => status === 409)).toBe(true)
  expect(await storyOf(id)).toHaveLength(1)
})

test('won sets 100 % and dates, in the zone of whoever closed it', async () => {
  const { id } = await makeDeal(rosa, { stage: 'proposal' })
  await closeDeal(rosa, id, { outcome: 'won' })

  expect(await findDeal(rosa, id)).toMatchObject({
    stage: 'closed_won',
    status: 'won',
    probability: 100,
    actualCloseDate: dayIn('Europe/Berlin'),
    lossReason: null,
    closedAt: expect.any(Date) as Date,
  })
  expect(await storyOf(id)).toEqual([{ type: 'status_change', by: 'Rosa', details: { from: 'open', to: 'won' } }])
})

test('lost needs a reason and sets 0 %', async () => {
  const { id } = await makeDeal(rosa)
  expect(CloseDealInput.safeParse({ outcome: 'lost' }).success).toBe(false)
  expect(CloseDealInput.safeParse({ outcome: 'lost', lossReason: '  ' }).success).toBe(false)
  await closeDeal(rosa, id, { outcome: 'lost', lossReason: 'Price', actualCloseDate: '2026-02-28' })

  expect(await findDeal(rosa, id)).toMatchObject({
    stage: 'closed_lost',
    status: 'lost',
    probability: 0,
    lossReason: 'Price',
    actualCloseDate: '2026-02-28',
  })
  expect(await storyOf(id)).toEqual([
    { type: 'status_change', by: 'Rosa', details: { from: 'open', to: 'lost', reason: 'Price' } },
  ])
})

test('eight people close a deal at once: one closes it, the others are told', async () => {
  const { id } = await makeDeal(rosa)
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) =>
      closeDeal(n % 2 ? rosa : emil, id, n % 2 ? { outcome: 'won' } : { outcome: 'lost', lossReason: 'Price' }),
    ),
  )

  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(errors(answers).map(({ status, key }) => `${status} ${key}`)).toEqual(
    Array(7).fill('409 deals.errors.alreadyClosed'),
  )
  expect(await storyOf(id)).toMatchObject([{ type: 'status_change' }])
})

test('reopening returns to the stage before closing and its probability, and clears what closing set', async () => {
  const { id } = await makeDeal(rosa, { stage: 'negotiation', probability: 80 })
  await closeDeal(rosa, id, { outcome: 'lost', lossReason: 'Price' })
  await reopenDeal(emil, id)

  expect(await findDeal(rosa, id)).toMatchObject({
    stage: 'negotiation',
    status: 'open',
    probability: 75,
    actualCloseDate: null,
    closedAt: null,
    lossReason: null,
  })
  expect((await storyOf(id)).at(-1)).toEqual({
    type: 'status_change',
    by: 'Emil',
    details: { from: 'lost', to: 'open' },
  })
  await expect(reopenDeal(rosa, id)).rejects.toMatchObject({ status: 409 })
})

test('a deal that was moved since it was last closed is reopened where it stood last', async () => {
  const { id } = await makeDeal(rosa)
  await moveDeal(rosa, id, { stage: 'proposal' })
  await closeDeal(rosa, id, { outcome: 'won' })
  await reopenDeal(rosa, id)
  await moveDeal(rosa, id, { stage: 'qualification' })
  await closeDeal(rosa, id, { outcome: 'won' })

  expect(await reopenDeal(rosa, id)).toEqual({ id, stage: 'qualification' })
})

test('a closed deal is neither moved nor given other chances, but its details can be put right', async () => {
  const { id } = await makeDeal(rosa)
  await closeDeal(rosa, id, { outcome: 'won' })

  await expect(moveDeal(rosa, id, { stage: 'proposal' })).rejects.toMatchObject({
    status: 409,
    key: 'deals.errors.alreadyClosed',
  })
  await expect(changeDeal(rosa, id, { stage: 'proposal' })).rejects.toMatchObject({ status: 409 })
  await expect(changeDeal(rosa, id, { probability: 50 })).rejects.toMatchObject({ status: 422, field: 'probability' })
  await changeDeal(rosa, id, { name: 'Corrected', stage: 'closed_won', probability: 100 })
  expect(await findDeal(rosa, id)).toMatchObject({ name: 'Corrected', status: 'won' })
})

test('an archived deal leaves the lists, refuses changes, and comes back as it was', async () => {
  const client = await makeClient(rosa, { name: 'Archivists' })
  const { id } = await makeDeal(rosa, { clientId: client.id, name: 'Archived away' })
  const before = await findDeal(rosa, id)
  await archiveDeal(rosa, id)
  await archiveDeal(rosa, id)

  expect(await found({ q: 'Archived away' })).toEqual([])
  expect(await listDealsOfClient(rosa, client.id)).toEqual([])
  await expect(closeDeal(rosa, id, { outcome: 'won' })).rejects.toMatchObject({
    status: 409,
    key: 'deals.errors.archived',
  })
  await restoreDeal(rosa, id)
  expect({ ...(await findDeal(rosa, id)), version: 0, updatedAt: 0 }).toEqual({ ...before, version: 0, updatedAt: 0 })
})

async function found(query: Record<string, string>, scope: Scope = rosa): Promise<string[]> {
  return (await dealList.fetch(scope, dealList.parse(query))).rows.map(({ name }) => name)
}

test('the list finds deals by their own words and by their client, accents and case aside', async () => {
  const client = await makeClient(rosa, { name: 'Zoë Brücken GmbH' })
  await makeDeal(rosa, { clientId: client.id, name: 'Steel 100%' })
  await makeDeal(rosa, { name: 'Brucken of our own' })

  expect((await found({ q: 'brucken' })).sort()).toEqual(['Brucken of our own', 'Steel 100%'])
  expect(await found({ q: 'zoe' })).toEqual(['Steel 100%'])
  expect(await found({ q: '100%' })).toEqual(['Steel 100%'])
  expect(await found({ q: '1_0%' })).toEqual([])
})

test('the list filters by stage, status, owner, attention and time of closing; nonsense filters nothing', async () => {
  const owner = as(await makeUser())
  const make = (name: string, more: Parameters<typeof makeDeal>[1] = {}) => makeDeal(owner, { name, ...more })
  await make('late', { expectedCloseDate: addDays(dayIn('Europe/Berlin'), -1), stage: 'proposal' })
  await make('today', { expectedCloseDate: dayIn('Europe/Berlin') })
  const won = await make('won')
  await closeDeal(owner, won.id, { outcome: 'won' })
  const long = await make('long ago')
  await closeDeal(owner, long.id, { outcome: 'won', actualCloseDate: '2001-01-01' })
  const mine = async (query: Record<string, string>) => (await found({ owner: 'me', ...query }, owner)).sort()

  expect(await mine({})).toEqual(['late', 'long ago', 'today', 'won'])
  expect(await mine({ stage: 'proposal' })).toEqual(['late'])
  expect(await mine({ status: 'won' })).toEqual(['long ago', 'won'])
  expect(await mine({ closed: 'month' })).toEqual(['won'])
  expect(await mine({ attention: 'overdue' })).toEqual(['late'])
  expect(await mine({ attention: 'unplanned' })).toEqual(['late', 'today'])
  expect(await mine({ stage: "'; DROP", status: 'maybe', closed: 'x', sort: 'sideways', cursor: '%%%' })).toEqual([
    'late',
    'long ago',
    'today',
    'won',
  ])
  expect(await found({ owner: 'none', q: 'late' }, owner)).toEqual([])
})

test.each(['name', '-name', 'value', '-value', 'close', '-close', 'created', '-updated'])(
  'sorted by %s, paging shows every deal once',
  async (sort) => {
    const owner = as(await makeUser())
    for (let n = 0; n < 60; n += 1) {
      await makeDeal(owner, {
        name: `Deal ${n % 7}`,
        value: n % 3 === 0 ? null : String(n % 5),
        expectedCloseDate: n % 4 === 0 ? null : `2027-01-0${1 + (n % 3)}`,
      })
    }
    const query = { owner: 'me', sort }
    const first = await dealList.fetch(owner, dealList.parse(query))
    const second = await dealList.fetch(
      owner,
      dealList.parse(Object.fromEntries(new URLSearchParams(first.next ?? ''))),
    )

    expect(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size).toBe(60)
  },
)

test('the next step is the earliest thing pending with a date', async () => {
  const { id } = await makeDeal(rosa)
  expect((await findDeal(rosa, id)).nextStep).toBeNull()
  await plan(id, [
    { subject: 'later', dueDate: '2027-02-02', status: 'pending' },
    { subject: 'first', dueDate: '2027-01-01', status: 'pending' },
    { subject: 'done', dueDate: '2026-01-01', status: 'completed' },
    { subject: 'some day', dueDate: null, status: 'pending' },
  ])

  expect((await findDeal(rosa, id)).nextStep).toEqual({ type: 'task', subject: 'first', dueDate: '2027-01-01' })
})

interface Plan {
  subject: string
  dueDate: string | null
  status: 'pending' | 'completed'
}

/** Activities as people will enter them; there is no command for them yet. */
function plan(dealId: number, activities: readonly Plan[]): Promise<unknown> {
  return inTransaction(rosa, (scope) =>
    scope.db.records.dealActivity.createMany({
      data: activities.map(({ subject, dueDate, status }) => ({
        dealId,
        type: 'task',
        subject,
        dueDate: dateColumn(dueDate),
        status,
        completedAt: status === 'completed' ? new Date() : null,
      })),
    }),
  )
}

test('today reminds of overdue deals and of those without a next step, mine and nobody’s', async () => {
  const me = as(await makeUser())
  const yesterday = addDays(dayIn('Europe/Berlin'), -1)
  const late = await makeDeal(me, { name: 'late', expectedCloseDate: yesterday })
  await plan(late.id, [{ subject: 'call', dueDate: yesterday, status: 'pending' }])
  const nobodys = await makeDeal(me, {
    name: 'late and nobody’s',
    expectedCloseDate: addDays(yesterday, -1),
    ownerId: null,
  })
  await makeDeal(rosa, { name: 'late, but of Rosa', expectedCloseDate: yesterday })
  const closed = await makeDeal(me, { name: 'late, but closed', expectedCloseDate: yesterday })
  await closeDeal(me, closed.id, { outcome: 'won' })

  const overdue = await overdueDeals(me)
  expect(overdue.rows.map(({ id }) => id)).toEqual([nobodys.id, late.id])
  expect(overdue.total).toEqual({ count: 2, more: false })
  const unplanned = (await dealsWithoutNextStep(me)).rows.map(({ id }) => id)
  expect(unplanned).toContain(nobodys.id)
  expect(unplanned).not.toContain(late.id)
})

test('a deal tells who can be reached at its client, the primary contact first', async () => {
  const client = await makeClient(rosa)
  await makeContact(rosa, client.id, { firstName: 'Ada', lastName: 'Adams' })
  await makeContact(rosa, client.id, { firstName: 'Zed', lastName: 'Zorn', isPrimary: true })
  const { id } = await makeDeal(rosa, { clientId: client.id })

  expect((await listDealContacts(rosa, id)).map(({ firstName, isPrimary }) => [firstName, isPrimary])).toEqual([
    ['Zed', true],
    ['Ada', false],
  ])
  expect(await listDealContacts(rosa, (await makeDeal(rosa)).id)).toEqual([])
})

test('what is not mine to see is not there; what a viewer sees, they cannot change', async () => {
  const loner = as(await makeUser({ visibility: 'own' }))
  const viewer = as(await makeUser({ role: 'viewer' }))
  const { id } = await makeDeal(rosa, { name: 'Rosa’s secret' })
  const attempts = [
    (scope: Scope) => changeDeal(scope, id, { name: 'mine' }),
    (scope: Scope) => moveDeal(scope, id, { stage: 'proposal' }),
    (scope: Scope) => closeDeal(scope, id, { outcome: 'won' }),
    (scope: Scope) => reopenDeal(scope, id),
    (scope: Scope) => archiveDeal(scope, id),
    (scope: Scope) => restoreDeal(scope, id),
  ]

  await expect(findDeal(loner, id)).rejects.toMatchObject({ status: 404 })
  await expect(listDealContacts(loner, id)).rejects.toMatchObject({ status: 404 })
  expect(await found({ q: 'secret' }, loner)).toEqual([])
  for (const attempt of attempts) await expect(attempt(loner)).rejects.toMatchObject({ status: 404 })

  expect((await findDeal(viewer, id)).name).toBe('Rosa’s secret')
  for (const attempt of attempts) await expect(attempt(viewer)).rejects.toMatchObject({ status: 403 })
  expect(() => createDeal(viewer, { name: 'x' })).toThrow(expect.objectContaining({ status: 403 }) as Error)
  expect(await storyOf(id)).toEqual([])
})

test('a client out of sight cannot be chosen', async () => {
  const loner = as(await makeUser({ visibility: 'own' }))
  const client = await makeClient(rosa)
  await expect(makeDeal(loner, { clientId: client.id })).rejects.toMatchObject({ status: 422, field: 'clientId' })
})
