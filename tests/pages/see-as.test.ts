import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { createLead } from '../../src/features/leads/commands.ts'
import { beginSeeingAs, endForgottenLooks } from '../../src/features/users/commands/seeing-as.ts'
import { deactivateUser, updateUser } from '../../src/features/users/commands/roles.ts'
import { Forbidden } from '../../src/platform/errors.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { addressOf, goodInput, makeWorld, routesOf } from '../conventions/site.ts'
import type { Ids } from '../conventions/site.ts'
import { app, browse } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { as, makeTeam, makeUser, system } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'

const BANNER = 'You see Dealwright as'
let nora: Account
let priya: Account
let world: Ids
/** Of Priya, and of somebody she sees nothing of. */
let hers: Ids
let hidden: Ids

beforeAll(async () => {
  const north = await makeTeam('North')
  nora = await makeUser({ role: 'admin', name: 'Nora Berg', timeZone: 'Asia/Tokyo' })
  priya = await makeUser({
    role: 'member',
    visibility: 'own',
    name: 'Priya Shah',
    timeZone: 'Europe/Berlin',
    teamId: north,
  })
  world = await makeWorld(as(nora))
  hers = await records(priya, 'Visible')
  hidden = await records(await makeUser(), 'Hidden')
})

async function records(owner: Account, name: string): Promise<Ids> {
  const scope = as(owner)
  const client = await makeClient(scope, { name: `${name} client` })
  const contact = await makeContact(scope, client.id, { firstName: name })
  const deal = await makeDeal(scope, { name: `${name} deal`, clientId: client.id, value: '1234' })
  const lead = await makeLead(scope, { firstName: name, companyName: `${name} company` })
  return { clients: client.id, contacts: contact.id, deals: deal.id, leads: lead.id }
}

async function seeing(user: Account = priya, admin: Account = nora): Promise<Visitor> {
  const visitor = await browse(admin)
  const answer = await visitor.post(`/settings/users/${user.id}/see-as`)
  expect([answer.status, answer.headers.location]).toEqual([303, '/'])
  return visitor
}

async function written(): Promise<number> {
  const [row] = await db.query<{ last: number }>(sql`SELECT coalesce(max(id), 0)::int AS last FROM changes`)
  return row?.last ?? 0
}

