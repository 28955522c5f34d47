import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'
import { makeLead } from '../support/records.ts'

const HOME = '/settings/webhooks'
let rosa: Account
let admin: Visitor

beforeAll(async () => {
  rosa = await makeUser({ role: 'admin' })
  admin = await browse(rosa)
})

beforeEach(async () => {
  await inTransaction(system, (scope) => scope.db.records.webhookSubscription.deleteMany())
})

const secretIn = (html: string) => /whsec_[\w+/]{43}=/.exec(html)?.[0]

/** Answers the address of its page. */
async function makeWebhook(fields: Record<string, string | string[]> = {}): Promise<string> {
  await admin.post(`${HOME}/create`, { url: 'https://hooks.example.com/crm', scope: 'all', ...fields })
  const [row] = await db.query<{ id: number }>(sql`SELECT max(id) AS id FROM webhook_subscriptions`)
  return `${HOME}/${row?.id}`
}

async function subscription() {
  const [row] = await db.query<Record<string, unknown>>(
    sql`SELECT * FROM webhook_subscriptions ORDER BY id DESC LIMIT 1`,
  )
  return row
}

test('a webhook is made, and its secret shown once', async () => {
  const form = formFields(await admin.get(`${HOME}/create`), `${HOME}/create`)
  const made = await admin.post(`${HOME}/create`, { ...form, url: 'https://hooks.example.com/crm', scope: 'all' })
  const stored = await subscription()

  expect(made.status).toBe(201)
  expect(secretIn(made.text)).toBe(stored?.secret)
  expect(stored).toMatchObject({
    url: 'https://hooks.example.com/crm',
    all_events: true,
    events: [],
    created_by: rosa.id,
  })

  // Sent twice, there is one; and nowhere is the secret to be read again.
  const again = await admin.post(`${HOME}/create`, { ...form, url: 'https://hooks.example.com/crm', scope: 'all' })
  expect(again.headers.location).toBe(`${HOME}/${String(stored?.id)}`)
  for (const path of [HOME, again.headers.location!, `${again.headers.location!}/edit`]) {
    expect(secretIn((await admin.get(path)).text)).toBe(undefined)
  }
  const { rows } = await db.pool.query(
    `SELECT FROM changes WHERE table_name = 'webhook_subscriptions' AND new_row::text LIKE '%whsec%'`,
  )
  expect(rows).toEqual([])
})

describe('what cannot be sent to is refused at its field, with what was typed', () => {
  test.each([
    ['not an address', 'This is no address'],
    ['ftp://example.com', 'This is no address'],
    ['javascript:alert(1)', 'This is no address'],
    ['https://rosa:secret@example.com', 'name and password'],
    ['https://example.com:25', 'This port'],
    ['https://127.0.0.1/', 'private network'],
    ['http://2130706433/', 'private network'],
    ['http://[::1]/', 'private network'],
    ['http://169.254.169.254/latest/meta-data', 'private network'],
    ['http://localhost:8080/', 'private network'],
    ['', 'must be filled in'],
  ])('%s', async (url, words) => {
    const answer = await admin.post(`${HOME}/create`, { url, scope: 'all' })

    expect(answer.status).toBe(422)
    expect(answer.text).toMatch(new RegExp(`id="url-error"[^]*${words}`))
    expect(answer.text).toContain(`value="${url}"`)
    expect(await subscription()).toBe(undefined)
  })

  test('no event at all, or one that there is not', async () => {
    const none = await admin.post(`${HOME}/create`, { url: 'https://example.com', scope: 'some' })
    const unknown = await admin.post(`${HOME}/create`, {
      url: 'https://example.com',
      scope: 'some',
      events: ['lead.exploded'],
    })

    expect([none.status, unknown.status]).toEqual([422, 422])
    expect(none.text).toContain('Choose at least one event.')
  })
})

test('some events are chosen, kept, shown and changed; saved untouched nothing is written', async () => {
  const path = await makeWebhook({ scope: 'some', events: ['lead.created', 'deal.won'] })
  const page = await admin.get(`${path}/edit`)
  expect([...page.text.matchAll(/value="([\w.]+)" checked/g)].map(([, type]) => type)).toEqual([
    'some',
    'lead.created',
    'deal.won',
  ])

  const { version } = formFields(page, `${path}/edit`)
  const fields = { url: 'https://hooks.example.com/crm', description: '', scope: 'some', version: version ?? '' }
  await admin.post(`${path}/edit`, { ...fields, events: ['deal.won', 'lead.created'] })
  expect(await subscription()).toMatchObject({ version: 1 })
  await admin.post(`${path}/edit`, { ...fields, events: 'deal.lost', description: 'Warehouse' })
  expect(await subscription()).toMatchObject({ version: 2, events: ['deal.lost'], description: 'Warehouse' })

  const late = await admin.post(`${path}/edit`, { ...fields, events: 'lead.lost' })
  expect(late.status).toBe(409)
})

