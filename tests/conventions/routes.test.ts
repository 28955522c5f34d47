import sql from 'sql-template-tag'
import request from 'supertest'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { app, browse, csrfOf } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { PASSWORD, as, makeUser } from '../support/people.ts'
import { addressOf, goodInput, makeWorld, routesOf } from './site.ts'
import type { Ids, SiteRoute } from './site.ts'

const routes = routesOf(app)

/** What anybody may ask for. Everything else demands a session; whoever adds a line here has thought about it. */
const PUBLIC = [
  'get /healthz',
  'get /readyz',
  'get /metrics',
  'get /login',
  'post /login',
  'post /logout',
  'get /setup',
  'post /setup',
  'get /login/code',
  'post /login/code',
  'get /invitations/:token',
  'post /invitations/:token',
  'get /passwords/:token',
  'post /passwords/:token',
]

const isPublic = ({ method, path }: (typeof routes)[number]) =>
  PUBLIC.includes(`${method} ${path}`) || path.startsWith('/assets/')
const guarded = routes
  .filter((route) => !isPublic(route))
  .map((route) => [`${route.method} ${route.path}`, route] as const)
const pages = guarded.filter(([, { method }]) => method === 'get')
const writes = guarded.filter(([, { method }]) => method === 'post')
const isSetting = ([, { path }]: (typeof guarded)[number]) => /^\/settings\b/.test(path)
/** Not even to be read by others. */
const isForAdministrators = ({ path }: SiteRoute) => /^\/settings($|\/(users|teams|two-factor)\b)/.test(path)
/** What everybody may do, viewers too: with their own password, sessions and words. Tested with what it needs in tests/pages/profile.test.ts. */
const isOwn = ([, { method, path }]: (typeof guarded)[number]) =>
  method === 'post' && /^\/(profile|today\/seen)\b/.test(path)
const isForm = ({ path }: SiteRoute) => /\/(create|edit|delete|snooze|reassign|import|convert-to-\w+)$/.test(path)
const ofRecords = guarded.filter(([, { path }]) => path.includes(':id'))

let owner: Account
let ids: Ids

beforeAll(async () => {
  owner = await makeUser({ role: 'admin' })
  ids = await makeWorld(as(owner))
})

/** How much has been written to business tables so far. */
async function written(): Promise<number> {
  const [row] = await db.query<{ last: number }>(sql`SELECT coalesce(max(id), 0)::int AS last FROM changes`)
  return row?.last ?? 0
}

async function ask(visitor: Visitor, route: (typeof routes)[number], records: Ids = ids) {
  const address = addressOf(route, records)
  return route.method === 'get' ? visitor.get(address) : visitor.post(address, goodInput(route.path))
}

test('the routes of the product are found', () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`)

  expect(names).toEqual(
    expect.arrayContaining([
      'get /',
      'get /leads/:id',
      'post /deals/:id/close-won',
      'get /api/deals/:id/contacts',
      ...PUBLIC,
    ]),
  )
  expect(writes.length).toBeGreaterThan(15)
})

test('no route is declared twice: the second would never be reached', () => {
  const names = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':id')}`)

  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

describe('a visitor without a session', () => {
  test.each(guarded)('%s asks to sign in', async (_, route) => {
    const before = await written()
    const answer = await ask(await browse(), route)

    if (route.path.startsWith('/api/')) expect([answer.status, answer.type]).toEqual([401, 'application/problem+json'])
    else
      expect([answer.status, answer.headers.location]).toEqual([
        303,
        expect.stringMatching(/^\/login(\?next=|$)/) as string,
      ])
    expect(await written()).toBe(before)
  })

  test('whatever is not there asks to sign in too, and so tells nothing', async () => {
    expect((await (await browse()).get('/no-such-page')).headers.location).toBe('/login?next=%2Fno-such-page')
  })
})

