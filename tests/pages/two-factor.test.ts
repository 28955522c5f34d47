import { TOTP } from 'otpauth'
import sql from 'sql-template-tag'
import request from 'supertest'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { enrol, requireTwoFactor } from '../../src/features/users/commands/two-factor.ts'
import { changePassword } from '../../src/features/users/commands/passwords.ts'
import { newSecret } from '../../src/features/users/totp.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { app, browse, csrfOf, formFields } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { PASSWORD, as, makeUser, system } from '../support/people.ts'

const STEP = 30_000
const codeOf = (secret: string, ahead = 0) => new TOTP({ secret }).generate({ timestamp: Date.now() + ahead * STEP })

let rosa: Account
let secret: string
let recoveryCodes: string[]

beforeEach(async () => {
  await db.query(sql`DELETE FROM sign_in_limits RETURNING key`)
  rosa = await makeUser()
  // A step of half a minute must not end in the middle of a test.
  vi.useFakeTimers({ toFake: ['Date'] })
  secret = newSecret()
  ;({ recoveryCodes } = await enrol(as(rosa), { secret, code: codeOf(secret, -1), currentPassword: PASSWORD }))
})

afterEach(() => {
  vi.useRealTimers()
})

/** A browser that posts the token of the page it saw last. */
function browser() {
  const agent = request.agent(app)
  const post = async (path: string, fields: Record<string, string>, from = path) => {
    const token = csrfOf(await agent.get(from))
    return agent
      .post(path)
      .type('form')
      .send({ _csrf: token, ...fields })
  }
  return {
    agent,
    post,
    password: (more: Record<string, string> = {}, password = PASSWORD) =>
      post('/login', { email: rosa.email, password, ...more }),
    code: (code: string) => post('/login/code', { code }),
  }
}
const sidOf = (answer: request.Response) => /dealwright=([^;]+)/.exec(String(answer.headers['set-cookie']))?.[1]

