import pino from 'pino'
import request from 'supertest'
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { csrfOf } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { PASSWORD, makeUser } from '../support/people.ts'

interface Line {
  level: number
  req?: { id: string; method: string; path: string }
  res?: { status: number }
  user?: number
  err?: Record<string, unknown>
}

const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing) await close()
})

/** The product, and every line it logs. */
function logged(database: Database = db) {
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const { handle, close } = createApp({
    config: readConfig({ NODE_ENV: 'test' }),
    database,
    logger,
    secret: 'a secret that only tests know',
  })
  closing.push(close)
  return {
    agent: request.agent(handle),
    text: () => lines.join(''),
    lines: () => lines.map((line) => JSON.parse(line) as Line),
  }
}

test('a request is one line: what was asked, how it went, who asked as an id', async () => {
  const user = await makeUser()
  const { agent, lines } = logged()
  const token = csrfOf(await agent.get('/login'))
  await agent.post('/login').type('form').send({ _csrf: token, email: user.email, password: PASSWORD })
  const answer = await agent.get('/leads?q=somebody')

  const last = lines().at(-1)

  expect(lines()).toHaveLength(3)
  expect(last).toMatchObject({
    level: 30,
    req: { id: answer.headers['x-request-id'], method: 'GET', path: '/leads' },
    res: { status: 200 },
    user: user.id,
  })
})

test('no password, no token, no cookie, no address, nothing that people search for is in the log', async () => {
  const user = await makeUser({ email: 'secret.person@example.com' })
  const { agent, text } = logged()
  const page = await agent.get('/login?next=/contacts?q=Somebody')
  const token = csrfOf(page)
  const cookie = /dealwright=([^;]+)/.exec(String(page.headers['set-cookie']))?.[1] ?? ''
  await agent.post('/login').type('form').send({ _csrf: token, email: user.email, password: 'a wrong passphrase' })
  await agent.post('/login').type('form').send({ _csrf: token, email: user.email, password: PASSWORD })
  await agent.get('/contacts?q=Somebody')
  await agent.get('/leads/%zz?q=Somebody')

  expect(text()).not.toBe('')
  for (const secret of [token, cookie, user.email, 'a wrong passphrase', PASSWORD, 'Somebody', user.name])
    expect(text()).not.toContain(secret)
})

test('an error of the database is logged without the row it was about', async () => {
  const refusal = Object.assign(new Error('duplicate key value violates unique constraint "users_email"'), {
    code: '23505',
    detail: 'Key (lower(email))=(secret.person@example.com) already exists.',
    parameters: ['secret.person@example.com'],
  })
  const { agent, lines, text } = logged({ ...db, query: () => Promise.reject(refusal) })

  expect((await agent.get('/login')).status).toBe(500)

  const [line] = lines()
  expect(line).toMatchObject({
    level: 50,
    res: { status: 500 },
    err: { message: refusal.message, code: '23505', stack: expect.stringContaining('logging.test.ts') as string },
  })
  expect(text()).not.toContain('secret.person')
})

test('what supervisors and browsers ask for all the time is not logged', async () => {
  const { agent, lines } = logged()

  for (const path of ['/healthz', '/readyz', '/metrics', '/assets/icon.svg']) await agent.get(path)

  expect(lines()).toEqual([])
})
