import fc from 'fast-check'
import sql from 'sql-template-tag'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { completeActivity } from '../../src/features/activities/commands.ts'
import { dueAt, dueCondition, nextMonday } from '../../src/features/activities/due.ts'
import { activityList } from '../../src/features/activities/list.ts'
import type { DUES } from '../../src/features/activities/schema.ts'
import { createDeal } from '../../src/features/deals/commands/creating.ts'
import { dealList } from '../../src/features/deals/list.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeDeal, makeLead } from '../support/records.ts'

const at = (dueDate: string, dueTime: string | null = null, zone: string | null = null) => ({ dueDate, dueTime, zone })
const judge = (moment: ReturnType<typeof at>, now: string, reader = 'UTC') => dueAt(reader, new Date(now))(moment)

describe('what is due', () => {
  test('on a day is late when that day has passed where its assignee is', () => {
    const moment = at('2026-06-10', null, 'America/New_York')

    expect(judge(moment, '2026-06-10T03:59:00Z')).toBe('later')
    expect(judge(moment, '2026-06-10T04:00:00Z')).toBe('today')
    expect(judge(moment, '2026-06-11T03:59:00Z')).toBe('today')
    expect(judge(moment, '2026-06-11T04:00:00Z')).toBe('overdue')
  })

  test('at a time is late in the minute after it, on the assignee’s clock', () => {
    const moment = at('2026-06-10', '14:30', 'Asia/Kathmandu')

    expect(judge(moment, '2026-06-10T08:45:59Z')).toBe('today')
    expect(judge(moment, '2026-06-10T08:46:00Z')).toBe('overdue')
  })

  test('is judged by the reader’s clock where it is nobody’s', () => {
    const moment = at('2026-06-10', '09:00')

    expect(judge(moment, '2026-06-10T12:00:00Z', 'America/Los_Angeles')).toBe('today')
    expect(judge(moment, '2026-06-10T12:00:00Z', 'Asia/Tokyo')).toBe('overdue')
  })

  test('in the hour that the clocks pass over is late when they have', () => {
    const moment = at('2026-03-29', '02:30', 'Europe/Berlin')

    expect(judge(moment, '2026-03-29T00:59:00Z')).toBe('today')
    expect(judge(moment, '2026-03-29T01:00:00Z')).toBe('overdue')
  })

  test('on the day the clocks go back is not late an hour early', () => {
    const moment = at('2026-10-25', '14:30', 'Europe/Berlin')

    expect(judge(moment, '2026-10-25T13:30:00Z')).toBe('today')
    expect(judge(moment, '2026-10-25T13:31:00Z')).toBe('overdue')
    expect(judge(at('2026-10-25', null, 'Europe/Berlin'), '2026-10-25T22:59:00Z')).toBe('today')
    expect(judge(at('2026-10-25', null, 'Europe/Berlin'), '2026-10-25T23:00:00Z')).toBe('overdue')
  })

  test('at no day is never late', () => {
    expect(dueAt('UTC')({ dueDate: null, dueTime: null, zone: null })).toBeNull()
  })

  test.each([
    ['2026-11-22', '2026-11-23'],
    ['2026-11-23', '2026-11-30'],
    ['2026-11-27', '2026-11-30'],
  ])('next week begins, seen from %s, on %s', (day, monday) => {
    expect(nextMonday(day)).toBe(monday)
  })
})

test('page and database judge alike, in every zone, at any minute', async () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kathmandu',
    'Pacific/Kiritimati',
    'Pacific/Pago_Pago',
    'Australia/Lord_Howe',
  ]
  const minutes = (from: string, to: string) =>
    fc
      .integer({ min: Date.parse(from) / 60_000, max: Date.parse(to) / 60_000 })
      .map((minute) => new Date(minute * 60_000))
  const moments = fc.record({
    zone: fc.constantFrom(...zones, null),
    reader: fc.constantFrom(...zones),
    due: minutes('2026-03-01T00:00Z', '2026-11-30T00:00Z'),
    hasTime: fc.boolean(),
    passed: fc.oneof(fc.integer({ min: -3_000, max: 3_000 }), fc.integer({ min: -11_000, max: 11_000 })),
  })

  await fc.assert(
    fc.asyncProperty(moments, async ({ zone, reader, due, hasTime, passed }) => {
      const dueDate = due.toISOString().slice(0, 10)
      const dueTime = hasTime ? due.toISOString().slice(11, 16) : null
      const now = new Date(due.getTime() + passed * 60_000)
      const holds = async (which: (typeof DUES)[number]) => {
        const rows = await db.query(sql`
          SELECT FROM (SELECT 'pending' AS status, ${dueDate}::date AS due_date, ${dueTime}::time AS due_time) a, (SELECT ${zone}::text AS time_zone) u
          WHERE ${dueCondition(which, reader, now)}`)
        return rows.length > 0
      }
      const state = dueAt(reader, now)({ dueDate, dueTime, zone })

      expect(await holds('overdue')).toBe(state === 'overdue')
      expect(await holds('today')).toBe(state === 'today')
      if (state === 'today') expect(await holds('week')).toBe(true)
      if (state === 'overdue') expect(await holds('week')).toBe(false)
    }),
    { numRuns: 150 },
  )
})

