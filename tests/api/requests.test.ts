import request from 'supertest'
import { randomUUID } from 'node:crypto'
import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { forgetAnswers } from '../../src/platform/api/repeats.ts'
import { program, tokenOf } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { app } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { logger } from '../support/log.ts'
import { as, makeUser } from '../support/people.ts'
import { makeLead } from '../support/records.ts'

let rosa: Account
let api: Program

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  api = await program(rosa)
})

const ada = { firstName: 'Ada', lastName: 'Berg' }

describe('If-Match and If-None-Match', () => {
  test('what is known is not sent again', async () => {
    const { id } = await makeLead(as(rosa))
    const first = await api.get(`/leads/${id}`)
    const etag = String(first.headers.etag)

    for (const known of [etag, `W/${etag}`, `"99", ${etag}`, '*']) {
      const again = await api.get(`/leads/${id}`, { 'If-None-Match': known })
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag])
    }
    await api.send('patch', `/leads/${id}`, { score: 5 })
    expect((await api.get(`/leads/${id}`, { 'If-None-Match': etag })).status).toBe(200)
  })

  test('a change of something that has changed since is refused, a verb too, and even when nothing would differ', async () => {
    const { id } = await makeLead(as(rosa), { score: 5 })
    const first = { 'If-Match': '"1"' }
    expect((await api.send('patch', `/leads/${id}`, { score: 6 }, first)).status).toBe(200)

    const answers = [
      await api.send('patch', `/leads/${id}`, { score: 7 }, first),
      await api.send('patch', `/leads/${id}`, { score: 6 }, first),
      await api.send('post', `/leads/${id}/archive`, undefined, first),
      await api.send('patch', `/leads/${id}`, { score: 7 }, { 'If-Match': 'nonsense' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([412, 412, 412, 412])
    expect(answers[0]!.body).toMatchObject({ detail: 'The record has changed in the meantime: it is at version 2.' })
    expect((await api.get(`/leads/${id}`)).body).toMatchObject({ score: 6, isActive: true, version: 2 })
    expect((await api.send('patch', `/leads/${id}`, { score: 7 }, { 'If-Match': '*' })).status).toBe(200)
    expect((await api.send('patch', `/leads/${id}`, { score: 8, version: 1 })).status).toBe(409)
  })

  test('of eight changes of one version, one is made', async () => {
    const { id } = await makeLead(as(rosa))
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        api.send('patch', `/leads/${id}`, { score: index }, { 'If-Match': '"1"' }),
      ),
    )

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)])
  })

  test('what may not be seen is not found, whatever version is named', async () => {
    const emil = await program(await makeUser({ visibility: 'own' }))
    const { id } = await makeLead(as(rosa), { ownerId: rosa.id })

    expect((await emil.send('patch', `/leads/${id}`, { score: 1 }, { 'If-Match': '"1"' })).status).toBe(404)
  })
})

describe('Idempotency-Key', () => {
  const create = (key: string, body: object = ada, by: Program = api) =>
    by.send('post', '/leads', body, { 'Idempotency-Key': key })

  test('the same request is done once and answered the same', async () => {
    const key = randomUUID()
    const [first, second] = [await create(key), await create(key)]

    expect([first.status, second.status]).toEqual([201, 201])
    expect([second.body, second.headers.location, second.headers.etag]).toEqual([
      first.body,
      first.headers.location,
      first.headers.etag,
    ])
    expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual([undefined, 'true'])
  })

  test('eight at the same instant are one', async () => {
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(key)))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ body }) => (body as { id: number }).id)).size).toBe(1)
  })

  test('another request under the same key is refused', async () => {
    const key = randomUUID()
    await create(key)
    const { id } = await makeLead(as(rosa))

    expect((await create(key, { ...ada, firstName: 'Eva' })).status).toBe(422)
    expect((await api.send('patch', `/leads/${id}`, { score: 1 }, { 'Idempotency-Key': key })).status).toBe(422)
  })

  test('what failed has stored nothing, and may be tried again with the same key', async () => {
    const { id } = await makeLead(as(rosa))
    const key = { 'Idempotency-Key': randomUUID() }
    expect((await api.send('post', `/leads/${id}/reopen`, undefined, key)).status).toBe(409)
    await api.send('post', `/leads/${id}/mark-lost`, { lostReason: 'Budget' })

    expect((await api.send('post', `/leads/${id}/reopen`, undefined, key)).status).toBe(200)
    expect((await api.send('post', `/leads/${id}/reopen`, undefined, key)).status).toBe(200)
    expect((await api.send('post', `/leads/${id}/reopen`)).status).toBe(409)
  })

  test('a key is of one token', async () => {
    const key = randomUUID()
    const other = await program(rosa)
    const [mine, others] = [await create(key), await create(key, ada, other)]

    expect((others.body as { id: number }).id).not.toBe((mine.body as { id: number }).id)
  })

  test('a day later it is forgotten, and can be used for something else', async () => {
    const [kept, reused] = [randomUUID(), randomUUID()]
    await create(kept)
    await create(reused)
    await db.query(sql`UPDATE api_answers SET created_at = now() - interval '25 hours' WHERE key = ${reused}`)

    expect((await create(reused, { ...ada, firstName: 'Eva' })).body).toMatchObject({ firstName: 'Eva' })
    await db.query(sql`UPDATE api_answers SET created_at = now() - interval '25 hours' WHERE key = ${reused}`)
    await forgetAnswers(db)
    const left = await db.query<{ key: string }>(sql`SELECT key FROM api_answers WHERE key IN (${kept}, ${reused})`)
    expect(left).toEqual([{ key: kept }])
  })

  test.each(['', 'x'.repeat(256), 'käse'])('a key of "%s" is refused', async (key) => {
    expect((await create(Buffer.from(key).toString('latin1'))).status).toBe(400)
  })
})

