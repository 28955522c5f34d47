import { beforeAll, expect, test } from 'vitest'
import { changeDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal, reopenDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import { CloseDealInput } from '../../src/features/deals/schema.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'
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

function errors(answers: PromiseSettledResult<unknown>[]) {
  return answers
    .filter(({ status }) => status === 'rejected')
    .map((answer) => (answer as PromiseRejectedResult).reason as { status: number; key: string })
}

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

test('a deal is closed today or earlier, by the calendar of whoever closes it, never on a day to come', async () => {
  const { id } = await makeDeal(rosa)
  const tomorrow = addDays(dayIn('Europe/Berlin'), 1)
  for (const input of [{ outcome: 'won' }, { outcome: 'lost', lossReason: 'Price' }] as const)
    await expect(closeDeal(rosa, id, { ...input, actualCloseDate: tomorrow })).rejects.toMatchObject({
      status: 422,
      field: 'actualCloseDate',
    })
  expect(await storyOf(id)).toEqual([])
  await closeDeal(rosa, id, { outcome: 'won', actualCloseDate: '1999-12-31' })
  expect((await findDeal(rosa, id)).actualCloseDate).toBe('1999-12-31')
})

test('eight people reopen a deal at once: one reopens it, the others are told', async () => {
  const { id } = await makeDeal(rosa)
  await closeDeal(rosa, id, { outcome: 'won' })
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => reopenDeal(rosa, id)))

  expect(errors(answers).map(({ status }) => status)).toEqual(Array(7).fill(409))
  expect(await storyOf(id)).toHaveLength(2)
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
