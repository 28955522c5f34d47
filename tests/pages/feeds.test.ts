import ICAL from 'ical.js'
import sql from 'sql-template-tag'
import request from 'supertest'
import { beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { createFeed, revokeFeed } from '../../src/features/feeds/commands.ts'
import { feedsOf } from '../../src/features/feeds/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { ROLES } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { app, browse, formFields } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { logger } from '../support/log.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeLead } from '../support/records.ts'

const ALL = { followUps: true, activities: true, closes: true }
let rosa: Account

beforeEach(async () => {
  await db.query(sql`DELETE FROM sign_in_limits RETURNING key`)
  rosa = await makeUser()
})

async function makeFeed(name = 'Phone') {
  const lead = await makeLead(as(rosa), { ownerId: rosa.id })
  const activity = await makeActivity(as(rosa), 'lead', lead.id, {
    subject: 'Ask',
    dueDate: addDays(dayIn('Europe/Berlin'), 1),
    dueTime: '09:30',
    assigneeId: rosa.id,
  })
  const { id, secret } = await createFeed(as(rosa), { name, ...ALL })
  return { id, secret, path: `/feeds/${secret}.ics`, lead, activity }
}

const linkIn = (html: string) => /value="(http[^"]*\/feeds\/[\w-]{43}\.ics)"/.exec(html)?.[1] ?? ''

describe('what a calendar fetches', () => {
  test('is an iCalendar for it alone, without a session', async () => {
    const { path, lead } = await makeFeed()

    const answer = await request(app).get(path).set('Host', 'crm.example.com')

    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'text/calendar; charset=utf-8',
      'cache-control': 'private, no-cache',
      'content-disposition': 'inline; filename="dealwright.ics"',
    })
    expect(answer.headers['set-cookie']).toBeUndefined()
    const [event] = new ICAL.Component(ICAL.parse(answer.text) as unknown[]).getAllSubcomponents('vevent')
    expect(event?.getFirstPropertyValue('url')).toBe(`http://crm.example.com/leads/${lead.id}`)
  })

  test('leads to the address that the installation is known by', async () => {
    const { path, lead } = await makeFeed()
    const config = readConfig({ NODE_ENV: 'test', BASE_URL: 'https://crm.example.com', TRUST_PROXY: '1' })
    const { handle, close } = createApp({ config, database: db, logger, secret: 'a secret that only tests know' })

    const answer = await request(handle).get(path).set('Host', 'evil.example.com').set('X-Forwarded-Proto', 'https')

    await close()
    expect(answer.text.replaceAll('\r\n ', '')).toContain(`URL;VALUE=URI:https://crm.example.com/leads/${lead.id}`)
    expect(answer.text).not.toContain('evil')
  })

  test('is not sent again while nothing has changed', async () => {
    const { path, lead } = await makeFeed()
    const ask = () => request(app).get(path).set('Host', 'crm.example.com')
    const first = await ask()
    const tag = first.headers.etag!

    const again = await ask().set('If-None-Match', tag)
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', tag])

    await makeActivity(as(rosa), 'lead', lead.id, { subject: 'More', dueDate: addDays(dayIn('Europe/Berlin'), 2) })
    expect((await ask().set('If-None-Match', tag)).status).toBe(200)
  })

  test('can be asked about without its body', async () => {
    const { path } = await makeFeed()
    const host = 'crm.example.com'
    const head = await request(app).head(path).set('Host', host)
    const full = await request(app).get(path).set('Host', host)

    expect([head.status, head.text ?? '', head.headers.etag]).toEqual([200, '', full.headers.etag])
  })

  test('cannot be posted to', async () => {
    const { path } = await makeFeed()

    expect((await request(app).post(path).set('Origin', 'https://evil.example.com')).status).toBe(403)
  })

  test('says that its calendar has fetched it', async () => {
    const { path } = await makeFeed()
    const visitor = await browse(rosa)
    expect((await visitor.get('/profile/feeds')).text).toContain('Not fetched yet')

    await request(app).get(path)

    expect((await visitor.get('/profile/feeds')).text).toContain('Last fetched')
  })

  test('costs two statements, and one write an hour', async () => {
    const { path } = await makeFeed()
    await request(app).get(path)

    expect(await queriesOf(() => request(app).get(path))).toHaveLength(2)
  })
})

describe('a link that is none', () => {
  test('is not found, alike whether it was revoked or made up', async () => {
    const { path, id } = await makeFeed()
    await revokeFeed(as(rosa), id)

    const answers = await Promise.all(
      [
        path,
        `/feeds/${'x'.repeat(43)}.ics`,
        '/feeds/x.ics',
        '/feeds/%00.ics',
        '/feeds/%F0%9F.ics',
        '/feeds/%ff.ics',
      ].map((address) => request(app).get(address)),
    )

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404])
    const shown = answers.map(({ text }) => text.replace(/[0-9a-f-]{36}/g, ''))
    expect(new Set(shown).size).toBe(1)
  })

  test('is slowed for whoever tries many, while links that work go on working there', async () => {
    const { path } = await makeFeed()
    for (let count = 0; count < 60; count += 1)
      expect((await request(app).get(`/feeds/guess-${count}.ics`)).status).toBe(404)

    const refused = await request(app).get('/feeds/one-more.ics')

    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await request(app).get(path)).status).toBe(200)
  })
})

