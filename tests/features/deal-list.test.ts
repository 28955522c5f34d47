import { beforeAll, expect, test } from 'vitest'
import { createActivity } from '../../src/features/activities/commands.ts'
import { archiveDeal, changeDeal, restoreDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { dealList } from '../../src/features/deals/list.ts'
import { findDeal, listDealsOfClient } from '../../src/features/deals/queries.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { dealsWithoutNextStep, overdueDeals } from '../../src/features/today/queries.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dateColumn, dayIn } from '../../src/platform/time.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal, makeLead } from '../support/records.ts'

let rosa: Scope

beforeAll(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
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

  expect((await findDeal(rosa, id)).nextStep).toMatchObject({ type: 'task', subject: 'first', dueDate: '2027-01-01' })
})

test('what was planned for the lead is the next step of the deal it became', async () => {
  const owner = as(await makeUser())
  const lead = await makeLead(owner)
  await createActivity(owner, 'lead', lead.id, { type: 'call', subject: 'Call her back', dueDate: '2027-01-01' })
  const { dealId } = await convertToDeal(owner, lead.id, { name: 'Converted' })
  const other = await makeDeal(owner, { name: 'Planned later' })
  await plan(other.id, [{ subject: 'later', dueDate: '2027-02-02', status: 'pending' }])
  await makeDeal(owner, { name: 'Unplanned' })
  const shown = async () => (await findDeal(owner, dealId)).nextStep
  const mine = (query: Record<string, string>) => found({ owner: 'me', ...query }, owner)

  expect(await shown()).toMatchObject({ type: 'call', subject: 'Call her back', dueDate: '2027-01-01' })
  expect(await mine({ sort: 'next' })).toEqual(['Converted', 'Planned later', 'Unplanned'])
  expect(await mine({ sort: '-next' })).toEqual(['Planned later', 'Converted', 'Unplanned'])
  expect(await mine({ attention: 'unplanned' })).toEqual(['Unplanned'])
  expect((await dealsWithoutNextStep(owner, 'me')).rows.map(({ name }) => name)).not.toContain('Converted')
  await plan(dealId, [{ subject: 'earlier', dueDate: '2026-12-31', status: 'pending' }])
  expect(await shown()).toMatchObject({ subject: 'earlier' })
  expect(await mine({ sort: 'next' })).toEqual(['Converted', 'Planned later', 'Unplanned'])
})

test('what is planned for somebody else’s lead tells the deal’s readers when, and not what', async () => {
  const lead = await makeLead(rosa)
  await createActivity(rosa, 'lead', lead.id, { type: 'call', subject: 'Not yours', dueDate: '2027-01-01' })
  const { dealId } = await convertToDeal(rosa, lead.id, {})
  await changeDeal(rosa, dealId, { ownerId: (await makeUser()).id })

  expect((await findDeal(rosa, dealId)).nextStep).toMatchObject({ type: 'call', subject: null, dueDate: '2027-01-01' })
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

  const overdue = await overdueDeals(me, 'me')
  expect(overdue.rows.map(({ id }) => id)).toEqual([nobodys.id, late.id])
  expect(overdue.total).toEqual({ count: 2, more: false })
  const unplanned = (await dealsWithoutNextStep(me, 'me')).rows.map(({ id }) => id)
  expect(unplanned).toContain(nobodys.id)
  expect(unplanned).not.toContain(late.id)
})
