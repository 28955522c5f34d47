import { describe, expect, test } from 'vitest'
import sql from 'sql-template-tag'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { findClient } from '../../src/features/clients/queries.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { findContact } from '../../src/features/contacts/queries.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import { archiveDeal, changeDeal } from '../../src/features/deals/commands/changing.ts'
import { markLeadLost, reopenLead } from '../../src/features/leads/commands.ts'
import { convertToClient, convertToDeal } from '../../src/features/leads/conversion.ts'
import { findLead } from '../../src/features/leads/queries.ts'
import { Conflict, Forbidden, RuleViolation } from '../../src/platform/errors.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'
import { listLeadActivities } from '../support/stories.ts'

const rosa = as(await makeUser({ name: 'Rosa' }))
const emil = as(await makeUser({ name: 'Emil', visibility: 'own' }))

async function counts(): Promise<Record<string, number>> {
  const [row] = await db.query<Record<string, number>>(sql`
    SELECT (SELECT count(*)::int FROM clients) AS clients, (SELECT count(*)::int FROM contacts) AS contacts,
           (SELECT count(*)::int FROM deals) AS deals, (SELECT count(*)::int FROM lead_activities) AS activities`)
  return row ?? {}
}

const full = {
  companyName: 'Sommer & Söhne',
  email: 'emil@sommer.example',
  phone: '+49 30 1',
  title: 'Owner',
  source: 'Fair',
  estimatedValue: '12500.5',
  currencyCode: 'CHF',
  tags: ['pumps', 'north'],
  notes: 'Wants a call.',
}

describe('to a deal', () => {
  test('client, contact and deal come about with all that the lead knows, linked both ways', async () => {
    const lead = await makeLead(rosa, full)
    const { dealId } = await convertToDeal(rosa, lead.id, {})

    const deal = await findDeal(rosa, dealId)
    expect(deal).toMatchObject({
      name: 'Sommer & Söhne',
      leadId: lead.id,
      currencyCode: 'CHF',
      ownerId: rosa.user.id,
      tags: full.tags,
      notes: full.notes,
      status: 'open',
    })
    expect(deal.value?.toFixed()).toBe('12500.5')
    expect(await findClient(rosa, Number(deal.clientId))).toMatchObject({
      name: 'Sommer & Söhne',
      ownerId: rosa.user.id,
      tags: full.tags,
      currencyCode: 'CHF',
    })
    expect(await findContact(rosa, Number(deal.contactId))).toMatchObject({
      firstName: 'Emil',
      lastName: 'Sommer',
      email: full.email,
      title: 'Owner',
      isPrimary: true,
    })
    expect(await findLead(rosa, lead.id)).toMatchObject({
      status: 'converted',
      convertedToClientId: deal.clientId,
      convertedToDealId: dealId,
      converterName: 'Rosa',
      convertedAt: expect.any(Date) as Date,
    })
    expect(await listLeadActivities(rosa, lead.id)).toMatchObject([{ type: 'conversion', details: { dealId } }])
  })

  test('eight at once: one succeeds, seven are told, and there is one of each', async () => {
    const lead = await makeLead(rosa, { ...full, companyName: 'Racing Ltd', email: null })
    const before = await counts()
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => convertToDeal(rosa, lead.id, {})))
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
    expect(refused).toHaveLength(7)
    expect(refused.every((reason) => reason instanceof Conflict)).toBe(true)
    expect(await counts()).toEqual({
      clients: Number(before.clients) + 1,
      contacts: Number(before.contacts) + 1,
      deals: Number(before.deals) + 1,
      activities: Number(before.activities) + 1,
    })
  })

  test('to a client and to a deal at once: each target once, one client', async () => {
    const lead = await makeLead(rosa, { companyName: 'Both Ltd' })
    await Promise.allSettled([
      ...Array.from({ length: 4 }, () => convertToClient(rosa, lead.id, {})),
      ...Array.from({ length: 4 }, () => convertToDeal(rosa, lead.id, {})),
    ])
    const [row] = await db.query<{ clients: number; deals: number }>(sql`
      SELECT (SELECT count(*)::int FROM clients WHERE name = 'Both Ltd') AS clients, (SELECT count(*)::int FROM deals WHERE name = 'Both Ltd') AS deals`)
    expect(row?.clients).toBe(1)
    expect(row?.deals).toBe(1)
  })

  test('after a conversion to a client, the client is fixed and its contact kept', async () => {
    const lead = await makeLead(rosa, { companyName: 'First Client' })
    const { clientId } = await convertToClient(rosa, lead.id, {})
    const elsewhere = await makeClient(rosa, { name: 'Elsewhere' })
    const { dealId } = await convertToDeal(rosa, lead.id, { client: 'existing', clientId: elsewhere.id })
    const deal = await findDeal(rosa, dealId)
    expect(deal.clientId).toBe(clientId)
    expect((await findContact(rosa, Number(deal.contactId))).clientId).toBe(clientId)
    await expect(convertToClient(rosa, lead.id, {})).rejects.toThrow(Conflict)
  })

  test('a failure at the last step leaves nothing behind', async () => {
    const lead = await makeLead(rosa)
    const before = await counts()
    await expect(convertToDeal(rosa, lead.id, { stage: 'closed_won' })).rejects.toThrow(RuleViolation)
    await expect(convertToDeal(rosa, lead.id, { value: '1.5', currencyCode: 'JPY' })).rejects.toThrow(RuleViolation)
    expect(await counts()).toEqual(before)
    expect((await findLead(rosa, lead.id)).status).toBe('new')
  })

  test('whoever converts a lead that is nobody’s can open the result', async () => {
    const lead = await makeLead(rosa, { ownerId: null })
    const { dealId } = await convertToDeal(emil, lead.id, {})
    expect((await findDeal(emil, dealId)).id).toBe(dealId)
  })
})