describe('the next step of a deal', () => {
  let rosa: Scope

  beforeAll(async () => {
    rosa = as(await makeUser({ timeZone: 'Europe/Berlin' }))
  })

  test('is the earliest planned activity with a due date; on one day, those with a time come first', async () => {
    const { id } = await makeDeal(rosa)
    const plan = (subject: string, dueDate: string | null, dueTime: string | null = null) =>
      makeActivity(rosa, 'deal', id, { subject, dueDate, dueTime })
    await plan('some day', null)
    const steps = [
      ['first', await plan('first', '2026-12-01', '09:00')],
      ['later that day', await plan('later that day', '2026-12-01', '16:00')],
      ['any time that day', await plan('any time that day', '2026-12-01')],
      ['the day after', await plan('the day after', '2026-12-02', '08:00')],
    ] as const

    for (const [subject, step] of steps) {
      expect((await findDeal(rosa, id)).nextStep).toMatchObject({ subject, zone: 'Europe/Berlin' })
      await completeActivity(rosa, 'deal', step.id)
    }
    expect((await findDeal(rosa, id)).nextStep).toBeNull()
  })

  test('stands in the list of deals, with its time', async () => {
    const { id } = await createDeal(rosa, { name: 'Listed with its step' })
    await makeActivity(rosa, 'deal', id, { dueDate: '2026-12-01', dueTime: '09:05' })
    const { rows } = await dealList.fetch(rosa, dealList.parse({ q: 'Listed with its step' }))

    expect(rows.map(({ nextStep }) => nextStep)).toMatchObject([{ dueDate: '2026-12-01', dueTime: '09:05' }])
  })
})

describe('the list by due date', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('tells overdue, today, this week and undated apart by each assignee’s clock', async () => {
    const reader = as(await makeUser({ timeZone: 'Europe/Berlin' }))
    const far = await makeUser({ timeZone: 'Pacific/Kiritimati' })
    const lead = await makeLead(reader)
    const deal = await makeDeal(reader)
    const plan = (kind: 'lead' | 'deal', subject: string, dueDate: string | null, extra = {}) =>
      makeActivity(reader, kind, kind === 'lead' ? lead.id : deal.id, { subject, dueDate, ...extra })
    await plan('lead', 'yesterday', '2026-06-09')
    await plan('deal', 'this morning', '2026-06-10', { dueTime: '09:00' })
    await plan('lead', 'tonight', '2026-06-10', { dueTime: '20:00' })
    await plan('deal', 'today', '2026-06-10')
    await plan('deal', 'over there it is tomorrow', '2026-06-10', { assigneeId: far.id })
    await plan('lead', 'in six days', '2026-06-16')
    await plan('lead', 'in seven days', '2026-06-17')
    await plan('deal', 'some day', null)
    const done = await plan('deal', 'done', '2026-06-01')
    await completeActivity(reader, 'deal', done.id)
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-06-10T12:00:00Z') })
    const found = async (due: string) => {
      const { rows } = await activityList.fetch(reader, activityList.parse({ due, sort: 'due' }))
      return rows.filter(({ recordId, kind }) => recordId === { lead, deal }[kind].id).map(({ subject }) => subject)
    }

    expect(await found('overdue')).toEqual(['yesterday', 'this morning', 'over there it is tomorrow'])
    expect(await found('today')).toEqual(['tonight', 'today'])
    expect(await found('week')).toEqual(['tonight', 'today', 'in six days'])
    expect(await found('none')).toEqual(['some day'])
  })
})
