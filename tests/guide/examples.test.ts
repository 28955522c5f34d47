import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import sql from 'sql-template-tag'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken } from '../../src/features/tokens/commands.ts'
import { newSecret, signedHeaders } from '../../src/features/webhooks/signature.ts'
import { EVENTS } from '../../src/features/webhooks/events.ts'
import { WAITS } from '../../src/features/webhooks/schedule.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { fromRoot } from '../../src/paths.ts'
import { app } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeLead } from '../support/records.ts'

const textOf = (page: string) => readFileSync(fromRoot('docs', 'guide', 'developer', `${page}.md`), 'utf8')
/** The page's examples in this language, in their order. */
const examples = (page: string, language: string) =>
  [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code = '']) => code)

const folder = mkdtempSync(join(tmpdir(), 'dealwright-examples-'))
const server = createServer(app)
const env: Record<string, string> = {}
let rosa: Account

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  rosa = await makeUser()
  const { token } = await createToken(as(rosa), { name: 'Examples', access: 'write', life: '30' })
  env.DEALWRIGHT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  env.TOKEN = token ?? ''
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

/** A line for curl as a shell reads it, and what curl would then send. Not every machine has curl. */
function requestOf(command: string): { url: string; init: RequestInit } {
  const filled = (text: string) => text.replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '')
  // A word is made of pieces that stand together: '{ "clientId": '$CLIENT' }'.
  const words = [...command.replaceAll('\\\n', ' ').matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"]+)+/g)].map(
    ([word]) =>
      word.replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|([^'"]+)/g,
        (_, quoted?: string, doubled?: string, bare?: string) => quoted ?? filled(doubled ?? bare ?? ''),
      ),
  )
  const after = (flag: string) => words.flatMap((word, place) => (word === flag ? [words[place + 1] ?? ''] : []))
  const [body] = after('-d')
  const known = ['curl', '-sS', '-X', '-H', '-d', ...after('-X'), ...after('-H'), ...after('-d')]
  const [url = '', ...more] = words.filter((word) => !known.includes(word))
  if (more.length > 0) throw new Error(`what is "${more.join(' ')}" to curl?`)
  return {
    url,
    init: {
      method: after('-X')[0] ?? (body === undefined ? 'GET' : 'POST'),
      headers: Object.fromEntries(after('-H').map((line) => line.split(': ', 2) as [string, string])),
      ...(body === undefined ? {} : { body }),
    },
  }
}

interface Answered {
  status: number
  body: Record<string, unknown>
}

async function ask(command: string): Promise<Answered & { headers: Headers }> {
  const { url, init } = requestOf(command)
  const answer = await fetch(url, init)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, headers: answer.headers }
}

async function run(command: string): Promise<Answered> {
  const { status, body } = await ask(command)
  return { status, body }
}

/** What a page's program prints. */
async function printed(page: string): Promise<string> {
  const file = join(folder, `${page}.mts`)
  writeFileSync(file, examples(page, 'ts')[0] ?? '')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], {
    cwd: fromRoot(),
    env: { ...process.env, ...env },
  })
  return stdout
}

test('the examples with curl do what the page says, one after the other', async () => {
  const [exports, create, read, list, change, convert, bulk, ...more] = examples('api', 'sh') as [string, ...string[]]
  expect(exports).toMatch(/export DEALWRIGHT=[\s\S]*export TOKEN=dw_/)
  expect(more).toEqual([])

  const created = await run(create!)
  expect(created).toMatchObject({ status: 201, body: { companyName: 'Berg & Söhne', estimatedValue: '12000.50' } })
  env.LEAD = String(created.body.id)
  expect(await run(read!)).toEqual({ status: 200, body: created.body })
  expect(await run(list!)).toMatchObject({
    status: 200,
    body: { data: [{ id: created.body.id, firstName: 'Ada', lastName: 'Berg' }], next: null },
  })
  expect(await run(change!)).toMatchObject({ status: 200, body: { score: 70, notes: null } })

  const converted = await run(convert!)
  expect(converted).toMatchObject({ status: 200, body: { status: 'converted' } })
  expect(await run(convert!)).toEqual(converted)

  expect(await run(bulk!)).toMatchObject({ body: { created: 2, updated: 0, refused: 0 } })
  expect(await run(bulk!)).toMatchObject({ body: { created: 0, unchanged: 2, refused: 0 } })
})

