import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { completeActivity, updateActivity } from '../../src/features/activities/commands.ts'
import { KINDS } from '../../src/features/activities/kinds.ts'
import { activityList } from '../../src/features/activities/list.ts'
import { findActivity } from '../../src/features/activities/queries.ts'
import { plannedForDeal, plannedForLead } from '../../src/features/activities/planned.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { archiveLead } from '../../src/features/leads/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeDeal, makeLead } from '../support/records.ts'
import { activitiesOf } from '../support/stories.ts'

let account: Account
let emil: Account
let scope: Scope
let rosa: Visitor

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa', timeZone: 'Europe/Berlin' })
  emil = await makeUser({ name: 'Emil', timeZone: 'America/New_York' })
  scope = as(account)
  rosa = await browse(account)
})

/** The text of the field's error, or '' when the page shows none. */
function errorAt(html: string, field: string): string {
  const [, said = ''] = new RegExp(`id="${field}-error"[^>]*>([\\s\\S]*?)</p>`).exec(html) ?? []
  return said.replaceAll(/<[^>]*>/g, '').trim()
}

describe.each(KINDS)('on the page of a %s', (kind) => {
  let id: number
  let record: string
  let create: string
  let path: (activity: number) => string

  beforeEach(async () => {
    id = (kind === 'lead' ? await makeLead(scope) : await makeDeal(scope)).id
    record = `/${kind}s/${id}`
    create = `${record}/activities/create`
    path = (activity) => `/${kind}-activities/${activity}`
  })

  const planned = async () => (await (kind === 'lead' ? plannedForLead(scope, id) : plannedForDeal(scope, id))).planned
  const past = () => activitiesOf(scope, kind, id)

  test('something is planned in one step, and stands first, with its time', async () => {
    const html = (await rosa.get(record)).text
    const form =
      /<form class="form" method="post" action="[^"]*\/activities\/create"[\s\S]*?<\/form>/.exec(html)?.[0] ?? ''
    expect(form).toContain('name="status" value="pending"')
    const submission = /name="submission" value="([^"]+)"/.exec(form)?.[1] ?? ''

    const answer = await rosa.post(create, {
      type: 'meeting',
      status: 'pending',
      submission,
      subject: 'Show the <b>hall</b>',
      dueDate: '2031-12-01',
      dueTime: '14:30',
      assigneeId: emil.id,
    })

    const [next] = await planned()
    expect([answer.status, answer.headers.location]).toEqual([303, `${record}#${kind}-activity-${next?.id}`])
    const shown = (await rosa.get(record)).text
    const block = /id="planned"[\s\S]*?<\/section>/.exec(shown)?.[0] ?? ''
    expect(block).toContain('Show the &lt;b&gt;hall&lt;/b&gt;')
    expect(block).toMatch(/Due .*1 Dec(ember)? 2031, 14:30 \(America\/New York\)|Due Dec 1, 2031, 2:30/)
    expect(block).toContain('Emil')
  })

  test('what happened is logged in one step, now unless a time is given', async () => {
    const before = Date.now()
    const fields = { type: 'note', status: 'completed', subject: '', description: 'First line\r\nsecond' }
    expect((await rosa.post(create, fields)).status).toBe(303)

    const [logged] = await past()
    expect(logged).toMatchObject({
      type: 'note',
      subject: null,
      description: 'First line\nsecond',
      creatorName: 'Rosa',
    })
    expect(logged?.activityDate.getTime()).toBeGreaterThanOrEqual(before - 1_000)
    expect((await rosa.get(record)).text).toContain('First line\nsecond')
  })

  test('nothing can be done by a viewer, or with an archived one', async () => {
    const { id: activity } = await makeActivity(scope, kind, id)
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const seen = (await viewer.get(record)).text
    expect(seen).toContain('Ask about the forklifts')
    expect(seen).not.toContain('activities/create')
    expect(seen).not.toContain(`${path(activity)}/complete`)
    expect((await viewer.get(path(activity))).text).not.toContain('/complete')

    await (kind === 'lead' ? archiveLead(scope, id) : archiveDeal(scope, id))
    const archived = (await rosa.get(record)).text
    expect(archived).toContain('Ask about the forklifts')
    expect(archived).not.toContain(`${path(activity)}/complete`)
    expect((await rosa.get(create)).text).toContain('This record is archived')
    expect((await rosa.post(create, { type: 'call' })).status).toBe(409)
  })

  test('what is late is marked, by the clock of whoever is to do it', async () => {
    const yesterday = addDays(dayIn('America/New_York'), -1)
    await makeActivity(scope, kind, id, { dueDate: yesterday, assigneeId: emil.id })

    expect((await rosa.get(record)).text).toContain('Overdue: ')
  })

  test('each verb leads back to where its button was pressed, and never to another site', async () => {
    const { id: activity } = await makeActivity(scope, kind, id, { dueDate: '2031-01-01' })
    const go = async (verb: string, fields: Record<string, string | number> = {}) => {
      const answer = await rosa.post(`${path(activity)}/${verb}`, fields)
      return [answer.status, answer.headers.location]
    }
    const here = `${record}#${kind}-activity-${activity}`

    expect(await go('complete', { returnTo: '/activities?status=pending' })).toEqual([
      303,
      '/activities?status=pending',
    ])
    expect(await go('reopen')).toEqual([303, here])
    expect(await go('snooze', { until: 'tomorrow', returnTo: 'https://evil.example.com' })).toEqual([303, '/'])
    expect(await go('snooze', { dueDate: '2031-02-03' })).toEqual([303, here])
    expect(await go('reassign', { assigneeId: emil.id })).toEqual([303, here])
    expect(await go('cancel')).toEqual([303, here])
    expect(await findActivity(scope, kind, activity)).toMatchObject({
      status: 'cancelled',
      dueDate: '2031-02-03',
      assigneeId: emil.id,
    })
    expect(await go('complete')).toEqual([409, undefined])
    expect(await go('delete')).toEqual([303, record])
    expect((await rosa.get(path(activity))).status).toBe(404)
  })

  test('its edit form is filled, says when others saved meanwhile, and saved untouched changes nothing', async () => {
    const { id: activity } = await makeActivity(scope, kind, id, {
      description: 'First\nsecond',
      dueDate: '2031-01-01',
      dueTime: '08:05',
      assigneeId: emil.id,
    })
    const action = `${path(activity)}/edit`
    const fields = formFields(await rosa.get(action), action)
    expect(fields).toMatchObject({
      type: 'call',
      subject: 'Ask about the forklifts',
      description: 'First\nsecond',
      dueDate: '2031-01-01',
      dueTime: '08:05',
      assigneeId: String(emil.id),
    })
    expect((await rosa.post(action, fields)).status).toBe(303)
    expect(await findActivity(scope, kind, activity)).toMatchObject({ version: Number(fields.version) })

    await updateActivity(scope, kind, activity, { subject: 'Theirs' })
    const late = await rosa.post(action, { ...fields, subject: 'Mine' })
    expect(late.status).toBe(409)
    expect(late.text).toContain('Theirs')
    expect(formFields(late, action)).toMatchObject({ subject: 'Mine', version: String(Number(fields.version) + 1) })
    expect((await rosa.post(action, formFields(late, action))).status).toBe(303)
    expect(await findActivity(scope, kind, activity)).toMatchObject({ subject: 'Mine' })
  })

  const BAD: [field: string, value: string][] = [
    ['type', ''],
    ['type', 'stage_change'],
    ['subject', 'x'.repeat(501)],
    ['subject', 'a\0b'],
    ['description', 'x'.repeat(20_001)],
    ['description', 'a\0b'],
    ['dueDate', '2026-02-30'],
    ['dueDate', 'tomorrow'],
    ['dueTime', '25:00'],
    ['dueTime', 'noon'],
    ['assigneeId', '999999'],
    ['assigneeId', 'Emil'],
    ['activityDate', '2026-13-01T10:00'],
    ['activityDate', '2026-03-29T02:30'],
  ]

  test.each(BAD)('a bad %s (%o) is said at its field, and what was typed is kept', async (field, value) => {
    const good = {
      type: 'task',
      subject: 'Kept & safe',
      description: 'Kept too',
      dueDate: '2031-01-01',
      dueTime: '10:00',
    }
    const status = field === 'activityDate' ? 'completed' : 'pending'
    const answer = await rosa.post(create, { ...good, status, [field]: value })

    expect(answer.status).toBe(422)
    expect(errorAt(answer.text, field)).not.toBe('')
    expect(answer.text).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`))
    const kept = formFields(answer, create)
    for (const name of ['subject', 'description', 'dueDate', 'dueTime'] as const)
      if (name !== field) expect(kept[name]).toBe(good[name])
    if (!value.includes('\0') && !['type', 'assigneeId'].includes(field)) expect(kept[field]).toBe(value)
    expect(await planned()).toEqual([])

    const { id: activity } = await makeActivity(scope, kind, id, status === 'completed' ? { status } : {})
    const edited = await rosa.post(`${path(activity)}/edit`, { ...good, [field]: value })
    expect(edited.status).toBe(422)
    expect(errorAt(edited.text, field)).not.toBe('')
  })

  test('a time without a day, a bad day to put off to, one that is past, and an unknown assignee come back in their forms', async () => {
    const timeOnly = await rosa.post(create, { type: 'task', status: 'pending', dueTime: '10:00' })
    expect([timeOnly.status, errorAt(timeOnly.text, 'dueDate')]).toEqual([422, 'A time needs a day.'])

    const { id: activity } = await makeActivity(scope, kind, id)
    const snoozed = await rosa.post(`${path(activity)}/snooze`, { dueDate: '2026-02-30', returnTo: '/activities' })
    expect([snoozed.status, errorAt(snoozed.text, 'dueDate')]).toEqual([422, 'This is not a date.'])
    expect(formFields(snoozed, `${path(activity)}/snooze`)).toMatchObject({
      dueDate: '2026-02-30',
      returnTo: '/activities',
    })
    const past = await rosa.post(`${path(activity)}/snooze`, { dueDate: '2026-11-01', returnTo: '/activities' })
    expect([past.status, errorAt(past.text, 'dueDate')]).toEqual([
      422,
      'This day is past. Something can be put off to today at the earliest.',
    ])
    expect(formFields(past, `${path(activity)}/snooze`).dueDate).toBe('2026-11-01')
    const given = await rosa.post(`${path(activity)}/reassign`, { assigneeId: '999999' })
    expect(given.status).toBe(422)
    expect(errorAt(given.text, 'assigneeId')).toContain('There is no such active user')
    const viewer = await makeUser({ name: 'Vera Viewer', role: 'viewer' })
    const looks = await rosa.post(`${path(activity)}/reassign`, { assigneeId: String(viewer.id) })
    expect([looks.status, errorAt(looks.text, 'assigneeId')]).toEqual([
      422,
      'There is no such active user who may change this record.',
    ])
    for (const form of [create, `${path(activity)}/edit`, `${path(activity)}/reassign`])
      expect((await rosa.get(form)).text).not.toContain('Vera Viewer')
  })

  test('a form sent twice is there once', async () => {
    const fields = { ...formFields(await rosa.get(create), create), subject: 'Once' }
    await rosa.post(create, fields)
    await rosa.post(create, fields)

    expect((await past()).filter(({ subject }) => subject === 'Once')).toHaveLength(1)
  })
})

test('what a lead brought along is on the page of its deal, marked, and can be completed there', async () => {
  const lead = await makeLead(scope)
  const planned = await makeActivity(scope, 'lead', lead.id, { subject: 'Promised to the lead' })
  const { dealId } = await convertToDeal(scope, lead.id, { client: 'new', contact: 'new' })
  const { text } = await rosa.get(`/deals/${dealId}`)

  expect(text).toContain('Promised to the lead')
  expect(text).toMatch(new RegExp(`href="/leads/${lead.id}">from the lead`))
  const answer = await rosa.post(`/lead-activities/${planned.id}/complete`, { returnTo: `/deals/${dealId}#planned` })
  expect(answer.headers.location).toBe(`/deals/${dealId}#planned`)
  expect(await findActivity(scope, 'lead', planned.id)).toMatchObject({ status: 'completed' })
})

