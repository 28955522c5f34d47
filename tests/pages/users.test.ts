import sql from 'sql-template-tag'
import pino from 'pino'
import request from 'supertest'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { findUser } from '../../src/features/users/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { app, browse, csrfOf, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'

const HOME = '/settings/users'
let nora: Account
let admin: Visitor
let made = 0

beforeAll(async () => {
  nora = await makeUser({ role: 'admin', name: 'Nora' })
  admin = await browse(nora)
})

beforeEach(async () => {
  await db.query(sql`DELETE FROM sign_in_limits RETURNING key`)
})

const linkIn = (text: string) => /value="http:\/\/[^"/]+(\/(?:invitations|passwords)\/[\w-]{43})"/.exec(text)?.[1] ?? ''

async function invite(more: Record<string, string> = {}) {
  made += 1
  const fields = formFields(await admin.get(`${HOME}/create`), `${HOME}/create`)
  const email = `page-invited${made}@example.com`
  const answer = await admin.post(`${HOME}/create`, { ...fields, name: 'Ada Berg', email, ...more })
  const [row] = await db.query<{ id: number }>(sql`SELECT id FROM users WHERE email = ${email}`)
  return { answer, email, path: linkIn(answer.text), id: row?.id ?? 0 }
}

/** Whoever comes with a link, in a browser of their own. */
function guest() {
  const agent = request.agent(app)
  return {
    agent,
    choose: async (path: string, password: string) => {
      const token = csrfOf(await agent.get(path))
      return agent.post(path).type('form').send({ _csrf: token, password })
    },
    signIn: async (email: string, password: string) => {
      const token = csrfOf(await agent.get('/login'))
      return agent.post('/login').type('form').send({ _csrf: token, email, password })
    },
  }
}

