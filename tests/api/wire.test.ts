import sql from 'sql-template-tag'
import request from 'supertest'
import { beforeAll, expect, test } from 'vitest'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { app } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { makeUser } from '../support/people.ts'

let api: Program
beforeAll(async () => {
  api = await program(await makeUser())
})

const send = (body: Buffer, type = 'application/json') =>
  request(app)
    .post('/api/v1/clients')
    .set('Authorization', `Bearer ${api.token}`)
    .set('Content-Type', type)
    .serialize((sent: unknown) => sent as string)
    .send(body)

const named = async (name: string) =>
  (await db.query(sql`SELECT id FROM clients WHERE name LIKE ${`%${name}%`}`)).length

test('bytes that are no UTF-8 are refused, not stored with marks in their place', async () => {
  const answer = await send(Buffer.from('{"name":"Wire M\xfcller"}', 'latin1'))

  expect([answer.status, answer.type]).toEqual([400, 'application/problem+json'])
  expect(answer.body).toMatchObject({ detail: 'The body is not UTF-8: check the encoding of your text.' })
  expect(await named('Wire M')).toBe(0)
})

test.each(['utf-16le', 'utf-16', 'iso-8859-1', 'utf-7'])('JSON in %s is refused', async (charset) => {
  const answer = await send(Buffer.from('{"name":"Wire"}', 'utf16le'), `application/json; charset=${charset}`)

  expect(answer.status).toBe(415)
})

test.each(['application/json; charset=utf-8', 'application/json; charset="UTF-8"', 'application/merge-patch+json'])(
  '%s is taken, whatever its letters',
  async (type) => {
    const answer = await send(Buffer.from('\ufeff{"name":"Größe 👩‍👩‍👧 مرحبا"}'), type)

    expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ name: 'Größe 👩‍👩‍👧 مرحبا' })])
  },
)

test('a value of the wrong type is told which type is needed', async () => {
  const refused = await api.send('post', '/leads', {
    firstName: 5,
    lastName: { first: 'x' },
    estimatedValue: 12000.5,
    score: '7',
    tags: 'urgent',
  })

  expect(refused.status).toBe(422)
  expect((refused.body as { errors: unknown }).errors).toEqual({
    firstName: ['This must be text, in quotation marks.'],
    lastName: ['This must be text, in quotation marks.'],
    estimatedValue: ['This must be text, in quotation marks.'],
    score: ['This must be a whole number.'],
    tags: ['This must be a list, in square brackets.'],
  })
  const bulk = await api.send('post', '/leads/bulk', { atomic: 'yes', items: [] })
  expect((bulk.body as { errors: unknown }).errors).toEqual({
    atomic: ['This must be true or false.'],
    items: ['At least 1 of them.'],
  })
})

test('what a request has changed is named by its answer, the repeated one too, and can be undone by that name', async () => {
  const create = () => api.send('post', '/clients', { name: 'Wire Undone' }, { 'Idempotency-Key': 'wire-undone' })
  const [made, again] = [await create(), await create()]
  const changeSet = String(made.headers['change-set'])
  expect(again.headers['change-set']).toBe(changeSet)
  const changes = await api.get('/changes?noun=clients')
  expect((changes.body as { data: unknown[] }).data[0]).toMatchObject({ changeSet, kind: 'created' })

  // However its letters are written.
  const undone = await api.send('post', `/changes/${changeSet.toUpperCase()}/undo`)
  expect([undone.status, undone.body]).toEqual([200, { changeSet: undone.headers['change-set'] }])
  expect(await named('Wire Undone')).toBe(0)
  expect((await api.send('post', `/changes/${String(undone.headers['change-set'])}/undo`)).status).toBe(200)
  expect(await named('Wire Undone')).toBe(1)
})

test('what changed nothing leaves nothing under the name of its answer', async () => {
  const made = await api.send('post', '/clients', { name: 'Wire Unchanged' })
  const same = await api.send('patch', `/clients/${String((made.body as { id: number }).id)}`, {
    name: 'Wire Unchanged',
  })

  expect(same.status).toBe(200)
  expect((await api.send('post', `/changes/${String(same.headers['change-set'])}/undo`)).status).toBe(404)
})
