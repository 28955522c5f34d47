import sql from 'sql-template-tag'
import request from 'supertest'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { SessionData } from 'express-session'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { SessionStore } from '../../src/features/sessions/session-store.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { app, browse, csrfOf } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { logger } from '../support/log.ts'
import { PASSWORD, makeUser, system } from '../support/people.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const proxied = createApp({
  config: readConfig({ NODE_ENV: 'test', TRUST_PROXY: '1' }),
  database: db,
  logger,
  secret: 'a secret that only tests know',
})
afterAll(() => proxied.close())

beforeEach(async () => {
  await db.query(sql`DELETE FROM sign_in_limits`)
})

/** A browser that can be looked into: which session it has, and how its sign-in was answered. */
async function browser(product = app, address?: string) {
  const agent = request.agent(product)
  if (address) agent.set('X-Forwarded-For', address)
  const page = await agent.get('/login')
  let session = sidOf(page)
  let token = csrfOf(page)
  return {
    agent,
    session: () => session,
    signIn: async (email: string, password: string, more: Record<string, string> = {}) => {
      const answer = await agent
        .post('/login')
        .type('form')
        .send({ _csrf: token, email, password, ...more })
      session = sidOf(answer) || session
      if (answer.status === 303) token = csrfOf(await agent.get('/leads/create'))
      return answer
    },
    post: (path: string) => agent.post(path).type('form').send({ _csrf: token }),
  }
}

/** "s:<id>.<signature>", as the cookie carries it. */
function sidOf(answer: request.Response): string {
  return decodeURIComponent(/dealwright=([^;]+)/.exec(String(answer.headers['set-cookie'] ?? ''))?.[1] ?? '')
}

function idIn(session: string): string {
  return session.replace(/^s:/, '').split('.')[0] ?? ''
}

/** Milliseconds that a session has to live; null when it is gone. */
async function lifeOf(session: string): Promise<number | null> {
  const [row] = await db.query<{ life: number }>(sql`
    SELECT (extract(epoch FROM expire - (now() AT TIME ZONE 'UTC')) * 1000)::float8 AS life FROM sessions WHERE sid = ${idIn(session)}`)
  return row?.life ?? null
}

/** Where somebody ends up who comes with this cookie alone. */
async function visit(session: string): Promise<string> {
  const answer = await request(app)
    .get('/leads')
    .set('Cookie', `dealwright=${encodeURIComponent(session)}`)
  return answer.status === 200 ? 'the page' : String(answer.headers.location)
}

const SIGN_IN = '/login?next=%2Fleads'

describe('many who come at once', () => {
  test('are each who they are, two windows of one of them too', async () => {
    const signedIn = await Promise.all(['Ada', 'Grace', 'Hedy'].map(signedInAs))
    const stranger = signedIn[0]?.replace(/^s:./, 's:x') ?? ''

    const pages = await Promise.all(
      [...signedIn, stranger, ...signedIn].map((session) =>
        request(app)
          .get('/profile')
          .set('Cookie', `dealwright=${encodeURIComponent(session)}`),
      ),
    )

    const names = pages.map(({ text }) => /<summary[^>]*>.*?<bdi>(.*?)<\/bdi>/s.exec(text)?.[1] ?? 'nobody')
    expect(names).toEqual(['Ada', 'Grace', 'Hedy', 'nobody', 'Ada', 'Grace', 'Hedy'])
  })

  test('are one question to the database, and each has a session of their own to change', async () => {
    const [ada = '', grace = ''] = (await Promise.all(['Ada', 'Grace'].map(signedInAs))).map(idIn)
    const store = new SessionStore(db.pool, () => undefined)
    const read = (sid: string) =>
      new Promise<SessionData | null>((resolve, reject) => {
        store.get(sid, (error, session) =>
          error ? reject(new Error('not read', { cause: error })) : resolve(session ?? null),
        )
      })

    let found: (SessionData | null)[] = []
    const statements = await queriesOf(async () => {
      found = await Promise.all([ada, 'nobody', grace, ada].map(read))
    })
    store.close()

    expect(statements).toHaveLength(1)
    expect(found[1]).toBeNull()
    expect(found[3]).toEqual(found[0])
    expect(found[3]).not.toBe(found[0])
    expect(found[2]).not.toEqual(found[0])
  })
})

async function signedInAs(name: string): Promise<string> {
  const { email } = await makeUser({ name })
  const visitor = await browser()
  await visitor.signIn(email, PASSWORD)
  return visitor.session()
}

