import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { completeActivity } from '../../src/features/activities/commands.ts'
import { activityList } from '../../src/features/activities/list.ts'
import type { ActivityRow } from '../../src/features/activities/list.ts'
import { listAssignees } from '../../src/features/activities/queries.ts'
import { plannedForDeal, plannedForLead } from '../../src/features/activities/planned.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { visible, writable } from '../../src/features/users/access.ts'
import { VISIBILITIES } from '../../src/features/users/schema.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { makeActivity, makeDeal, makeLead } from '../support/records.ts'

let account: Account
let rosa: Scope

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa Zeller' })
  rosa = as(account)
})

async function rowsOf(scope: Scope, query: Record<string, string>): Promise<ActivityRow[]> {
  return (await activityList.fetch(scope, activityList.parse(query))).rows
}
const subjects = async (scope: Scope, query: Record<string, string>) =>
  (await rowsOf(scope, query)).map(({ subject }) => subject)

describe('the joint list', () => {
  let lead: number
  let deal: number

  beforeAll(async () => {
    lead = (await makeLead(rosa, { firstName: 'Zoë', lastName: 'Grünwald' })).id
    deal = (await makeDeal(rosa, { name: 'Umschlaghalle 7' })).id
    const log = (kind: 'lead' | 'deal', subject: string | null, day: number, extra = {}) =>
      makeActivity(rosa, kind, kind === 'lead' ? lead : deal, {
        subject,
        status: 'completed',
        activityDate: `2026-05-0${day}T12:00`,
        ...extra,
      })
    await log('lead', 'apples', 1, { type: 'note', assigneeId: account.id })
    await log('deal', 'Bananas', 2, { description: 'With 100% more sugar_cane' })
    await log('lead', 'cherries', 3, { type: 'task' })
    await log('deal', null, 4, { type: 'email' })
    await moveDeal(rosa, deal, { stage: 'proposal' })
  })

  test('has the activities of leads and deals in one order, and nothing that happened by itself', async () => {
    expect(await subjects(rosa, {})).toEqual([null, 'cherries', 'Bananas', 'apples'])
    expect(await rowsOf(rosa, { sort: 'date' })).toMatchObject([
      { kind: 'lead', recordId: lead, recordName: 'Zoë Grünwald', type: 'note' },
      { kind: 'deal', recordId: deal, recordName: 'Umschlaghalle 7' },
      { kind: 'lead' },
      { kind: 'deal' },
    ])
  })

  test.each([
    [{ kind: 'lead' }, ['cherries', 'apples']],
    [{ kind: 'deal' }, [null, 'Bananas']],
    [{ type: 'task' }, ['cherries']],
    [{ assignee: 'me' }, ['apples']],
    [{ assignee: 'none', kind: 'lead' }, ['cherries']],
    [{ status: 'pending' }, []],
    [{ q: 'BANANA' }, ['Bananas']],
    [{ q: 'grunwald zoe' }, ['cherries', 'apples']],
    [{ q: 'umschlag bananas' }, ['Bananas']],
    [{ q: '100%' }, ['Bananas']],
    [{ q: 'sugar_cane' }, ['Bananas']],
    [{ q: 'sugarXcane' }, []],
    [
      { kind: 'nonsense', type: 'stage_change', due: 'never', assignee: 'x', lead: '0', sort: 'drop' },
      [null, 'cherries', 'Bananas', 'apples'],
    ],
    [{ sort: 'subject' }, ['apples', 'Bananas', 'cherries', null]],
    [{ sort: '-subject' }, ['cherries', 'Bananas', 'apples', null]],
  ] as [Record<string, string>, (string | null)[]][])('asked for %o', async (query, found) => {
    expect(await subjects(rosa, query)).toEqual(found)
  })

  test('by record has what it holds; a deal’s with what its lead brought along', async () => {
    expect(await subjects(rosa, { lead: String(lead) })).toEqual(['cherries', 'apples'])
    expect(await subjects(rosa, { deal: String(deal) })).toEqual([null, 'Bananas'])
    const { dealId } = await convertToDeal(rosa, lead, { client: 'new', contact: 'new' })
    await makeActivity(rosa, 'deal', dealId, { subject: 'of the new deal' })
    expect(await subjects(rosa, { deal: String(dealId) })).toEqual(['of the new deal', 'cherries', 'apples'])
  })
})

test('every order goes through all pages, forwards and backwards, each activity once', async () => {
  const scope = as(await makeUser({ visibility: 'own', role: 'member' }))
  const lead = await makeLead(scope, { ownerId: scope.user.id })
  const deal = await makeDeal(scope, { ownerId: scope.user.id })
  for (let index = 0; index < 61; index += 1) {
    const kind = index % 2 === 0 ? 'lead' : 'deal'
    await makeActivity(scope, kind, kind === 'lead' ? lead.id : deal.id, {
      subject: index % 5 === 0 ? null : `Subject ${index % 7}`,
      type: (['call', 'email', 'note'] as const)[index % 3]!,
      dueDate: index % 4 === 0 ? null : `2026-12-0${1 + (index % 3)}`,
      dueTime: index % 4 === 1 ? '09:30' : null,
      assigneeId: index % 3 === 0 ? null : scope.user.id,
      ...(index % 6 === 0 ? { status: 'completed' as const, activityDate: '2026-05-01T12:00' } : {}),
    })
  }
  for (const sort of Object.keys(activityList.sorts).flatMap((name) => [name, `-${name}`])) {
    const whole: number[] = []
    for await (const batch of activityList.all(scope, activityList.parse({ sort })))
      whole.push(...batch.map(({ id }) => id))
    const first = await activityList.fetch(scope, activityList.parse({ sort }))
    const second = await activityList.fetch(
      scope,
      activityList.parse(Object.fromEntries(new URLSearchParams(first.next ?? ''))),
    )
    const back = await activityList.fetch(
      scope,
      activityList.parse(Object.fromEntries(new URLSearchParams(second.previous ?? ''))),
    )

    expect(
      [...first.rows, ...second.rows].map(({ id }) => id),
      sort,
    ).toEqual(whole)
    expect(new Set(whole).size, sort).toBe(61)
    expect(
      back.rows.map(({ id }) => id),
      sort,
    ).toEqual(first.rows.map(({ id }) => id))
  }
})