describe('signing in with a second factor', () => {
  test('asks for a code when the password was right, and lets nobody in before', async () => {
    const visitor = browser()
    const first = await visitor.password({ next: '/deals?q=acme' })

    expect([first.status, first.headers.location]).toEqual([303, '/login/code'])
    expect((await visitor.agent.get('/leads')).headers.location).toMatch(/^\/login\?/)
    expect((await visitor.agent.get('/profile/two-factor')).headers.location).toMatch(/^\/login\?/)

    const second = await visitor.code(codeOf(secret))
    expect([second.status, second.headers.location]).toEqual([303, '/deals?q=acme'])
    expect((await visitor.agent.get('/leads')).status).toBe(200)
    expect((await visitor.agent.get('/login/code')).headers.location).toBe('/login')
  })

  test('begins a new session at each of the two steps', async () => {
    const visitor = browser()
    const planted = sidOf(await visitor.agent.get('/login'))

    const asked = sidOf(await visitor.password())
    const inside = sidOf(await visitor.code(codeOf(secret)))

    expect(new Set([planted, asked, inside]).size).toBe(3)
    for (const sid of [planted, asked]) {
      const answer = await request(app).get('/leads').set('Cookie', `dealwright=${sid}`)
      expect(answer.headers.location).toMatch(/^\/login/)
    }
  })

  test('takes a recovery code once', async () => {
    const [one, other] = [browser(), browser()]
    await one.password()
    await other.password()

    expect((await one.code(recoveryCodes[0]!)).headers.location).toBe('/')
    expect((await other.code(recoveryCodes[0]!)).status).toBe(422)
    expect((await other.code(recoveryCodes[1]!.toUpperCase().replaceAll('-', ' '))).headers.location).toBe('/')
  })

  test('refuses a code that was used, and never shows one again', async () => {
    const [one, other] = [browser(), browser()]
    await one.password()
    await other.password()
    const code = codeOf(secret)
    expect((await one.code(code)).status).toBe(303)

    const again = await other.code(code)

    expect(again.status).toBe(422)
    expect(again.text).toContain('id="code-error"')
    expect(again.text).not.toContain(code)
    expect((await other.agent.get('/leads')).headers.location).toMatch(/^\/login/)
  })

  test('leads nowhere else than into this site', async () => {
    const visitor = browser()
    await visitor.password({ next: '//evil.example.com' })

    expect((await visitor.code(codeOf(secret))).headers.location).toBe('/')
  })

  test('begins anew after ten minutes, and when the password was changed between the steps', async () => {
    const [late, changed] = [browser(), browser()]
    await late.password()
    await changed.password()
    await changePassword(as(rosa), { currentPassword: PASSWORD, password: 'another password' })
    expect((await changed.code(codeOf(secret))).headers.location).toBe('/login')
    expect((await changed.agent.get('/leads')).headers.location).toMatch(/^\/login/)

    vi.setSystemTime(Date.now() + 11 * 60_000)
    expect((await late.agent.get('/login/code')).headers.location).toBe('/login')
    const answer = await late.post('/login/code', { code: codeOf(secret) }, '/login')
    expect(answer.headers.location).toBe('/login')
  })

  test('is slowed after five codes, for this account from here; a recovery code still opens', async () => {
    const visitor = browser()
    await visitor.password()
    const answers = []
    for (let turn = 0; turn < 6; turn += 1) answers.push((await visitor.code('000000')).status)

    expect(answers).toEqual([422, 422, 422, 422, 422, 429])
    expect((await visitor.code(codeOf(secret))).status).toBe(429)
    expect((await visitor.code(recoveryCodes[0]!)).headers.location).toBe('/')
  })

  test('says nothing of it to whoever does not know the password', async () => {
    const plain = await makeUser()
    const answer = await browser().password({}, 'not the password')
    const other = await browser().post('/login', { email: plain.email, password: 'not the password' })
    const bare = (page: request.Response, email: string) =>
      page.text.replaceAll(email, 'EMAIL').replaceAll(csrfOf(page), 'TOKEN')

    expect(answer.status).toBe(422)
    expect(bare(answer, rosa.email)).toBe(bare(other, plain.email))
  })

  test('is not asked of a browser that has not given the password', async () => {
    const visitor = browser()

    expect((await visitor.agent.get('/login/code')).headers.location).toBe('/login')
    expect((await visitor.post('/login/code', { code: codeOf(secret) }, '/login')).headers.location).toBe('/login')
  })
})