describe.each(ROLES)('a %s', (role) => {
  test('makes a link, sees it once, gives it another name, renews and revokes it', async () => {
    const one = await makeUser({ role })
    const visitor = await browse(one)
    const { _csrf, ...fields } = formFields(await visitor.get('/profile/feeds'), '/profile/feeds')
    expect(fields).toEqual({ name: '', followUps: 'true', activities: 'true', closes: 'true' })

    const made = await visitor.post('/profile/feeds', { ...fields, name: 'Phone' })
    const first = new URL(linkIn(made.text)).pathname
    expect(made.status).toBe(201)
    expect(made.text).toContain(`href="webcal://`)
    expect((await request(app).get(first)).status).toBe(200)
    const list = await visitor.get('/profile/feeds')
    expect(list.text).toContain('Phone')
    expect(list.text).not.toContain(first.slice(7, 50))

    const [feed] = await feedsOf(as(one))
    const edit = formFields(await visitor.get(`/profile/feeds/change?feed=${feed!.id}`), '/profile/feeds/change')
    expect(edit).toMatchObject({ name: 'Phone', followUps: 'true' })
    const changed = await visitor.post('/profile/feeds/change', { feed: feed!.id, name: 'Laptop', closes: 'true' })
    expect([changed.status, changed.headers.location]).toEqual([303, '/profile/feeds'])
    expect(await feedsOf(as(one))).toMatchObject([
      { name: 'Laptop', followUps: false, activities: false, closes: true },
    ])

    const renewed = await visitor.post('/profile/feeds/link', { feed: feed!.id })
    const second = new URL(linkIn(renewed.text)).pathname
    expect([renewed.status, (await request(app).get(first)).status]).toEqual([201, 404])
    expect((await request(app).get(second)).status).toBe(200)

    const revoked = await visitor.post('/profile/feeds/revoke', { feed: feed!.id })
    expect([revoked.status, revoked.headers.location]).toEqual([303, '/profile/feeds'])
    expect((await request(app).get(second)).status).toBe(404)
  })
})

describe('the page of links', () => {
  test('says at each field what is wrong, and keeps what was typed', async () => {
    const visitor = await browse(rosa)

    const unnamed = await visitor.post('/profile/feeds', { name: ' ', closes: 'true' })
    const empty = await visitor.post('/profile/feeds', { name: 'Desk' })

    expect([unnamed.status, empty.status]).toEqual([422, 422])
    expect(unnamed.text).toMatch(/id="name-error"/)
    expect(formFields(unnamed, '/profile/feeds')).toMatchObject({ closes: 'true' })
    expect(empty.text).toContain('Choose at least one thing to show.')
    expect(formFields(empty, '/profile/feeds')).toMatchObject({ name: 'Desk' })
    expect(await feedsOf(as(rosa))).toEqual([])
  })

  test('takes a name for one line', async () => {
    const visitor = await browse(rosa)
    await visitor.post('/profile/feeds', { name: 'Rosa\r\nX-EVIL:1', closes: 'true' })

    expect(await feedsOf(as(rosa))).toMatchObject([{ name: 'Rosa X-EVIL:1' }])
  })

  test("somebody else's link is not there", async () => {
    const { id } = await makeFeed()
    const other = await browse(await makeUser({ role: 'admin' }))

    const statuses = [
      (await other.get(`/profile/feeds/change?feed=${id}`)).status,
      (await other.post('/profile/feeds/change', { feed: id, name: 'Mine', closes: 'true' })).status,
      (await other.post('/profile/feeds/change', { feed: id, name: '', closes: 'true' })).status,
      (await other.post('/profile/feeds/link', { feed: id })).status,
      (await other.post('/profile/feeds/revoke', { feed: id })).status,
    ]

    expect(statuses).toEqual([404, 404, 404, 404, 404])
    expect(await feedsOf(as(rosa))).toMatchObject([{ name: 'Phone' }])
  })

  test.each(['/profile/feeds/link', '/profile/feeds/revoke'])('%s of nothing is not found', async (path) => {
    const visitor = await browse(rosa)

    for (const feed of ['', '0', '-1', 'x', '2147483648']) expect((await visitor.post(path, { feed })).status).toBe(404)
  })

  test('a reload after a link was shown leads back to the list', async () => {
    const visitor = await browse(rosa)

    for (const path of ['/profile/feeds/link', '/profile/feeds/revoke', '/profile/feeds/change'])
      expect((await visitor.get(path)).status).toBe(200)
  })
})
