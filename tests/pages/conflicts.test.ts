import sql from 'sql-template-tag'
import type { Response } from 'supertest'
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveClient, updateClient } from '../../src/features/clients/commands.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { archiveLead } from '../../src/features/leads/commands.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { makeWorld } from '../conventions/site.ts'
import type { Ids } from '../conventions/site.ts'
import { browse, formFields as fieldsOf } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeContact, makeDeal, makeLead, makeProject } from '../support/records.ts'

let nora: Account
let priya: Account
let rosa: Visitor
let emil: Visitor
let ids: Ids

beforeAll(async () => {
  nora = await makeUser({ role: 'admin', name: 'Nora Berg' })
  priya = await makeUser({ role: 'admin', name: 'Priya Shah' })
  rosa = await browse(nora)
  emil = await browse(priya)
  ids = await makeWorld(as(nora))
})

type Fields = Record<string, string>
/** A form's fields for anybody to send: without the token of who opened it. */
const formFields = (page: Response, path: string): Fields => {
  const { _csrf, ...fields } = fieldsOf(page, path)
  return fields
}

/** The form's address, what both change in it, what only the one who is first changes, and what only the one who is late does. */
type Case = [path: string, both: string, texts: [string, string], first: Fields, late: Fields, page?: string]

const CASES: Case[] = [
  [
    '/clients/:clients/edit',
    'name',
    ['First & Co', 'Late Ltd'],
    { website: 'https://first.example' },
    { address: 'Late Street' },
  ],
  [
    '/contacts/:contacts/edit',
    'lastName',
    ['Firstborn', 'Latecomer'],
    { title: 'First title' },
    { department: 'Late' },
  ],
  [
    '/communications/:communications/edit',
    'subject',
    ['First said', 'Late said'],
    { followUpDate: '2031-05-06' },
    { content: 'Late' },
  ],
  ['/leads/:leads/edit', 'companyName', ['First & Co', 'Late Ltd'], { source: 'First fair' }, { title: 'Late' }],
  ['/deals/:deals/edit', 'name', ['First deal', 'Late deal'], { expectedCloseDate: '2031-05-06' }, { notes: 'Late' }],
  [
    '/lead-activities/:lead-activities/edit',
    'subject',
    ['First call', 'Late call'],
    { dueDate: '2031-05-06' },
    { description: 'Late' },
  ],
  [
    '/deal-activities/:deal-activities/edit',
    'subject',
    ['First call', 'Late call'],
    { dueDate: '2031-05-06' },
    { description: 'Late' },
  ],
  ['/projects/:projects/edit', 'name', ['First hall', 'Late hall'], { endDate: '2031-05-06' }, { description: 'Late' }],
  ['/quotes/:quotes/edit', 'title', ['First offer', 'Late offer'], { validUntil: '2031-05-06' }, { notes: 'Late' }],
  ['/settings/users/:users/edit', 'name', ['First Name', 'Late Name'], { role: 'manager' }, { visibility: 'own' }],
  ['/settings/teams/:teams/edit', 'name', ['First team', 'Late team'], {}, {}],
  ['/settings/currencies/:currencies/edit', 'rate', ['1.5', '1.75'], {}, {}],
  ['/settings/currencies/base', 'baseCurrency', ['CHF', 'GBP'], {}, {}, '/settings/currencies'],
]

const addressOf = (path: string) => path.replace(/:([\w-]+)/, (_, kind: string) => String(ids[kind]))

