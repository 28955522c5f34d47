import sql from 'sql-template-tag'
import request from 'supertest'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { app, browse, csrfOf } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { PASSWORD, as, makeUser } from '../support/people.ts'
import { accessTable } from './access-table.ts'
import { addressOf, goodInput, makeWorld, routesOf } from './site.ts'
import type { Ids, SiteRoute } from './site.ts'

const routes = routesOf(app)
const table = accessTable()
/** Stands before sessions: programs have tokens, and no forms. */
const isForPrograms = ({ path }: SiteRoute) => path.startsWith('/api/v1')

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

test('the routes of the product are found', () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`)

  expect(names).toEqual(
    expect.arrayContaining([
      'get /',
      'get /leads/:id',
      'post /deals/:id/close-won',
      'get /api/deals/:id/contacts',
      'post /login',
    ]),
  )
})

test('no route is declared twice: the second would never be reached', () => {
  const names = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':id')}`)

  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
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

  const posts = routes
    .filter((route) => route.method === 'post' && !isForPrograms(route))
    .map((route) => [route.path, route] as const)

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

test('a viewer is shown nothing that leads to what is forbidden to them', async () => {
  const viewer = await browse(await makeUser({ role: 'viewer' }))
  const forbidden = (method: string, href: string) => {
    const path = (href.split(/[?#]/)[0] ?? '').replaceAll(/\/\d+(?=\/|$)/g, '/:id')
    const kind = table.get(`${method} ${path}`)?.kind
    return kind !== undefined && ['writers', 'admins', 'changes', 'undoes', 'erases'].includes(kind)
  }
  const wrong: string[] = []
  for (const route of routes.filter((route) => route.method === 'get' && !isForPrograms(route))) {
    const { status, text } = await viewer.get(addressOf(route, ids).replaceAll(/:\w+/g, 'nothing'))
    if (status !== 200) continue
    const forms = [...text.matchAll(/<form\b[^>]*method="post"[^>]*>/g)].map(
      ([form]) => /action="([^"]*)"/.exec(form)?.[1] ?? '',
    )
    const links = [...text.matchAll(/<a\b[^>]*href="([^"]*)"/g)].map(([, href]) => href ?? '')
    const leading = [
      ...forms.filter((action) => forbidden('POST', action)),
      ...links.filter((href) => forbidden('GET', href)),
    ]
    wrong.push(...leading.map((to) => `${route.path} leads to ${to}`))
  }

  expect(wrong).toEqual([])
})
