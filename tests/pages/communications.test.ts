import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { completeFollowUp, updateCommunication } from '../../src/features/communications/commands.ts'
import { findCommunication } from '../../src/features/communications/queries.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { dayIn } from '../../src/platform/time.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeCommunication, makeContact, makeDeal, makeProject, makeQuote } from '../support/records.ts'

let scope: Scope
let rosa: Visitor
let emil: Visitor
let acme: number
let winter: number
let create: string

beforeAll(async () => {
  const account = await makeUser({ name: 'Rosa', timeZone: 'Europe/Berlin' })
  scope = as(account)
  rosa = await browse(account)
  emil = await browse(await makeUser({ name: 'Emil', timeZone: 'America/New_York' }))
})

beforeEach(async () => {
  acme = (await makeClient(scope, { name: 'Acme Forklifts' })).id
  winter = (await makeContact(scope, acme)).id
  create = `/contacts/${winter}/communications/create`
})

async function recorded(contactId: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM contact_communications WHERE contact_id = ${contactId}`,
  )
  return row?.count ?? 0
}

async function newestOf(contactId: number): Promise<number> {
  const [row] = await db.query<{ id: number }>(
    sql`SELECT id FROM contact_communications WHERE contact_id = ${contactId} ORDER BY id DESC LIMIT 1`,
  )
  return row?.id ?? 0
}

/** The text of the field's error, or '' when the page shows none. */
function errorAt(html: string, field: string): string {
  const [, said = ''] = new RegExp(`id="${field}-error"[^>]*>([\\s\\S]*?)</p>`).exec(html) ?? []
  return said.replaceAll(/<[^>]*>/g, '').trim()
}

describe('the form', () => {
  test('is filled with an outbound call, now on the clock of whoever opens it', async () => {
    const before = Date.now()
    const fields = formFields(await emil.get(create), create)

    expect(fields).toMatchObject({
      type: 'call',
      direction: 'outbound',
      status: 'completed',
      subject: '',
      followUpDate: '',
    })
    const { communicationDate = '', communicationDateOffset = '' } = fields
    expect(communicationDateOffset).toMatch(/^-0[45]:00$/)
    const shown = Date.parse(communicationDate + communicationDateOffset)
    expect(shown).toBeGreaterThan(before - 60_000)
    expect(shown).toBeLessThanOrEqual(Date.now())
  })

  test('records everything, and the contact’s page shows it', async () => {
    const project = await makeProject(scope, acme, { name: 'Hall <3>' })
    const quote = await makeQuote(scope, acme, { number: 'Q-2026-1', title: 'Racks' })
    const deal = await makeDeal(scope, { name: 'Racks & co', clientId: acme })

    const answer = await rosa.post(create, {
      ...formFields(await rosa.get(create), create),
      type: 'email',
      direction: 'inbound',
      subject: '<script>alert(1)</script> & "quotes" 👩‍👩‍👧 𝄞',
      content: 'First line\r\nשורה שנייה <b>bold</b>',
      communicationDate: '2026-03-28T14:30',
      followUpDate: '2099-04-01',
      status: 'pending',
      relatedProjectId: project.id,
      relatedQuoteId: quote.id,
      relatedDealId: deal.id,
    })

    expect(answer.status).toBe(303)
    const id = await newestOf(winter)
    expect(answer.headers.location).toBe(`/contacts/${winter}#communication-${id}`)
    for (const path of [`/contacts/${winter}`, `/communications/${id}`]) {
      const { text } = await rosa.get(path)
      for (const words of [
        '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;quotes&#34; 👩‍👩‍👧 𝄞',
        'First line\nשורה שנייה &lt;b&gt;bold&lt;/b&gt;',
        'E-mail',
        'Inbound',
        'Pending',
        'Mar 28, 2026, 2:30',
        'Apr 1, 2099',
        'Hall &lt;3&gt;',
        'Q-2026-1 · Racks',
        'Racks &amp; co',
        'Rosa',
        `href="/deals/${deal.id}"`,
        `href="/projects/${project.id}"`,
        `href="/quotes/${quote.id}"`,
        `action="/communications/${id}/complete"`,
        `action="/communications/${id}/delete"`,
        `href="/communications/${id}/edit"`,
      ]) {
        expect(text, path).toContain(words)
      }
      expect(text).not.toMatch(/undefined|>null|NaN|>None|\[object/)
    }
  })

  test('left as it is records a call that says nothing more, and empty shows as empty', async () => {
    await rosa.post(create, formFields(await rosa.get(create), create))

    const { text } = await rosa.get(`/communications/${await newestOf(winter)}`)
    expect(text).toContain('Call with Rosa Winter')
    expect(text).toContain('Nothing was written down.')
    expect(text).not.toMatch(/undefined|>null|NaN|>None|Invalid/)
    expect((await rosa.get(`/contacts/${winter}`)).text).not.toMatch(/undefined|>null|NaN|>None|Invalid/)
  })

  test('sent twice records once', async () => {
    const fields = formFields(await rosa.get(create), create)
    const answers = await Promise.all([rosa.post(create, fields), rosa.post(create, fields)])

    expect(answers[0].headers.location).toBe(answers[1].headers.location)
    expect(await recorded(winter)).toBe(1)
  })

  test.each([
    ['no type', { type: '' }, 'type', 'Please fill this in.'],
    ['a type that is none', { type: 'pigeon' }, 'type', 'Please choose'],
    ['a direction that is none', { direction: 'up' }, 'direction', 'Please choose'],
    ['a status that is none', { status: 'done' }, 'status', 'Please choose'],
    ['a subject of 501 letters', { subject: 'x'.repeat(501) }, 'subject', 'At most 500'],
    ['a content too long to keep', { content: 'x'.repeat(20_001) }, 'content', 'At most'],
    ['a NUL byte', { subject: 'a\0b' }, 'subject', 'cannot be stored'],
    ['no date', { communicationDate: '' }, 'communicationDate', 'Please fill this in.'],
    ['a date without a time', { communicationDate: '2026-03-28' }, 'communicationDate', 'not a date and time'],
    ['a day that is none', { communicationDate: '2026-02-30T10:00' }, 'communicationDate', 'not a date and time'],
    ['words for a date', { communicationDate: 'yesterday' }, 'communicationDate', 'not a date and time'],
    [
      'a time that the clocks pass over',
      { communicationDate: '2026-03-29T02:30' },
      'communicationDate',
      'The clocks in Europe/Berlin go forward',
    ],
    ['a follow-up on a day that is none', { followUpDate: '2026-04-31' }, 'followUpDate', 'not a date'],
    ['a follow-up on no day at all', { followUpDate: 'soon' }, 'followUpDate', 'not a date'],
    ['a project that is no number', { relatedProjectId: 'abc' }, 'relatedProjectId', 'whole number'],
    ['a quote beyond any id', { relatedQuoteId: '99999999999' }, 'relatedQuoteId', 'at most'],
    ['a deal that is not there', { relatedDealId: '2147483647' }, 'relatedDealId', 'no such record'],
    ['one field sent twice', { subject: ['a', 'b'] }, 'subject', 'cannot be used'],
  ])('with %s comes back with the message at its field and what was typed', async (_what, wrong, field, message) => {
    const answer = await rosa.post(create, {
      ...formFields(await rosa.get(create), create),
      subject: 'Kept subject',
      content: 'Kept content',
      followUpDate: '2026-05-05',
      ...wrong,
    })

    expect(answer.status).toBe(422)
    expect(errorAt(answer.text, field)).toContain(message)
    expect(answer.text).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`))
    if (!('subject' in wrong)) expect(answer.text).toContain('value="Kept subject"')
    if (!('content' in wrong)) expect(answer.text).toContain('Kept content')
    expect(await recorded(winter)).toBe(0)
  })

  test.each(['relatedProjectId', 'relatedQuoteId', 'relatedDealId'])(
    'refuses another client’s record at its field: %s',
    async (field) => {
      const other = (await makeClient(scope, { name: 'Other' })).id
      const ids: Record<string, number> = {
        relatedProjectId: (await makeProject(scope, other)).id,
        relatedQuoteId: (await makeQuote(scope, other)).id,
        relatedDealId: (await makeDeal(scope, { name: 'Not of Acme', clientId: other })).id,
      }
      const answer = await rosa.post(create, {
        ...formFields(await rosa.get(create), create),
        [field]: ids[field] ?? 0,
      })

      expect(answer.status).toBe(422)
      expect(errorAt(answer.text, field)).toBe('There is no such record of this client.')
      expect(answer.text).not.toContain('Not of Acme')
      expect(await recorded(winter)).toBe(0)
    },
  )

  test('of ten megabytes is refused', async () => {
    expect((await rosa.post(create, { type: 'note', content: 'x'.repeat(10_000_000) })).status).toBe(413)
    expect(await recorded(winter)).toBe(0)
  })

  test('takes four-byte characters up to the limit', async () => {
    await rosa.post(create, { ...formFields(await rosa.get(create), create), subject: '𝄞'.repeat(500) })
    expect((await findCommunication(scope, await newestOf(winter))).subject).toBe('𝄞'.repeat(500))
  })

  test('offers the deals, projects and quotes of the client, and has the one its link names chosen', async () => {
    const deal = await makeDeal(scope, { name: 'Of Acme', clientId: acme })
    await makeDeal(scope, { name: 'Of somebody else', clientId: (await makeClient(scope)).id })

    const shown = await rosa.get(`${create}?deal=${deal.id}`)

    expect(formFields(shown, create).relatedDealId).toBe(String(deal.id))
    expect(shown.text).not.toContain('Of somebody else')
    expect((await rosa.get(`${create}?deal=nonsense&project[]=1`)).status).toBe(200)
  })

  test('for an archived contact or client says so, and records nothing', async () => {
    await archiveContact(scope, winter)
    expect((await rosa.get(create)).text).toContain('This contact is archived.')
    const refused = await rosa.post(create, { type: 'call', subject: 'Kept' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('This contact is archived. Restore it before adding or changing communications.')
    expect(refused.text).toContain('value="Kept"')

    await archiveClient(scope, acme)
    expect((await rosa.get(create)).text).toContain('The client of this contact is archived.')
    expect((await rosa.post(create, { type: 'call' })).status).toBe(422)
    expect(await recorded(winter)).toBe(0)
    expect((await rosa.get(`/contacts/${winter}`)).text).not.toContain(create)
  })
})

describe('a communication', () => {
  test.each([
    ['in winter', '2026-01-10T14:30', '+01:00'],
    ['on the day the clocks go forward', '2026-03-29T03:30', '+02:00'],
    ['in the first of two equal hours', '2026-10-25T02:30', '+02:00'],
    ['in the second of two equal hours', '2026-10-25T02:30', '+01:00'],
  ])(
    '%s, opened and saved untouched by people in two zones, stays as it is',
    async (_when, communicationDate, offset) => {
      const deal = await makeDeal(scope, { clientId: acme })
      const { id } = await makeCommunication(scope, winter, {
        communicationDate,
        communicationDateOffset: offset,
        content: '"quoted" & <b>\n\n two',
        followUpDate: '2026-12-01',
        relatedDealId: deal.id,
      })
      const stored = await findCommunication(scope, id)
      const path = `/communications/${id}/edit`

      for (const visitor of [rosa, emil]) {
        const answer = await visitor.post(path, formFields(await visitor.get(path), path))
        expect(answer.headers.location).toBe(`/communications/${id}`)
      }

      expect(await findCommunication(scope, id)).toEqual(stored)
    },
  )

  test('typed at 14:30 in Berlin shows at 14:30 there and at its own time elsewhere, on daylight-saving days too', async () => {
    const kathmandu = await browse(await makeUser({ timeZone: 'Asia/Kathmandu' }))
    for (const [typed, day, there, far] of [
      // New York changed its clocks three weeks before, Berlin does this night.
      ['2026-03-28T14:30', 'Mar 28', '9:30', '7:15'],
      ['2026-03-29T14:30', 'Mar 29', '8:30', '6:15'],
      ['2026-10-24T14:30', 'Oct 24', '8:30', '6:15'],
      ['2026-10-25T14:30', 'Oct 25', '9:30', '7:15'],
    ] as const) {
      await rosa.post(create, { ...formFields(await rosa.get(create), create), communicationDate: typed })
      const path = `/communications/${await newestOf(winter)}`

      expect((await rosa.get(path)).text).toMatch(new RegExp(`${day}, 2026, 2:30\\sPM`))
      expect((await emil.get(path)).text).toMatch(new RegExp(`${day}, 2026, ${there}\\sAM`))
      expect((await kathmandu.get(path)).text).toMatch(new RegExp(`${day}, 2026, ${far}\\sPM`))
      expect(formFields(await rosa.get(`${path}/edit`), `${path}/edit`).communicationDate).toBe(typed)
    }
  })

  test('saves what was changed', async () => {
    const { id } = await makeCommunication(scope, winter, { followUpDate: '2026-05-01' })
    const path = `/communications/${id}/edit`
    const fields = formFields(await rosa.get(path), path)

    await rosa.post(path, {
      ...fields,
      type: 'meeting',
      direction: 'inbound',
      status: 'cancelled',
      subject: '',
      followUpDate: '',
      communicationDate: '2026-07-01T09:15',
    })

    expect(await findCommunication(scope, id)).toMatchObject({
      type: 'meeting',
      direction: 'inbound',
      status: 'cancelled',
      subject: null,
      followUpDate: null,
      communicationDate: new Date('2026-07-01T07:15:00Z'),
      version: 2,
    })
  })

  test('with bad input comes back as it was typed', async () => {
    const { id } = await makeCommunication(scope, winter)
    const path = `/communications/${id}/edit`

    const answer = await rosa.post(path, {
      ...formFields(await rosa.get(path), path),
      subject: 'Typed',
      communicationDate: '2026-03-29T02:15',
      followUpDate: '2026-13-01',
    })

    expect(answer.status).toBe(422)
    expect(errorAt(answer.text, 'followUpDate')).toContain('not a date')
    expect(answer.text).toContain('value="Typed"')
    expect(answer.text).toContain('value="2026-03-29T02:15"')
    expect((await findCommunication(scope, id)).version).toBe(1)
  })

  test('saved by somebody else meanwhile answers 409 with both values, in words', async () => {
    const { id } = await makeCommunication(scope, winter, { communicationDate: '2026-03-10T14:30' })
    const path = `/communications/${id}/edit`
    const fields = formFields(await rosa.get(path), path)
    await updateCommunication(scope, id, {
      subject: 'Saved by Emil',
      status: 'scheduled',
      communicationDate: '2026-03-11T16:45',
    })

    const answer = await rosa.post(path, { ...fields, subject: 'Typed by Rosa', status: 'pending' })

    expect(answer.status).toBe(409)
    for (const words of [
      'Saved by Emil',
      'value="Typed by Rosa"',
      'Scheduled',
      'Mar 11, 2026 16:45',
      'Mar 10, 2026 14:30',
    ])
      expect(answer.text).toContain(words)
    const again = await rosa.post(path, formFields(answer, path))
    expect(again.status).toBe(303)
    expect(await findCommunication(scope, id)).toMatchObject({ subject: 'Typed by Rosa', status: 'pending' })
  })

  test('of an archived contact is shown without a way to edit it, and refused kindly', async () => {
    const { id } = await makeCommunication(scope, winter)
    const path = `/communications/${id}/edit`
    const fields = formFields(await rosa.get(path), path)
    await archiveContact(scope, winter)

    const shown = await rosa.get(`/communications/${id}`)
    expect(shown.text).toContain('This contact is archived.')
    expect(shown.text).not.toContain(`href="${path}"`)
    const answer = await rosa.post(path, { ...fields, subject: 'Typed' })
    expect(answer.status).toBe(409)
    expect(answer.text).toContain('value="Typed"')
    expect(answer.text).toContain('This contact is archived. Restore it before adding or changing communications.')
  })

  test('deleted leads back to its contact, and is gone', async () => {
    const { id } = await makeCommunication(scope, winter)
    const shown = await rosa.get(`/communications/${id}`)
    expect(shown.text).toContain('data-turbo-confirm="Delete this communication for good?')

    const answer = await rosa.post(`/communications/${id}/delete`)

    expect(answer.headers.location).toBe(`/contacts/${winter}`)
    expect((await rosa.get(`/contacts/${winter}`)).text).toContain('The communication was deleted.')
    expect((await rosa.get(`/communications/${id}`)).status).toBe(404)
    expect((await rosa.post(`/communications/${id}/delete`)).status).toBe(404)
  })

  test.each([
    '/communications/999999',
    '/communications/0',
    '/communications/abc',
    '/communications/999999/edit',
    '/contacts/999999/communications/create',
  ])('that does not exist is a 404: %s', async (path) => {
    expect((await rosa.get(path)).status).toBe(404)
  })
})

describe('a follow-up', () => {
  test('is on the Today page until it is completed there', async () => {
    const { id } = await makeCommunication(scope, winter, {
      subject: 'Ask about <the> racks',
      followUpDate: '2026-01-05',
    })
    const today = await rosa.get('/')
    expect(today.text).toContain('Ask about &lt;the&gt; racks')
    expect(today.text).toContain('Overdue since Jan 5, 2026')

    const answer = await rosa.post(
      `/communications/${id}/complete`,
      formFields(today, `/communications/${id}/complete`),
    )

    expect(answer.headers.location).toBe('/')
    const after = await rosa.get('/')
    expect(after.text).toContain('The follow-up is completed.')
    expect(after.text).not.toContain('Ask about')
    expect((await rosa.get(`/contacts/${winter}`)).text).toContain('Follow-up completed')
  })

  test('is in the list of those overdue and of today, which leads back to itself', async () => {
    const { id } = await makeCommunication(scope, winter, { subject: 'Overdue one', followUpDate: '2026-01-05' })
    await makeCommunication(scope, winter, { subject: 'Today’s one', followUpDate: dayIn('Europe/Berlin') })
    expect((await rosa.get(`/communications?followUp=today&contact=${winter}`)).text).toContain('Today’s one')
    const overdue = `/communications?followUp=overdue&contact=${winter}`
    const list = await rosa.get(overdue)
    expect(list.text).toContain('Overdue one')

    const fields = formFields(list, `/communications/${id}/complete`)
    const answer = await rosa.post(`/communications/${id}/complete`, fields)

    const after = await rosa.get(answer.headers.location as string)
    expect(answer.headers.location).toMatch(/^\/communications\?/)
    expect(after.text).not.toContain('Overdue one')
    expect(after.text).toContain('No communication matches this')
    expect(after.text).toContain('Rosa Winter')
  })

  test('completed a second time answers 409, and so does reopening an open one', async () => {
    const { id } = await makeCommunication(scope, winter, { followUpDate: '2026-01-05' })

    expect((await rosa.post(`/communications/${id}/reopen`)).status).toBe(409)
    expect((await rosa.post(`/communications/${id}/complete`)).status).toBe(303)
    expect((await rosa.post(`/communications/${id}/complete`)).status).toBe(409)
    expect((await rosa.post(`/communications/${id}/reopen`)).headers.location).toBe(`/communications/${id}`)
    expect((await findCommunication(scope, id)).followUpCompletedAt).toBeNull()
  })

  test('leads back only to pages of this site', async () => {
    const { id } = await makeCommunication(scope, winter, { followUpDate: '2026-01-05' })

    const answer = await rosa.post(`/communications/${id}/complete`, { returnTo: 'https://evil.example/' })
    expect(answer.headers.location).toBe('/')
  })
})

describe('where communications are shown', () => {
  test('the client’s page has the latest, and a link to all of them', async () => {
    await makeCommunication(scope, winter, { subject: 'Said to Rosa' })

    const { text } = await rosa.get(`/clients/${acme}`)
    expect(text).toContain('Said to Rosa')
    expect(text).toContain(`href="/communications?client=${acme}"`)
    const list = await rosa.get(`/communications?client=${acme}`)
    expect(list.text).toContain('Said to Rosa')
    expect(list.text).toMatch(new RegExp(`<option value="${acme}" selected>Acme Forklifts`))
  })

  test('the deal’s page has those about it', async () => {
    const deal = await makeDeal(scope, { clientId: acme, contactId: winter })
    expect((await rosa.get(`/deals/${deal.id}?show=communications`)).text).toContain('No communications here.')
    await makeCommunication(scope, winter, { subject: 'About the deal', relatedDealId: deal.id })

    const { text } = await rosa.get(`/deals/${deal.id}`)
    expect(text).toContain('About the deal')
    expect(text).toContain(`href="${create}?deal=${deal.id}"`)
  })

  test('a deal that is not the reader’s to see is not named', async () => {
    const shared = await makeClient(scope, { ownerId: null })
    const contact = await makeContact(scope, shared.id)
    const deal = await makeDeal(scope, { name: 'Secret deal', clientId: shared.id })
    const { id } = await makeCommunication(scope, contact.id, { relatedDealId: deal.id })
    const own = await browse(await makeUser({ visibility: 'own' }))

    for (const path of [
      `/communications/${id}`,
      `/communications/${id}/edit`,
      `/contacts/${contact.id}`,
      `/clients/${shared.id}`,
    ]) {
      const { status, text } = await own.get(path)
      expect(status).toBe(200)
      expect(text).not.toContain('Secret deal')
    }
    const path = `/communications/${id}/edit`
    await own.post(path, formFields(await own.get(path), path))
    expect(await findCommunication(scope, id)).toMatchObject({ relatedDealId: deal.id, version: 1 })
  })

  test('an empty list says what to do next, and every view of the list is a page', async () => {
    const own = await browse(await makeUser({ visibility: 'own' }))
    expect((await own.get('/communications?contact=999999')).text).toContain('No communication matches this')
    expect((await own.get(`/communications?contact=${winter}`)).text).not.toContain('Rosa Winter')

    for (const query of [
      'sort=-followUp',
      'sort=pigeon',
      'q=%00%25_',
      'cursor=abc',
      'type=x&contact=y',
      'contact=1&contact=2',
    ]) {
      expect((await rosa.get(`/communications?${query}`)).status, query).toBe(200)
    }
  })

  test('the list as a file has the rows of the view, times where the reader is, and no formulas', async () => {
    await makeCommunication(scope, winter, {
      subject: '=1+1',
      communicationDate: '2026-03-10T14:30',
      followUpDate: '2026-03-17',
    })
    await makeCommunication(scope, winter, { type: 'note', subject: 'Not asked for' })

    const list = await rosa.get(`/communications?contact=${winter}&type=call`)
    const [, href = ''] = /href="(\/communications\.csv[^"]*)"/.exec(list.text) ?? []
    const { text } = await rosa.get(href.replaceAll('&amp;', '&'))

    expect(text).toContain(
      "2026-03-10T14:30:00+01:00,Call,Outbound,Completed,'=1+1,Rosa Winter,Acme Forklifts,2026-03-17,,Rosa,",
    )
    expect(text).not.toContain('Not asked for')
    const own = await browse(await makeUser({ visibility: 'own' }))
    expect((await own.get(`/communications.csv?contact=${winter}`)).text.trim().split('\r\n')).toHaveLength(1)
  })

  test('pages ask the database as often for many communications as for one', async () => {
    const pages = [`/contacts/${winter}`, `/clients/${acme}`, '/communications', '/']
    await makeCommunication(scope, winter, { followUpDate: '2026-01-01' })
    const count = async (path: string) => (await queriesOf(() => rosa.get(path))).length
    const before: number[] = []
    for (const [place, path] of pages.entries()) before[place] = await count(path)
    for (let made = 0; made < 10; made += 1) await makeCommunication(scope, winter, { followUpDate: '2026-01-01' })

    for (const [place, path] of pages.entries()) expect(await count(path), path).toBe(before[place])
  })
})

describe('who may what', () => {
  test('a viewer sees no buttons that write, and is refused when posting all the same', async () => {
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const { id } = await makeCommunication(scope, winter, { followUpDate: '2026-01-05' })

    for (const path of [`/contacts/${winter}`, `/communications/${id}`, `/communications?contact=${winter}`, '/'])
      expect((await viewer.get(path)).text, path).not.toMatch(
        /\/complete"|\/reopen"|\/edit"|\/communications\/create|\/delete"/,
      )
    for (const path of [create, `/communications/${id}/edit`]) expect((await viewer.get(path)).status).toBe(403)
    for (const verb of ['edit', 'complete', 'reopen', 'delete'])
      expect((await viewer.post(`/communications/${id}/${verb}`, { subject: 'No' })).status).toBe(403)
    expect((await viewer.post(create, { type: 'call' })).status).toBe(403)
  })

  test('out of sight is a 404, and in no list', async () => {
    const own = await browse(await makeUser({ visibility: 'own' }))
    const { id } = await makeCommunication(scope, winter, { subject: 'Out of sight', followUpDate: '2026-01-05' })

    expect((await own.get(`/communications/${id}`)).status).toBe(404)
    expect((await own.get(create)).status).toBe(404)
    for (const verb of ['edit', 'complete', 'reopen', 'delete'])
      expect((await own.post(`/communications/${id}/${verb}`, { subject: 'No' })).status).toBe(404)
    for (const path of ['/communications?q=sight', '/'])
      expect((await own.get(path)).text).not.toContain('Out of sight')
  })

  test('a change without a token of the session is refused', async () => {
    const { id } = await makeCommunication(scope, winter, { followUpDate: '2026-01-05' })

    expect((await rosa.post(`/communications/${id}/complete`, { _csrf: 'made-up' })).status).toBe(403)
    await expect(completeFollowUp(scope, id)).resolves.toBeUndefined()
  })
})
