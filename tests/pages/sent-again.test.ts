import request from 'supertest'
import type { Response } from 'supertest'
import { beforeAll, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { app, csrfOf, formFields, submission } from '../support/browse.ts'
import { PASSWORD, makeUser } from '../support/people.ts'

const PAGE = { Host: 'crm.example', Origin: 'http://crm.example', 'Sec-Fetch-Site': 'same-origin' }
const notes = 'First line\r\nand "quoted" <b>more</b>'

let account: Account
beforeAll(async () => {
  account = await makeUser()
})

/** Signed in, as browsers are that say where a form came from. */
async function browser() {
  const agent = request.agent(app)
  const get = (path: string) => agent.get(path).set('Host', PAGE.Host)
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = PAGE) =>
    agent.post(path).set('Host', PAGE.Host).set(headers).type('form').send(fields)
  const signIn = async () =>
    post('/login', { _csrf: csrfOf(await get('/login')), email: account.email, password: PASSWORD })
  await signIn()
  return { get, post, signIn }
}

const typed = (lastName: string, _csrf = 'of a session that is over') => ({
  _csrf,
  submission: submission(),
  firstName: 'Émile',
  lastName,
  notes,
})

const keptIn = (answer: Response, action = '/leads/create') => formFields(answer, action)

test('a form whose token is none any more comes back to be sent again, with all that was typed', async () => {
  const { get, post } = await browser()
  const fields = typed('Again')
  const answer = await post('/leads/create', fields)

  expect(answer.status).toBe(403)
  expect(answer.text).toContain('nothing that you typed is lost')
  const kept = keptIn(answer)
  // As a browser reads an attribute.
  expect(kept).toEqual({ ...fields, _csrf: kept._csrf })
  expect((await get('/leads?q=again')).text).not.toContain('Again</bdi>')
  const sent = await post('/leads/create', kept)
  expect(sent.status).toBe(303)
  expect((await get(String(sent.headers.location))).text).toContain('Émile Again')
})

test('a form of somebody who is no longer signed in waits for them to sign in elsewhere', async () => {
  const { get, post, signIn } = await browser()
  const token = csrfOf(await get('/leads/create'))
  await post('/logout', { _csrf: token })
  const answer = await post('/leads/create', typed('Patient', token))

  expect(answer.status).toBe(403)
  expect(answer.text).toContain('You are no longer signed in')
  expect(answer.text).toMatch(/href="\/login" target="_blank"/)
  await signIn()
  const once = await post('/leads/create', keptIn(answer))
  expect(once.status).toBe(403)
  expect(once.text).not.toContain('no longer signed in')
  const sent = await post('/leads/create', keptIn(once))
  expect(sent.status).toBe(303)
  expect((await get(String(sent.headers.location))).text).toContain('Émile Patient')
})

test('of a sign-in that has waited too long the address is kept, and the password typed again', async () => {
  const { get, post } = await browser()
  await post('/logout', { _csrf: csrfOf(await get('/leads/create')) })
  const answer = await post('/login', {
    _csrf: 'of before lunch',
    email: account.email,
    password: PASSWORD,
    next: '/deals',
  })

  expect(answer.status).toBe(403)
  expect(answer.text).not.toContain(PASSWORD)
  expect(answer.text).not.toContain('no longer signed in')
  const kept = keptIn(answer, '/login')
  expect(kept).toMatchObject({ email: account.email, password: '', next: '/deals' })
  const sent = await post('/login', { ...kept, password: PASSWORD })
  expect([sent.status, sent.headers.location]).toEqual([303, '/deals'])
})

test.each([
  ['does not say where it came from', { Host: PAGE.Host }],
  ['came from another site', { Host: PAGE.Host, Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
])('what %s is not offered to be sent again', async (_, headers) => {
  const { post } = await browser()
  const answer = await post('/leads/create', typed('Planted'), headers)

  expect(answer.status).toBe(403)
  expect(answer.text).not.toContain('Planted')
})

test('a form that was changed after it was saved, unnoticed, comes back with what was typed', async () => {
  const { get, post } = await browser()
  const fields = { ...typed('Lost Answer'), _csrf: csrfOf(await get('/leads/create')) }
  await post('/leads/create', fields)
  const answer = await post('/leads/create', { ...fields, companyName: 'Corrected GmbH' })

  expect(answer.status).toBe(409)
  expect(answer.text).toContain('This form was saved already')
  expect(keptIn(answer)).toMatchObject({ lastName: 'Lost Answer', companyName: 'Corrected GmbH' })
})

test('whoever converts a lead too late is led to it, and to what it became', async () => {
  const { get, post } = await browser()
  const _csrf = csrfOf(await get('/leads/create'))
  const made = await post('/leads/create', { ...typed('Twice converted'), _csrf })
  const lead = String(made.headers.location)
  const convert = () => post(`${lead}/convert-to-deal`, { _csrf, name: 'Once' })
  await convert()
  const late = await convert()

  expect(late.status).toBe(409)
  expect(late.text).toContain(`href="${lead}"`)
})

test('what is sent again goes nowhere else', async () => {
  const { post } = await browser()
  const answer = await post('//evil.example/leads', typed('Elsewhere'))

  expect(answer.text).not.toContain('evil.example')
})