describe('setting it up', () => {
  test('shows the key as text, link and picture; a wrong code keeps the key; the codes are shown once', async () => {
    const emil = await makeUser()
    const visitor = await browse(emil)
    const page = await visitor.get('/profile/two-factor')
    const fields = formFields(page, '/profile/two-factor')
    const key = fields.secret!
    expect(page.text).toContain(key.match(/.{4}/g)!.join(' '))
    expect(page.text).toMatch(new RegExp(`href="otpauth://totp/Dealwright:[^"]*secret=${key}`))
    expect(page.text).toMatch(/<svg class="qr"[\s\S]*<path d="M\d/)

    const wrong = await visitor.post('/profile/two-factor', { ...fields, code: 'abc', currentPassword: PASSWORD })
    expect([wrong.status, /id="code-error"/.test(wrong.text)]).toEqual([422, true])
    expect(formFields(wrong, '/profile/two-factor').secret).toBe(key)
    expect(wrong.text).not.toContain(PASSWORD)

    const done = await visitor.post('/profile/two-factor', { ...fields, code: codeOf(key), currentPassword: PASSWORD })
    const codes = [...done.text.matchAll(/<code>([a-z0-9-]{19})<\/code>/g)].map(([, code]) => code)
    expect([done.status, codes.length]).toEqual([201, 10])
    const after = await visitor.get('/profile/two-factor')
    for (const gone of [key, ...codes]) expect(after.text).not.toContain(gone)
    expect(after.text).toContain('10 left')
  })

  test('the page writes nothing', async () => {
    const visitor = await browse(await makeUser())
    const [before] = await db.query(
      sql`SELECT (SELECT max(id) FROM changes) AS changes, (SELECT count(*) FROM two_factors) AS factors`,
    )

    await visitor.get('/profile/two-factor')

    const [after] = await db.query(
      sql`SELECT (SELECT max(id) FROM changes) AS changes, (SELECT count(*) FROM two_factors) AS factors`,
    )
    expect(after).toEqual(before)
  })

  test('is turned off with password and code, from its page', async () => {
    const visitor = browser()
    await visitor.password()
    await visitor.code(recoveryCodes[0]!)
    const off = (fields: Record<string, string>) =>
      visitor.post('/profile/two-factor/disable', fields, '/profile/two-factor')

    expect((await off({ currentPassword: 'wrong', code: recoveryCodes[1]! })).status).toBe(422)
    expect((await off({ currentPassword: PASSWORD, code: '000000' })).status).toBe(422)
    const answer = await off({ currentPassword: PASSWORD, code: codeOf(secret) })

    expect([answer.status, answer.headers.location]).toEqual([303, '/profile'])
    expect((await browser().password()).headers.location).toBe('/')
  })

  test('no place to guess the password: after ten tries it waits', async () => {
    const visitor = await browse(await makeUser())
    const answers = []
    for (let turn = 0; turn < 11; turn += 1)
      answers.push(
        (await visitor.post('/profile/two-factor', { secret, code: '000000', currentPassword: `guess ${turn}` }))
          .status,
      )

    expect([...new Set(answers.slice(0, 10))]).toEqual([422])
    expect(answers[10]).toBe(429)
  })
})

describe('demanded of everybody', () => {
  beforeEach(() => requireTwoFactor(system, true))
  afterEach(() => requireTwoFactor(system, false))

  test('whoever has none is led to it, and can do nothing else; then everything', async () => {
    const emil = await makeUser()
    const visitor = browser()
    const signedIn = await visitor.post('/login', { email: emil.email, password: PASSWORD, next: '/leads' })
    expect(signedIn.headers.location).toBe('/leads')

    for (const path of ['/', '/leads', '/deals.csv', '/profile', '/profile/password', '/clients/create', '/nowhere'])
      expect((await visitor.agent.get(path)).headers.location, path).toBe('/profile/two-factor')
    const api = await visitor.agent.get('/api/deals/1/contacts')
    expect([api.status, api.type]).toEqual([403, 'application/problem+json'])
    const post = await visitor.post('/clients/create', { name: 'Sneaked in' }, '/profile/two-factor')
    expect([post.status, post.headers.location]).toEqual([303, '/profile/two-factor'])
    expect(await db.query(sql`SELECT id FROM clients WHERE name = 'Sneaked in'`)).toEqual([])

    const page = await visitor.agent.get('/profile/two-factor')
    expect(page.text).not.toContain('class="site-nav"')
    expect(page.text).toContain('action="/logout"')
    const fields = formFields(page, '/profile/two-factor')
    const done = await visitor.post('/profile/two-factor', {
      secret: fields.secret!,
      code: codeOf(fields.secret!),
      currentPassword: PASSWORD,
    })
    expect(done.status).toBe(201)
    expect((await visitor.agent.get('/leads')).status).toBe(200)
  })

  test('an administrator says so on the settings page, and is held to it', async () => {
    await requireTwoFactor(system, false)
    const admin = await browse(await makeUser({ role: 'admin' }))

    const answer = await admin.post('/settings/two-factor', { twoFactorRequired: 'true' })

    expect([answer.status, answer.headers.location]).toEqual([303, '/settings'])
    expect((await admin.get('/settings')).headers.location).toBe('/profile/two-factor')
  })
})