describe('whatever is wrong', () => {
  const problem = (answer: { status: number; type: string; body: unknown }) => [
    answer.status,
    answer.type,
    (answer.body as { status: number }).status,
  ]

  test('an address that is not there, and a method that it does not take', async () => {
    const nowhere = await api.get('/nothing/here')
    const method = await api.send('delete', '/leads')
    const options = await request(app).options('/api/v1/leads')
    const encoded = [
      await request(app).get('/api/v1/leads/%zz'),
      await api.get('/leads/%ff'),
      await api.send('post', '/leads/%c3%28/archive'),
    ]

    expect(problem(nowhere)).toEqual([404, 'application/problem+json', 404])
    expect(problem(method)).toEqual([405, 'application/problem+json', 405])
    expect(encoded.map(problem)).toEqual(encoded.map(() => [404, 'application/problem+json', 404]))
    expect(method.headers.allow).toBe('GET, HEAD, POST, OPTIONS')
    expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
  })

  test('is said in the language that is asked for, else in English', async () => {
    const german = await makeUser({ locale: 'de' })
    const his = await program(german)
    const spoken = async (language: string) =>
      ((await his.get('/leads/2147483647', { 'Accept-Language': language })).body as { title: string }).title

    expect([await spoken('de'), await spoken('de-AT, en;q=0.5'), await spoken('en'), await spoken('fr')]).toEqual([
      'Nicht gefunden',
      'Nicht gefunden',
      'Not found',
      'Not found',
    ])
    expect((await his.get('/leads/2147483647')).body).toMatchObject({ title: 'Not found' })
  })

  test('HEAD is GET without its body', async () => {
    const { id } = await makeLead(as(rosa))
    const answer = await request(app).head(`/api/v1/leads/${id}`).set('Authorization', `Bearer ${api.token}`)

    expect([answer.status, answer.text, answer.headers.etag]).toEqual([200, undefined, '"1"'])
  })

  test('no answer is kept by anybody else, and no cookie is made', async () => {
    const [read, refused] = [await api.get('/leads?limit=1'), await api.get('/leads/0')]

    expect([read.headers['cache-control'], refused.headers['cache-control']]).toEqual(['private, no-cache', 'no-store'])
    expect([read.headers['set-cookie'], refused.headers['set-cookie']]).toEqual([undefined, undefined])
  })
})

test('a token that asks too often is told how long to wait, and others are not kept waiting', async () => {
  const slow = createApp({
    config: readConfig({ NODE_ENV: 'test', API_RATE: '5' }),
    database: db,
    logger,
    secret: 'a secret that only tests know',
  })
  const ask = (token: string) =>
    request(slow.handle).get('/api/v1/leads?limit=1').set('Authorization', `Bearer ${token}`)
  const [mine, others] = [await tokenOf(rosa), await tokenOf(rosa)]
  // Not over the turn of a minute.
  const left = 60 - ((Date.now() / 1_000) % 60)
  if (left < 5) await new Promise((resolve) => setTimeout(resolve, left * 1_000 + 200))

  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(mine)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429, 429, 429])
  const refused = answers.find(({ status }) => status === 429)!
  expect(refused.headers).toMatchObject({ 'ratelimit-limit': '5', 'ratelimit-remaining': '0' })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
  expect((await ask(others)).status).toBe(200)
  await slow.close()
})
