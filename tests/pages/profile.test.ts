import sql from 'sql-template-tag'
import request from 'supertest'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { ROLES } from '../../src/platform/scope.ts'
import { app, browse, csrfOf, formFields } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { PASSWORD, makeUser } from '../support/people.ts'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1'

let rosa: Account

beforeEach(async () => {
  await db.query(sql`DELETE FROM sign_in_limits RETURNING key`)
  rosa = await makeUser()
})

/** Signed in with a browser that says this of itself. */
async function signedIn(userAgent: string, user = rosa, password = PASSWORD) {
  const agent = request.agent(app).set('User-Agent', userAgent)
  const first = csrfOf(await agent.get('/login'))
  const answer = await agent.post('/login').type('form').send({ _csrf: first, email: user.email, password })
  expect(answer.status).toBe(303)
  return {
    agent,
    sid: () => sidIn(answer),
    get: (path: string) => agent.get(path),
    post: async (path: string, fields: Record<string, string> = {}) => {
      const token = csrfOf(await agent.get('/profile'))
      return agent
        .post(path)
        .type('form')
        .send({ _csrf: token, ...fields })
    },
  }
}
const sidIn = (answer: request.Response) =>
  decodeURIComponent(/dealwright=([^;]+)/.exec(String(answer.headers['set-cookie']))?.[1] ?? '')
    .slice(2)
    .split('.')[0]!
const handles = (page: request.Response) =>
  [...page.text.matchAll(/name="session" value="([0-9a-f]{64})"/g)].map(([, handle]) => handle!)

describe.each(ROLES)('the profile of a %s', (role) => {
  test('changes name, language, zone and appearance; untouched it changes nothing', async () => {
    const one = await makeUser({ role })
    const visitor = await browse(one)
    const { _csrf, ...fields } = formFields(await visitor.get('/profile'), '/profile')
    await visitor.post('/profile', fields)
    expect(formFields(await visitor.get('/profile'), '/profile')).toMatchObject(fields)

    const answer = await visitor.post('/profile', {
      ...fields,
      name: 'Zoë',
      locale: 'de',
      timeZone: 'tokyo',
      theme: 'dark',
    })

    expect([answer.status, answer.headers.location]).toEqual([303, '/profile'])
    const { text } = await visitor.get('/profile')
    expect(text).toContain('<html lang="de" dir="ltr" data-theme="dark">')
    expect(text).toContain('value="Asia/Tokyo"')
    expect(text).toContain('Ihr Profil wurde gespeichert.')
  })
})

test.each([
  [{ name: '' }, 'name'],
  [{ timeZone: 'Atlantis' }, 'timeZone'],
  [{ locale: 'xx' }, 'locale'],
  [{ theme: 'pink' }, 'theme'],
])('a profile with %j answers 422 with the message there', async (wrong, field) => {
  const visitor = await browse(rosa)
  const fields = formFields(await visitor.get('/profile'), '/profile')

  const answer = await visitor.post('/profile', { ...fields, ...(wrong as Record<string, string>) })

  expect([answer.status, answer.text.includes(`id="${field}-error"`)]).toEqual([422, true])
})

test('a rights field in the form is not looked at, and a stale one conflicts', async () => {
  const visitor = await browse(rosa)
  const fields = formFields(await visitor.get('/profile'), '/profile')
  await visitor.post('/profile', {
    ...fields,
    role: 'admin',
    visibility: 'all',
    isActive: 'true',
    email: 'x@example.com',
    name: 'R',
  })

  const [row] = await db.query(sql`SELECT role, email, name FROM users WHERE id = ${rosa.id}`)
  expect(row).toEqual({ role: 'member', email: rosa.email, name: 'R' })
  expect((await visitor.post('/profile', { ...fields, name: 'S' })).status).toBe(409)
})

