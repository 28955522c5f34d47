import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'csv-parse/sync'
import request from 'supertest'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { leadList } from '../../src/features/leads/list.ts'
import type { LeadFileRow } from '../../src/features/leads/list.ts'
import { app, browse, csrfOf } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { errorsLogged } from '../support/log.ts'
import { PASSWORD, as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead } from '../support/records.ts'

const LISTS = ['leads', 'deals', 'clients', 'contacts']

let rosa: Visitor
let heidi: Visitor
let apart: Visitor

beforeAll(async () => {
  const account = await makeUser({ name: 'Rosa' })
  const scope = as(account)
  rosa = await browse(account)
  heidi = await browse(await makeUser({ name: 'Heidi', locale: 'de', timeZone: 'Asia/Kathmandu' }))
  apart = await browse(await makeUser({ visibility: 'own' }))
  const client = await makeClient(scope, {
    name: '=HYPERLINK("http://evil.example")',
    phone: '+49 30 1234567',
    ownerId: account.id,
  })
  await makeContact(scope, client.id, { firstName: 'Zoë', lastName: 'O"Neil, the 2nd', email: 'zoe@example.com' })
  await makeDeal(scope, {
    name: 'Line one',
    clientId: client.id,
    value: '1234.5',
    currencyCode: 'EUR',
    ownerId: account.id,
  })
  await makeDeal(scope, { name: 'Yen', clientId: client.id, value: '1200', currencyCode: 'JPY', ownerId: account.id })
  for (let index = 0; index < 60; index++)
    await makeLead(scope, {
      lastName: `Number ${String(index).padStart(2, '0')}`,
      companyName: index % 2 ? 'Odd & Sons' : '@SUM(A1:A9)',
      status: index % 2 ? 'qualified' : 'new',
      ownerId: account.id,
    })
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** The rows of a file by the words of its header. */
function rowsOf(text: string): Record<string, string>[] {
  return parse(text, { bom: true, columns: true })
}

describe.each(LISTS)('the list of %s', (noun) => {
  test('can be sorted by each of its columns, and says which way it is', async () => {
    const page = await rosa.get(`/${noun}`)
    const heads = page.text.match(/<th scope="col"[\s\S]*?<\/th>/g) ?? []
    const links = heads.map((head) => /class="sort" href="([^"]*)"/.exec(head)?.[1])

    expect(links.length).toBeGreaterThan(4)
    for (const link of links) {
      expect(link).toMatch(/\?.*sort=/)
      const sorted = await rosa.get(`/${noun}${link?.replaceAll('&amp;', '&')}`)
      expect(sorted.status).toBe(200)
      expect(sorted.text.match(/aria-sort="(ascending|descending)"/g)).toHaveLength(1)
      expect(sorted.text).toContain('<tbody>')
    }
  })

  test('leads to its file, with the same query', async () => {
    const page = await rosa.get(`/${noun}?q=e&sort=-name`)

    expect(page.text).toContain(`href="/${noun}.csv?q=e&amp;sort=-name"`)
  })

  test('as a file is made of two queries, however many rows there are', async () => {
    const statements = await queriesOf(() => rosa.get(`/${noun}.csv`))

    expect(statements.filter((statement) => statement.startsWith('DECLARE'))).toHaveLength(1)
    expect(statements.filter((statement) => statement.startsWith('FETCH'))).toHaveLength(1)
  })

  test('as a file is for people who are signed in', async () => {
    expect((await (await browse()).get(`/${noun}.csv`)).headers.location).toBe(`/login?next=%2F${noun}.csv`)
  })

  test('as a file shows what the reader may see, and no more', async () => {
    expect(rowsOf((await apart.get(`/${noun}.csv`)).text)).toEqual([])
    expect(rowsOf((await rosa.get(`/${noun}.csv`)).text).length).toBeGreaterThan(0)
  })
})

describe('a file of leads', () => {
  test('has all rows, not a page of them, in the order asked for', async () => {
    const answer = await rosa.get('/leads.csv?sort=-name')

    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename=leads-\d{4}-\d\d-\d\d\.csv$/)
    expect(answer.headers['cache-control']).toBe('no-store')
    const names = rowsOf(answer.text).map((row) => row['Last name'])
    expect(names).toHaveLength(60)
    expect(names).toEqual(names.toSorted().toReversed())
  })

  test('is searched and filtered as the page is; nonsense falls back as there', async () => {
    expect(rowsOf((await rosa.get('/leads.csv?q=odd&status=qualified&owner=me')).text)).toHaveLength(30)
    expect(rowsOf((await rosa.get('/leads.csv?q=odd&status=new')).text)).toHaveLength(0)
    expect(rowsOf((await rosa.get('/leads.csv?sort=;DROP&status=9&cursor=zzz&q=%00')).text)).toHaveLength(60)
  })

  test('does not calculate: what looks like a formula is text', async () => {
    const companies = rowsOf((await rosa.get('/leads.csv')).text).map((row) => row.Company)

    expect(new Set(companies)).toEqual(new Set(['Odd & Sons', "'@SUM(A1:A9)"]))
    expect(rowsOf((await rosa.get('/clients.csv')).text)[0]).toMatchObject({
      Name: '\'=HYPERLINK("http://evil.example")',
      Phone: "'+49 30 1234567",
    })
  })

  test('speaks the language of the reader, and tells the time of the reader', async () => {
    const answer = await heidi.get('/leads.csv')
    const [row] = rowsOf(answer.text)

    expect(row).toMatchObject({
      Vorname: 'Emil',
      Firma: expect.any(String) as string,
      Status: expect.stringMatching(/^(Neu|Qualifiziert)$/) as string,
    })
    expect(row?.Angelegt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:45$/)
  })

  test('that cannot be read at all is an error page', async () => {
    vi.spyOn(leadList, 'all').mockImplementation(() => failingAfter(0))

    const answer = await rosa.get('/leads.csv')

    expect([answer.status, answer.headers['content-type']]).toEqual([500, 'text/html; charset=utf-8'])
    expect(answer.headers['content-disposition']).toBeUndefined()
    expect(errorsLogged.splice(0)).toHaveLength(1)
  })

  test('that breaks off in the middle never looks whole, and the log says why', async () => {
    const rows = await someRows()
    vi.spyOn(leadList, 'all').mockImplementation(() => failingAfter(1, rows))

    await expect(rosa.get('/leads.csv')).rejects.toThrow(/aborted|socket hang up/)

    await vi.waitFor(() => expect(errorsLogged).toHaveLength(1))
    expect(JSON.stringify(errorsLogged.splice(0))).toContain('the database went away')
  })

  test('is read no faster than it is taken, and no further when nobody takes it any more', async () => {
    const rows = await someRows()
    const endless = { batches: 0, isOver: false }
    vi.spyOn(leadList, 'all').mockImplementation(async function* () {
      try {
        for (;;) {
          endless.batches += 1
          yield rows
          await new Promise(setImmediate)
        }
      } finally {
        endless.isOver = true
      }
    })
    const cookie = await cookieOf()
    const server = http.createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const download = http.get({
        port: (server.address() as AddressInfo).port,
        host: '127.0.0.1',
        path: '/leads.csv',
        headers: { cookie },
      })
      const answer = await new Promise<http.IncomingMessage>((resolve) => download.once('response', resolve))
      answer.pause()
      // As much as fits between here and there, then nothing more.
      let before = -1
      await vi.waitFor(
        () => {
          const now = endless.batches
          const isStill = now === before
          before = now
          expect(isStill).toBe(true)
        },
        { timeout: 20_000, interval: 300 },
      )
      expect(endless.isOver).toBe(false)

      download.on('error', () => undefined)
      download.destroy()

      await vi.waitFor(() => expect(endless.isOver).toBe(true), { timeout: 5_000 })
    } finally {
      server.close()
    }
  })

  test('gives its connection back', async () => {
    await rosa.get('/leads.csv')

    await vi.waitFor(() => expect(db.pool.idleCount).toBe(db.pool.totalCount))
  })
})