describe('an invitation', () => {
  test('is shown once; its link takes a password, signs in with a new session, and works no more', async () => {
    const { answer, email, path, id } = await invite({ role: 'viewer' })
    expect(answer.status).toBe(201)
    expect(path).toMatch(/^\/invitations\//)
    expect((await admin.get(`${HOME}/${id}`)).text).not.toContain(path)
    const [stored] = await db.query<{ text: string }>(sql`
      SELECT concat((SELECT json_agg(l) FROM account_links l), (SELECT json_agg(s.sess) FROM sessions s)) AS text`)
    expect(stored?.text).not.toContain(path.split('/')[2])

    const ada = guest()
    const page = await ada.agent.get(path)
    expect(page.text).toContain(email)
    const before = String(page.headers['set-cookie'])
    const weak = await ada.choose(path, 'short')
    expect([weak.status, /id="password-error"/.test(weak.text)]).toEqual([422, true])

    const joined = await ada.choose(path, 'a good password')
    expect([joined.status, joined.headers.location]).toEqual([303, '/'])
    expect(String(joined.headers['set-cookie']).split(';')[0]).not.toBe(before.split(';')[0])
    expect((await ada.agent.get('/leads')).status).toBe(200)

    const late = await guest().agent.get(path)
    expect(late.status).toBe(404)
    expect(late.text).toContain('This link does not work')
    expect((await guest().signIn(email, 'a good password')).status).toBe(303)
  })

  test.each([
    [{ name: ' ' }, 'name'],
    [{ email: 'no address' }, 'email'],
    [{ email: '' }, 'email'],
    [{ role: 'owner' }, 'role'],
    [{ visibility: 'everything' }, 'visibility'],
    [{ teamId: '2147483647' }, 'teamId'],
    [{ name: 'x'.repeat(101) }, 'name'],
  ])('with %j answers 422 with the message there, keeps what was typed, and makes nobody', async (fields, field) => {
    const { answer, id } = await invite(fields)

    expect(answer.status).toBe(422)
    expect(answer.text).toContain(`id="${field}-error"`)
    expect(answer.text).toMatch(/value="(Ada Berg|page-invited\d+@example.com)"/)
    expect(id).toBe(0)
  })

  test('sent twice makes one person', async () => {
    const fields = formFields(await admin.get(`${HOME}/create`), `${HOME}/create`)
    const input = { ...fields, name: 'Twice', email: 'twice@example.com' }

    const [first, again] = [await admin.post(`${HOME}/create`, input), await admin.post(`${HOME}/create`, input)]

    expect([first.status, again.status]).toEqual([201, 303])
    expect(again.headers.location).toMatch(/\/settings\/users\/\d+$/)
  })

  test('leads to the address the product is found at', async () => {
    const { handle, close } = createApp({
      config: readConfig({ NODE_ENV: 'test', BASE_URL: 'http://crm.example.com' }),
      database: db,
      logger: pino({ level: 'silent' }),
      secret: 'a secret that only tests know',
    })
    const agent = request.agent(handle)
    const token = csrfOf(await agent.get('/login'))
    await agent.post('/login').type('form').send({ _csrf: token, email: nora.email, password: 'correct horse battery' })
    const fields = formFields(await agent.get(`${HOME}/create`), `${HOME}/create`)

    const answer = await agent
      .post(`${HOME}/create`)
      .type('form')
      .send({ ...fields, name: 'X', email: 'base@example.com' })

    expect(answer.text).toMatch(/value="http:\/\/crm\.example\.com\/invitations\/[\w-]{43}"/)
    await close()
  })
})

describe('a link for a new password', () => {
  test('leaves the sessions alone until it is used, and then ends them', async () => {
    const rosa = await makeUser()
    const visitor = await browse(rosa)
    const path = linkIn((await admin.post(`${HOME}/${rosa.id}/link`)).text)
    expect(path).toMatch(/^\/passwords\//)
    expect((await visitor.get('/leads')).status).toBe(200)
    expect((await admin.get(`${HOME}/${rosa.id}/link`)).headers.location).toBe(`${HOME}/${rosa.id}`)

    const answer = await guest().choose(path, 'another good one')

    expect([answer.status, answer.headers.location]).toEqual([303, '/login'])
    expect((await visitor.get('/leads')).headers.location).toMatch(/^\/login/)
    expect((await guest().signIn(rosa.email, 'another good one')).status).toBe(303)
    expect((await guest().agent.get(path)).status).toBe(404)
  })

  test('guessed at is refused in the end, and tells nothing before', async () => {
    const { agent } = guest()
    const made = 'A'.repeat(43)
    const answers = []
    for (let turn = 0; turn < 22; turn += 1)
      answers.push((await agent.get(`/${turn % 2 ? 'invitations' : 'passwords'}/${made}`)).status)

    expect(answers.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 404))
    expect(answers.slice(-1)).toEqual([429])
  })

  test.each(['x', '%00', '%FF', '..%2f..', '%C3%A9', "'--", 'a'.repeat(3_000)])(
    'that is nonsense (%j) is no server error',
    async (token) => {
      const { status } = await guest().agent.get(`/invitations/${token}`)

      expect([400, 404]).toContain(status)
    },
  )

  test('is in no line of the log', async () => {
    const lines: string[] = []
    const { handle, close } = createApp({
      config: readConfig({ NODE_ENV: 'test' }),
      database: db,
      logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
      secret: 'a secret that only tests know',
    })
    const { path } = await invite()
    const secret = path.split('/')[2]!
    const agent = request.agent(handle)
    const token = csrfOf(await agent.get(path))
    await agent.get(path.toUpperCase().replace(secret.toUpperCase(), secret))
    await agent.get(`/passwords/${secret}`)
    await agent.post(path).type('form').send({ _csrf: token, password: 'a good password' })

    expect(lines.length).toBeGreaterThanOrEqual(4)
    expect(lines.join('')).not.toContain(secret)
    expect(lines.join('')).not.toContain('a good password')
    expect(lines[0]).toContain('/invitations/')
    await close()
  })
})

describe('the pages of users', () => {
  test('list, filter and export them', async () => {
    const team = await makeTeam('Page team')
    await makeUser({ name: 'Zoë "Quist" <b>', teamId: team })

    const list = await admin.get(`${HOME}?q=quist&team=${team}`)
    const file = await admin.get(`${HOME}.csv?q=quist`)

    expect(list.text).toContain('Zoë &#34;Quist&#34; &lt;b&gt;')
    expect(file.text).toMatch(
      /"Zoë ""Quist"" <b>",person\d+@example\.com,Member,All records,Page team,Active,No,\d{4}-/,
    )
    expect((await admin.get(`${HOME}?q=quist&role=nonsense&team=x&sort=x&cursor=x`)).text).toContain('Zoë')
  })

  test('edit somebody: a stale version shows both, nothing is lost', async () => {
    const rosa = await makeUser({ name: 'Rosa' })
    const edit = `${HOME}/${rosa.id}/edit`
    const fields = formFields(await admin.get(edit), edit)
    expect((await admin.post(edit, fields)).status).toBe(303)
    expect((await findUser(as(nora), rosa.id)).version).toBe(Number(fields.version))
    await admin.post(edit, { ...fields, role: 'manager' })

    const stale = await admin.post(edit, { ...fields, name: 'Rosa Winter' })

    expect(stale.status).toBe(409)
    expect(stale.text).toContain('value="Rosa Winter"')
    expect(stale.text).toContain('Manager')
  })

  test('a new role holds from the next page on', async () => {
    const rosa = await makeUser({ role: 'admin' })
    const visitor = await browse(rosa)
    expect((await visitor.get(HOME)).status).toBe(200)

    await admin.post(`${HOME}/${rosa.id}/edit`, { name: rosa.name, email: rosa.email, role: 'viewer' })

    const answer = await visitor.get(HOME)
    expect([answer.status, /This is for administrators/.test(answer.text)]).toEqual([403, true])
    expect((await visitor.post(`${HOME}/create`, {})).status).toBe(403)
  })

  test('deactivate: every session ends at once, and nothing can be given to them', async () => {
    const rosa = await makeUser()
    const [one, other] = [await browse(rosa), await browse(rosa)]

    expect((await admin.post(`${HOME}/${rosa.id}/deactivate`)).status).toBe(303)

    for (const visitor of [one, other]) expect((await visitor.get('/leads')).headers.location).toMatch(/^\/login/)
    expect((await guest().signIn(rosa.email, 'correct horse battery')).status).toBe(422)
    expect((await admin.get(`${HOME}/${rosa.id}`)).text).toContain(`action="${HOME}/${rosa.id}/reactivate"`)
    expect((await admin.post(`${HOME}/${rosa.id}/link`)).status).toBe(409)
  })

  test('the last administrator is told why not', async () => {
    await db.transaction(async (tx) => {
      await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await tx.query(sql`UPDATE users SET role = 'member' WHERE role = 'admin' AND id <> ${nora.id} RETURNING id`)
    })

    const edit = await admin.post(`${HOME}/${nora.id}/edit`, { name: nora.name, email: nora.email, role: 'member' })
    const off = await admin.post(`${HOME}/${nora.id}/deactivate`)

    expect([edit.status, /id="role-error"/.test(edit.text)]).toEqual([422, true])
    expect([off.status, /Nobody would be left/.test(off.text)]).toEqual([409, true])
  })

  test('hand over: what there is is said before, and what was done after', async () => {
    const [rosa, emil] = [await makeUser(), await makeUser({ name: 'Emil' })]
    await makeDeal(as(rosa))
    const path = `${HOME}/${rosa.id}/hand-over`
    const form = await admin.get(path)
    expect(form.text).toMatch(/Open deals<\/dt><dd class="amount">1</)

    expect((await admin.post(path, { ...formFields(form, path), to: '' })).text).toContain('id="to-error"')
    const answer = await admin.post(path, { ...formFields(form, path), to: emil.id })

    expect(answer.headers.location).toBe(`${HOME}/${rosa.id}`)
    const after = await admin.get(`${HOME}/${rosa.id}`)
    expect(after.text).toContain('Handed over. Deals: 1, leads: 0, clients: 0, planned activities: 0.')
    expect(after.text).toContain('Nothing is in their hands.')
  })
})
