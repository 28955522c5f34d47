import { request as httpRequest, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import request from 'supertest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { app, browse, csrfOf, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { PASSWORD, as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal } from '../support/records.ts'
import { goodInput, makeWorld, routesOf, addressOf } from '../conventions/site.ts'
import type { Ids } from '../conventions/site.ts'

let account: Account
let visitor: Visitor
let ids: Ids

beforeAll(async () => {
  account = await makeUser({ role: 'admin' })
  visitor = await browse(account)
  ids = await makeWorld(as(account))
})

describe('a token of another', () => {
  test.each(['somebody else', 'the same person elsewhere', 'nobody signed in'])(
    'session, of %s, is none',
    async (whose) => {
      const other = whose === 'somebody else' ? await makeUser() : whose === 'nobody signed in' ? undefined : account
      const stolen = csrfOf(await (await browse(other)).get(other ? '/leads/create' : '/login'))
      const fields = { firstName: 'A', lastName: 'B' }

      expect(stolen).not.toBe('')
      expect((await visitor.post('/leads/create', { ...fields, _csrf: stolen })).status).toBe(403)
    },
  )

  test('in the address is none: addresses are logged and shared', async () => {
    const token = csrfOf(await visitor.get('/leads/create'))
    const fields = { firstName: 'A', lastName: 'B', _csrf: '' }

    expect((await visitor.post(`/leads/create?_csrf=${token}`, fields)).status).toBe(403)
  })

  test('given twice is none', async () => {
    const token = csrfOf(await visitor.get('/leads/create'))

    expect((await visitor.post('/leads/create', { _csrf: [token, token] })).status).toBe(403)
  })
})

/** Addresses of elsewhere that a browser, or a careless parser, takes for one of here. */
const ELSEWHERE = [
  'https://evil.example',
  'https:evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/\r\nLocation: https://evil.example',
  '/%0d%0aLocation:%20https://evil.example\r\n',
  '/．evil',
  '／／evil.example',
  '/\u2028/evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '/..//evil.example\\',
  '@evil.example',
  'http:/\\evil.example',
]

/** Where a browser on http://here.example would go. */
function hostOf(location: string | undefined): string {
  return new URL(location ?? '', 'http://here.example/some/page').host
}

describe('an address to go on to', () => {
  test.each(ELSEWHERE)('%j after the sign-in leads to no other site', async (next) => {
    const agent = request.agent(app)
    const shown = await agent.get('/login').query({ next })
    const fields = formFields(shown, '/login')
    expect(hostOf(fields.next)).toBe('here.example')

    const { email } = account
    const sent = { ...fields, next, email, password: PASSWORD }
    const answer = await agent.post('/login').type('form').send(sent)
    expect([answer.status, hostOf(answer.headers.location)]).toEqual([303, 'here.example'])
  })

  test.each(ELSEWHERE)('%j after a button leads to no other site', async (returnTo) => {
    const id = ids.contacts
    const answers = [
      await visitor.post(`/contacts/${id}/set-primary`, { returnTo }),
      await visitor.post(`/communications/${ids.communications}/reopen`, { returnTo }),
      await visitor.post(`/lead-activities/${ids['lead-activities']}/snooze`, { returnTo, until: 'tomorrow' }),
      await visitor.post(`/deals/${ids.deals}/move`, { returnTo, stage: 'proposal' }),
      await visitor.post('/today/seen', { for: returnTo }),
    ]

    for (const { status, headers } of answers) {
      expect([303, 409]).toContain(status)
      if (status === 303) expect(hostOf(headers.location)).toBe('here.example')
      expect(headers.location ?? '').not.toMatch(/[\r\n\t]/)
    }
  })

  test('of a link on a page is one of here too', async () => {
    const id = ids['lead-activities']
    for (const returnTo of ELSEWHERE) {
      const page = await visitor.get(`/lead-activities/${id}/snooze?returnTo=${encodeURIComponent(returnTo)}`)
      const links = [...page.text.matchAll(/(?:href|value|action)="([^"]*evil[^"]*)"/g)].map(([, link]) => link)

      expect([returnTo, links]).toEqual([returnTo, []])
    }
  })
})

describe('where the product is', () => {
  /** The link of an invitation, asked for with these headers. */
  async function linkAskedWith(headers: Record<string, string>): Promise<string> {
    const answer = await visitor.post(`/settings/users/${ids.users}/link`, {}, headers)
    expect(answer.status).toBe(201)
    return /https?:\/\/[^\s"<]+\/(?:invitations|passwords)\/[\w-]+/.exec(answer.text)?.[0] ?? ''
  }

  test('no proxy is believed that is not said to be there: links lead to where the page was asked for', async () => {
    const plain = new URL(await linkAskedWith({}))
    const forwarded = new URL(
      await linkAskedWith({
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Port': '444',
        Forwarded: 'host=evil.example;proto=https',
        'X-Original-Host': 'evil.example',
        'X-Host': 'evil.example',
      }),
    )

    expect([forwarded.protocol, forwarded.hostname]).toEqual([plain.protocol, plain.hostname])
  })

  test('another name of it in a request is in no answer where its address is set', async () => {
    const config = readConfig({ NODE_ENV: 'test', BASE_URL: 'http://crm.example.com' })
    const own = createApp({ config, database: db, logger: pino({ level: 'silent' }), secret: 'another' })
    const agent = request.agent(own.handle)
    const headers = { Host: 'evil.example' }
    const _csrf = csrfOf(await agent.get('/login').set(headers))
    await agent.post('/login').set(headers).type('form').send({ _csrf, email: account.email, password: PASSWORD })
    const token = csrfOf(await agent.get('/leads/create').set(headers))
    const answer = await agent
      .post(`/settings/users/${ids.users}/link`)
      .set(headers)
      .type('form')
      .send({ _csrf: token })
    await own.close()

    expect(answer.text).toContain('http://crm.example.com/')
    expect(answer.text).not.toContain('evil.example')
  })
})

describe('a line break', () => {
  test('in a name breaks no header, and no file', async () => {
    const scope = as(account)
    const client = await makeClient(scope, { name: 'A' })
    for (const lastName of [
      'B\r\nSet-Cookie: a=b',
      'B\nC',
      'B\u2028C',
      'B";\r\nX: y',
      '../../etc/passwd',
      'Ünï ☃ 💾',
    ]) {
      const contact = await makeContact(scope, client.id, { firstName: 'A', lastName })
      const card = await visitor.get(`/contacts/${contact.id}.vcf`)

      expect(card.status).toBe(200)
      expect(card.headers['set-cookie'] ?? []).not.toContainEqual(expect.stringContaining('a=b'))
      expect(card.headers).not.toHaveProperty('x')
      expect(card.headers['content-disposition']).toMatch(
        /^attachment; filename="[^"\r\n/\\]*"(; filename\*=UTF-8''[\w%.~!*'()-]*)?$/,
      )
      // Nothing that was typed begins a line of its own.
      expect(card.text).not.toMatch(/^(Set-Cookie|X): /m)
    }
  })

  test.each(['/leads.csv', '/deals.csv', '/clients.csv'])('in the question for %s is in no header', async (path) => {
    const { status, headers } = await visitor.get(`${path}?q=a%0d%0aSet-Cookie:%20a=b&sort=%0d%0aX:%20y`)

    expect(status).toBe(200)
    expect(headers['content-disposition']).toMatch(/^attachment; filename="?[\w-]+\.csv"?$/)
    expect(headers).not.toHaveProperty('x')
  })

  test('in an address, a name or what a browser calls itself makes no line of the log, and no secret is in it', async () => {
    const lines: string[] = []
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    const own = createApp({ config: readConfig({ NODE_ENV: 'test' }), database: db, logger, secret: 'another' })
    const agent = request.agent(own.handle)
    const _csrf = csrfOf(await agent.get('/login'))
    await agent.post('/login').type('form').send({ _csrf, email: account.email, password: PASSWORD })
    const forged = '{"level":60,"msg":"forged"}'
    for (const path of [
      `/leads/%0a${encodeURIComponent(forged)}`,
      '/leads/%1b[31mred',
      `/search?q=${forged}`,
      '/%0d%0aforged',
    ])
      await agent.get(path).set('User-Agent', `a${'\t'}${forged}`)
    await agent
      .post('/leads/create')
      .type('form')
      .send({ _csrf: 'x', firstName: `A\n${forged}`, lastName: 'B' })
    await own.close()

    expect(lines.length).toBeGreaterThanOrEqual(7)
    for (const line of lines) {
      expect(line.trimEnd()).not.toMatch(/\p{Cc}/u)
      expect((JSON.parse(line) as { level: number }).level).toBeLessThan(60)
    }
    const log = lines.join('')
    expect(log).not.toContain('"msg":"forged"')
    for (const secret of [PASSWORD, _csrf, account.email]) expect(log).not.toContain(secret)
  })
})

describe('a way round', () => {
  const { handle, close } = createApp({
    config: readConfig({ NODE_ENV: 'test' }),
    database: db,
    logger: pino({ level: 'silent' }),
    secret: 'another',
  })
  const server = createServer(handle)
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve))
    await close()
  })

  /** As it is written: no client tidies it up. */
  function raw(path: string, method = 'GET', headers: Record<string, string> = {}) {
    return new Promise<{ status: number; text: string; location: string }>((resolve, reject) => {
      const { port } = server.address() as AddressInfo
      httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part: string) => (text += part))
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text, location: answer.headers.location ?? '' }),
        )
      })
        .on('error', reject)
        .end()
    })
  }

  const SECRETS = /"dependencies"|root:.*:0:0|createApp|DATABASE_URL|PRIVATE/

  test.each([
    '/assets/../package.json',
    '/assets/..%2fpackage.json',
    '/assets/%2e%2e/package.json',
    '/assets/%2e%2e%2f%2e%2e%2fetc/passwd',
    '/assets/..%5c..%5cpackage.json',
    '/assets/%252e%252e%252fpackage.json',
    '/assets/....//package.json',
    '/assets//etc/passwd',
    '/assets/js/..%00/app.js',
    '/assets/app.css%00.png',
    '/assets/.env',
    '/assets/js/',
    '/assets/%c0%ae%c0%ae/package.json',
    '/assets/%',
    '/assets/%zz',
  ])('%s leads out of no folder', async (path) => {
    const { status, text } = await raw(path)

    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(text).not.toMatch(SECRETS)
  })

  test.each([
    '/LEADS',
    '/leads/',
    '//leads',
    '/leads/.',
    '/leads/..%2fleads',
    '/leads;x=1',
    '/leads%00',
    '/leads%20',
    '/leads.',
    '/./leads',
    '/assets/../leads',
    '/login/../leads',
    '/healthz/../leads',
    '/healthz/../settings/users',
    '/invitations/../leads.csv',
    '/Settings/Users',
    '/api/deals/1/contacts/',
    '/API/deals/1/contacts',
    '/leads.csv/',
    '/%6c%65%61%64%73',
    '/leads/%31',
    '/leads/1%2fedit',
    '/\\leads',
    '*',
    'http://127.0.0.1/leads',
  ])('%s shows nothing to who is not signed in', async (path) => {
    const { status, text, location } = await raw(path)

    expect([303, 400, 401, 404]).toContain(status)
    if (status === 303) expect(location).toMatch(/^\/login(\?next=|$)/)
    expect(text).not.toMatch(/Emil|Acme|Sommer/)
  })

  test.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LOCK'])('%s is no way to anything', async (method) => {
    for (const path of ['/leads', '/leads/1', '/settings/users', '/login']) {
      const { status } = await raw(path, method)
      expect([method, path, status < 500 && status !== 200]).toEqual([method, path, true])
    }
  })

  test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
    'a read that says by %s that it is another method stays a read',
    async (name) => {
      const headers = { [name]: 'POST' }
      const before = await visitor.get(`/deals/${ids.deals}`)
      const answer = await visitor.get(`/deals/${ids.deals}/delete?_method=POST`, headers)
      const after = await visitor.get(`/deals/${ids.deals}`)

      expect(answer.status).toBe(404)
      expect(after.text.includes('is-archived')).toBe(before.text.includes('is-archived'))
    },
  )

  test('an address of elsewhere in what a proxy says opens no page', async () => {
    for (const name of ['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Path'])
      expect([name, (await raw('/login', 'GET', { [name]: '/leads' })).status]).toEqual([name, 200])
  })
})