describe.each(CASES)('of two people who save %s', (path, both, [first, late], onlyFirst, onlyLate, page) => {
  const post = () => addressOf(path)
  const open = async () => formFields(await rosa.get(addressOf(page ?? path)), post())

  async function collide() {
    const opened = await open()
    const other = await emil.post(post(), { ...opened, ...onlyFirst, [both]: first })
    expect(other.status).toBe(303)
    const answer = await rosa.post(post(), { ...opened, ...onlyLate, [both]: late })
    return { opened, answer, form: () => formFields(answer, post()) }
  }

  async function back(opened: Fields) {
    const { version } = await open()
    expect((await rosa.post(post(), { ...opened, version: version ?? '' })).status).toBe(303)
  }

  test('the second is asked about what both changed, and gets the rest as it is', async () => {
    const { opened, answer, form } = await collide()

    expect(answer.status).toBe(409)
    expect(answer.text.match(/saved this in the meantime/g)).toHaveLength(1)
    expect(answer.text).toContain('Priya Shah saved this in the meantime')
    expect(answer.text).not.toMatch(/undefined|\[object|>null</)
    expect(form()).toMatchObject({
      ...onlyFirst,
      ...onlyLate,
      [both]: late,
      [`yours.${both}`]: late,
      [`theirs.${both}`]: first,
      [`side.${both}`]: 'yours',
    })
    expect(Object.keys(form()).filter((name) => name.startsWith('side.'))).toEqual([`side.${both}`])
    await back(opened)
  })

  test.each(['yours', 'theirs'] as const)('what is chosen is saved: %s', async (side) => {
    const { opened, form } = await collide()

    const saved = await rosa.post(post(), { ...form(), [`side.${both}`]: side })

    expect(saved.status).toBe(303)
    expect(await open()).toMatchObject({ ...onlyFirst, ...onlyLate, [both]: side === 'yours' ? late : first })
    await back(opened)
  })

  test('a third who saves in between brings the page again', async () => {
    const { opened, form } = await collide()
    const third = await open()
    expect((await emil.post(post(), { ...third, [both]: opened[both] ?? '' })).status).toBe(303)

    const again = await rosa.post(post(), { ...form(), [`side.${both}`]: 'yours' })

    expect(again.status).toBe(409)
    expect(formFields(again, post())).toMatchObject({ [both]: late, [`theirs.${both}`]: opened[both] })
    expect((await open())[both]).toBe(opened[both])
  })
})

test('the profile: oneself, in another window', async () => {
  const opened = formFields(await rosa.get('/profile'), '/profile')
  await rosa.post('/profile', { ...opened, name: 'Nora First', theme: 'dark' })
  const answer = await rosa.post('/profile', { ...opened, name: 'Nora Late' })

  expect(answer.status).toBe(409)
  expect(answer.text).toContain('You saved this somewhere else in the meantime')
  expect(answer.text).toContain('You changed what follows in both places')
  const form = formFields(answer, '/profile')
  expect(form).toMatchObject({ name: 'Nora Late', theme: 'dark', 'theirs.name': 'Nora First' })
  await rosa.post('/profile', { ...form, 'side.name': 'theirs' })
  expect(formFields(await rosa.get('/profile'), '/profile')).toMatchObject({ name: 'Nora First', theme: 'dark' })
})

test('a stage that can be chosen no longer can still be left as it is', async () => {
  const { id } = await makeLead(as(nora))
  const path = `/leads/${id}/edit`
  const opened = formFields(await rosa.get(path), path)
  await emil.post(`/leads/${id}/mark-lost`, { lostReason: 'Too dear' })

  const answer = await rosa.post(path, { ...opened, status: 'qualified', title: 'Late' })

  expect(answer.status).toBe(409)
  expect(answer.text).toMatch(/<bdi class="text">Qualified<\/bdi>[\s\S]*<bdi class="text">Lost<\/bdi>/)
  const saved = await rosa.post(path, { ...formFields(answer, path), status: 'qualified', 'side.status': 'theirs' })
  expect(saved.status).toBe(303)
  const [lead] = await db.query(sql`SELECT status, title FROM leads WHERE id = ${id}`)
  expect(lead).toEqual({ status: 'lost', title: 'Late' })
})

test('an amount and its currency are chosen together, and said as money', async () => {
  const { id } = await makeDeal(as(nora), { value: '100', currencyCode: 'EUR' })
  const path = `/deals/${id}/edit`
  const opened = formFields(await rosa.get(path), path)
  await emil.post(path, { ...opened, value: '100', currencyCode: 'JPY' })

  const answer = await rosa.post(path, { ...opened, value: '200.50' })

  expect(answer.text).toContain('<bdi class="text">€200.50</bdi>')
  expect(answer.text).toContain('<bdi class="text">¥100</bdi>')
  expect((await rosa.post(path, { ...formFields(answer, path), 'side.currencyCode': 'theirs' })).status).toBe(303)
  const [deal] = await db.query(sql`SELECT value::text, currency_code FROM deals WHERE id = ${id}`)
  expect(deal).toEqual({ value: '100.0000', currency_code: 'JPY' })
})

test('a client and what is its own are chosen together, whatever a button shows in between', async () => {
  const [acme, other] = [await makeClient(as(nora)), await makeClient(as(nora), { name: 'Elsewhere Ltd' })]
  const ada = await makeContact(as(nora), other.id, { firstName: 'Ada', lastName: 'Byron' })
  const hall = await makeProject(as(nora), acme.id, { name: 'Hall 3' })
  const { id } = await makeDeal(as(nora), { clientId: acme.id })
  const path = `/deals/${id}/edit`
  const opened = formFields(await rosa.get(path), path)
  await emil.post(path, { ...opened, clientId: String(other.id), contactId: String(ada.id) })

  const answer = await rosa.post(path, { ...opened, relatedProjectId: String(hall.id) })
  const chosen: Fields = { ...formFields(answer, path), 'side.clientId': 'theirs' }
  for (const words of ['Elsewhere Ltd', 'Ada Byron', 'Hall 3']) expect(answer.text).toContain(words)
  const step = await rosa.post(path, { ...chosen, step: 'client' })
  expect(formFields(step, path)).toMatchObject({ 'side.clientId': 'theirs', 'theirs.contactId': String(ada.id) })

  expect((await rosa.post(path, chosen)).status).toBe(303)
  const [deal] = await db.query(sql`SELECT client_id, contact_id, related_project_id FROM deals WHERE id = ${id}`)
  expect(deal).toEqual({ client_id: other.id, contact_id: ada.id, related_project_id: null })
})

test('what was typed comes back literally, whatever it is', async () => {
  const { id } = await makeClient(as(nora))
  const path = `/clients/${id}/edit`
  const opened = formFields(await rosa.get(path), path)
  const [mine, theirs] = ['"><script>alert(1)</script>\r\n‏שלום 𝔘', '<b>theirs</b>\r\n& co']
  await emil.post(path, { ...opened, description: theirs })

  const answer = await rosa.post(path, { ...opened, description: mine })

  expect(answer.text).not.toMatch(/<script>alert|<b>theirs/)
  expect(formFields(answer, path)).toMatchObject({
    'yours.description': mine,
    'theirs.description': theirs.replace('\r\n', '\n'),
  })
})

test('of eight who save at once one is first, and the others lose nothing they typed', async () => {
  const { id } = await makeClient(as(nora), { name: 'Contested' })
  const path = `/clients/${id}/edit`
  const opened = formFields(await rosa.get(path), path)

  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, place) => rosa.post(path, { ...opened, name: `Typed by ${place}` })),
  )

  expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(7).fill(409)])
  answers.forEach((answer, place) => {
    if (answer.status === 409) expect(formFields(answer, path)['yours.name']).toBe(`Typed by ${place}`)
  })
})