describe('how long a session lives', () => {
  test('an hour for a visitor who never signs in', async () => {
    await makeUser()
    const visitor = await browser()

    const life = await lifeOf(visitor.session())

    expect(life).toBeGreaterThan(HOUR - 60_000)
    expect(life).toBeLessThanOrEqual(HOUR + 1_000)
  })

  test('fourteen days for somebody signed in, in the database and in the browser', async () => {
    const visitor = await browser()
    const answer = await visitor.signIn((await makeUser()).email, PASSWORD)

    const life = await lifeOf(visitor.session())

    expect(life).toBeGreaterThan(14 * DAY - 60_000)
    expect(life).toBeLessThanOrEqual(14 * DAY + 1_000)
    const expires = /Expires=([^;]+)/.exec(String(answer.headers['set-cookie']))?.[1] ?? ''
    expect(Math.abs(Date.parse(expires) - Date.now() - 14 * DAY)).toBeLessThan(60_000)
  })

  test('it is written once a day, not with each page', async () => {
    const visitor = await browser()
    await visitor.signIn((await makeUser()).email, PASSWORD)
    await visitor.agent.get('/leads')

    const statements = await queriesOf(() => visitor.agent.get('/leads'))

    expect(statements.filter((statement) => /\b(INSERT INTO|UPDATE|DELETE FROM)\b/i.test(statement))).toEqual([])
  })

  test('it is prolonged when it was last prolonged a day ago', async () => {
    const visitor = await browser()
    await visitor.signIn((await makeUser()).email, PASSWORD)
    await age(visitor.session(), { renewedAt: 25 * HOUR, signedInAt: 13 * DAY }, DAY)

    const answer = await visitor.agent.get('/leads')

    expect(answer.status).toBe(200)
    expect(sidOf(answer)).not.toBe('')
    expect(await lifeOf(visitor.session())).toBeGreaterThan(14 * DAY - 60_000)
  })

  test('ninety days after the sign-in it ends, however much it is used', async () => {
    const visitor = await browser()
    await visitor.signIn((await makeUser()).email, PASSWORD)
    await age(visitor.session(), { renewedAt: 25 * HOUR, signedInAt: 88 * DAY }, DAY)
    await visitor.agent.get('/leads')
    expect(await lifeOf(visitor.session())).toBeLessThanOrEqual(2 * DAY + 1_000)

    await age(visitor.session(), { renewedAt: HOUR, signedInAt: 90 * DAY }, DAY)

    expect(await visit(visitor.session())).toBe(SIGN_IN)
    expect(await visit(visitor.session())).toBe(SIGN_IN)
  })

  test('one that has expired is none', async () => {
    const visitor = await browser()
    await visitor.signIn((await makeUser()).email, PASSWORD)
    expect(await visit(visitor.session())).toBe('the page')

    await age(visitor.session(), {}, -1_000)

    expect(await visit(visitor.session())).toBe(SIGN_IN)
  })
})

/** Makes a session look older: moves its times back by so much, and lets it live for `life` from now. */
async function age(session: string, back: { renewedAt?: number; signedInAt?: number }, life: number): Promise<void> {
  const now = Date.now()
  const times = Object.fromEntries(Object.entries(back).map(([name, time]) => [name, now - time]))
  await db.query(sql`
    UPDATE sessions SET sess = (sess::jsonb || ${JSON.stringify(times)}::jsonb)::json,
      expire = (now() AT TIME ZONE 'UTC') + ${life} * interval '1 millisecond'
    WHERE sid = ${idIn(session)}`)
}

