import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient, updateClient } from '../../src/features/clients/commands.ts'
import { archiveContact, updateContact } from '../../src/features/contacts/commands.ts'
import { archiveDeal, changeDeal, restoreDeal } from '../../src/features/deals/commands/changing.ts'
import { updateLead } from '../../src/features/leads/commands.ts'
import { readTimeline } from '../../src/features/timeline/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import {
  makeActivity,
  makeClient,
  makeCommunication,
  makeContact,
  makeDeal,
  makeLead,
  makeProject,
  makeQuote,
} from '../support/records.ts'

let account: Account
let scope: Scope
let rosa: Visitor
let german: Visitor

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa', timeZone: 'Europe/Berlin' })
  scope = as(account)
  rosa = await browse(account)
  german = await browse(await makeUser({ name: 'Emil', locale: 'de', timeZone: 'Pacific/Auckland' }))
})

/** The card of the timeline. */
async function card(path: string, visitor = rosa, headers: Record<string, string> = {}): Promise<string> {
  const { status, text } = await visitor.get(path, headers)
  expect(status).toBe(200)
  return /<turbo-frame id="timeline"[\s\S]*<\/turbo-frame>/.exec(text)?.[0] ?? ''
}

/** Its words, as a reader gets them. */
function words(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&#34;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
}

describe('a change is put into words', () => {
  test('of a deal: its figures, its dates, and the names its ids stand for', async () => {
    const client = await makeClient(scope)
    const contact = await makeContact(scope, client.id)
    const project = await makeProject(scope, client.id)
    const quote = await makeQuote(scope, client.id, { number: 'Q-77', title: 'Ten forklifts' })
    const { id } = await makeDeal(scope, { tags: [] })
    await changeDeal(scope, id, {
      clientId: client.id,
      contactId: contact.id,
      relatedProjectId: project.id,
      relatedQuoteId: quote.id,
      probability: 40,
      expectedCloseDate: '2031-12-01',
      tags: ['urgent', 'export'],
    })

    expect(words(await card(`/deals/${id}`))).toContain(
      'Rosa changed Client from – to Acme Forklifts, Contact from – to Rosa Winter, Probability from 10% to 40%, ' +
        'Expected close from – to Dec 1, 2031, Project from – to New hall, Quote from – to Q-77 · Ten forklifts, ' +
        'and Tags from – to urgent, export',
    )
    expect(words(await card(`/deals/${id}`, german))).toContain(
      'Rosa hat „Kunde“ von – in Acme Forklifts, „Kontakt“ von – in Rosa Winter, „Wahrscheinlichkeit“ von 10 % in 40 %, ' +
        '„Erwarteter Abschluss“ von – in 01.12.2031, „Projekt“ von – in New hall, „Angebot“ von – in Q-77 · Ten forklifts ' +
        'und „Schlagwörter“ von – in urgent, export geändert',
    )
  })

  test('of a lead: money with its currency, and its owner', async () => {
    const { id } = await makeLead(scope, { estimatedValue: '1000', currencyCode: 'EUR' })
    await updateLead(scope, id, { estimatedValue: '99999999999999.99', currencyCode: 'USD', ownerId: null })

    expect(words(await card(`/leads/${id}`))).toContain(
      'Rosa changed Estimated value from €1,000.00 to $99,999,999,999,999.99 and Owner from Rosa to –',
    )
    await updateLead(scope, id, { estimatedValue: null, ownerId: account.id })
    expect(words(await card(`/leads/${id}`, german))).toContain('in – und „Zuständig“ von – in Rosa geändert')
  })

  test('of a client and a contact: keys by their words, yes and no', async () => {
    const client = await makeClient(scope)
    await updateClient(scope, client.id, { status: 'inactive' })
    const first = await makeContact(scope, client.id)
    const second = await makeContact(scope, client.id)
    await updateContact(scope, second.id, { isPrimary: true, role: 'billing' })

    expect(words(await card(`/clients/${client.id}`))).toContain('Rosa changed Status from Active to Inactive')
    expect(words(await card(`/clients/${client.id}`, german))).toContain('hat „Status“ von Aktiv in Inaktiv geändert')
    expect(words(await card(`/contacts/${first.id}`))).toContain('Rosa changed Primary contact from Yes to No')
    expect(words(await card(`/contacts/${second.id}`))).toContain('Role from Contact to Billing')
  })

  test('archiving and bringing back have words of their own', async () => {
    const { id } = await makeDeal(scope)
    await archiveDeal(scope, id)
    await restoreDeal(scope, id)
    const client = await makeClient(scope)
    const contact = await makeContact(scope, client.id)
    await archiveContact(scope, contact.id)
    await archiveClient(scope, client.id)

    const deal = words(await card(`/deals/${id}`))
    expect(deal.indexOf('Rosa restored this deal')).toBeGreaterThan(-1)
    expect(deal.indexOf('Rosa archived this deal')).toBeGreaterThan(deal.indexOf('Rosa restored this deal'))
    expect(deal.indexOf('Deal created')).toBeGreaterThan(deal.indexOf('Rosa archived this deal'))
    const told = words(await card(`/contacts/${contact.id}`))
    expect(told).toContain('Rosa archived this contact')
    expect(told).not.toContain('Primary contact from')
    expect(words(await card(`/clients/${client.id}`, german))).toContain('Rosa hat diesen Kunden archiviert')
  })

  test('what people typed is shown literally, in its own direction, and long texts by their beginning', async () => {
    const { id } = await makeClient(scope, { name: '<b>A</b> & "B"' })
    const long = `Four warehouses ${'and another one '.repeat(40)}`
    await updateClient(scope, id, { name: 'شركة النور\u202e 👩‍👩‍👧', description: long })
    const html = await card(`/clients/${id}`)

    expect(html).toContain('<bdi>&lt;b&gt;A&lt;/b&gt; &amp; &#34;B&#34;</bdi>')
    expect(html).toContain('<bdi>شركة النور 👩‍👩‍👧</bdi>')
    expect(html).toMatch(/<bdi>Four warehouses(?: and another one)+…<\/bdi>/)
    expect(html).not.toContain(long)

    await updateClient(scope, id, { description: `${long} at the end` })
    expect(words(await card(`/clients/${id}`))).toContain('Rosa changed Description ')
  })
})

