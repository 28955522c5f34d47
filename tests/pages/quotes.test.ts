import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { updateQuote } from '../../src/features/quotes/commands.ts'
import { findQuote, nextQuoteNumber, quotesOfClient } from '../../src/features/quotes/queries.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal, makeQuote } from '../support/records.ts'

let scope: Scope
let rosa: Visitor
let acme: number

beforeAll(async () => {
  const account = await makeUser({ name: 'Rosa' })
  scope = as(account)
  rosa = await browse(account)
})

beforeEach(async () => {
  acme = (await makeClient(scope, { name: 'Acme Forklifts', currencyCode: 'CHF' })).id
})

const createPath = () => `/clients/${acme}/quotes/create`

describe('adding a quote on the client’s page', () => {
  test('begins with the next number, the client’s currency, and leads to the quote, which the client lists', async () => {
    expect((await rosa.get(`/clients/${acme}`)).text).toContain('No quotes yet')
    const number = await nextQuoteNumber(scope)
    const fields = formFields(await rosa.get(createPath()), createPath())
    expect(fields).toMatchObject({ number, status: 'draft', currencyCode: 'CHF', total: '', validUntil: '' })

    const answer = await rosa.post(createPath(), {
      ...fields,
      title: 'Ten <b>forklifts</b> 😀',
      status: 'sent',
      total: '12 500,50',
      validUntil: '2999-12-31',
      notes: 'Two\nlines',
    })

    expect(answer.status).toBe(303)
    const shown = await rosa.get(answer.headers.location as string)
    for (const words of [
      'Ten &lt;b&gt;forklifts&lt;/b&gt; 😀',
      number,
      'Sent',
      'CHF\u00a012,500.50',
      'Dec 31, 2999',
      'Two\nlines',
      'The quote was created.',
    ])
      expect(shown.text).toContain(words)
    const client = (await rosa.get(`/clients/${acme}`)).text
    for (const words of [`href="${answer.headers.location}"`, 'CHF\u00a012,500.50', 'valid until Dec 31, 2999'])
      expect(client).toContain(words)
  })

  test.each([
    ['number', ''],
    ['number', 'x'.repeat(51)],
    ['number', 'a\0b'],
    ['title', ' '],
    ['title', 'x'.repeat(201)],
    ['title', '😀'.repeat(201)],
    ['status', ''],
    ['status', 'won'],
    ['total', '-1'],
    ['total', '1e3'],
    ['total', 'much'],
    ['total', '1,234.50'],
    ['total', '1.555'],
    ['total', '100000000000000'],
    ['currencyCode', ''],
    ['currencyCode', 'ABC'],
    ['validUntil', '2026-02-30'],
    ['validUntil', '1.3.2026'],
    ['notes', 'x'.repeat(20_001)],
    ['notes', 'a\0b'],
  ])('with %s %j answers 422 with the message there, and stores nothing', async (field, value) => {
    const answer = await rosa.post(createPath(), {
      number: 'BAD-1',
      title: 'Kept as typed',
      status: 'draft',
      currencyCode: 'EUR',
      [field]: value,
    })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain(`id="${field}-error"`)
    expect(answer.text.match(/class="field-error"/g)).toHaveLength(1)
    if (field !== 'title') expect(answer.text).toContain('value="Kept as typed"')
    expect(await quotesOfClient(scope, acme)).toEqual([])
  })

  test.each(['number', 'title', 'status', 'total', 'currencyCode', 'validUntil', 'notes'])(
    'with two values for %s is refused, and never a failure',
    async (field) => {
      const answer = await rosa.post(createPath(), { number: 'TWO-1', title: 'Twice', [field]: ['1', '2'] })

      expect(answer.status).toBe(422)
      expect(await quotesOfClient(scope, acme)).toEqual([])
    },
  )

  test('under a number that is taken says so there, and which one is free', async () => {
    await makeQuote(scope, acme, { number: 'Taken-1' })

    const answer = await rosa.post(createPath(), { number: 'TAKEN-1', title: 'Mine' })

    expect(answer.status).toBe(422)
    expect(answer.text).toMatch(/id="number-error"[^>]*>[\s\S]*?There is a quote TAKEN-1 already\./)
    expect(answer.text).toContain(`The next free number is ${await nextQuoteNumber(scope)}.`)
    expect(answer.text).toContain('value="Mine"')
  })

  test('for an archived client is refused in the form, with what was typed', async () => {
    await archiveClient(scope, acme)

    const answer = await rosa.post(createPath(), { number: 'LATE-1', title: 'Too late' })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain('This client is archived. Restore it before adding quotes.')
    expect(answer.text).toContain('value="Too late"')
  })

  test('for a client that is not there, or out of sight, is a 404', async () => {
    const own = await browse(await makeUser({ visibility: 'own' }))

    expect((await rosa.get('/clients/999999/quotes/create')).status).toBe(404)
    expect((await rosa.post('/clients/999999/quotes/create', { number: 'N', title: 'A' })).status).toBe(404)
    expect((await own.get(createPath())).status).toBe(404)
    expect((await own.post(createPath(), { number: 'N', title: 'A' })).status).toBe(404)
  })
})

