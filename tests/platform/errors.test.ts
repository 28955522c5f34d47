import net from 'node:net'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/platform/database/database.ts'
import type { Database } from '../../src/platform/database/database.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { app, browse, csrfOf, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { errorsLogged, logger } from '../support/log.ts'
import { as, makeUser } from '../support/people.ts'
import { makeLead } from '../support/records.ts'

let user: Account
let rosa: Visitor

beforeAll(async () => {
  user = await makeUser()
  rosa = await browse(user)
})

const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing) await close()
})

/** The same product on another database. */
function appOn(database: Database) {
  const { handle, close } = createApp({
    config: readConfig({ NODE_ENV: 'test' }),
    database,
    logger,
    secret: 'a secret that only tests know',
  })
  closing.push(close)
  return handle
}

/** An error has a page like any other, that says what happened and shows nothing of the inside. */
function expectPage(answer: request.Response, status: number): void {
  expect(answer.status).toBe(status)
  expect(answer.type).toBe('text/html')
  expect(answer.text).toMatch(/<title>[^<]+<\/title>/)
  expect(answer.text.match(/<h1\b/g)).toHaveLength(1)
  expect(answer.text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(|errors\.\w+\.\w+/)
  expect(answer.headers['cache-control']).toBe('no-store')
}

test('a change without a valid token is refused with a page', async () => {
  const visitor = request.agent(app)
  await visitor.get('/login')

  expectPage(await visitor.post('/login').type('form').send({ email: 'a@example.com', password: 'x' }), 403)
  expectPage(
    await visitor.post('/login').type('form').send({ _csrf: 'made-up', email: 'a@example.com', password: 'x' }),
    403,
  )
  expectPage(await request(app).post('/leads/create').type('form').send({ firstName: 'x' }), 403)
})

test('a token from the URL is none: addresses are logged and shared', async () => {
  const visitor = request.agent(app)
  const token = csrfOf(await visitor.get('/login'))

  expectPage(
    await visitor
      .post(`/login?_csrf=${encodeURIComponent(token)}`)
      .type('form')
      .send({ email: 'a@example.com', password: 'x' }),
    403,
  )
})

describe('what comes from another site is refused before anything else is looked at', () => {
  const cases: Record<string, string>[] = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://evil.example.com' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://evil.example.com' },
  ]

  test.each(cases)('%j', async (headers) => {
    const visitor = request.agent(app)
    const token = csrfOf(await visitor.get('/login'))
    const sent = { _csrf: token, email: user.email, password: 'wrong' }

    expectPage(await visitor.post('/login').set(headers).type('form').send(sent), 403)
    expect((await visitor.post('/login').type('form').send(sent)).status).toBe(422)
  })
})

test.each([
  '/nothing',
  '/leads/abc',
  '/leads/0',
  '/leads/1.5',
  '/leads/99999999999',
  '/leads/2147483648',
  '/leads/%00',
  '/leads/1e2',
  '/deals/0x1',
  '/clients/-1',
  '/leads/1/nothing',
])('%s is a page that does not exist', async (path) => {
  expectPage(await rosa.get(path), 404)
})

test('an address that cannot be read is a page that does not exist', async () => {
  expectPage(await rosa.get('/leads/%zz'), 404)
})

test('a body that is too large is refused', async () => {
  expectPage(await rosa.post('/leads/create', { notes: 'x'.repeat(2_000_000) }), 413)
})

test('a NUL byte in a form is a message at its field, with what was typed kept', async () => {
  const answer = await rosa.post('/leads/create', { firstName: 'Ro\0sa', lastName: 'Winter' })

  expectPage(answer, 422)
  expect(answer.text).toMatch(/name="firstName"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*name="firstName"/)
  expect(answer.text).toContain('value="Winter"')
})

test.each(
  [
    'q=%00',
    'q=a%00b&sort=%00',
    'owner=%00',
    'cursor=%00',
    'sort=x%27;--',
    'q=%ed%a0%80',
    'status=%00',
    `q=${'x'.repeat(5_000)}`,
    'q=a&q=b',
    'q[x]=1',
    '__proto__=1',
  ].map((query) => [query.slice(0, 30), query]),
)('a nonsense query (%s) shows the list', async (_, query) => {
  await makeLead(as(user))
  const visited = await Promise.all(
    ['/leads', '/deals', '/deals/pipeline', '/clients', '/contacts', '/'].map((path) => rosa.get(`${path}?${query}`)),
  )

  expect(visited.map(({ status }) => status)).toEqual(visited.map(() => 200))
})