describe('without JavaScript', () => {
  let deal: number
  const subjects = Array.from({ length: 60 }, (_, index) => `No. ${index};`)

  beforeAll(async () => {
    deal = (await makeDeal(scope)).id
    for (const [index, subject] of subjects.entries())
      await makeActivity(scope, 'deal', deal, {
        status: 'completed',
        subject,
        activityDate: `2026-01-${String(1 + Math.floor(index / 4)).padStart(2, '0')}T09:00`,
      })
  })

  const older = (html: string) =>
    /href="([^"]*)" data-turbo-frame="timeline-[^"]*">[^]*?Show older/.exec(html)?.[1]?.replaceAll('&amp;', '&')

  test('the pages behind are links, and together tell everything once', async () => {
    const pages: string[] = []
    for (let path: string | undefined = `/deals/${deal}`; path; path = older(pages.at(-1) ?? ''))
      pages.push(await card(path))
    const all = pages.join('')

    expect(pages).toHaveLength(3)
    for (const subject of subjects) expect(all.split(subject), subject).toHaveLength(2)
    expect(pages[0]).not.toContain('Back to the newest')
    expect(pages[1]).toContain('Back to the newest')
    expect(pages[2]).not.toContain('Show older')
  })

  test('it is narrowed by links, and stays so from page to page', async () => {
    const html = await card(`/deals/${deal}?show=activities`)
    expect(html).toMatch(/href="\/deals\/\d+\?show=activities#timeline"[^>]*aria-current="true">Activities/)
    expect(html).toMatch(new RegExp(`href="/deals/${deal}#timeline"(?![^>]*aria-current)[^>]*>All`))
    expect(older(html)).toContain('show=activities&before=')

    expect(words(await card(`/deals/${deal}?show=changes`))).toContain('Deal created')
    expect(await card(`/deals/${deal}?show=changes`)).not.toContain('No. ')
    expect(words(await card(`/deals/${deal}?show=communications`))).toContain('No communications here.')
  })

  test('days are headings, in the reader’s zone', async () => {
    const { id } = await makeDeal(scope)
    await makeActivity(scope, 'deal', id, { status: 'completed', activityDate: '2026-01-15T20:00' })

    expect(await card(`/deals/${id}`)).toMatch(/<h3[^>]*>Jan 15, 2026<\/h3>/)
    expect(await card(`/deals/${id}`, german)).toMatch(/<h3[^>]*>16\.01\.2026<\/h3>/)
    expect(await card(`/deals/${id}`)).toMatch(/<h3[^>]*>Today, /)
  })

  test.each(['show=nonsense', 'show[]=changes', 'before=x', 'before=2026-99-99T00:00:00.000Z~change~1', 'before[a]=b'])(
    'nonsense in the address shows everything: %s',
    async (query) => {
      expect(await card(`/deals/${deal}?${query}`)).toContain('No. 59;')
    },
  )

  test('a script gets the next page for its frame, whose day goes on without being named again', async () => {
    const second = await card(older(await card(`/deals/${deal}`)) ?? '')
    const next = older(second) ?? ''
    const frame = /data-turbo-frame="(timeline-[^"]*)"/.exec(second.slice(second.indexOf('Jan ')))?.[1] ?? ''
    const asked = await card(next, rosa, { 'Turbo-Frame': frame })

    expect(asked).toContain(`<turbo-frame id="${frame}"`)
    expect(asked).toContain('aria-label="Older entries"')
    expect(await card(next)).not.toContain('Older entries')
    const headings = (html: string) => html.match(/<h3/g)?.length ?? 0
    expect(headings(asked)).toBe(headings(await card(next)) - 1)
  })
})

