import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { browse } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

let account: Account
let rosa: Visitor
let ids: Record<string, number>

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa', role: 'admin' })
  rosa = await browse(account)
  const scope = as(account)
  const client = await makeClient(scope, {
    name: '<b>Bold</b> & "Söhne"',
    email: 'info@bold.example.com',
    status: 'inactive',
  })
  const contact = await makeContact(scope, client.id, {
    firstName: 'Zoë',
    lastName: 'Bold',
    email: 'zoe@example.com',
    title: 'Buyer',
  })
  const lead = await makeLead(scope, {
    firstName: 'Ben',
    lastName: 'Bold',
    companyName: 'Boldness Ltd',
    email: 'ben@example.com',
  })
  const deal = await makeDeal(scope, {
    name: 'Bold move',
    clientId: client.id,
    value: '1200.50',
    expectedCloseDate: '2027-01-31',
  })
  const communication = await makeCommunication(scope, contact.id, {
    subject: 'First call',
    content: `They were bold enough to ask. ${'And so on. '.repeat(40)}`,
  })
  ids = { clients: client.id, contacts: contact.id, leads: lead.id, deals: deal.id, communications: communication.id }
})

const text = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

describe('the page', () => {
  test('asks what to look for when nothing was asked', async () => {
    const answer = await rosa.get('/search')

    expect([answer.status, answer.text.includes('Search clients, contacts, leads')]).toEqual([200, true])
  })

  test('shows what was found by kind, with what tells records apart, and leads to each and to the lists', async () => {
    const { text: html } = await rosa.get('/search?q=bold')
    const shown = text(html)

    for (const [kind, id] of Object.entries(ids)) {
      expect(html).toContain(`href="/${kind}/${id}"`)
      expect(html).toContain(`href="/${kind}?q=bold"`)
    }
    expect(html).toMatch(/<input [^>]*id="search-q"[^>]* value="bold"/)
    for (const word of [
      'Inactive',
      'info@',
      'Buyer',
      'zoe@example.com',
      'ness Ltd',
      'New',
      '€1,200.50',
      'Jan 31, 2027',
      'Prospecting',
      'enough to ask',
    ])
      expect(shown).toContain(word)
    expect(shown).toMatch(/Clients 1 .*Contacts 1 .*Leads 1 .*Deals 1 .*Communications 1 /)
  })

  test('marks what was found and shows markup in names as it is', async () => {
    const { text: html } = await rosa.get('/search?q=bold')

    expect(html).toContain('&lt;b&gt;<mark>Bold</mark>&lt;/b&gt; &amp; &#34;Söhne&#34;')
    expect(html).not.toContain('<b>')
    expect((await rosa.get('/search?q=%3Cb%3E')).text).toContain('<mark>&lt;b&gt;</mark>Bold')
  })

  test('carries what was asked to the lists as it was typed', async () => {
    const { text: html } = await rosa.get(`/search?q=${encodeURIComponent('& "söhne"')}`)

    expect(html).toContain('href="/clients?q=%26%20%22s%C3%B6hne%22"')
    expect((await rosa.get('/clients?q=%26%20%22s%C3%B6hne%22')).text).toContain(`href="/clients/${ids.clients}"`)
  })

  test('says when nothing was found, and when something only comes close', async () => {
    const none = await rosa.get('/search?q=%3Ci%3Enobody')
    const near = await rosa.get('/search?q=blod')

    expect(none.text).toContain('Nothing found for “&lt;i&gt;nobody”')
    expect(near.text).toContain('Nothing has exactly these words')
    expect(near.text).toContain('<mark>Bold</mark>')
    expect(near.text).not.toContain('href="/clients?q=blod"')
  })

  test.each([
    '%00',
    '%00bold',
    'x'.repeat(10_000),
    '%F0%9F%9A%9A',
    '%',
    '%25',
    '_',
    '-',
    'bold-',
    '(((',
    '%5C',
    '[',
    'a&q=b',
  ])('answers whatever is asked: %#', async (q) => {
    for (const path of ['/search', '/search/options']) expect((await rosa.get(`${path}?q=${q}`)).status).toBe(200)
  })

  test('is there for a viewer, who is offered nothing to create', async () => {
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const { text: html } = await viewer.get('/search?q=bold')

    expect(html).toContain(`href="/clients/${ids.clients}"`)
    expect(html).not.toContain('/leads/create')
    expect((await rosa.get('/search')).text).toContain('href="/leads/create"')
  })

  test('speaks German', async () => {
    const { text: html } = await (await browse(await makeUser({ locale: 'de' }))).get('/search?q=blod')

    expect(text(html)).toContain('Genau diese Wörter kommen nirgends vor.')
  })

  test('costs one query, or two when nothing has the words', async () => {
    const count = async (path: string) =>
      (await queriesOf(() => rosa.get(path))).filter(
        (statement) => !/FROM "?sessions"?|AS stretches|^SET TIME ZONE/.test(statement),
      ).length

    expect([await count('/search'), await count('/search?q=bold'), await count('/search/options?q=blod')]).toEqual([
      0, 1, 2,
    ])
  })
})

describe('what the box in the header is answered', () => {
  test('is options and what to say, without a page around them', async () => {
    const { text: html } = await rosa.get('/search/options?q=bold')

    expect(html).not.toMatch(/<html|<body/)
    expect(html).toContain('data-said="5 records found"')
    expect(html.match(/role="option"/g)).toHaveLength(5)
    expect(html).toContain('&lt;b&gt;<mark>Bold</mark>')
  })

  test('ends each kind of which there are more with the way to its list', async () => {
    for (let index = 0; index < 5; index += 1) await makeLead(as(account), { lastName: `Quell ${index}` })
    const { text: html } = await rosa.get('/search/options?q=quell')

    expect(html.match(/role="option"/g)).toHaveLength(5)
    expect(html).toContain('href="/leads?q=quell"')
  })

  test('is kept from whoever is not signed in', async () => {
    expect((await (await browse()).get('/search/options?q=bold')).status).toBe(303)
  })
})

test('every page has the box, and it works as a plain form', async () => {
  const { text: html } = await rosa.get('/leads')

  expect(html).toMatch(/<form class="search-box" method="get" action="\/search" role="search"/)
  expect(html).toMatch(/<input [^>]*id="site-search" type="search" name="q"/)
  expect(html).toContain('class="btn btn-quiet search-opener" href="/search"')
})