describe('the list', () => {
  test('is in the navigation, marks what is late, and completes in place', async () => {
    const deal = await makeDeal(scope, { name: 'A deal with a late call' })
    const { id } = await makeActivity(scope, 'deal', deal.id, { subject: 'Late call', dueDate: '2026-01-05' })
    const { text } = await rosa.get('/activities?due=overdue&assignee=me')

    expect(text).toMatch(/<a\b(?=[^>]*href="\/activities")[^>]*aria-current="page"/)
    expect(text).toContain('A deal with a late call')
    expect(text).toContain('Overdue: ')
    const action = `/deal-activities/${id}/complete`
    const { returnTo } = formFields(await rosa.get('/activities?due=overdue&assignee=me'), action)
    expect((await rosa.post(action, { returnTo: returnTo! })).headers.location).toBe(returnTo)
    expect(returnTo).toContain('due=overdue')
    expect((await rosa.get('/activities?due=overdue&assignee=me')).text).toContain('No activity matches')
  })

  test('costs at most two queries, a record page at most five, a save at most five', async () => {
    const deal = await makeDeal(scope)
    const lead = await makeLead(scope)
    const { id } = await makeActivity(scope, 'deal', deal.id)
    await rosa.get('/activities')
    const counted = async (work: () => Promise<unknown>) => {
      const beside = /'followUp' AS kind|sessions|credentials_version|^\s*(BEGIN|COMMIT)|set_config|SET TIME ZONE/
      return (await queriesOf(work)).filter((statement) => !beside.test(statement)).length
    }

    expect(await counted(() => rosa.get('/activities?q=call&sort=-due'))).toBeLessThanOrEqual(2)
    expect(await counted(() => rosa.get(`/deals/${deal.id}`))).toBeLessThanOrEqual(5)
    expect(await counted(() => rosa.get(`/leads/${lead.id}`))).toBeLessThanOrEqual(5)
    const fields = formFields(
      await rosa.get(`/deals/${deal.id}/activities/create`),
      `/deals/${deal.id}/activities/create`,
    )
    expect(
      await counted(() => rosa.post(`/deals/${deal.id}/activities/create`, { ...fields, assigneeId: emil.id })),
    ).toBeLessThanOrEqual(5)
    for (const [verb, input] of [
      ['edit', { subject: 'New' }],
      ['reassign', { assigneeId: emil.id }],
      ['snooze', { until: 'tomorrow' }],
      ['complete', {}],
    ] as const)
      expect(await counted(() => rosa.post(`/deal-activities/${id}/${verb}`, input)), verb).toBeLessThanOrEqual(5)
  })

  test('is a file too, with what the page shows, formulas made harmless', async () => {
    const deal = await makeDeal(scope, { name: 'Exported' })
    const { id } = await makeActivity(scope, 'deal', deal.id, {
      subject: '=1+1',
      dueDate: '2031-01-02',
      dueTime: '09:30',
      assigneeId: emil.id,
    })
    await completeActivity(scope, 'deal', id)
    const answer = await rosa.get(`/activities.csv?deal=${deal.id}`)

    expect(answer.headers['content-type']).toContain('text/csv')
    expect(answer.headers['content-disposition']).toMatch(/activities-\d{4}-\d\d-\d\d\.csv/)
    expect(answer.text).toMatch(
      /Deal,Exported,Call,Completed,"?'=1\+1"?,\d{4}-\d\d-\d\dT[^,]*,2031-01-02,09:30,Emil,Rosa,/,
    )
    expect(activityList.csv).toHaveLength(11)
  })

  test('with nonsense in its address is the list, never an error', async () => {
    for (const query of [
      'due=x&kind=9&lead=-1&deal=99999999999',
      'cursor=xyz',
      'sort=;drop',
      'q=%00%25_',
      'assignee=0',
    ])
      expect((await rosa.get(`/activities?${query}`)).status).toBe(200)
  })
})