describe('who sees what', () => {
  test('activities follow their lead or deal', async () => {
    const own = as(await makeUser({ visibility: 'own' }))
    const hidden = await makeDeal(rosa, { name: 'Nobody else’s' })
    const shared = await makeLead(rosa, { ownerId: null })
    await makeActivity(rosa, 'deal', hidden.id, { subject: 'hidden xyzzy' })
    await makeActivity(rosa, 'lead', shared.id, { subject: 'shared xyzzy' })

    expect(await subjects(own, { q: 'xyzzy' })).toEqual(['shared xyzzy'])
    expect(await subjects(own, { q: 'xyzzy', kind: 'deal' })).toEqual([])
    expect(await subjects(rosa, { q: 'xyzzy', sort: 'subject' })).toEqual(['hidden xyzzy', 'shared xyzzy'])
  })

  test('those of an archived record stay, and say so', async () => {
    const deal = await makeDeal(rosa)
    await makeActivity(rosa, 'deal', deal.id, { subject: 'kept plugh' })
    await archiveDeal(rosa, deal.id)

    expect(await rowsOf(rosa, { q: 'plugh' })).toMatchObject([{ subject: 'kept plugh', recordIsActive: false }])
  })

  test('can be given to exactly those who may change the record, whoever owns it', async () => {
    const team = await makeTeam('North')
    const people = []
    for (const role of ['admin', 'manager', 'member', 'viewer'] as const)
      for (const visibility of VISIBILITIES)
        for (const teamId of [team, null]) people.push(await makeUser({ role, visibility, teamId }))
    for (const ownerId of [null, account.id, ...people.map(({ id }) => id)]) {
      const { id } = await makeDeal(rosa, { ownerId })
      const offered = new Set((await listAssignees(rosa, 'deal', id)).map(({ value }) => value))
      for (const person of people) {
        const theirs = await db.query(
          sql`SELECT FROM deals d WHERE d.id = ${id} AND ${visible(as(person), 'deals', 'd')} AND ${writable(as(person), 'deals', 'd')}`,
        )
        expect(offered.has(person.id), `${person.role} ${person.visibility} ${person.teamId}, of ${ownerId}`).toBe(
          theirs.length > 0,
        )
      }
    }
  })
})

describe('the next steps of a record', () => {
  test('come the earliest first, the undated last; what was done is none of them', async () => {
    const { id } = await makeLead(rosa)
    const plan = (subject: string, dueDate: string | null, dueTime: string | null = null) =>
      makeActivity(rosa, 'lead', id, { subject, dueDate, dueTime })
    await plan('undated', null)
    await plan('all day', '2026-12-01')
    await plan('late', '2026-11-01')
    await plan('in the morning', '2026-12-01', '08:00')
    const done = await plan('done', '2026-11-02')
    await completeActivity(rosa, 'lead', done.id)
    const { planned, more } = await plannedForLead(rosa, id)

    expect(planned.map(({ subject }) => subject)).toEqual(['late', 'in the morning', 'all day', 'undated'])
    expect(more).toBe(false)
  })

  test('are a hundred, and say that there are more; what is very long is cut', async () => {
    const { id } = await makeDeal(rosa)
    await makeActivity(rosa, 'deal', id, { description: 'x'.repeat(2_001), dueDate: '2026-11-01' })
    for (let index = 0; index < 100; index += 1) await makeActivity(rosa, 'deal', id, { subject: `No. ${index}` })
    const { planned, more } = await plannedForDeal(rosa, id)

    expect(planned).toHaveLength(100)
    expect(planned[0]).toMatchObject({ isCut: true, description: 'x'.repeat(2_000) })
    expect(more).toBe(true)
  })

  test('of a deal are those its lead brought along too, for those who see the lead', async () => {
    const stranger = as(await makeUser({ visibility: 'own' }))
    const lead = await makeLead(rosa)
    await makeActivity(rosa, 'lead', lead.id, { subject: 'promised to the lead', dueDate: '2026-12-01' })
    const { dealId } = await convertToDeal(rosa, lead.id, { client: 'new', contact: 'new' })
    await makeActivity(rosa, 'deal', dealId, { subject: 'of the deal', dueDate: '2026-11-30' })
    const { planned } = await plannedForDeal(rosa, dealId)

    expect(planned).toMatchObject([
      { subject: 'of the deal', kind: 'deal' },
      { subject: 'promised to the lead', kind: 'lead' },
    ])
    expect((await plannedForDeal(stranger, dealId)).planned).toMatchObject([{ subject: 'of the deal' }])
  })
})
