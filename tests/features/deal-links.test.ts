import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { changeDeal } from '../../src/features/deals/commands/changing.ts'
import { dealForm, findDeal, linkOptions, listDealContacts } from '../../src/features/deals/queries.ts'
import { ChangeDealInput } from '../../src/features/deals/schema.ts'
import { deleteProject, updateProject } from '../../src/features/projects/commands.ts'
import { updateQuote } from '../../src/features/quotes/commands.ts'
import type { RuleViolation } from '../../src/platform/errors.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeProject, makeQuote } from '../support/records.ts'

let rosa: Scope

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
})

function errors(answers: PromiseSettledResult<unknown>[]) {
  return answers
    .filter(({ status }) => status === 'rejected')
    .map((answer) => (answer as PromiseRejectedResult).reason as { status: number; key: string })
}

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

test('a client out of sight cannot be chosen', async () => {
  const loner = as(await makeUser({ visibility: 'own' }))
  const client = await makeClient(rosa)
  await expect(makeDeal(loner, { clientId: client.id })).rejects.toMatchObject({ status: 422, field: 'clientId' })
})