describe('a quote', () => {
  test('untouched in its form stays as it is', async () => {
    const { id } = await makeQuote(scope, acme, {
      title: '"quoted" & <b>',
      total: '1200.5',
      validUntil: '2026-01-01',
      notes: 'a\n\nb',
    })
    const path = `/quotes/${id}/edit`

    expect((await rosa.post(path, formFields(await rosa.get(path), path))).headers.location).toBe(`/quotes/${id}`)
    expect((await findQuote(scope, id)).version).toBe(1)
  })

  test('saves what was changed, and clears what was emptied', async () => {
    const { id } = await makeQuote(scope, acme, { total: '10', validUntil: '2026-01-01' })
    const path = `/quotes/${id}/edit`
    const fields = formFields(await rosa.get(path), path)

    await rosa.post(path, { ...fields, status: 'accepted', total: '', validUntil: '', currencyCode: 'JPY' })

    expect(await findQuote(scope, id)).toMatchObject({
      status: 'accepted',
      total: null,
      validUntil: null,
      currencyCode: 'JPY',
    })
  })

  test('saved by somebody else meanwhile answers 409 with both values', async () => {
    const { id } = await makeQuote(scope, acme)
    const path = `/quotes/${id}/edit`
    const fields = formFields(await rosa.get(path), path)
    await updateQuote(scope, id, { title: 'Saved by Emil', status: 'rejected' })

    const answer = await rosa.post(path, { ...fields, title: 'Typed by Rosa' })

    expect(answer.status).toBe(409)
    for (const words of ['Saved by Emil', 'value="Typed by Rosa"', 'Rejected']) expect(answer.text).toContain(words)
  })

  test('under a number that is taken comes back with the message there', async () => {
    await makeQuote(scope, acme, { number: 'Mine-1' })
    const { id } = await makeQuote(scope, acme)

    const answer = await rosa.post(`/quotes/${id}/edit`, { number: 'mine-1' })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain('id="number-error"')
  })

  test('that was sent and has run out says when, and is still a sent one', async () => {
    const yesterday = addDays(dayIn('Europe/Berlin'), -1)
    const { id } = await makeQuote(scope, acme, { status: 'sent', validUntil: yesterday })

    const shown = (await rosa.get(`/quotes/${id}`)).text
    expect(shown).toMatch(/badge-info">Sent</)
    expect(shown).toMatch(/badge-warning">Expired on /)
    expect((await rosa.get(`/clients/${acme}`)).text).toMatch(/badge-warning">Expired on /)
    expect((await findQuote(scope, id)).status).toBe('sent')
  })

  test('shows the deals about it, and starts another one', async () => {
    const { id } = await makeQuote(scope, acme)
    const { id: dealId } = await makeDeal(scope, { clientId: acme, relatedQuoteId: id, name: 'About it' })

    const { text } = await rosa.get(`/quotes/${id}`)
    expect(text).toContain(`href="/deals/${dealId}"`)
    expect(text).not.toMatch(/undefined|>null|NaN|>None/)
    const fields = formFields(await rosa.get(`/deals/create?client=${acme}&quote=${id}`), '/deals/create')
    expect(fields).toMatchObject({ clientId: String(acme), relatedQuoteId: String(id) })
    expect((await rosa.get(`/deals/${dealId}`)).text).toContain(`href="/quotes/${id}"`)
  })

  test('is deleted, and the client’s page says so', async () => {
    const { id } = await makeQuote(scope, acme)

    expect((await rosa.post(`/quotes/${id}/delete`)).headers.location).toBe(`/clients/${acme}`)
    expect((await rosa.get(`/clients/${acme}`)).text).toContain('The quote was deleted.')
    expect((await rosa.get(`/quotes/${id}`)).status).toBe(404)
  })

  test.each(['/quotes/999999', '/quotes/0', '/quotes/abc', '/quotes/999999/edit'])(
    'that does not exist is a 404: %s',
    async (path) => {
      expect((await rosa.get(path)).status).toBe(404)
    },
  )
})

describe('who may what', () => {
  test('a viewer sees no buttons that write, and is refused when posting all the same', async () => {
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const { id } = await makeQuote(scope, acme, { title: 'Stays' })

    for (const path of [`/quotes/${id}`, `/clients/${acme}`])
      expect((await viewer.get(path)).text).not.toMatch(/\/(edit|delete)"|quotes\/create/)
    for (const path of [`/quotes/${id}/edit`, createPath()]) {
      expect((await viewer.get(path)).status).toBe(403)
      expect((await viewer.post(path, { number: 'NO-1', title: 'No' })).status).toBe(403)
    }
    expect((await viewer.post(`/quotes/${id}/delete`)).status).toBe(403)
    expect((await findQuote(scope, id)).title).toBe('Stays')
  })

  test('out of sight with its client, it is a 404', async () => {
    const own = await browse(await makeUser({ visibility: 'own' }))
    const { id } = await makeQuote(scope, acme)

    for (const path of [`/quotes/${id}`, `/quotes/${id}/edit`]) expect((await own.get(path)).status).toBe(404)
    for (const verb of ['edit', 'delete']) expect((await own.post(`/quotes/${id}/${verb}`)).status).toBe(404)
  })
})

test('in German, everything is in German', async () => {
  const german = await browse(await makeUser({ locale: 'de' }))
  const { id } = await makeQuote(scope, acme, { status: 'accepted', total: '1234.5' })

  const pages = await Promise.all(
    [`/quotes/${id}`, `/quotes/${id}/edit`, createPath(), `/clients/${acme}`].map((path) => german.get(path)),
  )
  for (const { status, text } of pages) {
    expect(status).toBe(200)
    expect(text).not.toMatch(/(projects|quotes|ui)\.[a-z]+\.[a-zA-Z]+/)
  }
  for (const words of ['Angenommen', '1.234,50\u00a0CHF']) expect(pages[0]?.text).toContain(words)
})
