import sql from 'sql-template-tag'
import { describe, expect, test } from 'vitest'
import { completeActivity, reassignActivity, snoozeActivity } from '../../src/features/activities/commands.ts'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { completeFollowUp, reopenFollowUp, snoozeFollowUp } from '../../src/features/communications/commands.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { nextMonday } from '../../src/features/activities/due.ts'
import { countDue, dueItems } from '../../src/features/today/due.ts'
import { dealsWithoutNextStep, overdueDeals, uncontactedLeads } from '../../src/features/today/queries.ts'
import { choicesOf, whoseIn } from '../../src/features/today/whose.ts'
import type { Whose } from '../../src/features/today/schema.ts'
import { Conflict, Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { db } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

const TODAY = dayIn('Europe/Berlin')

async function somebody(overrides: Parameters<typeof makeUser>[0] = {}): Promise<Scope> {
  return as(await makeUser(overrides))
}

async function subjects(scope: Scope, whose: Whose = 'me', range: 'now' | 'week' = 'now', now?: Date) {
  return (await dueItems(scope, whose, range, now)).rows.map(({ subject }) => subject)
}

async function makeFollowUp(scope: Scope, subject: string, followUpDate: string, ownerId = scope.user.id) {
  const client = await makeClient(scope, { ownerId })
  const contact = await makeContact(scope, client.id)
  return makeCommunication(scope, contact.id, { subject, followUpDate })
}

describe('what is due', () => {
  test('is one list of follow-ups and activities of leads and deals, the longest waiting first, a time before none', async () => {
    const rosa = await somebody()
    const deal = await makeDeal(rosa)
    const lead = await makeLead(rosa)
    await makeActivity(rosa, 'deal', deal.id, { subject: 'Today, no time', dueDate: TODAY })
    await makeActivity(rosa, 'lead', lead.id, { subject: 'Today, late', dueDate: TODAY, dueTime: '23:59' })
    await makeActivity(rosa, 'lead', lead.id, { subject: 'Last week', dueDate: addDays(TODAY, -7) })
    await makeFollowUp(rosa, 'Yesterday', addDays(TODAY, -1))
    await makeActivity(rosa, 'deal', deal.id, { subject: 'Tomorrow', dueDate: addDays(TODAY, 1) })
    await makeFollowUp(rosa, 'In seven days', addDays(TODAY, 7))
    await makeActivity(rosa, 'deal', deal.id, { subject: 'In eight days', dueDate: addDays(TODAY, 8) })
    await makeActivity(rosa, 'deal', deal.id, { subject: 'At no time' })

    expect(await subjects(rosa)).toEqual(['Last week', 'Yesterday', 'Today, late', 'Today, no time'])
    expect(await subjects(rosa, 'me', 'week')).toEqual(['Tomorrow', 'In seven days'])
    expect(await countDue(rosa)).toEqual({ count: 4, more: false })
  })

  test('says whom it is about', async () => {
    const rosa = await somebody()
    const client = await makeClient(rosa, { name: 'Acme' })
    const contact = await makeContact(rosa, client.id, { firstName: 'Ada', lastName: 'Berg' })
    await makeCommunication(rosa, contact.id, { subject: 'A', followUpDate: addDays(TODAY, -3) })
    const deal = await makeDeal(rosa, { name: 'Ten forklifts', clientId: client.id })
    await makeActivity(rosa, 'deal', deal.id, { subject: 'B', dueDate: addDays(TODAY, -2), dueTime: '09:05' })
    const lead = await makeLead(rosa, { firstName: 'Emil', lastName: 'Sommer', companyName: 'Sommer KG' })
    await makeActivity(rosa, 'lead', lead.id, { subject: 'C', dueDate: addDays(TODAY, -1) })

    expect((await dueItems(rosa, 'me', 'now')).rows).toMatchObject([
      {
        kind: 'followUp',
        recordId: contact.id,
        recordName: 'Ada Berg',
        company: 'Acme',
        dueTime: null,
        writable: true,
      },
      {
        kind: 'deal',
        recordId: deal.id,
        recordName: 'Ten forklifts',
        company: 'Acme',
        dueTime: '09:05',
        writable: true,
      },
      { kind: 'lead', recordId: lead.id, recordName: 'Emil Sommer', company: 'Sommer KG', writable: true },
    ])
  })

  test('is mine when I do it, or when nobody does and the record is mine or nobody’s', async () => {
    const rosa = await somebody()
    const emil = await somebody()
    const make = (subject: string, ownerId: number | null, assigneeId: number | null) =>
      makeDeal(rosa, { ownerId }).then(({ id }) =>
        makeActivity(rosa, 'deal', id, { subject, assigneeId, dueDate: '2026-01-05' }),
      )
    const me = rosa.user.id
    await make('mine, of his', emil.user.id, me)
    await make('nobody’s, of mine', me, null)
    await make('nobody’s, of nobody’s', null, null)
    await make('his, of mine', me, emil.user.id)
    await make('nobody’s, of his', emil.user.id, null)

    expect((await subjects(rosa)).sort()).toEqual(['mine, of his', 'nobody’s, of mine', 'nobody’s, of nobody’s'])
    expect((await countDue(rosa)).count).toBe(3)
    expect((await subjects(emil)).sort()).toEqual(['his, of mine', 'nobody’s, of his', 'nobody’s, of nobody’s'])
  })

  test('of archived records is not due', async () => {
    const rosa = await somebody()
    const deal = await makeDeal(rosa)
    await makeActivity(rosa, 'deal', deal.id, { dueDate: '2026-01-05' })
    const client = await makeClient(rosa)
    const contact = await makeContact(rosa, client.id)
    await makeCommunication(rosa, contact.id, { followUpDate: '2026-01-05' })
    const before = (await countDue(rosa)).count
    await archiveDeal(rosa, deal.id)
    await archiveClient(rosa, client.id)

    expect((await countDue(rosa)).count).toBe(before - 2)
  })

  test('that others gave me of what I may no longer see is not mine to find', async () => {
    const emil = await somebody()
    const own = await somebody({ visibility: 'own' })
    const deal = await makeDeal(emil, { ownerId: own.user.id })
    await makeActivity(emil, 'deal', deal.id, { subject: 'Hidden', assigneeId: own.user.id, dueDate: '2026-01-05' })
    expect(await subjects(own)).toContain('Hidden')
    await db.transaction(async (tx) => {
      await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await tx.query(sql`UPDATE deals SET owner_id = ${emil.user.id} WHERE id = ${deal.id} RETURNING id`)
    })

    expect(await subjects(own)).not.toContain('Hidden')
  })

  test('is shown to those who cannot complete it, and says so', async () => {
    const viewer = await somebody({ role: 'viewer' })
    const rosa = await somebody()
    const deal = await makeDeal(rosa, { ownerId: null })
    const activity = await makeActivity(rosa, 'deal', deal.id, {
      subject: 'To see',
      assigneeId: null,
      dueDate: '2026-01-05',
    })

    const { rows } = await dueItems(viewer, 'me', 'now')
    expect(rows.find(({ subject }) => subject === 'To see')?.writable).toBe(false)
    await expect(completeActivity(viewer, 'deal', activity.id)).rejects.toBeInstanceOf(Forbidden)
  })

  test('is counted up to 99 beside the navigation, and to 100 on the page', async () => {
    const rosa = await somebody()
    const deal = await makeDeal(rosa)
    await db.transaction(async (tx) => {
      await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await tx.query(sql`
        INSERT INTO deal_activities (deal_id, type, due_date, status, assignee_id)
        SELECT ${deal.id}, 'call', '2026-01-05', 'pending', ${rosa.user.id} FROM generate_series(1, 130) RETURNING id`)
    })

    expect(await countDue(rosa)).toEqual({ count: 99, more: true })
    const { rows, total } = await dueItems(rosa, 'me', 'now')
    expect(rows).toHaveLength(20)
    expect(total).toEqual({ count: 100, more: true })
  })
})

describe('whose work', () => {
  test('can be asked for as far as one sees', async () => {
    const teamId = await makeTeam('North')
    const of = async (overrides: Parameters<typeof makeUser>[0]) => choicesOf((await somebody(overrides)).user)

    expect(await of({ visibility: 'own', teamId })).toEqual(['me'])
    expect(await of({ visibility: 'team', teamId })).toEqual(['me', 'team'])
    expect(await of({ visibility: 'team' })).toEqual(['me'])
    expect(await of({ visibility: 'all', teamId })).toEqual(['me', 'team', 'all'])
    expect(await of({ visibility: 'all' })).toEqual(['me', 'all'])
    expect(await of({ role: 'manager', visibility: 'own', teamId })).toEqual(['me', 'team', 'all'])
  })

  test('is mine when the address asks for nothing, nonsense or too much', async () => {
    const { user } = await somebody({ visibility: 'own' })

    for (const asked of [undefined, 'all', 'team', 'nobody', ['all'], { me: 1 }, ''])
      expect(whoseIn(user, asked)).toBe('me')
  })

  test('is my team’s, or everybody’s', async () => {
    const teamId = await makeTeam('West')
    const rosa = await somebody({ teamId })
    const colleague = await somebody({ teamId })
    const other = await somebody()
    for (const [name, scope] of Object.entries({ rosa, colleague, other })) {
      const deal = await makeDeal(scope, { name, expectedCloseDate: '2026-01-01' })
      await makeActivity(scope, 'deal', deal.id, { subject: `Call of ${name}`, dueDate: '2026-01-01' })
      await makeFollowUp(scope, `Promise of ${name}`, '2026-01-01')
      await makeDeal(scope, { name: `Plan of ${name}` })
      await makeLead(scope, { firstName: name })
    }
    const named = async (whose: Whose) => {
      const lists = await Promise.all([
        overdueDeals(rosa, whose),
        dealsWithoutNextStep(rosa, whose),
        uncontactedLeads(rosa, whose),
      ])
      return [...(await subjects(rosa, whose)), ...lists.flatMap(({ rows }) => rows.map(({ name }) => name))].filter(
        (name) => /colleague|other|rosa/.test(name ?? ''),
      )
    }
    const of = (name: string) => [`Call of ${name}`, `Promise of ${name}`, name, `Plan of ${name}`, `${name} Sommer`]

    expect((await named('me')).sort()).toEqual(of('rosa').sort())
    expect((await named('team')).sort()).toEqual([...of('rosa'), ...of('colleague')].sort())
    expect(await named('all')).toEqual(expect.arrayContaining([...of('rosa'), ...of('colleague'), ...of('other')]))
  })

  test('of a team stays within what is seen', async () => {
    const teamId = await makeTeam('East')
    const member = await somebody({ visibility: 'team', teamId })
    const colleague = await somebody({ teamId })
    const stranger = await somebody()
    const deal = await makeDeal(stranger)
    await makeActivity(stranger, 'deal', deal.id, {
      subject: 'Elsewhere',
      assigneeId: colleague.user.id,
      dueDate: '2026-01-01',
    })

    expect(await subjects(member, 'team')).not.toContain('Elsewhere')
    expect(await subjects(colleague)).toContain('Elsewhere')
  })
})

describe('done or put off', () => {
  test('it is due no more, and the count drops', async () => {
    const rosa = await somebody()
    const deal = await makeDeal(rosa)
    const done = await makeActivity(rosa, 'deal', deal.id, { dueDate: '2026-01-05' })
    const later = await makeActivity(rosa, 'deal', deal.id, { dueDate: '2026-01-05' })
    const given = await makeActivity(rosa, 'deal', deal.id, { dueDate: '2026-01-05' })
    const promised = await makeFollowUp(rosa, 'Promised', '2026-01-05')
    const kept = await makeFollowUp(rosa, 'Kept', '2026-01-05')
    const count = async () => (await countDue(rosa)).count
    const before = await count()

    await completeActivity(rosa, 'deal', done.id)
    expect(await count()).toBe(before - 1)
    await snoozeActivity(rosa, 'deal', later.id, { until: 'tomorrow' })
    expect(await count()).toBe(before - 2)
    await reassignActivity(rosa, 'deal', given.id, (await somebody()).user.id)
    expect(await count()).toBe(before - 3)
    await snoozeFollowUp(rosa, promised.id, { until: 'nextWeek' })
    expect(await count()).toBe(before - 4)
    await completeFollowUp(rosa, kept.id)
    expect(await count()).toBe(before - 5)
    await reopenFollowUp(rosa, kept.id)
    expect(await count()).toBe(before - 4)
  })

  test('a follow-up goes to tomorrow or Monday by the reader’s calendar, or to a day that is named', async () => {
    const rosa = await somebody({ timeZone: 'Pacific/Kiritimati' })
    const { id } = await makeFollowUp(rosa, 'Promised', '2026-01-05')
    const today = dayIn('Pacific/Kiritimati')
    const dayOf = async () =>
      (
        await db.query<{ day: string }>(
          sql`SELECT follow_up_date::text AS day FROM contact_communications WHERE id = ${id}`,
        )
      )[0]?.day

    await snoozeFollowUp(rosa, id, { until: 'tomorrow' })
    expect(await dayOf()).toBe(addDays(today, 1))
    await snoozeFollowUp(rosa, id, { until: 'nextWeek' })
    expect(await dayOf()).toBe(nextMonday(today))
    await snoozeFollowUp(rosa, id, { followUpDate: '2031-02-03' })
    expect(await dayOf()).toBe('2031-02-03')
    await expect(snoozeFollowUp(rosa, id, { followUpDate: addDays(today, -1) })).rejects.toMatchObject({
      key: 'activities.errors.past',
      field: 'followUpDate',
    })
    await snoozeFollowUp(rosa, id, { followUpDate: today })
    expect(await dayOf()).toBe(today)
    await expect(snoozeFollowUp(rosa, id, {})).rejects.toBeInstanceOf(RuleViolation)
  })

  test('a follow-up that is completed, or not one’s to change, is not put off', async () => {
    const rosa = await somebody({ visibility: 'own' })
    const { id } = await makeFollowUp(rosa, 'Promised', '2026-01-05')

    await expect(
      snoozeFollowUp(await somebody({ visibility: 'own' }), id, { until: 'tomorrow' }),
    ).rejects.toBeInstanceOf(NotFound)
    await expect(snoozeFollowUp(await somebody({ role: 'viewer' }), id, { until: 'tomorrow' })).rejects.toBeInstanceOf(
      Forbidden,
    )
    await completeFollowUp(rosa, id)
    await expect(snoozeFollowUp(rosa, id, { until: 'tomorrow' })).rejects.toBeInstanceOf(Conflict)
  })

  test('completed and put off by many at once, it is completed once, and never put off after', async () => {
    const rosa = await somebody()
    const { id } = await makeFollowUp(rosa, 'Promised', '2026-01-05')

    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        n % 2 === 0 ? completeFollowUp(rosa, id) : snoozeFollowUp(rosa, id, { until: 'tomorrow' }),
      ),
    )

    expect(answers.filter(({ status }, n) => n % 2 === 0 && status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(Conflict)
    const history = await db.query<{ done: boolean }>(sql`
      SELECT new_row ->> 'follow_up_completed_at' IS NOT NULL AS done FROM changes
      WHERE table_name = 'contact_communications' AND record_id = ${id} ORDER BY id`)
    expect(history.at(-1)?.done).toBe(true)
    expect(history.filter(({ done }) => done)).toHaveLength(1)
  })
})
