import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  cancelActivity,
  completeActivity,
  createActivity,
  deleteActivity,
  reassignActivity,
  reopenActivity,
  snoozeActivity,
  updateActivity,
} from '../../src/features/activities/commands.ts'
import { KINDS, kinds } from '../../src/features/activities/kinds.ts'
import type { Kind } from '../../src/features/activities/kinds.ts'
import { activityForm, findActivity, listAssignees } from '../../src/features/activities/queries.ts'
import { UpdateActivityInput } from '../../src/features/activities/schema.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { archiveLead, updateLead } from '../../src/features/leads/commands.ts'
import { Conflict, Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { submission } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeDeal, makeLead } from '../support/records.ts'

let account: Account
let emilAccount: Account
let rosa: Scope
let emil: Scope

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa', timeZone: 'Europe/Berlin' })
  emilAccount = await makeUser({ name: 'Emil', timeZone: 'America/New_York' })
  rosa = as(account)
  emil = as(emilAccount)
})

async function versionsOf(kind: Kind, id: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM changes WHERE table_name = ${kinds[kind].table.text} AND record_id = ${id}`)
  return row?.count ?? 0
}

function archive(kind: Kind, id: number): Promise<void> {
  return kind === 'lead' ? archiveLead(rosa, id) : archiveDeal(rosa, id)
}

describe.each(KINDS)('an activity of a %s', (kind) => {
  let record: number

  beforeEach(async () => {
    record = (kind === 'lead' ? await makeLead(rosa) : await makeDeal(rosa)).id
  })

  const plan = (overrides: Parameters<typeof makeActivity>[3] = {}) =>
    makeActivity(rosa, kind, record, { dueDate: '2026-12-01', dueTime: '14:30', ...overrides })
  const read = (id: number) => findActivity(rosa, kind, id)

  test('that happened keeps what was said, when by the clock of whoever says so, and who', async () => {
    const { id } = await createActivity(rosa, kind, record, {
      type: 'meeting',
      subject: 'Hall 3',
      description: 'They want\nten',
      activityDate: '2026-03-28T14:30',
    })

    expect(await read(id)).toMatchObject({
      recordId: record,
      type: 'meeting',
      subject: 'Hall 3',
      description: 'They want\nten',
      activityDate: new Date('2026-03-28T13:30:00Z'),
      completedAt: new Date('2026-03-28T13:30:00Z'),
      status: 'completed',
      dueDate: null,
      assigneeId: null,
      creatorName: 'Rosa',
    })
  })

  test('that is planned is its maker’s to do, unless somebody else or nobody is named', async () => {
    const own = await plan()
    const given = await plan({ assigneeId: emilAccount.id })
    const free = await plan({ assigneeId: null })

    expect(await read(own.id)).toMatchObject({
      status: 'pending',
      completedAt: null,
      dueDate: '2026-12-01',
      dueTime: '14:30',
      assigneeName: 'Rosa',
      zone: 'Europe/Berlin',
    })
    expect(await read(given.id)).toMatchObject({ assigneeName: 'Emil', zone: 'America/New_York' })
    expect(await read(free.id)).toMatchObject({ assigneeId: null, zone: null })
  })

  test('is planned when it has a due date and no word on its status', async () => {
    const { id } = await createActivity(rosa, kind, record, { type: 'task', dueDate: '2026-12-01' })

    expect(await read(id)).toMatchObject({ status: 'pending', assigneeName: 'Rosa' })
  })

  test('cannot have happened in the hour that the clocks pass over, and knows which of two equal hours is meant', async () => {
    const at = (activityDate: string, activityDateOffset?: string) =>
      createActivity(rosa, kind, record, { type: 'call', activityDate, activityDateOffset })

    await expect(at('2026-03-29T02:30')).rejects.toMatchObject({ key: 'errors.noSuchTime', field: 'activityDate' })
    expect((await read((await at('2026-10-25T02:30', '+02:00')).id)).activityDate).toEqual(
      new Date('2026-10-25T00:30:00Z'),
    )
    expect((await read((await at('2026-10-25T02:30', '+01:00')).id)).activityDate).toEqual(
      new Date('2026-10-25T01:30:00Z'),
    )
  })

  test('has no time without a day', async () => {
    await expect(plan({ dueDate: null })).rejects.toMatchObject({
      key: 'activities.errors.timeNeedsDate',
      field: 'dueDate',
    })
    const { id } = await plan()
    await expect(updateActivity(rosa, kind, id, { dueDate: null, dueTime: '10:00' })).rejects.toThrow(RuleViolation)
    await updateActivity(rosa, kind, id, { dueDate: null })
    expect(await read(id)).toMatchObject({ dueDate: null, dueTime: null })
  })

  test('sent twice is there once', async () => {
    const input = { submission: submission(), dueDate: '2026-12-01' }
    const [first, second] = await Promise.all([plan(input), plan(input)])

    expect(first.id).toBe(second.id)
    expect([first.repeated, second.repeated].sort()).toEqual([false, true])
  })

  test('completed by eight people at once is completed by one of them, and the others are told', async () => {
    const { id } = await plan()

    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => completeActivity(rosa, kind, id)))

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []))
    expect(refusals).toHaveLength(7)
    expect(refusals.every((error) => error instanceof Conflict && error.key === 'activities.errors.notPending')).toBe(
      true,
    )
    expect(await versionsOf(kind, id)).toBe(2)
  })

  test('completed is told of at the time it was, and can be done again with the date it had', async () => {
    const { id } = await plan()
    const before = Date.now()
    await completeActivity(rosa, kind, id)
    const done = await read(id)

    expect(done.status).toBe('completed')
    expect(done.completedAt?.getTime()).toBeGreaterThanOrEqual(before - 1_000)
    expect(done.activityDate).toEqual(done.completedAt)
    await reopenActivity(rosa, kind, id)
    expect(await read(id)).toMatchObject({ status: 'pending', completedAt: null, dueDate: '2026-12-01' })
    await expect(reopenActivity(rosa, kind, id)).rejects.toMatchObject({ key: 'activities.errors.pending' })
  })

  test('cancelled is neither completed nor put off, and can be opened again', async () => {
    const { id } = await plan()
    await cancelActivity(rosa, kind, id)

    expect(await read(id)).toMatchObject({ status: 'cancelled', completedAt: null })
    await expect(completeActivity(rosa, kind, id)).rejects.toThrow(Conflict)
    await expect(cancelActivity(rosa, kind, id)).rejects.toThrow(Conflict)
    await expect(snoozeActivity(rosa, kind, id, { until: 'tomorrow' })).rejects.toThrow(Conflict)
    await reopenActivity(rosa, kind, id)
    expect(await read(id)).toMatchObject({ status: 'pending' })
  })

  test('is put off to tomorrow or Monday of its assignee, or to any day, and keeps its time', async () => {
    const far = await makeUser({ timeZone: 'Pacific/Kiritimati' })
    const { id } = await plan({ assigneeId: far.id })
    const today = dayIn('Pacific/Kiritimati')

    await snoozeActivity(rosa, kind, id, { until: 'tomorrow' })
    expect(await read(id)).toMatchObject({ dueDate: addDays(today, 1), dueTime: '14:30' })
    await snoozeActivity(rosa, kind, id, { until: 'nextWeek' })
    const monday = (await read(id)).dueDate ?? ''
    expect(new Date(`${monday}T00:00:00Z`).getUTCDay()).toBe(1)
    expect(monday > today && monday <= addDays(today, 7)).toBe(true)
    await snoozeActivity(rosa, kind, id, { dueDate: '2031-01-02' })
    expect(await read(id)).toMatchObject({ dueDate: '2031-01-02', dueTime: '14:30' })
    await expect(snoozeActivity(rosa, kind, id, {})).rejects.toMatchObject({ key: 'errors.required', field: 'dueDate' })
  })

  test.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago'])(
    'is put off to today at the earliest, by the calendar of its assignee in %s',
    async (timeZone) => {
      const { id } = await plan({ assigneeId: (await makeUser({ timeZone })).id })
      const before = (await read(id)).dueDate
      const today = dayIn(timeZone)

      await expect(snoozeActivity(rosa, kind, id, { dueDate: addDays(today, -1) })).rejects.toMatchObject({
        key: 'activities.errors.past',
        field: 'dueDate',
      })
      expect((await read(id)).dueDate).toBe(before)
      await snoozeActivity(rosa, kind, id, { dueDate: today })
      expect((await read(id)).dueDate).toBe(today)
    },
  )

  test('stays with whoever looks only by now, and is saved untouched', async () => {
    const vera = await makeUser()
    const { id } = await plan({ assigneeId: vera.id })
    await inTransaction(rosa, (scope) =>
      scope.db.records.user.update({ where: { id: vera.id }, data: { role: 'viewer' }, select: { id: true } }),
    )

    const offered = async (selected?: number) =>
      (await listAssignees(rosa, kind, record, selected)).map(({ value }) => value)
    expect(await offered()).toEqual(expect.arrayContaining([account.id, emilAccount.id]))
    expect(await offered()).not.toContain(vera.id)
    expect(await offered(vera.id)).toContain(vera.id)
    await updateActivity(rosa, kind, id, { assigneeId: vera.id, subject: 'Another one' })
    await reassignActivity(rosa, kind, id, vera.id)
    expect(await read(id)).toMatchObject({ assigneeId: vera.id, subject: 'Another one' })
  })

  test('goes to an active user who may change its record, or to nobody', async () => {
    const { id } = await plan()
    const viewer = await makeUser({ role: 'viewer' })
    const stranger = await makeUser({ visibility: 'own' })
    const gone = await makeUser()
    await inTransaction(rosa, (scope) =>
      scope.db.records.user.update({ where: { id: gone.id }, data: { isActive: false }, select: { id: true } }),
    )

    await reassignActivity(rosa, kind, id, emilAccount.id)
    expect(await read(id)).toMatchObject({ assigneeId: emilAccount.id })
    for (const nobody of [viewer.id, stranger.id, gone.id, 2_147_483_647]) {
      const refusal = { key: 'activities.errors.assignee', field: 'assigneeId' }
      await expect(reassignActivity(rosa, kind, id, nobody)).rejects.toMatchObject(refusal)
      await expect(plan({ assigneeId: nobody })).rejects.toMatchObject(refusal)
      await expect(updateActivity(rosa, kind, id, { assigneeId: nobody })).rejects.toMatchObject(refusal)
    }
    await reassignActivity(rosa, kind, id, null)
    expect(await read(id)).toMatchObject({ assigneeId: null })
  })

  test('opened and saved untouched is not written, nor moved by another zone', async () => {
    for (const input of [
      {},
      { status: 'completed' as const, activityDate: '2026-10-25T02:30', activityDateOffset: '+01:00' },
    ]) {
      const { id } = await plan({ description: 'First\nsecond', ...input })
      const stored = await read(id)
      for (const scope of [rosa, emil]) {
        const { values } = formOf(activityForm(stored, scope.user.timeZone))
        await updateActivity(scope, kind, id, UpdateActivityInput.parse(fromForm(UpdateActivityInput, values)))
      }

      expect(await versionsOf(kind, id)).toBe(1)
    }
  })

  test('edited by two people at once: the second is shown what the first one saved', async () => {
    const { id } = await plan()
    const { version } = await read(id)
    await updateActivity(rosa, kind, id, { subject: 'Rosa’s', version })

    const late = updateActivity(emil, kind, id, { subject: 'Emil’s', version })

    await expect(late).rejects.toMatchObject({
      key: 'errors.stale',
      stored: { subject: 'Rosa’s', version: version + 1 },
    })
    expect(await read(id)).toMatchObject({ subject: 'Rosa’s' })
  })

  test('keeps an assignee who has lost sight of it when something else is edited', async () => {
    const { id } = await plan({ assigneeId: emilAccount.id })
    await inTransaction(rosa, (scope) =>
      scope.db.records.user.update({ where: { id: emilAccount.id }, data: { isActive: false }, select: { id: true } }),
    )
    await updateActivity(rosa, kind, id, { subject: 'New', assigneeId: emilAccount.id })
    await inTransaction(rosa, (scope) =>
      scope.db.records.user.update({ where: { id: emilAccount.id }, data: { isActive: true }, select: { id: true } }),
    )

    expect(await read(id)).toMatchObject({ subject: 'New', assigneeId: emilAccount.id })
  })

  test('deleted is gone, but for the audit', async () => {
    const { id } = await plan()
    expect(await deleteActivity(rosa, kind, id)).toEqual({ recordId: record })

    await expect(read(id)).rejects.toThrow(NotFound)
    await expect(deleteActivity(rosa, kind, id)).rejects.toThrow(NotFound)
    expect(await versionsOf(kind, id)).toBe(2)
  })

  const verbs: [string, (scope: Scope, id: number) => Promise<unknown>][] = [
    ['updateActivity', (scope, id) => updateActivity(scope, kind, id, { subject: 'Changed' })],
    ['completeActivity', (scope, id) => completeActivity(scope, kind, id)],
    ['cancelActivity', (scope, id) => cancelActivity(scope, kind, id)],
    ['reopenActivity', (scope, id) => reopenActivity(scope, kind, id)],
    ['snoozeActivity', (scope, id) => snoozeActivity(scope, kind, id, { until: 'tomorrow' })],
    ['reassignActivity', (scope, id) => reassignActivity(scope, kind, id, null)],
    ['deleteActivity', (scope, id) => deleteActivity(scope, kind, id)],
  ]

  test.each(verbs)(
    '%s is refused for what happened by itself, for an archived record, a viewer and a stranger',
    async (_, verb) => {
      if (kind === 'lead') await updateLead(rosa, record, { status: 'contacted' })
      else await moveDeal(rosa, record, { stage: 'proposal' })
      const [automatic] = await db.query<{ id: number }>(sql`
      SELECT id FROM ${kinds[kind].table} WHERE ${kinds[kind].parentColumn} = ${record}`)
      const { id } = await plan()
      const viewer = as(await makeUser({ role: 'viewer' }))
      const stranger = as(await makeUser({ visibility: 'own' }))

      await expect(verb(rosa, automatic!.id)).rejects.toMatchObject({ status: 409, key: 'activities.errors.automatic' })
      await expect(verb(viewer, id)).rejects.toThrow(Forbidden)
      await expect(verb(stranger, id)).rejects.toThrow(NotFound)
      await archive(kind, record)
      await expect(verb(rosa, id)).rejects.toMatchObject({ status: 409, key: `${kind}s.errors.archived` })
      await expect(plan()).rejects.toMatchObject({ status: 409 })
      expect(await versionsOf(kind, id)).toBe(1)
    },
  )

  test('archiving and planning at once never leave a plan made after the record was archived', async () => {
    const answers = await Promise.allSettled([archive(kind, record), ...Array.from({ length: 7 }, () => plan())])

    expect(answers[0]?.status).toBe('fulfilled')
    const [late] = await db.query<{ count: number }>(sql`
      SELECT count(*)::int AS count FROM changes c WHERE c.table_name = ${kinds[kind].table.text} AND c.operation = 'insert'
        AND (c.new_row ->> ${`${kind}_id`})::int = ${record}
        AND c.id > (SELECT id FROM changes WHERE table_name = ${`${kind}s`} AND record_id = ${record} AND operation = 'update')`)
    expect(late?.count).toBe(0)
  })
})