test('where the audit does not know the version any more, every field that differs is asked for', async () => {
  const { id } = await makeClient(as(nora), { name: 'Old' })
  const path = `/clients/${id}/edit`
  const opened = formFields(await rosa.get(path), path)
  await updateClient(as(priya), id, { website: 'https://new.example' })

  const answer = await rosa.post(path, { ...opened, name: 'Late', version: '999' })

  expect(answer.status).toBe(409)
  expect(formFields(answer, path).asked).toBe('name website')
})

describe('a save on a record that was archived meanwhile', () => {
  const scope = () => as(nora)
  test.each<[string, () => Promise<{ id: number }>, (id: number) => Promise<void>, string]>([
    ['clients', () => makeClient(scope()), (id) => archiveClient(scope(), id), 'name'],
    [
      'contacts',
      async () => makeContact(scope(), (await makeClient(scope())).id),
      (id) => archiveContact(scope(), id),
      'title',
    ],
    ['leads', () => makeLead(scope()), (id) => archiveLead(scope(), id), 'title'],
    ['deals', () => makeDeal(scope()), (id) => archiveDeal(scope(), id), 'name'],
  ])('%s: says so above the form, which keeps what was typed', async (noun, make, archive, field) => {
    const { id } = await make()
    const edit = `/${noun}/${id}/edit`
    const fields = formFields(await rosa.get(edit), edit)
    await archive(id)

    const refused = await rosa.post(edit, { ...fields, [field]: 'Typed at length' })

    expect(refused.status).toBe(409)
    expect(refused.text).toMatch(/class="form-errors"[\s\S]*is archived/)
    expect(formFields(refused, edit)[field]).toBe('Typed at length')
  })
})
