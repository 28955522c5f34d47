import sql from 'sql-template-tag'
import { beforeAll, expect, test } from 'vitest'
import { changeDeal } from '../../src/features/deals/commands/changing.ts'
import { dealForm, findDeal } from '../../src/features/deals/queries.ts'
import { ChangeDealInput } from '../../src/features/deals/schema.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal } from '../support/records.ts'
import { listDealActivities } from '../support/stories.ts'

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

test('a probability that was cleared is that of the stage', async () => {
  const { id } = await makeDeal(rosa, { stage: 'proposal', probability: 90 })
  await changeDeal(rosa, id, { probability: null })
  expect((await findDeal(rosa, id)).probability).toBe(50)
  await changeDeal(rosa, id, { probability: null, stage: 'negotiation' })
  expect((await findDeal(rosa, id)).probability).toBe(75)
})

test('saving again what is stored already is no conflict, whatever the version', async () => {
  const { id } = await makeDeal(rosa)
  const { version } = await findDeal(rosa, id)
  await changeDeal(rosa, id, { name: 'Sent twice', version })
  expect(await changeDeal(rosa, id, { name: 'Sent twice', version })).toEqual({ id, changed: [] })
  await expect(changeDeal(rosa, id, { name: 'Another', version })).rejects.toMatchObject({ status: 409 })
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