test('a page that someone may not see looks as if it did not exist; one they may not use is forbidden', async () => {
  const [owner, stranger, reader] = await Promise.all([
    makeUser(),
    makeUser({ visibility: 'own' }),
    makeUser({ role: 'viewer' }),
  ])
  const lead = await makeLead(as(owner))

  expectPage(await (await browse(stranger)).get(`/leads/${lead.id}`), 404)
  expectPage(await (await browse(reader)).post(`/leads/${lead.id}/mark-lost`, { lostReason: 'No budget' }), 403)
})

test('an error is said in the language of the reader: their own, else the best their browser asks for', async () => {
  const german = await browse(await makeUser({ locale: 'de' }))

  expect((await german.get('/nothing')).text).toMatch(/<html lang="de" dir="ltr"/)
  const anonymous = await request(app)
    .post('/login')
    .set('Accept-Language', 'de-AT,de;q=0.9,en;q=0.8')
    .type('form')
    .send({})
  expect(anonymous.text).toMatch(/<html lang="de"/)
  expect((await request(app).post('/login').set('Accept-Language', 'xx').type('form').send({})).text).toMatch(
    /<html lang="en"/,
  )
})

test('below /api an error is problem+json, with the id that the log has', async () => {
  const answer = await rosa.get('/api/deals/abc/contacts')

  expect([answer.status, answer.type]).toEqual([404, 'application/problem+json'])
  const problem = JSON.parse(answer.text) as Record<string, unknown>
  expect(problem).toEqual({
    status: 404,
    title: expect.stringMatching(/\w/) as string,
    instance: answer.headers['x-request-id'],
  })
  const stranger = await request(app).get('/api/deals/1/contacts')
  expect([stranger.status, stranger.type]).toEqual([401, 'application/problem+json'])
})

test('what nobody foresaw is a page with the id to ask by; the reason stands in the log alone', async () => {
  const broken: Database = { ...db, query: () => Promise.reject(new Error('the inside of the product')) }

  const answer = await request(appOn(broken)).get('/login')

  expectPage(answer, 500)
  expect(answer.text).not.toContain('the inside of the product')
  const id = answer.headers['x-request-id'] ?? ''
  expect(answer.text).toContain(id)
  const logged = errorsLogged.splice(0) as { req?: { id: string }; err?: { message: string } }[]
  expect(logged.some(({ req, err }) => req?.id === id && err?.message === 'the inside of the product')).toBe(true)
})

test('what was typed is on the page of an error, to be sent again; not a password', async () => {
  let isBroken = false
  const breaking: Database = {
    ...db,
    query: (...asked: Parameters<typeof db.query>) =>
      isBroken ? Promise.reject(new Error('just now')) : db.query(...asked),
  }
  const agent = request.agent(appOn(breaking))
  const _csrf = csrfOf(await agent.get('/login').set('Host', 'crm.example'))
  isBroken = true

  const answer = await agent
    .post('/login')
    .set({ Host: 'crm.example', Origin: 'http://crm.example' })
    .type('form')
    .send({ _csrf, email: 'emil@example.com', password: 'of nobody', next: '/' })

  expectPage(answer, 500)
  expect(errorsLogged.splice(0)).toHaveLength(1)
  expect(formFields(answer, '/login')).toEqual({
    _csrf: expect.any(String) as string,
    email: 'emil@example.com',
    next: '/',
    password: '',
  })
})

describe('a database that is away', () => {
  test('is a page that asks to try again, and the product recovers by itself when it is back', async () => {
    const server = inject('server')
    const port = await freePort()
    const away = openDatabase({ ...server, host: '127.0.0.1', port, database: await nameOf(db) }, 2)
    closing.push(() => away.close())
    const product = appOn(away)

    // Many at once: a session that cannot be saved must not cut off the page that says so.
    for (const refused of await Promise.all(Array.from({ length: 8 }, () => request(product).get('/login')))) {
      expectPage(refused, 503)
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect((await request(product).get('/healthz')).status).toBe(200)
    expect((await request(product).get('/readyz')).status).toBe(503)
    expect(errorsLogged.splice(0).length).toBeGreaterThan(0)

    const back = await forward(port, server)
    expect((await request(product).get('/login')).status).toBe(200)
    expect((await request(product).get('/readyz')).status).toBe(200)
    back.destroy()
  })
})

async function nameOf(database: Database): Promise<string> {
  const { rows } = await database.pool.query<{ name: string }>('SELECT current_database() AS name')
  return rows[0]?.name ?? ''
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The database's server, reachable at `port` too. */
async function forward(
  port: number,
  { host, port: target }: { host: string; port: number },
): Promise<{ destroy(): void }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((client) => {
    const upstream = host.startsWith('/') ? net.connect(`${host}/.s.PGSQL.${target}`) : net.connect(target, host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    destroy: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