describe('whose session it is', () => {
  test('signing in begins a new one: a session planted before is worth nothing', async () => {
    const visitor = await browser()
    const before = visitor.session()

    await visitor.signIn((await makeUser()).email, PASSWORD)

    expect(idIn(visitor.session())).not.toBe(idIn(before))
    expect(await lifeOf(before)).toBeNull()
    expect(await visit(before)).toBe(SIGN_IN)
    expect(await visit(visitor.session())).toBe('the page')
  })

  test('signing out ends it for whoever kept a copy of the cookie', async () => {
    const visitor = await browser()
    await visitor.signIn((await makeUser()).email, PASSWORD)
    const kept = visitor.session()

    const answer = await visitor.post('/logout')

    expect([answer.status, answer.headers.location]).toEqual([303, '/login'])
    expect(await visit(kept)).toBe(SIGN_IN)
  })

  test('a link cannot sign anybody out', async () => {
    const visitor = await browser()
    await visitor.signIn((await makeUser()).email, PASSWORD)

    await visitor.agent.get('/logout')

    expect(await visit(visitor.session())).toBe('the page')
  })

  test.each([
    ['they are deactivated', sql`is_active = false`],
    ['their password changes', sql`credentials_version = credentials_version + 1`],
  ])('all of somebody end when %s', async (_, change) => {
    const user = await makeUser()
    const [one, other] = [await browser(), await browser()]
    await one.signIn(user.email, PASSWORD)
    await other.signIn(user.email, PASSWORD)
    const stranger = await browse(await makeUser())

    await inTransaction(system, (scope) =>
      scope.db.query(sql`UPDATE users SET ${change} WHERE id = ${user.id} RETURNING id`),
    )

    expect([await visit(one.session()), await visit(other.session())]).toEqual([SIGN_IN, SIGN_IN])
    expect((await stranger.get('/leads')).status).toBe(200)
  })

  test('an id without a signature of ours, or with that of another, is none', async () => {
    const visitor = await browser()
    await visitor.signIn((await makeUser()).email, PASSWORD)
    const id = idIn(visitor.session())

    expect(await visit(id)).toBe(SIGN_IN)
    expect(await visit(`s:${id}.`)).toBe(SIGN_IN)
    expect(await visit(`s:${id}.${'A'.repeat(43)}`)).toBe(SIGN_IN)
    const copy = visitor.session().replace(id, `${id.slice(0, -1)}${id.endsWith('A') ? 'B' : 'A'}`)
    expect(await visit(copy)).toBe(SIGN_IN)
  })
})

describe('signing in', () => {
  test('takes the address however it is capitalised, and the password exactly', async () => {
    const { email } = await makeUser({ email: 'Rosa.Winter@example.com' })

    expect((await (await browser()).signIn(` ${email.toUpperCase()} `, PASSWORD)).status).toBe(303)
    expect((await (await browser()).signIn(email, `${PASSWORD} `)).status).toBe(422)
    expect((await (await browser()).signIn(email, PASSWORD.toUpperCase())).status).toBe(422)
  })

  test('answers an unknown address, a wrong password and a deactivated account alike', async () => {
    const [rosa, gone] = [await makeUser(), await makeUser()]
    await inTransaction(system, (scope) =>
      scope.db.query(sql`UPDATE users SET is_active = false WHERE id = ${gone.id} RETURNING id`),
    )
    const answerTo = async (email: string, password: string) => {
      const answer = await (await browser()).signIn(email, password)
      const token = csrfOf(answer)
      return [answer.status, answer.text.replaceAll(email, 'EMAIL').replaceAll(token, 'TOKEN')]
    }

    const wrong = await answerTo(rosa.email, 'not the password')

    expect(wrong[0]).toBe(422)
    expect(await answerTo('nobody@example.com', PASSWORD)).toEqual(wrong)
    expect(await answerTo(gone.email, PASSWORD)).toEqual(wrong)
  })

  test('never shows a password again', async () => {
    const { email } = await makeUser()

    const answer = await (await browser()).signIn(email, 'my almost right password')

    expect(answer.text).toContain(email)
    expect(answer.text).not.toContain('almost right')
  })

  test.each([
    [{ email: '', password: '' }, 422],
    [{ email: 'x'.repeat(300), password: 'x' }, 422],
    [{ email: 'a@example.com\0', password: 'x' }, 422],
    [{ email: 'a@example.com', password: 'x\0' }, 422],
    [{ email: 'a@example.com', password: 'x'.repeat(5_000) }, 422],
    [{ email: ['a@example.com', 'b@example.com'], password: ['x', 'y'] }, 422],
    [{ 'email[]': 'x', 'password[$ne]': 'x' }, 422],
  ])('with nonsense (%j) is refused', async (fields, status) => {
    await makeUser()
    const agent = request.agent(app)
    const token = csrfOf(await agent.get('/login'))

    expect(
      (
        await agent
          .post('/login')
          .type('form')
          .send({ _csrf: token, ...fields })
      ).status,
    ).toBe(status)
  })

  test('leads back to where somebody was going', async () => {
    const user = await makeUser()
    const refused = await request(app).get('/leads?q=acme&sort=-value')
    const next = new URL(String(refused.headers.location), 'http://here').searchParams.get('next') ?? ''

    const answer = await (await browser()).signIn(user.email, PASSWORD, { next })

    expect(answer.headers.location).toBe('/leads?q=acme&sort=-value')
  })

  test.each([
    '//evil.example.com',
    '/\\evil.example.com',
    '\\\\evil.example.com',
    'https://evil.example.com',
    'javascript:alert(1)',
    '/\t/evil.example.com',
    '/\n/evil.example.com',
    ' //evil.example.com',
    '',
    'leads',
    '/%0d%0aSet-Cookie:x=1',
  ])('leads nowhere else (%j)', async (next) => {
    const user = await makeUser()

    const { headers } = await (await browser()).signIn(user.email, PASSWORD, { next })
    const location = String(headers.location)

    expect(new URL(location, 'http://here.example.com').host).toBe('here.example.com')
    expect(location).toMatch(/^\/(?![/\\])/)
    const form = await request(app).get(`/login?next=${encodeURIComponent(next)}`)
    expect(/name="next"[^>]*value="([^"]*)"/.exec(form.text)?.[1] ?? '/').toMatch(/^\/(?![/\\])/)
  })

  test('is not asked of somebody signed in', async () => {
    const visitor = await browser()
    await visitor.signIn((await makeUser()).email, PASSWORD)

    expect((await visitor.agent.get('/login')).headers.location).toBe('/')
  })
})