test('the error that is shown is the one there is', async () => {
  const [shown] = examples('api', 'json').map((code) => JSON.parse(code) as Record<string, unknown>)
  const answer = await fetch(`${env.DEALWRIGHT}/api/v1/leads`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${env.TOKEN}`, 'Content-Type': 'application/json' },
    body: '{ "firstName": "Ada" }',
  })

  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  const { instance, ...problem } = (await answer.json()) as Record<string, unknown>
  expect(instance).toMatch(/^urn:uuid:/)
  expect(problem).toEqual(shown)
})

test('the program in TypeScript runs as it is written', async () => {
  await makeLead(as(rosa), { score: null })
  await makeLead(as(rosa), { score: 10 })

  expect(await printed('api')).toMatch(/^[1-9]\d* leads have a score now\n$/)
  expect(
    (await run(`curl -sS "$DEALWRIGHT/api/v1/leads?score=none" -H "Authorization: Bearer $TOKEN"`)).body.data,
  ).toEqual([])
})

describe('the integration', () => {
  test('the examples with curl do what the page says, one after the other', async () => {
    const [clients, contact, deal, move, win, search, list, undo, ...more] = examples('integration', 'sh') as [
      string,
      ...string[],
    ]
    expect(more).toEqual([])
    const [answer] = examples('integration', 'json').map((code) => JSON.parse(code) as Record<string, unknown>)

    const stored = await ask(clients)
    const [item] = stored.body.items as { id: number }[]
    expect(stored).toMatchObject({ status: 200, body: { ...answer, items: [{ verdict: 'created', id: item!.id }] } })
    expect(Object.keys(item!)).toEqual(Object.keys((answer!.items as object[])[0]!))
    env.CLIENT = String(item!.id)
    const ines = await run(contact!)
    expect(ines).toMatchObject({ status: 201, body: { clientId: item!.id, isPrimary: true } })
    env.CONTACT = String(ines.body.id)
    const order = await run(deal!)
    expect(order).toMatchObject({ status: 201, body: { contactId: ines.body.id, value: '48000.00' } })
    expect(await run(deal!)).toEqual(order)
    env.DEAL = String(order.body.id)
    expect(await run(move!)).toMatchObject({ status: 200, body: { stage: 'negotiation' } })

    const won = await ask(win!)
    expect(won).toMatchObject({ status: 200, body: { status: 'won', probability: 100 } })
    expect((await run(win!)).status).toBe(409)
    expect(await run(search!)).toMatchObject({
      body: { clients: { data: [{ id: item!.id }] }, contacts: { data: [{ id: ines.body.id }] } },
    })
    expect((await run(list!)).body.data).toEqual([
      { id: order.body.id, name: 'Order 4711', value: '48000.00', currencyCode: 'EUR' },
    ])

    env.CHANGE = String(won.headers.get('change-set'))
    expect((await run(undo!)).status).toBe(200)
    expect((await run(undo!)).status).toBe(409)
    expect((await run(list!)).body.data).toEqual([])
  })

  test('the program runs as it is written, and a second time changes nothing', async () => {
    const first = await printed('integration')
    const changes = async () => (await db.query(sql`SELECT max(id) FROM changes`))[0]
    const before = await changes()

    expect(first).toBe('Order 4712: 9500.00\n1 orders are won\n')
    expect(await printed('integration')).toBe(first)
    expect(await changes()).toEqual(before)
  })
})

describe('the check of a webhook', () => {
  type IsGenuine = (headers: Record<string, string>, body: string, secret: string, now?: number) => boolean
  let isGenuine: IsGenuine
  const secret = newSecret()
  const message = { id: 'msg-1', body: '{"type":"deal.won"}' }

  beforeAll(async () => {
    const file = join(folder, 'webhook.mts')
    writeFileSync(file, examples('webhooks', 'ts')[0] ?? '')
    ;({ isGenuine } = (await import(pathToFileURL(file).href)) as { isGenuine: IsGenuine })
  })

  test('takes what Dealwright sends, and what anybody signs by the convention', () => {
    const theirs = {
      'webhook-id': message.id,
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': new Webhook(secret).sign(message.id, new Date(), message.body),
    }

    expect(isGenuine(signedHeaders(message, [secret]), message.body, secret)).toBe(true)
    expect(isGenuine(signedHeaders(message, [newSecret(), secret]), message.body, secret)).toBe(true)
    expect(isGenuine(theirs, message.body, secret)).toBe(true)
  })

  test('refuses another body, another secret, none, and what is old', () => {
    const headers = signedHeaders(message, [secret])

    expect(isGenuine(headers, `${message.body} `, secret)).toBe(false)
    expect(isGenuine(headers, message.body, newSecret())).toBe(false)
    expect(isGenuine({}, message.body, secret)).toBe(false)
    expect(isGenuine(headers, message.body, secret, Date.now() + 301_000)).toBe(false)
  })

  test('the events and the waits that are listed are those there are', () => {
    const rows = [...textOf('webhooks').matchAll(/^\| `(\w+)` +\| (.*) \|$/gm)]
    const listed = Object.fromEntries(
      rows.map(([, noun = '', verbs = '']) => [noun, [...verbs.matchAll(/`(\w+)`/g)].map(([, verb]) => verb)]),
    )

    expect(listed).toEqual(EVENTS)
    expect(WAITS).toEqual([5, 30, 120, 600, 1800, 3600, 10800, 21600, 43200])
  })
})