describe('a change without a valid token is refused', () => {
  let agent: ReturnType<typeof request.agent>
  let token: string

  beforeAll(async () => {
    agent = request.agent(app)
    const first = csrfOf(await agent.get('/login'))
    await agent.post('/login').type('form').send({ _csrf: first, email: owner.email, password: PASSWORD })
    token = csrfOf(await agent.get('/leads/create'))
  })

  const posts = routes.filter(({ method }) => method === 'post').map((route) => [route.path, route] as const)

  test.each(posts)('%s', async (_, route) => {
    const before = await written()
    const post = (fields: object, headers: Record<string, string> = {}) =>
      agent
        .post(addressOf(route, ids))
        .set(headers)
        .type('form')
        .send({ ...goodInput(), ...fields })

    const statuses = {
      none: (await post({})).status,
      wrong: (await post({ _csrf: `${token.slice(0, -4)}AAAA` })).status,
      crossSite: (await post({ _csrf: token }, { 'Sec-Fetch-Site': 'cross-site' })).status,
      foreign: (await post({ _csrf: token }, { Origin: 'https://evil.example.com' })).status,
      opaque: (await post({ _csrf: token }, { Origin: 'null' })).status,
    }

    expect(statuses).toEqual({ none: 403, wrong: 403, crossSite: 403, foreign: 403, opaque: 403 })
    expect(await written()).toBe(before)
  })
})

describe('a viewer', () => {
  let viewer: Visitor

  beforeAll(async () => {
    viewer = await browse(await makeUser({ role: 'viewer' }))
  })

  test.each(writes.filter((each) => !isOwn(each)))('%s is forbidden, and writes nothing', async (_, route) => {
    const before = await written()

    expect((await ask(viewer, route)).status).toBe(403)
    expect(await written()).toBe(before)
  })

  test.each(pages)('%s is shown, unless it is there to change something', async (_, route) => {
    const answer = await ask(viewer, route)

    expect(answer.status).toBe(isForm(route) || isForAdministrators(route) ? 403 : 200)
    // Nothing on the page leads to what is forbidden; signing out is not, nor is what is one's own.
    const actions = [...answer.text.matchAll(/<form\b[^>]*method="post"[^>]*>/g)].map(
      ([form]) => /action="([^"]*)"/.exec(form)?.[1],
    )
    expect(actions.filter((action) => !/^\/(logout|profile|today\/seen)\b/.test(action ?? ''))).toEqual([])
    expect(answer.text).not.toMatch(
      /href="[^"]*\/(create|edit|convert-to-\w+|settings|settings\/users|settings\/teams)["?]/,
    )
  })
})

describe('a member who sees their own records only', () => {
  let member: Visitor

  beforeAll(async () => {
    member = await browse(await makeUser({ role: 'member', visibility: 'own' }))
  })

  test.each(ofRecords.filter((each) => !isSetting(each)))(
    "%s of somebody else's record does not exist",
    async (_, route) => {
      const before = await written()

      expect((await ask(member, route)).status).toBe(404)
      expect(await written()).toBe(before)
    },
  )
})

describe('a record that does not exist', () => {
  let admin: Visitor

  beforeAll(async () => {
    admin = await browse(owner)
  })

  test.each(ofRecords)('%s is a page that does not exist, for an administrator too', async (_, route) => {
    const nowhere = Object.fromEntries(Object.keys(ids).map((kind) => [kind, 2_147_483_647]))

    expect((await ask(admin, route, nowhere)).status).toBe(404)
  })
})

describe('a member who sees everything', () => {
  let member: Account
  let visitor: Visitor
  let admin: Visitor

  beforeAll(async () => {
    member = await makeUser({ role: 'member' })
    visitor = await browse(member)
    admin = await browse(owner)
  })

  test.each(guarded.filter(isSetting))('%s is an administrator’s to change, and theirs to read', async (_, route) => {
    const before = await written()
    const isRead = route.method === 'get' && !isForm(route) && !isForAdministrators(route)

    expect((await ask(visitor, route)).status).toBe(isRead ? 200 : 403)
    expect(await written()).toBe(before)
    expect([200, 201, 303]).toContain((await ask(admin, route, await makeWorld(as(owner)))).status)
  })

  test.each(guarded.filter((each) => !isSetting(each) && !isOwn(each)))('%s is theirs to use', async (_, route) => {
    // A world of its own for each: some of these close, convert or archive what the next would need.
    const { status } = await ask(visitor, route, await makeWorld(as(member)))

    // What cannot be done now (reopening what is open) is a conflict, not a refusal.
    expect(route.method === 'get' ? [200] : [303, 409]).toContain(status)
  })
})