test('paused, resumed, given a new secret, deleted', async () => {
  const path = await makeWebhook()
  const before = await subscription()
  await admin.post(`${path}/pause`)
  expect((await admin.get(path)).text).toContain('Paused')
  await admin.post(`${path}/resume`)
  expect((await admin.get(path)).text).not.toContain('Paused')

  const rotated = await admin.post(`${path}/rotate`)
  expect(rotated.status).toBe(201)
  expect(await subscription()).toMatchObject({ secret: secretIn(rotated.text), previous_secret: before?.secret })
  expect((await admin.get(`${path}/rotate`)).headers.location).toBe(path)

  await admin.post(`${path}/delete`)
  expect(await subscription()).toBe(undefined)
  expect((await admin.get(path)).status).toBe(404)
})

test('a test is sent at once, and its page says what came of it', async () => {
  const path = await makeWebhook()
  // Saved while it was allowed.
  await inTransaction(system, (scope) =>
    scope.db.query(sql`UPDATE webhook_subscriptions SET url = 'http://10.0.0.1/hooks' RETURNING id`),
  )
  const sent = await admin.post(`${path}/test`)
  const page = await admin.get(sent.headers.location!)

  expect(sent.headers.location).toMatch(/^\/settings\/webhook-deliveries\/\d+$/)
  expect(page.text).toContain('The test did not arrive.')
  expect(page.text).toContain('leads into a private network, and was not called')
  expect(page.text).not.toMatch(/ECONN|10\.0\.0\.1:\d/)
})

test('the log shows what was sent and answered as it is, and lets it be sent again', async () => {
  const path = await makeWebhook()
  await makeLead(as(rosa), { firstName: '<b>Ada</b>', notes: '"quoted" & \u{1F600}' })
  const [delivery] = await db.query<{ id: number }>(sql`
    UPDATE webhook_deliveries SET status = 'failed', attempts = 10, finished_at = now() RETURNING id::int AS id`)
  await db.query(sql`
    INSERT INTO webhook_attempts (delivery_id, attempted_at, duration_ms, status_code, problem, answer)
    VALUES (${delivery?.id}, now(), 12, 500, 'status', '<script>alert(1)</script>')`)
  const page = await admin.get(`/settings/webhook-deliveries/${delivery?.id}`)

  expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page.text).toContain('&lt;b&gt;Ada&lt;/b&gt;')
  expect(page.text).toContain('The receiver answered with status 500')
  expect((await admin.get(path)).text).toContain('Given up')
  expect((await admin.get(`${path}?status=delivered`)).text).toContain('No delivery matches')

  const replayed = await admin.post(`${path}/replay`, { since: '' })
  expect((await admin.get(replayed.headers.location!)).text).toContain('1 delivery is sent again.')
  expect(await db.query(sql`SELECT status, attempts FROM webhook_deliveries`)).toEqual([
    { status: 'pending', attempts: 0 },
  ])
  expect((await admin.post(`${path}/replay`, { since: '2026-02-31' })).status).toBe(422)
})

test('what rests says why: turned off, or acting for somebody who administers no more', async () => {
  const path = await makeWebhook()
  await inTransaction(system, (scope) =>
    scope.db.query(sql`
      UPDATE webhook_subscriptions SET is_active = FALSE, disabled_because = 'failing', disabled_at = now(), failing_since = now() RETURNING id`),
  )
  expect((await admin.get(path)).text).toContain('after a day without a good answer')
  await admin.post(`${path}/resume`)

  const ada = await makeUser({ role: 'manager', name: 'Ada Berg' })
  await inTransaction(system, (scope) =>
    scope.db.query(sql`UPDATE webhook_subscriptions SET created_by = ${ada.id} RETURNING id`),
  )
  expect((await admin.get(path)).text).toContain('it sees as Ada Berg, who is no active administrator any more')
  await admin.post(`${path}/resume`)
  expect(await subscription()).toMatchObject({
    is_active: true,
    disabled_because: null,
    failing_since: null,
    created_by: rosa.id,
  })
})

test('as many as there can be', async () => {
  await Promise.all(Array.from({ length: 8 }, () => makeWebhook()))
  for (let index = 8; index < 20; index += 1) await makeWebhook()
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => admin.post(`${HOME}/create`, { url: 'https://example.com', scope: 'all' })),
  )

  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(409))
})

test('in German, too', async () => {
  const german = await browse(await makeUser({ role: 'admin', locale: 'de' }))
  const path = await makeWebhook()

  expect((await german.get(path)).text).toContain('Test senden')
})
