import { describe, expect, test } from 'vitest'
import sql from 'sql-template-tag'
import { markLeadLost } from '../../src/features/leads/commands.ts'
import { findLead } from '../../src/features/leads/queries.ts'
import { browse, formFields, submission } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeLead } from '../support/records.ts'

const account = await makeUser({ name: 'Rosa' })
const rosa = as(account)
const visitor = await browse(account)

function idIn(location: string | undefined): number {
  return Number(/\d+$/.exec(location ?? '')?.[0])
}

async function leadCount(): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`SELECT count(*)::int AS count FROM leads`)
  return row?.count ?? 0
}

describe('the form', () => {
  test('makes a lead of what was typed and shows it', async () => {
    const fields = formFields(await visitor.get('/leads/create'), '/leads/create')
    const answer = await visitor.post('/leads/create', {
      ...fields,
      firstName: '  Zoë ',
      lastName: 'O’Neill',
      companyName: '<b>Acme</b> & "Sons" \u202eabc',
      email: 'zoe@example.com',
      estimatedValue: '1 200,50',
      currencyCode: 'CHF',
      score: '0',
      tags: 'one, two,, one',
      notes: 'first\r\nsecond 👩‍👩‍👧',
    })
    expect(answer.status).toBe(303)
    const lead = await findLead(rosa, idIn(answer.headers.location))
    expect(lead).toMatchObject({
      firstName: 'Zoë',
      score: 0,
      tags: ['one', 'two'],
      notes: 'first\nsecond 👩‍👩‍👧',
      ownerId: account.id,
    })
    expect(lead.estimatedValue?.toFixed()).toBe('1200.5')

    const shown = await visitor.get(`/leads/${lead.id}`)
    expect(shown.text).toContain('&lt;b&gt;Acme&lt;/b&gt; &amp; &#34;Sons&#34;')
    expect(shown.text).not.toContain('<b>Acme</b>')
    expect(shown.text).toContain('CHF')
  })

  test('sent twice leads to the one lead it made', async () => {
    const fields = {
      ...formFields(await visitor.get('/leads/create'), '/leads/create'),
      firstName: 'Once',
      lastName: 'Only',
    }
    const answers = await Promise.all([visitor.post('/leads/create', fields), visitor.post('/leads/create', fields)])
    expect(answers.map(({ status }) => status)).toEqual([303, 303])
    expect(answers[0].headers.location).toBe(answers[1].headers.location)
  })

  const tooLong = 'x'.repeat(101)
  test.each([
    ['a blank name', { firstName: '   ' }, 'firstName'],
    ['a name of 101 letters', { lastName: tooLong }, 'lastName'],
    ['an e-mail that is none', { email: 'nobody@nowhere' }, 'email'],
    ['a score above 100', { score: '101' }, 'score'],
    ['a score with a fraction', { score: '1.5' }, 'score'],
    ['a score in hexadecimal', { score: '0x10' }, 'score'],
    ['a negative value', { estimatedValue: '-1' }, 'estimatedValue'],
    ['a value with an exponent', { estimatedValue: '1e5' }, 'estimatedValue'],
    ['a value that is not a number', { estimatedValue: 'NaN' }, 'estimatedValue'],
    ['a value too large to store', { estimatedValue: '999999999999999' }, 'estimatedValue'],
    ['cents of yen', { estimatedValue: '1.50', currencyCode: 'JPY' }, 'estimatedValue'],
    ['a currency that is none', { currencyCode: 'XXX' }, 'currencyCode'],
    ['a status that only a verb can set', { status: 'converted' }, 'status'],
    ['an owner who does not exist', { ownerId: '999999' }, 'ownerId'],
    ['an owner beyond any id', { ownerId: '99999999999' }, 'ownerId'],
    ['a NUL byte', { notes: 'a\0b' }, 'notes'],
    ['a tag of 51 letters', { tags: 'y'.repeat(51) }, 'tags'],
    ['one field sent twice', { title: ['a', 'b'] }, 'title'],
  ])('%s is refused at its field, and what was typed is kept', async (_what, wrong, field) => {
    const before = await leadCount()
    const answer = await visitor.post('/leads/create', {
      firstName: 'Kept',
      lastName: 'Typed',
      currencyCode: 'EUR',
      ...wrong,
    })
    expect(answer.status).toBe(422)
    expect(answer.text).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`))
    expect(answer.text).toContain(`id="${field}-error"`)
    if (!('lastName' in wrong)) expect(answer.text).toContain('value="Typed"')
    expect(await leadCount()).toBe(before)
  })

  test('a body of two megabytes is too large, and says so', async () => {
    const answer = await visitor.post('/leads/create', { firstName: 'A', lastName: 'B', notes: 'x'.repeat(2_000_000) })
    expect(answer.status).toBe(413)
    expect(answer.text).toContain('<h1')
  })

  test('names of 100 letters of four bytes fit', async () => {
    const answer = await visitor.post('/leads/create', { firstName: '𝔛'.repeat(100), lastName: '👍'.repeat(100) })
    expect(answer.status).toBe(303)
  })
})

describe('editing', () => {
  test('opening and saving an untouched form changes nothing', async () => {
    const { id } = await makeLead(rosa, {
      estimatedValue: '0.5',
      score: 0,
      notes: 'a\nb',
      tags: ['x', 'y'],
      source: 'Fair',
      ownerId: null,
    })
    const before = await findLead(rosa, id)
    const fields = formFields(await visitor.get(`/leads/${id}/edit`), `/leads/${id}/edit`)
    expect((await visitor.post(`/leads/${id}/edit`, fields)).status).toBe(303)
    expect(await findLead(rosa, id)).toEqual(before)
  })

  test('the second to save gets both versions, keeps what they typed, and can then save', async () => {
    const { id } = await makeLead(rosa, { title: 'Clerk' })
    const fields = formFields(await visitor.get(`/leads/${id}/edit`), `/leads/${id}/edit`)
    await visitor.post(`/leads/${id}/edit`, { ...fields, title: 'Director', source: 'Call' })

    const refused = await visitor.post(`/leads/${id}/edit`, { ...fields, title: 'President' })
    expect(refused.status).toBe(409)
    expect(refused.text).toContain('value="President"')
    expect(refused.text).toContain('Director')
    expect(refused.text.match(/saved this [a-z ]*in the meantime/g)).toHaveLength(1)
    expect((await findLead(rosa, id)).title).toBe('Director')

    const again = formFields(refused, `/leads/${id}/edit`)
    expect((await visitor.post(`/leads/${id}/edit`, again)).status).toBe(303)
    expect((await findLead(rosa, id)).title).toBe('President')
  })

  test('a conflict tells status and owner by their words', async () => {
    const { id } = await makeLead(rosa)
    const path = `/leads/${id}/edit`
    const fields = formFields(await visitor.get(path), path)
    await visitor.post(path, { ...fields, status: 'qualified', ownerId: '' })
    const refused = await visitor.post(path, { ...fields, status: 'contacted' })
    const told = refused.text
      .slice(refused.text.indexOf('conflict-title'), refused.text.indexOf('</section>'))
      .replaceAll(/<input[^>]*>/g, '')
    for (const words of ['Contacted', 'Qualified', 'Rosa']) expect(told).toContain(words)
    expect(told).not.toMatch(new RegExp(`contacted|qualified|>${account.id}<`))
  })

  test('an inactive owner stays selected', async () => {
    const leaver = await makeUser({ name: 'Leaver' })
    const { id } = await makeLead(rosa, { ownerId: leaver.id })
    await db.transaction(async (tx) => {
      await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await tx.query(sql`UPDATE users SET is_active = false WHERE id = ${leaver.id} RETURNING id`)
    })
    const fields = formFields(await visitor.get(`/leads/${id}/edit`), `/leads/${id}/edit`)
    expect(fields.ownerId).toBe(String(leaver.id))
    expect((await visitor.post(`/leads/${id}/edit`, { ...fields, title: 'New' })).status).toBe(303)
    expect(await findLead(rosa, id)).toMatchObject({ ownerId: leaver.id, title: 'New' })
  })
})

describe('the verbs', () => {
  test('losing needs a reason, at its field', async () => {
    const { id } = await makeLead(rosa)
    const refused = await visitor.post(`/leads/${id}/mark-lost`, { lostReason: ' ' })
    expect(refused.status).toBe(422)
    expect(refused.text).toMatch(/id="lostReason"[^>]*aria-invalid="true"/)
    const long = await visitor.post(`/leads/${id}/mark-lost`, { lostReason: 'x'.repeat(501) })
    expect(long.status).toBe(422)
    expect((await visitor.post(`/leads/${id}/mark-lost`, { lostReason: 'Price' })).status).toBe(303)
    expect((await visitor.post(`/leads/${id}/reopen`)).status).toBe(303)
  })

  test('what was typed is not lost when somebody else was quicker', async () => {
    const { id } = await makeLead(rosa)
    await markLeadLost(rosa, id, 'Price')
    const late = await visitor.post(`/leads/${id}/mark-lost`, { lostReason: 'No budget' })
    expect(late.status).toBe(409)
    expect(late.text).toContain('class="form-errors"')
    expect(formFields(late, `/leads/${id}/mark-lost`)).toMatchObject({ lostReason: 'No budget' })
  })

  test('archived leads are out of the list, restored ones back', async () => {
    const { id } = await makeLead(rosa, { lastName: 'Wegzulegen' })
    await visitor.post(`/leads/${id}/delete`)
    expect((await visitor.get('/leads?q=wegzulegen')).text).not.toContain(`href="/leads/${id}"><bdi>`)
    expect((await visitor.get(`/leads/${id}`)).text).toContain(`action="/leads/${id}/restore"`)
    await visitor.post(`/leads/${id}/restore`)
    expect((await visitor.get('/leads?q=wegzulegen')).text).toContain(`href="/leads/${id}"><bdi>`)
  })

  test.each(['0', '-1', '1.5', 'abc', '2147483648', '99999999999999999999', '%00'])(
    'a lead "%s" does not exist',
    async (id) => {
      const answer = await visitor.get(`/leads/${id}`)
      expect(answer.status).toBe(404)
    },
  )
})

describe('conversion', () => {
  test('the untouched form makes client, contact and deal, and each page leads to the others', async () => {
    const { id } = await makeLead(rosa, { companyName: 'Convertible Ltd', estimatedValue: '99.90' })
    const path = `/leads/${id}/convert-to-deal`
    const answer = await visitor.post(path, formFields(await visitor.get(path), path))
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toMatch(/^\/deals\/\d+$/)
    const deal = await visitor.get(answer.headers.location ?? '')
    expect(deal.text).toContain(`href="/leads/${id}"`)
    const lead = await visitor.get(`/leads/${id}`)
    expect(lead.text).toContain(`href="${answer.headers.location}"`)
    expect((await visitor.post(path, {})).status).toBe(409)
    expect((await visitor.post(`/leads/${id}/convert-to-client`, {})).status).toBe(409)
  })

  test('a client that might be the same is suggested, with its contacts', async () => {
    const client = await makeClient(rosa, { name: 'Suggested Works' })
    const contact = await makeContact(rosa, client.id)
    const { id } = await makeLead(rosa, { companyName: 'suggested works' })
    const path = `/leads/${id}/convert-to-client`
    const form = await visitor.get(path)
    const fields = formFields(form, path)
    expect(fields).toMatchObject({ client: 'existing', clientId: String(client.id), contact: 'new' })
    const answer = await visitor.post(path, { ...fields, contact: 'existing', contactId: contact.id })
    expect(answer.headers.location).toBe(`/clients/${client.id}`)
  })

  test('bad input comes back at its field with everything typed, and nothing is made', async () => {
    const { id } = await makeLead(rosa, { companyName: 'Halves' })
    const path = `/leads/${id}/convert-to-deal`
    const fields = formFields(await visitor.get(path), path)
    const answer = await visitor.post(path, {
      ...fields,
      value: 'lots',
      firstName: 'Typed here',
      expectedCloseDate: '2026-02-30',
    })
    expect(answer.status).toBe(422)
    expect(answer.text).toMatch(/id="value"[^>]*aria-invalid="true"/)
    expect(answer.text).toMatch(/id="expectedCloseDate"[^>]*aria-invalid="true"/)
    expect(answer.text).toContain('value="Typed here"')
    expect((await visitor.get('/clients?q=halves')).text).not.toContain('Halves</bdi>')
  })
})

describe('a lead that might be there already', () => {
  test('is saved, and its page offers what is there; so does its form before it is saved', async () => {
    const client = await makeClient(rosa, { name: 'Known & Sons' })
    const contact = await makeContact(rosa, client.id, { email: 'known@sons.example' })
    const path = '/leads/create'
    const typed = {
      ...formFields(await visitor.get(path), path),
      companyName: 'known & sons',
      email: 'KNOWN@sons.example',
    }

    const refused = await visitor.post(path, { ...typed, firstName: '' })
    expect(refused.status).toBe(422)
    const saved = await visitor.post(path, { ...typed, firstName: 'Ken', lastName: 'Own' })
    expect(saved.status).toBe(303)
    const shown = await visitor.get(saved.headers.location ?? '')
    const edited = await visitor.get(`${saved.headers.location}/edit`)
    const asked = await visitor.get('/leads/duplicates?companyName=Known+%26+Sons&email=known@sons.example')
    for (const { text } of [refused, shown, edited, asked]) {
      expect(text).toContain('This might be there already')
      expect(text).toContain(`href="/clients/${client.id}"`)
      expect(text).toContain(`href="/contacts/${contact.id}"`)
    }
    expect(asked.text).toMatch(/<turbo-frame id="duplicates">[\s\S]*same e-mail/)
  })

  test.each(['', '?email=%00&phone=%25&id=abc', '?companyName[]=a&companyName=b', `?email=${'x'.repeat(4_000)}`])(
    'nonsense asked finds nobody: %s',
    async (query) => {
      const { status, text } = await visitor.get(`/leads/duplicates${query}`)
      expect(status).toBe(200)
      expect(text).toContain('is here yet')
    },
  )
})

test('a second conversion is refused before it begins, and after; a step of the wizard is not for viewers', async () => {
  const { id } = await makeLead(rosa, { companyName: 'Once' })
  const path = `/leads/${id}/convert-to-client`
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => visitor.post(path, { client: 'new', contact: 'new' })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(7).fill(409)])
  expect((await visitor.get(path)).status).toBe(409)
  expect((await visitor.get(`/leads/${id}/convert-to-deal`)).status).toBe(200)

  const viewer = await browse(await makeUser({ role: 'viewer' }))
  expect((await viewer.post(`/leads/${id}/convert-to-deal`, { step: 'client' })).status).toBe(403)
})

test('whoever makes a new client is offered none of another one’s contacts; who has the lead’s address is proposed', async () => {
  const client = await makeClient(rosa, { name: 'Proposed' })
  const contact = await makeContact(rosa, client.id, { email: 'pro@posed.example' })
  const { id } = await makeLead(rosa, { companyName: 'Proposed', email: 'PRO@posed.example' })
  const path = `/leads/${id}/convert-to-client`
  const proposed = formFields(await visitor.get(path), path)
  expect(proposed).toMatchObject({ client: 'existing', contact: 'existing', contactId: String(contact.id) })

  const anew = await visitor.post(path, { ...proposed, client: 'new', step: 'client' })
  expect(anew.status).toBe(422)
  expect(formFields(anew, path)).toMatchObject({ client: 'new', contact: 'new' })
  expect(anew.text).not.toContain('name="contactId"')
})

describe('the list', () => {
  test('pages through sixty leads and back, each shown once', async () => {
    for (let n = 0; n < 60; n += 1)
      await makeLead(rosa, { lastName: `Paged${String(n).padStart(2, '0')}`, submission: submission() })
    const names = (text: string) => [...text.matchAll(/Emil (Paged\d\d)</g)].map(([, name]) => name)
    const first = await visitor.get('/leads?q=paged&sort=name')
    const next = /href="([^"]*cursor=[^"]*)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const second = await visitor.get(`/leads${next}`)
    expect([...names(first.text), ...names(second.text)]).toEqual(
      Array.from({ length: 60 }, (_, n) => `Paged${String(n).padStart(2, '0')}`),
    )
    const back = /href="([^"]*cursor=[^"]*)"/.exec(second.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(names((await visitor.get(`/leads${back}`)).text)).toEqual(names(first.text))
    expect(first.text).toContain('60 entries')
  })

  test('filters by score, source, tag and a colleague, each to be taken back', async () => {
    const { id } = await makeLead(rosa, { lastName: 'Scored', score: 70, source: 'Fair & show', tags: ['a b'] })
    await makeLead(rosa, { lastName: 'Scored', score: 69 })
    await makeLead(rosa, { lastName: 'Scored' })
    const ids = async (query: string) =>
      [...(await visitor.get(`/leads?q=scored&${query}`)).text.matchAll(/href="\/leads\/(\d+)"/g)].map(([, n]) =>
        Number(n),
      )
    expect(await ids('score=high')).toEqual([id])
    expect(await ids('score=medium')).toHaveLength(1)
    expect(await ids('score=none')).toHaveLength(1)
    expect(await ids('score=low')).toEqual([])
    expect(await ids('score=sideways')).toHaveLength(3)
    expect(await ids('source=Fair+%26+show&tag=a+b')).toEqual([id])
    const { text } = await visitor.get(`/leads?source=Fair+%26+show&tag=a+b&owner=${account.id}`)
    expect(text).toMatch(/<option value="Fair &amp; show" selected>/)
    expect(text).toMatch(/<option value="a b" selected>/)
    expect(text).toMatch(new RegExp(`<option value="${account.id}" selected>Rosa<`))
    const lead = (await visitor.get(`/leads/${id}`)).text
    expect(lead).toContain('href="/leads?source=Fair%20%26%20show"')
    expect(lead).toContain('href="/leads?tag=a%20b"')
  })

  test.each([
    '?sort=;DROP',
    '?cursor=%00',
    '?cursor=W10',
    '?q=%00%27',
    '?status[]=new',
    '?q=' + 'a'.repeat(5_000),
    '?owner=-1&score=x',
    '?cursor=WzEsMSwiYSJd&sort=score',
  ])('nonsense in the address shows a page: %s', async (query) => {
    expect((await visitor.get(`/leads${query}`)).status).toBe(200)
  })
})

describe('a viewer', () => {
  test('sees leads, and changes none by any form', async () => {
    const viewer = await browse(await makeUser({ role: 'viewer' }))
    const { id } = await makeLead(rosa)
    expect((await viewer.get(`/leads/${id}`)).status).toBe(200)
    expect((await viewer.get(`/leads/${id}`)).text).not.toContain(`/leads/${id}/edit`)
    for (const path of ['edit', 'mark-lost', 'reopen', 'delete', 'restore', 'convert-to-client', 'convert-to-deal']) {
      const answer = await viewer.post(`/leads/${id}/${path}`, { lostReason: 'x', firstName: 'x' })
      expect(answer.status, path).toBe(403)
    }
    expect((await viewer.post('/leads/create', { firstName: 'A', lastName: 'B' })).status).toBe(403)
  })
})
