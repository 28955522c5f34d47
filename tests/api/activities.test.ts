import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeDeal, makeLead } from '../support/records.ts'

let rosa: Account
let api: Program
let leadId: number
let dealId: number

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  api = await program(rosa)
  leadId = (await makeLead(as(rosa), { ownerId: rosa.id })).id
  dealId = (await makeDeal(as(rosa), { ownerId: rosa.id })).id
})

const idsIn = ({ body }: { body: unknown }) => (body as { data: { id: number }[] }).data.map(({ id }) => id)
const fieldsIn = ({ body }: { body: unknown }) => Object.keys((body as { errors: object }).errors)

test('what is due is planned, for whose token it is; what happened is told by the instant', async () => {
  const planned = await api.send('post', '/deal-activities', {
    dealId,
    type: 'task',
    dueDate: '2026-12-01',
    dueTime: '09:30',
  })
  const happened = await api.send('post', '/lead-activities', {
    leadId,
    type: 'call',
    activityDate: '2026-10-25T02:30:00+01:00',
  })

  expect([planned.status, planned.body]).toEqual([
    201,
    expect.objectContaining({
      dealId,
      status: 'pending',
      assigneeId: rosa.id,
      dueTime: '09:30',
      completedAt: null,
    }) as object,
  ])
  expect(happened.body).toMatchObject({
    leadId,
    status: 'completed',
    activityDate: '2026-10-25T01:30:00.000Z',
    completedAt: '2026-10-25T01:30:00.000Z',
    createdBy: rosa.id,
  })
})

test('a record that is not to be seen is wrong as a field', async () => {
  const own = await program(await makeUser({ visibility: 'own' }))

  const answer = await own.send('post', '/deal-activities', { dealId, type: 'call' })

  expect([answer.status, fieldsIn(answer)]).toEqual([422, ['dealId']])
})

test('it goes its way: completed once, reopened, put off, given away, cancelled, deleted', async () => {
  const { id } = await makeActivity(as(rosa), 'deal', dealId, { dueDate: '2026-01-16', dueTime: '14:30' })
  const say = (verb: string, body?: object) => api.send('post', `/deal-activities/${id}/${verb}`, body)

  expect((await say('complete')).body).toMatchObject({ status: 'completed', completedAt: expect.any(String) as string })
  expect((await say('complete')).status).toBe(409)
  expect((await say('reopen')).body).toMatchObject({ status: 'pending', completedAt: null, dueDate: '2026-01-16' })
  expect((await say('snooze', { dueDate: '2031-12-24' })).body).toMatchObject({
    dueDate: '2031-12-24',
    dueTime: '14:30',
  })
  expect(fieldsIn(await say('snooze', {}))).toEqual(['dueDate'])
  expect(fieldsIn(await say('snooze', { dueDate: '2026-01-16' }))).toEqual(['dueDate'])
  expect((await say('reassign', { assigneeId: null })).body).toMatchObject({ assigneeId: null })
  expect((await say('cancel')).body).toMatchObject({ status: 'cancelled' })
  expect((await api.send('delete', `/deal-activities/${id}`)).body).toEqual({ id })
  expect((await api.get(`/deal-activities/${id}`)).status).toBe(404)
})

test('eight complete it at once: one does', async () => {
  const { id } = await makeActivity(as(rosa), 'lead', leadId, { dueDate: '2026-01-16' })

  const answers = await Promise.all(
    Array.from({ length: 8 }, () => api.send('post', `/lead-activities/${id}/complete`)),
  )

  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409])
})

test('in a PATCH null empties, a time goes with its day, and equal values change nothing', async () => {
  const { id } = await makeActivity(as(rosa), 'lead', leadId, {
    description: 'Ten',
    dueDate: '2026-01-16',
    dueTime: '14:30',
  })
  const stored = (await api.get(`/lead-activities/${id}`)).body as { activityDate: string }

  const same = await api.send('patch', `/lead-activities/${id}`, {
    activityDate: stored.activityDate,
    dueTime: '14:30',
  })
  const emptied = await api.send('patch', `/lead-activities/${id}`, { dueDate: null, description: null })
  const stale = await api.send('patch', `/lead-activities/${id}`, { subject: 'Mine' }, { 'If-Match': '"1"' })

  expect(same.body).toEqual(stored)
  expect(emptied.body).toMatchObject({ dueDate: null, dueTime: null, description: null, version: 2 })
  expect(stale.status).toBe(412)
})

describe('the lists', () => {
  test('are of one kind each, of one record, and by what is due', async () => {
    const lead = (await makeLead(as(rosa))).id
    const late = await makeActivity(as(rosa), 'lead', lead, { dueDate: '2026-01-16' })
    const open = await makeActivity(as(rosa), 'lead', lead)
    const deal = (await makeDeal(as(rosa))).id
    const other = await makeActivity(as(rosa), 'deal', deal, { dueDate: '2026-01-16' })

    expect(idsIn(await api.get(`/lead-activities?lead=${lead}`)).sort()).toEqual([late.id, open.id].sort())
    expect(idsIn(await api.get(`/lead-activities?lead=${lead}&due=overdue`))).toEqual([late.id])
    expect(idsIn(await api.get(`/deal-activities?deal=${deal}`))).toEqual([other.id])
    expect((await api.get('/lead-activities?kind=deal')).status).toBe(422)
  })

  test('are paged through to the end, each once, with what happened by itself left out', async () => {
    const deal = (await makeDeal(as(rosa))).id
    const made = []
    for (let turn = 0; turn < 5; turn += 1) made.push((await makeActivity(as(rosa), 'deal', deal)).id)
    await api.send('post', `/deals/${deal}/close-won`)

    const found: number[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await api.get(
        `/deal-activities?deal=${deal}&limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      )
      found.push(...idsIn(page))
      cursor = (page.body as { next: string | null }).next
    }

    expect(found.sort((a, b) => a - b)).toEqual(made)
  })
})

test('many are stored by their external ids, and stay with their record', async () => {
  const other = (await makeLead(as(rosa))).id
  const item = { externalId: 'A-1', leadId, type: 'note', subject: 'Wants ten' }
  const store = (items: object[]) => api.send('post', '/lead-activities/bulk', { items })

  expect((await store([item])).body).toMatchObject({ created: 1 })
  expect((await store([{ ...item, subject: 'Wants twelve' }])).body).toMatchObject({ updated: 1 })
  expect((await store([{ ...item, leadId: other }])).body).toMatchObject({
    refused: 1,
    items: [{ errors: { leadId: [expect.any(String)] } }],
  })
})