describe('an administrator who sees as a member', () => {
  let looking: Visitor
  let self: Visitor

  beforeAll(async () => {
    looking = await seeing()
    self = await browse(priya)
  })

  test('is told so on every page, an error page too, and can stop there', async () => {
    for (const path of ['/', '/leads', `/deals/${hers.deals}`, '/nothing', '/settings/users']) {
      const { text } = await looking.get(path)
      expect(text, path).toContain('You see Dealwright as Priya Shah; nothing can be changed.')
      expect(text, path).toContain('action="/see-as/stop"')
    }
    expect((await self.get('/')).text).not.toContain(BANNER)
  })

  test.each([
    '/leads',
    '/clients',
    '/contacts',
    '/deals',
    '/deals/pipeline',
    '/activities',
    '/communications',
    '/leads.csv',
    '/deals.csv',
    '/search?q=deal',
    '/search/options?q=deal',
    '/deals?owner=me',
    '/reports?period=all',
    '/?for=all',
    '/settings',
    '/settings/users',
    '/settings/teams',
    '/settings/currencies',
  ])('gets %s as she gets it', async (path) => {
    const [there, here] = [await looking.get(path), await self.get(path)]

    expect(there.status).toBe(here.status)
    const records = (text: string) =>
      [...text.matchAll(/\b(?:Visible|Hidden|Acme|Named)\b[\w ]*|href="\/(?:leads|clients|contacts|deals)\/\d+/g)].map(
        ([found]) => found,
      )
    expect(records(there.text)).toEqual(records(here.text))
    expect(there.text).not.toContain('Hidden')
  })

  test('finds her records, and none that she does not see', async () => {
    for (const [kind, id] of Object.entries(hers)) expect((await looking.get(`/${kind}/${id}`)).status, kind).toBe(200)
    for (const ids of [hidden, world]) {
      for (const kind of ['clients', 'contacts', 'deals', 'leads'])
        expect((await looking.get(`/${kind}/${ids[kind]}`)).status, kind).toBe(404)
    }
    expect((await looking.get(`/api/deals/${hidden.deals}/contacts`)).status).toBe(404)
    expect((await looking.get('/leads')).text).toContain('Visible company')
  })

  test('keeps their own language and time zone', async () => {
    const german = await makeUser({ role: 'admin', locale: 'de', timeZone: 'Asia/Tokyo' })
    const { text } = await (await seeing(priya, german)).get(`/deals/${hers.deals}`)

    expect(text).toContain('<html lang="de"')
    expect(text).toContain('Sie sehen Dealwright als Priya Shah')
  })

  test.each([
    '/profile',
    '/PROFILE',
    '/profile/',
    '/profile/password',
    '/profile/two-factor',
    '/profile/feeds',
    '/settings/tokens',
  ])('is not shown what is personal: %s', async (path) => {
    const { status, text } = await looking.get(path)

    expect(status).toBe(403)
    expect(text).toContain('This is personal')
    expect(text).not.toContain(priya.timeZone)
  })

  test('makes no visit of hers, and is not told what is new since it', async () => {
    const visits = () => db.query(sql`SELECT user_id, began_at, seen_until FROM visits ORDER BY user_id`)
    const before = await visits()
    await db.query(sql`DELETE FROM visits WHERE user_id = ${priya.id} RETURNING user_id`)
    const without = await visits()

    expect((await looking.get('/')).status).toBe(200)

    expect(await visits()).toEqual(without)
    expect(before.length).toBeGreaterThanOrEqual(without.length)
    expect((await looking.get('/')).text).toContain('data-search-user-value="nobody"')
  })

  test('cannot see as somebody else meanwhile', async () => {
    const answer = await looking.post(`/settings/users/${hers.clients}/see-as`)

    expect([answer.status, (await looking.get('/')).text.includes('Priya Shah; nothing')]).toEqual([403, true])
  })
})

const ALLOWED = ['/see-as/stop', '/logout']
const posts = routesOf(app).filter(
  ({ method, path }) => method === 'post' && !ALLOWED.includes(path) && !path.startsWith('/api/v1'),
)

describe('while seeing as somebody who may do everything, nothing is done', () => {
  let looking: Visitor
  beforeAll(async () => {
    looking = await seeing(await makeUser({ role: 'admin', name: 'Second Admin' }))
  })

  test.each(posts.map((route) => [route.path, route] as const))('POST %s', async (path, route) => {
    const before = await written()
    const address = /:(noun|changeSet|token)/.test(path) ? path.replaceAll(/:\w+/g, '1') : addressIn(route)

    const answer = await looking.post(address, goodInput(path))

    expect([answer.status, await written()]).toEqual([403, before])
    expect(answer.text).toContain('nothing can be changed meanwhile')
  })

  function addressIn(route: (typeof posts)[number]): string {
    return route.path.includes(':') ? addressOf(route, world) : route.path
  }

  test('there are many of them', () => {
    expect(posts.length).toBeGreaterThan(60)
  })

  test('and were a route to forget, no command would write', async () => {
    const scope = as({ ...nora, seenBy: { id: nora.id, name: nora.name } })

    await expect(createLead(scope, { firstName: 'A', lastName: 'B' })).rejects.toThrow(Forbidden)
  })
})

describe('it ends', () => {
  const sees = async (visitor: Visitor) => (await visitor.get('/leads')).text.includes(BANNER)

  test('when the administrator stops, who is then where they began', async () => {
    const looking = await seeing()
    const answer = await looking.post('/see-as/stop')

    expect([answer.status, answer.headers.location]).toEqual([303, `/settings/users/${priya.id}`])
    expect([await sees(looking), (await looking.get('/profile')).status]).toEqual([false, 200])
    expect((await looking.post(`/leads/${world.leads}/edit`, { title: 'After' })).status).toBe(303)
  })

  test('with the session', async () => {
    const looking = await seeing()
    expect((await looking.post('/logout')).status).toBe(303)

    expect(await sees(await browse(nora))).toBe(false)
    expect(await openLooks(nora)).not.toContain(null)
  })

  test('when the other user is deactivated: a look says so, and what was to be refused is not done either', async () => {
    const leaver = await makeUser({ name: 'Leaver' })
    const [looking, pressing] = [await seeing(leaver), await seeing(leaver)]
    await deactivateUser(system, leaver.id)

    const { text } = await looking.get('/leads')
    expect(text).not.toContain(BANNER)
    expect(text).toContain('You see Dealwright with your own rights again')
    const title = `Late ${leaver.id}`
    const refused = await pressing.post(`/leads/${world.leads}/edit`, { title })
    expect([refused.status, refused.text.includes('so this was not done')]).toEqual([403, true])
    expect((await pressing.post(`/leads/${world.leads}/edit`, { title })).status).toBe(303)
  })

  test('when the administrator is none any more: they see what they may see themselves', async () => {
    const fallen = await makeUser({ role: 'admin', name: 'Fallen' })
    const looking = await seeing(priya, fallen)
    await updateUser(as(nora), fallen.id, { role: 'viewer', visibility: 'own' })

    const { text } = await looking.get('/leads')
    expect(text).not.toContain(BANNER)
    expect(text).not.toContain('Visible company')
    expect((await looking.post(`/settings/users/${priya.id}/see-as`)).status).toBe(403)
  })

  test('and what somebody lost meanwhile is lost to who looks, from the next page on', async () => {
    const demoted = await makeUser({ role: 'manager', name: 'Demoted' })
    const looking = await seeing(demoted)
    expect((await looking.get(`/leads/${hidden.leads}`)).status).toBe(200)
    await updateUser(as(nora), demoted.id, { role: 'member', visibility: 'own' })

    expect((await looking.get(`/leads/${hidden.leads}`)).status).toBe(404)
  })
})

describe('it begins', () => {
  test.each(['manager', 'member', 'viewer'] as const)('not for a %s', async (role) => {
    const visitor = await browse(await makeUser({ role }))

    expect((await visitor.post(`/settings/users/${priya.id}/see-as`)).status).toBe(403)
    expect((await visitor.get('/leads')).text).not.toContain(BANNER)
  })

  test('not with one’s own rights, nor those of nobody or of who was deactivated', async () => {
    const gone = await makeUser()
    await deactivateUser(system, gone.id)
    const visitor = await browse(nora)
    const before = await written()

    expect((await visitor.post(`/settings/users/${nora.id}/see-as`)).status).toBe(409)
    expect((await visitor.post(`/settings/users/${gone.id}/see-as`)).status).toBe(409)
    expect((await visitor.post('/settings/users/2000000/see-as')).status).toBe(404)
    expect([await written(), (await visitor.get('/leads')).text.includes(BANNER)]).toEqual([before, false])
    const own = (await visitor.get(`/settings/users/${nora.id}`)).text
    expect(own).not.toContain('/see-as')
    expect((await visitor.get(`/settings/users/${priya.id}`)).text).toContain(
      `action="/settings/users/${priya.id}/see-as"`,
    )
  })

  test('only by a form of one’s own', async () => {
    const visitor = await browse(nora)

    expect((await visitor.post(`/settings/users/${priya.id}/see-as`, { _csrf: 'made up' })).status).toBe(403)
  })

  test('in the audit, as the administrator’s doing, and so does its end', async () => {
    const before = await written()
    const looking = await seeing()
    await looking.post('/see-as/stop')

    const rows = await db.query(sql`
      SELECT actor, operation, new_row ->> 'user_id' AS by, new_row ->> 'seen_id' AS seen, new_row ->> 'ended_at' IS NULL AS open FROM changes
      WHERE table_name = 'see_as' AND id > ${before} ORDER BY id`)
    const [by, seen] = [String(nora.id), String(priya.id)]
    expect(rows).toEqual([
      { actor: by, operation: 'insert', by, seen, open: true },
      { actor: by, operation: 'update', by, seen, open: false },
    ])
  })

  test('what nobody stopped ends when its session is over, and no other does', async () => {
    const admin = await makeUser({ role: 'admin' })
    const look = async (hours: number) => {
      const { id } = await beginSeeingAs(as(admin), priya.id)
      await inTransaction(system, ({ db }) =>
        db.query(
          sql`UPDATE see_as SET started_at = now() - make_interval(hours => ${hours}) WHERE id = ${id} RETURNING id`,
        ),
      )
      return id
    }
    const [over, held, begun] = [await look(2), await look(2), await look(0)]
    const sess = { cookie: {}, seeAs: held, passport: { user: { id: admin.id, credentialsVersion: 1 } } }
    await db.query(sql`
      INSERT INTO sessions (sid, sess, expire) VALUES (${`of-${held}`}, ${JSON.stringify(sess)}::json, now() + interval '1 day') RETURNING sid`)

    expect(await endForgottenLooks(system)).toBeGreaterThanOrEqual(1)

    const open = await db.query<{ id: number }>(sql`
      SELECT id FROM see_as WHERE user_id = ${admin.id} AND ended_at IS NULL ORDER BY id`)
    expect(open.map(({ id }) => id)).toEqual([held, begun])
    expect(open.map(({ id }) => id)).not.toContain(over)
  })

  test('a session does not go on by what another one began', async () => {
    const [looking, other] = [await seeing(), await browse(nora)]

    expect((await other.get('/leads')).text).not.toContain(BANNER)
    await other.post('/see-as/stop')
    expect((await looking.get('/leads')).text).toContain(BANNER)
  })
})

async function openLooks(admin: Account): Promise<unknown[]> {
  const rows = await db.query<{ endedAt: Date | null }>(sql`
    SELECT ended_at AS "endedAt" FROM see_as WHERE user_id = ${admin.id} ORDER BY id DESC LIMIT 1`)
  return rows.map(({ endedAt }) => endedAt)
}