/** What no form and no link of ours sends. */
const NASTY: Record<string, string> = {
  'the same twice': 'id=1&id=2&q=a&q=b&sort=name&sort=value&firstName=a&firstName=b&name=a&name=b&email=a&email=b',
  arrays: 'q[]=a&sort[]=name&id[]=1&firstName[]=a&name[0]=a&tags[]=a&version[]=1&ids[]=1&step[]=client',
  objects: 'q[a]=1&sort[b]=2&name[toString]=x&version[constructor]=1&id[$gt]=0',
  'the prototype':
    '__proto__[isAdmin]=1&__proto__=x&constructor[prototype][isAdmin]=1&constructor=x&toString=x&hasOwnProperty=x',
  'nothing much': '&&==&=&a&%00=%00',
  'what is broken': 'q=%ff%fe&name=%zz&sort=%&firstName=%ed%a0%80&email=%00',
  huge: `q=${'a'.repeat(20_000)}&name=${'b'.repeat(20_000)}&sort=${'-'.repeat(5_000)}&after=${'9'.repeat(5_000)}`,
  many: Array.from({ length: 900 }, (_, n) => `p${n}=1`).join('&'),
  'numbers that are none':
    'id=NaN&version=Infinity&clientId=1e9&ownerId=-0&value=0x10&probability=1.0&after=-1&page=99999999999',
}