test('eight at once to a client: one succeeds, seven are told, and there is one client and one contact', async () => {
  const lead = await makeLead(rosa, { ...full, companyName: 'Racing Clients', email: null })
  const before = await counts()
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => convertToClient(rosa, lead.id, {})))
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
  expect(refused).toHaveLength(7)
  expect(refused.every((reason) => reason instanceof Conflict)).toBe(true)
  expect(await counts()).toEqual({
    clients: Number(before.clients) + 1,
    contacts: Number(before.contacts) + 1,
    deals: before.deals,
    activities: Number(before.activities) + 1,
  })
})

test('eight leads become deals of one client at once: each does, and the client has one primary contact', async () => {
  const client = await makeClient(rosa, { name: 'Everybody’s' })
  const leads = await Promise.all(Array.from({ length: 8 }, () => makeLead(rosa)))
  const answers = await Promise.allSettled(
    leads.map(({ id }) => convertToDeal(rosa, id, { client: 'existing', clientId: client.id })),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('fulfilled'))
  const [row] = await db.query<{ contacts: number; primary: number }>(sql`
    SELECT count(*)::int AS contacts, count(*) FILTER (WHERE is_primary)::int AS primary FROM contacts WHERE client_id = ${client.id}`)
  expect(row).toEqual({ contacts: 8, primary: 1 })
})

test('two names of a hundred letters make a client and a deal, whose names have room for two hundred', async () => {
  const lead = await makeLead(rosa, { firstName: '𝔛'.repeat(100), lastName: 'y'.repeat(100), companyName: null })
  const { dealId } = await convertToDeal(rosa, lead.id, {})
  expect((await findDeal(rosa, dealId)).name).toBe(`${'𝔛'.repeat(100)} ${'y'.repeat(99)}`)
})

test('the deal tells the lead’s source, the lead its contact; an archived result says so, one out of sight is not named', async () => {
  const lead = await makeLead(rosa, { ...full, ownerId: null, email: null })
  const { dealId } = await convertToDeal(rosa, lead.id, {})
  expect(await findDeal(rosa, dealId)).toMatchObject({ leadName: 'Emil Sommer', leadSource: 'Fair' })
  expect((await findLead(rosa, lead.id)).contact).toMatchObject({ name: 'Emil Sommer', isActive: true })
  expect(await findLead(emil, lead.id)).toMatchObject({ dealName: 'Sommer & Söhne', dealIsActive: true })

  await changeDeal(rosa, dealId, { ownerId: Number(rosa.user.id) })
  expect((await findLead(emil, lead.id)).dealName).toBeNull()
  await archiveDeal(rosa, dealId)
  expect(await findLead(rosa, lead.id)).toMatchObject({ dealName: 'Sommer & Söhne', dealIsActive: false })
})

test('what comes of a lead whose owner has left belongs to whoever converts it', async () => {
  const leaver = await makeUser()
  const lead = await makeLead(rosa, { ownerId: leaver.id })
  await inTransaction(system, ({ db }) =>
    db.records.user.update({ where: { id: leaver.id }, data: { isActive: false } }),
  )
  const { dealId } = await convertToDeal(rosa, lead.id, {})
  expect((await findDeal(rosa, dealId)).ownerId).toBe(rosa.user.id)
})

