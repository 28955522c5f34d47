import { beforeAll, expect, test } from 'vitest'
import { archiveDeal, changeDeal, restoreDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal, reopenDeal } from '../../src/features/deals/commands/closing.ts'
import { createDeal } from '../../src/features/deals/commands/creating.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { dealList } from '../../src/features/deals/list.ts'
import { findDeal, listDealContacts } from '../../src/features/deals/queries.ts'
import { CreateDealInput } from '../../src/features/deals/schema.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal } from '../support/records.ts'
import { listDealActivities } from '../support/stories.ts'

let rosa: Scope

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
})

/** The automatic entries of a deal's timeline, oldest first. */
async function storyOf(id: number) {
  return (await listDealActivities(rosa, id))
    .reverse()
    .map(({ type, details, creatorName }) => ({ type, details, by: creatorName }))
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
  expect((await dealList.fetch(loner, dealList.parse({ q: 'secret' }))).rows).toEqual([])
  for (const attempt of attempts) await expect(attempt(loner)).rejects.toMatchObject({ status: 404 })

  expect((await findDeal(viewer, id)).name).toBe('Rosa’s secret')
  for (const attempt of attempts) await expect(attempt(viewer)).rejects.toMatchObject({ status: 403 })
  expect(() => createDeal(viewer, { name: 'x' })).toThrow(expect.objectContaining({ status: 403 }) as Error)
  expect(await storyOf(id)).toEqual([])
})