describe('in one step', () => {
  let client: number
  let contact: number

  beforeEach(async () => {
    client = (await makeClient(scope)).id
    contact = (await makeContact(scope, client)).id
  })

  test('a communication is logged on the page of a contact', async () => {
    const action = `/contacts/${contact}/communications/create`
    const fields = formFields(await rosa.get(`/contacts/${contact}`), action)
    const answer = await rosa.post(action, { ...fields, type: 'meeting', subject: 'Met at the fair' })

    expect(answer.status).toBe(303)
    expect(await card(`/contacts/${contact}`)).toContain('Met at the fair')
  })

  test('and on the page of a client, with the contact that is chosen', async () => {
    const other = await makeContact(scope, client, { firstName: 'Olga' })
    const action = `/clients/${client}/communications/create`
    const fields = formFields(await rosa.get(`/clients/${client}`), action)
    expect(fields).toMatchObject({ contactId: String(contact), type: 'call', direction: 'outbound' })

    const sent = { ...fields, contactId: other.id, subject: 'Called back' }
    const answer = await rosa.post(action, sent)
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      expect.stringMatching(`^/clients/${client}#communication-`),
    ])
    expect((await rosa.post(action, sent)).headers.location).toBe(answer.headers.location)
    expect(await card(`/clients/${client}`)).toMatch(
      new RegExp(`Called back[^]*/contacts/${other.id}"><bdi>Olga Winter`),
    )
  })

  test('what is wrong there comes back in the form, opened, with what was typed', async () => {
    const action = `/clients/${client}/communications/create`
    const foreign = await makeContact(scope, (await makeClient(scope)).id)
    for (const [field, value] of [
      ['communicationDate', 'yesterday'],
      ['contactId', String(foreign.id)],
      ['contactId', 'x'],
    ]) {
      const fields = formFields(await rosa.get(`/clients/${client}`), action)
      const answer = await rosa.post(action, { ...fields, subject: 'Kept & shown', [field ?? '']: value ?? '' })

      expect(answer.status).toBe(422)
      expect(answer.text).toMatch(/<details class="disclosure" open>/)
      expect(answer.text).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`))
      expect(formFields(answer, action).subject).toBe('Kept & shown')
    }
    expect(
      await readTimeline(scope, { subject: 'contacts', id: foreign.id }, { show: 'communications', before: null }, 9),
    ).toEqual([])
  })

  test('costs no more than a save may', async () => {
    const action = `/clients/${client}/communications/create`
    const { submission: _, ...fields } = formFields(await rosa.get(`/clients/${client}`), action)
    const beside = /'followUp' AS kind|sessions|credentials_version|^\s*(BEGIN|COMMIT)|set_config|SET TIME ZONE/
    const statements = (await queriesOf(() => rosa.post(action, fields))).filter((statement) => !beside.test(statement))

    expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(5)
  })

  test('a client without contacts is told what to do first, and a viewer is offered nothing', async () => {
    const bare = await makeClient(scope)
    const viewer = await browse(await makeUser({ role: 'viewer' }))

    expect((await rosa.get(`/clients/${bare.id}`)).text).toContain('Add a contact first')
    for (const path of [`/clients/${client}`, `/contacts/${contact}`]) {
      const { text } = await viewer.get(path)
      expect(text).not.toContain('communications/create')
      expect(text).not.toContain('Log a communication')
    }
    expect((await viewer.post(`/clients/${client}/communications/create`, { type: 'call' })).status).toBe(403)
  })
})

test('entries of other records name and link them', async () => {
  const client = await makeClient(scope)
  const contact = await makeContact(scope, client.id)
  const deal = await makeDeal(scope, { name: 'Ten <forklifts>', clientId: client.id, contactId: contact.id })
  await makeActivity(scope, 'deal', deal.id, { status: 'completed' })
  await makeCommunication(scope, contact.id, { relatedDealId: deal.id })
  const link = `Deal: <a href="/deals/${deal.id}"><bdi>Ten &lt;forklifts&gt;</bdi></a>`

  expect(await card(`/clients/${client.id}`)).toContain(link)
  expect(await card(`/contacts/${contact.id}`)).toContain(link)
  expect(await card(`/deals/${deal.id}`)).not.toContain(link)
  expect(await card(`/clients/${client.id}`)).toContain(`href="/contacts/${contact.id}"`)
})
