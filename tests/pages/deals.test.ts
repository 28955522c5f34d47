import { beforeAll, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveDeal, changeDeal } from '../../src/features/deals/commands/changing.ts'
import { createDeal } from '../../src/features/deals/commands/creating.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { browse, formFields, submission } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead, makeProject, makeQuote } from '../support/records.ts'
import { listDealActivities } from '../support/stories.ts'

let user: Account
let rosa: Scope
let visitor: Visitor

beforeAll(async () => {
  user = await makeUser({ name: 'Rosa', timeZone: 'Pacific/Auckland' })
  rosa = as(user)
  visitor = await browse(user)
})

test('a deal can be entered, and its page shows what was entered', async () => {
  const client = await makeClient(rosa, { name: 'Käse & Söhne' })
  const contact = await makeContact(rosa, client.id)
  const empty = formFields(await visitor.get(`/deals/create?client=${client.id}`), '/deals/create')
  expect(empty).toMatchObject({
    clientId: String(client.id),
    ownerId: String(user.id),
    currencyCode: 'EUR',
    stage: 'prospecting',
    probability: '',
  })

  const answer = await visitor.post('/deals/create', {
    ...empty,
    name: 'Ten <wheels> of "cheese"',
    contactId: contact.id,
    value: '1234,50',
    stage: 'proposal',
    expectedCloseDate: '2031-02-28',
    tags: 'food, gouda',
  })
  expect(answer.status).toBe(303)
  const shown = await visitor.get(answer.headers.location as string)
  expect(shown.status).toBe(200)
  expect(shown.text).toContain('<bdi>Ten &lt;wheels&gt; of &#34;cheese&#34;</bdi>')
  for (const text of [
    '€1,234.50',
    '€617.25',
    '50%',
    'Feb 28, 2031',
    'gouda',
    'Rosa Winter',
    'Käse &amp; Söhne',
    'Proposal',
    'The deal was created.',
  ])
    expect(shown.text).toContain(text)
  expect(shown.text).not.toMatch(/undefined|null|NaN|\[object/)
})

test('a form sent twice leads to the one deal', async () => {
  const fields = { name: 'Only once', currencyCode: 'EUR', submission: submission() }
  const [first, second] = [await visitor.post('/deals/create', fields), await visitor.post('/deals/create', fields)]
  expect(second.headers.location).toBe(first.headers.location)
})

test('what is wrong is said at its field, and what was typed is kept', async () => {
  const answer = await visitor.post('/deals/create', {
    name: ' ',
    value: '12,345.678',
    currencyCode: 'EUR',
    probability: '101',
    expectedCloseDate: '2027-02-30',
    notes: 'kept <i>words</i>',
    stage: 'proposal',
  })
  expect(answer.status).toBe(422)
  for (const field of ['name', 'value', 'probability', 'expectedCloseDate'])
    expect(answer.text).toContain(`id="${field}-error"`)
  expect(formFields(answer, '/deals/create')).toMatchObject({
    value: '12,345.678',
    probability: '101',
    notes: 'kept <i>words</i>',
    stage: 'proposal',
  })
})

test('without JavaScript, a button shows the contacts of the client chosen and keeps the rest', async () => {
  const client = await makeClient(rosa)
  await makeContact(rosa, client.id, { firstName: 'Ada', lastName: 'Lovelace' })
  const form = await visitor.get('/deals/create')
  expect(form.text).not.toContain('Ada Lovelace')

  const answer = await visitor.post('/deals/create', {
    ...formFields(form, '/deals/create'),
    name: 'Half done',
    tags: 'a, b',
    clientId: client.id,
    step: 'client',
  })
  expect(answer.status).toBe(422)
  expect(answer.text).toContain('Ada Lovelace')
  expect(answer.text).not.toContain('form-errors')
  expect(formFields(answer, '/deals/create')).toMatchObject({
    name: 'Half done',
    tags: 'a, b',
    clientId: String(client.id),
  })
})

test('opening and saving an untouched form changes nothing, inactive client and all', async () => {
  const client = await makeClient(rosa, { name: 'Gone soon' })
  const contact = await makeContact(rosa, client.id)
  const { id } = await makeDeal(rosa, {
    clientId: client.id,
    contactId: contact.id,
    notes: 'first\nsecond line',
    tags: ['x'],
    expectedCloseDate: '2030-01-01',
    value: '0.5',
  })
  await archiveClient(rosa, client.id, { confirmed: true })
  const before = await findDeal(rosa, id)

  const answer = await visitor.post(
    `/deals/${id}/edit`,
    formFields(await visitor.get(`/deals/${id}/edit`), `/deals/${id}/edit`),
  )
  expect(answer.status).toBe(303)
  expect(await findDeal(rosa, id)).toEqual(before)
})

test('editing shows its result; of two people, the second sees both versions and can decide', async () => {
  const { id } = await makeDeal(rosa, { name: 'Ours', value: '10' })
  const fields = formFields(await visitor.get(`/deals/${id}/edit`), `/deals/${id}/edit`)
  await changeDeal(rosa, id, { value: '20' })

  const refused = await visitor.post(`/deals/${id}/edit`, { ...fields, name: 'Mine', value: '30' })
  expect(refused.status).toBe(409)
  expect(refused.text).toMatch(/30[\s\S]*20\.00/)
  const again = formFields(refused, `/deals/${id}/edit`)
  expect(again).toMatchObject({ name: 'Mine', value: '30' })

  const answer = await visitor.post(`/deals/${id}/edit`, again)
  expect(answer.headers.location).toBe(`/deals/${id}`)
  const shown = (await visitor.get(`/deals/${id}`)).text
  for (const text of ['Mine', '€30.00', 'Value: €10.00 → €20.00', 'Value: €20.00 → €30.00', 'The deal was saved.'])
    expect(shown).toContain(text)
})

test('projects and quotes of the client chosen can be linked, are shown on the deal, and refused when another client’s', async () => {
  const acme = await makeClient(rosa)
  const project = await makeProject(rosa, acme.id, { name: 'Hall <b>3</b>' })
  const quote = await makeQuote(rosa, acme.id, { title: 'Racks', status: 'accepted' })
  const strange = await makeProject(rosa, (await makeClient(rosa)).id, { name: 'Strange' })

  const stepped = await visitor.post('/deals/create', {
    name: 'Linked',
    clientId: acme.id,
    ownerId: user.id,
    step: 'client',
  })
  for (const words of ['Hall &lt;b&gt;3&lt;/b&gt;', '· Racks']) expect(stepped.text).toContain(words)
  expect(stepped.text).not.toContain('Strange')
  const fields = formFields(stepped, '/deals/create')
  for (const relatedProjectId of [strange.id, 2_000_000, 'x', '0']) {
    const refused = await visitor.post('/deals/create', { ...fields, relatedProjectId, relatedQuoteId: quote.id })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('id="relatedProjectId-error"')
    expect(refused.text).toContain(`<option value="${quote.id}" selected>`)
  }

  const made = await visitor.post('/deals/create', {
    ...fields,
    relatedProjectId: project.id,
    relatedQuoteId: quote.id,
  })
  const shown = await visitor.get(made.headers.location as string)
  for (const href of [`/projects/${project.id}`, `/quotes/${quote.id}`]) expect(shown.text).toContain(`href="${href}"`)
  const path = `${made.headers.location}/edit`
  expect(formFields(await visitor.get(path), path)).toMatchObject({
    relatedProjectId: String(project.id),
    relatedQuoteId: String(quote.id),
  })
})

test('after a conflict the choices are told by their names', async () => {
  const acme = await makeClient(rosa)
  const project = await makeProject(rosa, acme.id, { name: 'Named project' })
  const { id } = await makeDeal(rosa, { clientId: acme.id })
  const fields = formFields(await visitor.get(`/deals/${id}/edit`), `/deals/${id}/edit`)
  await changeDeal(rosa, id, { relatedProjectId: project.id })

  const answer = await visitor.post(`/deals/${id}/edit`, { ...fields, name: 'Mine' })

  expect(answer.status).toBe(409)
  expect(answer.text).toContain('<bdi class="text">Named project</bdi>')
})

test('after a conflict with somebody who closed the deal and took it elsewhere, all is told in words, and can be saved', async () => {
  const [mine, other] = [
    await makeClient(rosa, { name: 'Mine Ltd' }),
    await makeClient(rosa, { name: 'Elsewhere Ltd' }),
  ]
  const contact = await makeContact(rosa, other.id, { firstName: 'Ada', lastName: 'Byron' })
  const { id } = await makeDeal(rosa, { clientId: mine.id, name: 'Contested' })
  const path = `/deals/${id}/edit`
  const fields = formFields(await visitor.get(path), path)
  await changeDeal(rosa, id, { clientId: other.id, contactId: contact.id, expectedCloseDate: '2026-01-31' })
  await closeDeal(rosa, id, { outcome: 'won' })

  const refused = await visitor.post(path, { ...fields, name: 'Contested anew' })
  expect(refused.status).toBe(409)
  const told = refused.text
    .slice(refused.text.indexOf('conflict-title'), refused.text.indexOf('</section>'))
    .replaceAll(/<input[^>]*>/g, '')
  for (const words of ['Mine Ltd', 'Elsewhere Ltd', 'Ada Byron', 'Prospecting', 'Won', 'Jan 31, 2026'])
    expect(told).toContain(words)
  expect(told).not.toMatch(/closed_won|prospecting|2026-01-31/)
  expect(refused.text.match(/in the meantime/g)).toHaveLength(1)

  const again = { ...formFields(refused, path), clientId: String(other.id), contactId: String(contact.id) }
  expect((await visitor.post(path, again)).status).toBe(303)
  expect(await findDeal(rosa, id)).toMatchObject({ name: 'Contested anew', status: 'won', contactId: contact.id })
})

test('a deal does not change its client while something of the old one hangs on it: the form says what', async () => {
  const acme = await makeClient(rosa, { name: 'Old & Co' })
  const other = await makeClient(rosa)
  const project = await makeProject(rosa, acme.id, { name: 'Hall 3' })
  const { id } = await makeDeal(rosa, { clientId: acme.id, relatedProjectId: project.id })
  const fields = formFields(await visitor.get(`/deals/${id}/edit`), `/deals/${id}/edit`)

  const refused = await visitor.post(`/deals/${id}/edit`, { ...fields, clientId: other.id })

  expect(refused.status).toBe(422)
  expect(refused.text).toMatch(/id="clientId-error"[^>]*>[\s\S]*?These belong to Old &amp; Co[^<]*: Hall 3\./)
  // What comes back shows the new client's projects: saved again, nothing is left of the old one.
  const again = await visitor.post(`/deals/${id}/edit`, formFields(refused, `/deals/${id}/edit`))
  expect(again.status).toBe(303)
})

test('a deal is won today, by the calendar of whoever wins it, and only once', async () => {
  const { id } = await makeDeal(rosa)
  const won = await visitor.post(`/deals/${id}/close-won`, { actualCloseDate: '' })
  expect([won.status, won.headers.location]).toEqual([303, `/deals/${id}`])
  expect(await findDeal(rosa, id)).toMatchObject({
    status: 'won',
    probability: 100,
    actualCloseDate: dayIn('Pacific/Auckland'),
  })

  const again = await visitor.post(`/deals/${id}/close-lost`, { lossReason: 'Changed my mind' })
  expect(again.status).toBe(409)
  expect(again.text).toContain('This deal is already closed.')
  // What was typed is not lost for that.
  expect(formFields(again, `/deals/${id}/close-lost`)).toMatchObject({ lossReason: 'Changed my mind' })
  expect(again.text).not.toContain(`action="/deals/${id}/close-won"`)

  const reopened = await visitor.post(`/deals/${id}/reopen`)
  expect(reopened.status).toBe(303)
  expect((await visitor.get(`/deals/${id}`)).text).toContain('Status: Won → Open')
  expect((await visitor.post(`/deals/${id}/reopen`)).status).toBe(409)
})

test('losing needs a reason: the page comes back and says so at the field', async () => {
  const { id } = await makeDeal(rosa)
  const refused = await visitor.post(`/deals/${id}/close-lost`, { lossReason: ' ', actualCloseDate: '2026-13-01' })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('id="lossReason-error"')
  expect(formFields(refused, `/deals/${id}/close-lost`)).toMatchObject({ actualCloseDate: '2026-13-01' })

  await visitor.post(`/deals/${id}/close-lost`, { lossReason: 'Too <expensive>', actualCloseDate: '2026-11-01' })
  const shown = (await visitor.get(`/deals/${id}`)).text
  for (const text of ['Too &lt;expensive&gt;', 'Nov 1, 2026', 'Status: Open → Lost', '0%'])
    expect(shown).toContain(text)
})

test('a bad date of winning is said at its field', async () => {
  const { id } = await makeDeal(rosa)
  const refused = await visitor.post(`/deals/${id}/close-won`, { actualCloseDate: 'soon' })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('id="wonDate-error"')
})

test('an archived deal says so and can be brought back', async () => {
  const { id } = await makeDeal(rosa, { name: 'Old thing' })
  const archived = await visitor.post(`/deals/${id}/delete`)
  expect(archived.headers.location).toBe('/deals')
  expect((await visitor.get('/deals?q=Old+thing')).text).toContain('No deal matches')
  const shown = await visitor.get(`/deals/${id}`)
  expect(shown.text).toContain('Archived')
  expect(shown.text).not.toContain(`/deals/${id}/close-won`)

  expect((await visitor.post(`/deals/${id}/restore`)).status).toBe(303)
  expect((await visitor.get('/deals?q=Old+thing')).text).toContain('Old thing')
})

test('the page tells what needs attention and where the deal came from', async () => {
  const lead = await makeLead(rosa, { firstName: 'Ida', lastName: 'Igel', source: 'Fair in Basel' })
  const { id } = await createDeal(
    rosa,
    { name: 'Late', expectedCloseDate: addDays(dayIn('Pacific/Auckland'), -1) },
    { leadId: lead.id },
  )
  const shown = (await visitor.get(`/deals/${id}`)).text
  for (const text of ['Overdue', 'Ida Igel', 'Fair in Basel', `/leads/${lead.id}`, 'Nothing is planned.'])
    expect(shown).toContain(text)
})

test('the list says what to do when nothing is there, and is a link in every view', async () => {
  const newcomer = await browse(await makeUser({ visibility: 'own' }))
  expect((await newcomer.get('/deals')).text).toContain('No deals yet')

  await makeDeal(rosa, { name: 'Findable deal', stage: 'negotiation' })
  const found = await visitor.get('/deals?q=findable&stage=negotiation&status=open&owner=me&sort=-value')
  expect(found.text).toContain('Findable deal')
  expect(found.text).toContain('aria-sort="descending"')
  for (const query of [
    '?stage=%00',
    '?sort=nothing&status=9&cursor=zzz',
    '?q=%25%5F%5C',
    '?owner=99999999999',
    '?owner=99',
    '?client=99',
  ])
    expect((await visitor.get(`/deals${query}`)).status).toBe(200)
})

test('a deal handed to somebody else is no longer shown to who sees only their own', async () => {
  const loner = await makeUser({ visibility: 'own' })
  const { id } = await makeDeal(as(loner), {})
  const alone = await browse(loner)
  const fields = formFields(await alone.get(`/deals/${id}/edit`), `/deals/${id}/edit`)
  const answer = await alone.post(`/deals/${id}/edit`, { ...fields, ownerId: user.id })

  expect(answer.headers.location).toBe('/deals')
  expect((await alone.get(`/deals/${id}`)).status).toBe(404)
})

test('a viewer finds nothing to press, and pressing it anyway is refused', async () => {
  const { id } = await makeDeal(rosa)
  const viewer = await browse(await makeUser({ role: 'viewer' }))
  const shown = (await viewer.get(`/deals/${id}`)).text
  for (const verb of ['edit', 'move', 'close-won', 'close-lost', 'delete'])
    expect(shown).not.toContain(`/deals/${id}/${verb}`)
  for (const verb of ['edit', 'close-won', 'reopen', 'delete', 'restore'])
    expect((await viewer.post(`/deals/${id}/${verb}`, { name: 'x' })).status).toBe(403)
  expect((await viewer.post(`/deals/${id}/move`, { stage: 'proposal' })).status).toBe(403)
  expect((await viewer.post(`/deals/${id}/close-lost`, { lossReason: 'x' })).status).toBe(403)
  expect((await viewer.post('/deals/create', { name: 'x' })).status).toBe(403)
})

test.each(['0', '-1', 'abc', '1.5', '2147483648', '99999999999999999999', '1%00'])(
  'there is no deal %s',
  async (id) => {
    expect((await visitor.get(`/deals/${id}`)).status).toBe(404)
  },
)

test('the contacts of a deal’s client come as JSON, for who may see the deal', async () => {
  const client = await makeClient(rosa)
  const contact = await makeContact(rosa, client.id)
  const { id } = await makeDeal(rosa, { clientId: client.id })
  const answer = await visitor.get(`/api/deals/${id}/contacts`)

  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject([{ id: contact.id, firstName: 'Rosa', lastName: 'Winter', isPrimary: true }])
  const loner = await browse(await makeUser({ visibility: 'own' }))
  expect((await loner.get(`/api/deals/${id}/contacts`)).status).toBe(404)
})

test('the pages keep to their queries', async () => {
  const { id } = await makeDeal(rosa)
  await closeDeal(rosa, id, { outcome: 'won' })
  // Beside the session's and the user's own look-up.
  const counted = async (path: string) => (await queriesOf(() => visitor.get(path))).length - 2
  expect(await counted('/deals')).toBeLessThanOrEqual(2)
  expect(await counted(`/deals/${id}`)).toBeLessThanOrEqual(5)
  expect(await counted(`/deals/${id}/edit`)).toBeLessThanOrEqual(5)
  expect(await counted('/deals/pipeline')).toBeLessThanOrEqual(3)
})

test('in German, everything is in German', async () => {
  const german = await browse(await makeUser({ locale: 'de' }))
  const { id } = await makeDeal(rosa, { value: '1234.5' })
  const shown = (await german.get(`/deals/${id}`)).text
  for (const text of ['Anbahnung', '1.234,50\u00a0€', 'Gewichteter Wert', 'Deal angelegt'])
    expect(shown).toContain(text)
  for (const path of ['/deals', '/deals/create', `/deals/${id}/edit`, '/deals/pipeline']) {
    const { status, text } = await german.get(path)
    expect(status).toBe(200)
    expect(text).not.toMatch(/(deals|pipelines|ui)\.[a-z]+\.[a-zA-Z]+/)
  }
})

test('a timeline tells each change in words', async () => {
  const { id } = await makeDeal(rosa)
  await changeDeal(rosa, id, { stage: 'proposal', ownerId: null, value: null })
  await archiveDeal(rosa, id)
  const shown = (await visitor.get(`/deals/${id}`)).text

  expect(await listDealActivities(rosa, id)).toHaveLength(3)
  for (const text of [
    'Stage: Prospecting → Proposal',
    'Owner: Rosa → nobody',
    'Value: €12,000.00 → none',
    'Deal created',
  ])
    expect(shown).toContain(text)
})