/** Each route is asked with a third of them, its neighbours with the others. */
const SHARE = 3

describe.each(Object.entries(NASTY))('a question with %s', { timeout: 120_000 }, (what, nasty) => {
  const turn = Object.keys(NASTY).indexOf(what)
  const routes = routesOf(app)
    .filter(({ path }) => !/^\/(api\/v1|assets|logout|profile\/(sessions|password|two))/.test(path))
    .filter((_, place) => place % SHARE === turn % SHARE)

  test('is answered by every page, and by none with an error of ours', async () => {
    const failed = []
    for (const route of routes.filter(({ method }) => method === 'get')) {
      const address = addressOf(route, ids).replaceAll(/:\w+/g, 'nothing')
      // An address has a length that servers take.
      const { status } = await visitor.get(`${address}?${nasty.slice(0, 12_000)}`)
      if (status >= 500) failed.push(`${route.path}: ${status}`)
    }
    expect(failed).toEqual([])
  })

  test('is no form that anything fails at, and makes nobody an administrator', async () => {
    const failed = []
    const token = csrfOf(await visitor.get('/leads/create'))
    const agent = await browse(account)
    for (const route of routes.filter(({ method }) => method === 'post')) {
      const address = addressOf(route, ids).replaceAll(/:\w+/g, 'nothing')
      const fields = new URLSearchParams(what === 'the prototype' ? (goodInput(route.path) as never) : {})
      const sent = Object.fromEntries(new URLSearchParams(`${fields.toString()}&${nasty}`))
      const { status } = await agent.post(address, { ...sent })
      if (status >= 500) failed.push(`${route.path}: ${status}`)
    }
    expect(token).not.toBe('')
    expect(failed).toEqual([])
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined()
  })
})