test('a file of deals has plain amounts with the decimals of their currency, which has a column of its own', async () => {
  const rows = rowsOf((await rosa.get('/deals.csv?sort=name')).text)

  expect(rows.map(({ Value, Currency }) => [Value, Currency])).toEqual([
    ['1234.50', 'EUR'],
    ['1200', 'JPY'],
  ])
})

test('a file of contacts says where they are, with every sign of their names', async () => {
  const [row] = rowsOf((await heidi.get('/contacts.csv')).text)

  expect(row).toMatchObject({ Vorname: 'Zoë', Nachname: 'O"Neil, the 2nd', Hauptkontakt: 'Ja' })
})

async function someRows(): Promise<LeadFileRow[]> {
  for await (const rows of leadList.all(as(await makeUser()), leadList.parse({}))) return rows
  return []
}

async function* failingAfter(batches: number, rows: LeadFileRow[] = []): AsyncGenerator<LeadFileRow[]> {
  for (let index = 0; index < batches; index++) yield rows
  throw new Error('the database went away')
}

/** A signed-in session's cookie, for a request that supertest would read to its end. */
async function cookieOf(): Promise<string> {
  const { email } = await makeUser()
  const agent = request.agent(app)
  const token = csrfOf(await agent.get('/login'))
  const answer = await agent.post('/login').type('form').send({ _csrf: token, email, password: PASSWORD })
  return (answer.headers['set-cookie'] as unknown as string[])[0]?.split(';')[0] ?? ''
}
