import { createHash } from 'node:crypto'
import request from 'supertest'
import { afterAll, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { translator } from '../../src/platform/i18n.ts'
import { app, browse } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { logger } from '../support/log.ts'
import { makeUser } from '../support/people.ts'

const behindProxy = createApp({
  config: readConfig({ NODE_ENV: 'test', BASE_URL: 'https://crm.example.com', TRUST_PROXY: '1' }),
  database: db,
  logger,
  secret: 'a secret that only tests know',
})
afterAll(() => behindProxy.close())

/** The content security policy, by directive. */
function policyOf(answer: request.Response): Record<string, string[]> {
  const directives = String(answer.headers['content-security-policy'])
    .split(';')
    .map((part) => part.trim().split(/\s+/))
  return Object.fromEntries(directives.map(([name = '', ...values]) => [name, values]))
}

describe('the content security policy', () => {
  test('lets nothing in but our own files and texts known by their hash', async () => {
    await makeUser()
    const policy = policyOf(await request(app).get('/login'))

    expect(policy).toMatchObject({
      'default-src': ["'self'"],
      'base-uri': ["'none'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'none'"],
      'object-src': ["'none'"],
      'script-src-attr': ["'none'"],
    })
    expect(JSON.stringify(policy)).not.toMatch(/unsafe|nonce|https?:|\*/)
    expect(policy['script-src']).toEqual(["'self'", expect.stringMatching(/^'sha256-/)])
    expect(policy['style-src']).toEqual(["'self'", expect.stringMatching(/^'sha256-/)])
  })

  test('knows the one inline script of each page, the import map', async () => {
    const visitor = await browse(await makeUser())
    for (const path of ['/', '/leads', '/nothing']) {
      const answer = await visitor.get(path)
      const inline = [...answer.text.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)].filter(
        ([, attributes = '']) => !/\bsrc=/.test(attributes),
      )

      const hashes = inline.map(([, , text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)

      expect(hashes).toHaveLength(1)
      expect(policyOf(answer)['script-src']).toContain(hashes[0])
    }
  })
})

test('plain http is not turned into https, for an address on the local network', async () => {
  const answer = await request(app).get('/login')

  expect(answer.headers['strict-transport-security']).toBeUndefined()
  expect(policyOf(answer)).not.toHaveProperty('upgrade-insecure-requests')
  expect(answer.headers['cross-origin-opener-policy']).toBeUndefined()
  expect(String(answer.headers['set-cookie'])).not.toMatch(/Secure/i)
})

test('behind a proxy with https, browsers are told to stay there and cookies are for it alone', async () => {
  const answer = await request(behindProxy.handle)
    .get('/login')
    .set('X-Forwarded-Proto', 'https')
    .set('Host', 'crm.example.com')

  expect(answer.headers['strict-transport-security']).toMatch(/^max-age=\d{7,}/)
  expect(policyOf(answer)).toHaveProperty('upgrade-insecure-requests')
  expect(String(answer.headers['set-cookie'])).toMatch(/; Secure/)
})

test('a form posted through the proxy comes from here; one from another address of it does not', async () => {
  const agent = request.agent(behindProxy.handle)
  const post = (origin: string) =>
    agent
      .post('/login')
      .set({ Origin: origin, 'X-Forwarded-Proto': 'https', Host: 'inside:3000' })
      .type('form')
      .send({})

  const [own, other] = [await post('https://crm.example.com'), await post('https://other.example.com')]

  // Past the origin check there is still the token: what they say tells the two refusals apart.
  const crossSite = translator('en')('errors.crossSite.message')
  expect([own.status, other.status]).toEqual([403, 403])
  expect([own.text.includes(crossSite), other.text.includes(crossSite)]).toEqual([false, true])
})

test('every answer carries what protects it, and an id of its own', async () => {
  const answers = await Promise.all(
    ['/login', '/healthz', '/nothing', '/assets/none.js', '/metrics'].map((path) => request(app).get(path)),
  )

  expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(answers.length)
  for (const { headers } of answers) expect(headers['x-powered-by']).toBeUndefined()
  const [page] = answers
  expect(page?.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  })
})

test('the session cookie is for this site and the server alone', async () => {
  const [cookie = ''] = (await request(app).get('/login')).headers['set-cookie'] as unknown as string[]

  expect(cookie).toMatch(/^dealwright=s%3A/)
  expect(cookie).toMatch(/; HttpOnly/)
  expect(cookie).toMatch(/; SameSite=Lax/)
  expect(cookie).toMatch(/; Path=\//)
})

test('health, metrics and files make no session', async () => {
  const before = await db.records.session.count()

  for (const path of ['/healthz', '/readyz', '/metrics', '/assets/icon.svg', '/assets/none.png']) {
    expect((await request(app).get(path)).headers['set-cookie'], path).toBeUndefined()
  }
  expect(await db.records.session.count()).toBe(before)
})

describe('files', () => {
  test('are kept for a year, at an address that changes with their content', async () => {
    const page = await request(app).get('/login')
    const files = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, url = '']) =>
      url.replaceAll('&amp;', '&'),
    )

    expect(files.length).toBeGreaterThan(1)
    for (const file of files) {
      const answer = await request(app).get(file)
      expect(file).toMatch(/\?v=[0-9a-f]{12}$/)
      expect([file, answer.status, answer.headers['cache-control']]).toEqual([
        file,
        200,
        'public, max-age=31536000, immutable',
      ])
    }
  })

  test('that the import map names are all there', async () => {
    const page = await request(app).get('/login')
    const map = /<script type="importmap"[^>]*>([^<]*)<\/script>/.exec(page.text)?.[1] ?? '{}'
    const { imports } = JSON.parse(map) as { imports: Record<string, string> }

    expect(Object.keys(imports)).toEqual(expect.arrayContaining(['@hotwired/turbo', '@hotwired/stimulus']))
    for (const url of Object.values(imports)) {
      const answer = await request(app).get(url)
      expect([url, answer.status]).toEqual([url, 200])
      expect(answer.type).toMatch(/javascript/)
    }
  })

  test('that are not there are not found, and are not the sign-in page', async () => {
    for (const path of [
      '/assets/none.png',
      '/assets/',
      '/assets/../package.json',
      '/assets/%2e%2e/package.json',
      '/assets/modules/none.js',
    ]) {
      const answer = await request(app).get(path)
      expect([path, answer.status, answer.type]).not.toEqual([path, 200, 'text/html'])
      expect(answer.text).not.toContain('"dependencies"')
    }
    expect((await request(app).get('/assets/none.png')).status).toBe(404)
  })
})

test('pages are compressed when the browser can read that', async () => {
  expect((await request(app).get('/login').set('Accept-Encoding', 'gzip')).headers['content-encoding']).toBe('gzip')
  expect(
    (await request(app).get('/login').set('Accept-Encoding', 'identity')).headers['content-encoding'],
  ).toBeUndefined()
})