describe('a form in another dress', () => {
  const KINDS: [type: string, body: string][] = [
    ['application/json', '{"firstName":"A","lastName":"B"}'],
    ['application/json', '{"broken'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="firstName"\r\n\r\nA\r\n--x--'],
    ['text/plain', 'firstName=A&lastName=B'],
    ['application/xml', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'],
    ['application/x-www-form-urlencoded; charset=utf-7', 'firstName=A'],
    ['application/x-www-form-urlencoded; charset=nonsense', 'firstName=A'],
    ['', 'firstName=A'],
  ]

  test.each(KINDS)('%s is none, with a token and without', async (type, body) => {
    const agent = request.agent(app)
    const first = csrfOf(await agent.get('/login'))
    await agent.post('/login').type('form').send({ _csrf: first, email: account.email, password: PASSWORD })
    const token = csrfOf(await agent.get('/leads/create'))
    const deal = await makeDeal(as(account))
    for (const path of ['/leads/create', `/deals/${deal.id}/edit`, `/deals/${deal.id}/close-lost`, '/profile']) {
      const bare = await agent.post(path).set('Content-Type', type).send(body)
      const told = await agent.post(path).set('Content-Type', type).set('x-csrf-token', token).send(body)

      expect([path, bare.status < 500 && bare.status >= 400]).toEqual([path, true])
      expect([path, told.status < 500]).toEqual([path, true])
      expect(told.text).not.toMatch(/root:.*:0:0/)
    }
  })
})