describe('guessing', () => {
  const wrong = async (visitor: Awaited<ReturnType<typeof browser>>, email: string, times: number) => {
    const answers = []
    for (let attempt = 0; attempt < times; attempt += 1)
      answers.push((await visitor.signIn(email, `guess ${attempt}`)).status)
    return answers
  }

  let rosa: Account
  beforeEach(async () => {
    rosa = await makeUser()
  })

  test('is refused from the sixth attempt on, with the time to wait, and the right password does not help then', async () => {
    const visitor = await browser()

    expect(await wrong(visitor, rosa.email, 6)).toEqual([422, 422, 422, 422, 422, 429])
    const answer = await visitor.signIn(rosa.email, PASSWORD)
    expect(answer.status).toBe(429)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(15 * 60)
    expect(answer.text.match(/<h1\b/g)).toHaveLength(1)
  })

  test('at the same instant counts too', async () => {
    const visitors = await Promise.all(Array.from({ length: 10 }, () => browser()))

    const answers = await Promise.all(visitors.map((visitor) => visitor.signIn(rosa.email, 'guess')))

    expect(answers.filter(({ status }) => status === 422)).toHaveLength(5)
  })

  test('is counted alike for an address nobody has, so that it tells nothing', async () => {
    expect(await wrong(await browser(), 'nobody@example.com', 6)).toEqual([422, 422, 422, 422, 422, 429])
  })

  test('is counted for the account, however its address is written', async () => {
    const visitor = await browser()
    await wrong(visitor, rosa.email, 3)

    expect(await wrong(visitor, ` ${rosa.email.toUpperCase()}`, 3)).toEqual([422, 422, 429])
  })

  test('at one account stops nobody else at the same address', async () => {
    const emil = await makeUser()
    await wrong(await browser(), rosa.email, 6)

    expect((await (await browser()).signIn(emil.email, PASSWORD)).status).toBe(303)
  })

  test('from one place does not lock the owner out who comes from another', async () => {
    await wrong(await browser(proxied.handle, '203.0.113.7'), rosa.email, 7)

    expect((await (await browser(proxied.handle, '198.51.100.9')).signIn(rosa.email, PASSWORD)).status).toBe(303)
  })

  test('an address cannot be invented when no proxy is trusted', async () => {
    for (let attempt = 0; attempt < 5; attempt += 1)
      await wrong(await browser(app, `203.0.113.${attempt}`), rosa.email, 1)

    expect((await (await browser(app, '203.0.113.99')).signIn(rosa.email, PASSWORD)).status).toBe(429)
  })

  test('is forgiven when the right password comes in time', async () => {
    const visitor = await browser()
    await wrong(visitor, rosa.email, 4)
    expect((await visitor.signIn(rosa.email, PASSWORD)).status).toBe(303)

    expect(await wrong(await browser(), rosa.email, 5)).toEqual([422, 422, 422, 422, 422])
  })

  test('at many accounts from one place is refused in the end', async () => {
    const visitor = await browser(proxied.handle, '203.0.113.8')
    const answers = []
    for (let account = 0; account < 51; account += 1)
      answers.push((await visitor.signIn(`account${account}@example.com`, 'guess')).status)

    expect(answers.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => 422))
    expect(answers[50]).toBe(429)
  }, 60_000)
})