describe('to a client', () => {
  test('an existing client and an existing contact of it can be chosen', async () => {
    const client = await makeClient(rosa, { name: 'Chosen' })
    const contact = await makeContact(rosa, client.id)
    const lead = await makeLead(rosa)
    const before = await counts()
    expect(
      await convertToClient(rosa, lead.id, {
        client: 'existing',
        clientId: client.id,
        contact: 'existing',
        contactId: contact.id,
      }),
    ).toEqual({ clientId: client.id })
    expect(await counts()).toEqual({ ...before, activities: Number(before.activities) + 1 })
  })

  test('a contact of another client, a client out of sight and none at all are refused at their field', async () => {
    const [client, other] = [await makeClient(rosa, { name: 'One' }), await makeClient(rosa, { name: 'Two' })]
    const contact = await makeContact(rosa, other.id)
    const lead = await makeLead(emil)
    const refusal = async (scope: typeof rosa, input: Parameters<typeof convertToClient>[2]) =>
      (await convertToClient(scope, lead.id, input).catch((error: unknown) => error)) as RuleViolation
    expect(
      await refusal(rosa, { client: 'existing', clientId: client.id, contact: 'existing', contactId: contact.id }),
    ).toMatchObject({ field: 'contactId', status: 422 })
    expect(await refusal(emil, { client: 'existing', clientId: client.id })).toMatchObject({
      field: 'clientId',
      status: 422,
    })
    expect(await refusal(rosa, { client: 'existing' })).toMatchObject({ field: 'clientId', status: 422 })
    expect((await findLead(rosa, lead.id)).status).toBe('new')
  })

  test('an archived client or contact is refused at its field; a deal waits for the archived client of its lead', async () => {
    const client = await makeClient(rosa, { name: 'Archived later' })
    await makeContact(rosa, client.id)
    const gone = await makeContact(rosa, client.id, { firstName: 'Gone' })
    await archiveContact(rosa, gone.id)
    const chosen = { client: 'existing', clientId: client.id } as const
    const lead = await makeLead(rosa)
    await expect(
      convertToClient(rosa, lead.id, { ...chosen, contact: 'existing', contactId: gone.id }),
    ).rejects.toMatchObject({ status: 422, field: 'contactId' })
    const converted = await makeLead(rosa)
    await convertToClient(rosa, converted.id, chosen)
    await archiveClient(rosa, client.id)

    for (const contact of ['new', 'none'] as const)
      await expect(convertToDeal(rosa, lead.id, { ...chosen, contact })).rejects.toMatchObject({
        status: 422,
        field: 'clientId',
      })
    await expect(convertToDeal(rosa, converted.id, {})).rejects.toMatchObject({ status: 409 })
  })

  test('a client one may only look at takes no new contact, but a deal of a lead of one’s own', async () => {
    const client = await makeClient(rosa, { name: 'Looked at' })
    const contact = await makeContact(rosa, client.id)
    await makeDeal(rosa, { clientId: client.id, ownerId: Number(emil.user.id) })
    const lead = await makeLead(emil)
    const chosen = { client: 'existing', clientId: client.id } as const
    await expect(convertToDeal(emil, lead.id, { ...chosen, contact: 'new' })).rejects.toMatchObject({
      status: 422,
      field: 'contact',
    })
    const { dealId } = await convertToDeal(emil, lead.id, { ...chosen, contact: 'existing', contactId: contact.id })
    expect(await findDeal(emil, dealId)).toMatchObject({ clientId: client.id, ownerId: emil.user.id })
  })

  test('a name that was cleared is missing, one that was not sent is the lead’s', async () => {
    const lead = await makeLead(rosa)
    for (const field of ['clientName', 'firstName', 'lastName', 'name'] as const)
      await expect(convertToDeal(rosa, lead.id, { [field]: null })).rejects.toMatchObject({ status: 422, field })
    expect((await findLead(rosa, lead.id)).status).toBe('new')
  })

  test('a lost lead is reopened first', async () => {
    const lead = await makeLead(rosa)
    await markLeadLost(rosa, lead.id, 'Price')
    await expect(convertToClient(rosa, lead.id, {})).rejects.toThrow(Conflict)
    await reopenLead(rosa, lead.id)
    await convertToClient(rosa, lead.id, {})
    await expect(markLeadLost(rosa, lead.id, 'Too late')).rejects.toThrow(Conflict)
  })

  test('a viewer converts nothing', async () => {
    const viewer = as(await makeUser({ role: 'viewer' }))
    const lead = await makeLead(rosa)
    await expect(convertToClient(viewer, lead.id, {})).rejects.toThrow(Forbidden)
  })
})