describe("one's own password", () => {
  test('changed here, goes on here under a new session, and ends all others', async () => {
    const [here, there] = [await signedIn(FIREFOX), await signedIn(SAFARI)]

    const answer = await here.post('/profile/password', { currentPassword: PASSWORD, password: 'a quite new one' })

    expect([answer.status, answer.headers.location]).toEqual([303, '/profile'])
    expect(sidIn(answer)).not.toBe(here.sid())
    const page = await here.get('/profile')
    expect(page.status).toBe(200)
    expect(page.text).toContain('Firefox on Windows')
    expect(page.text).not.toContain('Safari')
    expect((await there.get('/leads')).headers.location).toMatch(/^\/login/)
    await signedIn(FIREFOX, rosa, 'a quite new one')
  })

  test('is not changed without the present one, nor to a weak one; none is shown again', async () => {
    const here = await signedIn(FIREFOX)
    const wrong = await here.post('/profile/password', {
      currentPassword: 'not the password',
      password: 'a quite new one',
    })
    const weak = await here.post('/profile/password', { currentPassword: PASSWORD, password: 'short' })

    expect([wrong.status, wrong.text.includes('id="currentPassword-error"')]).toEqual([422, true])
    expect([weak.status, weak.text.includes('id="password-error"')]).toEqual([422, true])
    expect(wrong.text + weak.text).not.toMatch(/not the password|a quite new one|short"|correct horse/)
  })

  test('guessed at in a session that was left open is refused in the end', async () => {
    const here = await signedIn(FIREFOX)
    const answers = []
    for (let turn = 0; turn < 11; turn += 1)
      answers.push(
        (await here.post('/profile/password', { currentPassword: `guess ${turn}`, password: 'a quite new one' }))
          .status,
      )

    expect(answers.slice(9)).toEqual([422, 429])
  })
})

describe('the list of sessions', () => {
  test('says where one is signed in, in words, this one first, and nothing that a session could be stolen with', async () => {
    const [here, there] = [await signedIn(FIREFOX), await signedIn(SAFARI)]
    await signedIn('curl/8')
    await signedIn(FIREFOX, await makeUser())

    const page = await here.get('/profile')

    expect(
      [...page.text.matchAll(/<bdi>((?:Firefox|Safari|Unknown)[^<]*)<\/bdi>/g)].map(([, device]) => device).sort(),
    ).toEqual(['Firefox on Windows', 'Safari on iPhone', 'Unknown browser'])
    expect(page.text.indexOf('Firefox on Windows')).toBeLessThan(page.text.indexOf('Safari on iPhone'))
    expect(handles(page)).toHaveLength(2)
    for (const { sid } of [here, there]) expect(page.text).not.toContain(sid())
  })

  test("ends one, and only one of one's own", async () => {
    const [here, there] = [await signedIn(FIREFOX), await signedIn(SAFARI)]
    const stranger = await signedIn(FIREFOX, await makeUser())
    const [handle = ''] = handles(await here.get('/profile'))

    expect((await stranger.post('/profile/sessions/end', { session: handle })).status).toBe(404)
    expect((await there.get('/leads')).status).toBe(200)
    expect((await here.post('/profile/sessions/end', { session: handle })).status).toBe(303)

    expect((await there.get('/leads')).headers.location).toMatch(/^\/login/)
    expect((await here.get('/leads')).status).toBe(200)
    expect((await here.post('/profile/sessions/end', { session: handle })).status).toBe(404)
    expect((await here.post('/profile/sessions/end', { session: 'nonsense' })).status).toBe(422)
  })

  test('ends all others', async () => {
    const [here, ...others] = [await signedIn(FIREFOX), await signedIn(SAFARI), await signedIn(SAFARI)]

    await here.post('/profile/sessions/end-others')

    const page = await here.get('/profile')
    expect(page.text).toContain('Signed out in 2 other browsers.')
    for (const other of others) expect((await other.get('/leads')).headers.location).toMatch(/^\/login/)
  })

  test('one that was ended is not brought back by a request that was under way', async () => {
    const [here, there] = [await signedIn(FIREFOX), await signedIn(SAFARI)]
    const token = csrfOf(await there.get('/profile'))
    // A form that leaves a notice, and so writes its session at its end, has to wait for its row.
    const release = await holdUser(rosa.id)
    const underWay = there.agent.post('/profile').type('form').send({ _csrf: token, name: 'Changed meanwhile' })
    const answer = underWay.then((response) => response)
    await somebodyWaits()
    await here.post('/profile/sessions/end-others')
    await release()

    expect((await answer).status).toBe(303)
    expect((await there.get('/leads')).headers.location).toMatch(/^\/login/)
    expect(await db.query(sql`SELECT sid FROM sessions WHERE sid = ${there.sid()}`)).toEqual([])
  })

  test('reading it writes nothing', async () => {
    const here = await signedIn(FIREFOX)
    await here.get('/profile')

    const statements = await queriesOf(async () => here.get('/profile'))

    expect(statements.filter((statement) => /\b(INSERT INTO|UPDATE|DELETE FROM)\b/i.test(statement))).toEqual([])
  })
})

/** Keeps somebody's row locked until it is released. */
async function holdUser(id: number): Promise<() => Promise<void>> {
  const client = await db.pool.connect()
  await client.query('BEGIN')
  await client.query('SELECT id FROM users WHERE id = $1 FOR UPDATE', [id])
  return async () => {
    await client.query('ROLLBACK')
    client.release()
  }
}

/** Until somebody waits for a lock. */
async function somebodyWaits(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    const waiting = await db.query(
      sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    if (waiting.length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('nobody waits')
}
