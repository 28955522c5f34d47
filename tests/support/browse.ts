import { randomUUID } from 'node:crypto'
import request from 'supertest'
import type { Response } from 'supertest'
import { afterAll } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { db } from './database.ts'
import { logger } from './log.ts'
import { PASSWORD } from './people.ts'

const { handle, close } = createApp({
  config: readConfig({ NODE_ENV: 'test', API_RATE: '1000000' }),
  database: db,
  logger,
  secret: 'a secret that only tests know',
})
export const app = handle

afterAll(() => close())

type Headers = Readonly<Record<string, string>>
type Fields = Readonly<Record<string, string | number | readonly string[]>>

export interface Visitor {
  get(path: string, headers?: Headers): Promise<Response>
  /** Sends a form, with the token of this visitor's session. */
  post(path: string, fields?: Fields, headers?: Headers): Promise<Response>
}

/** A browser without JavaScript: keeps cookies, follows no redirects. Signed in when somebody is given. */
export async function browse(user?: Account): Promise<Visitor> {
  const agent = request.agent(app)
  let token = csrfOf(await agent.get('/login'))
  const post = (path: string, fields: Fields = {}, headers: Headers = {}) =>
    agent
      .post(path)
      .set(headers)
      .type('form')
      .send({ _csrf: token, ...fields })
  if (user) {
    const answer = await post('/login', { email: user.email, password: PASSWORD })
    if (answer.status !== 303) throw new Error(`${user.email} could not sign in: ${answer.status}`)
    token = csrfOf(await agent.get('/leads/create'))
  }
  return { get: (path, headers = {}) => agent.get(path).set(headers), post }
}

/** The token a page's forms carry. */
export function csrfOf(page: Response): string {
  return /name="_csrf" value="([^"]*)"/.exec(page.text)?.[1] ?? ''
}

/** The fields of the page's first form that posts to `action`, as the browser would send them untouched. */
export function formFields(page: Response, action: string): Record<string, string> {
  const forms = page.text.match(/<form\b[\s\S]*?<\/form>/g) ?? []
  const form = forms.find((html) => html.includes(`action="${action}"`) && html.includes('method="post"'))
  if (!form) throw new Error(`the page has no form that posts to ${action}`)
  const fields: Record<string, string> = {}
  for (const [, attributes = ''] of form.matchAll(/<input\b([^>]*)>/g)) {
    const name = attribute(attributes, 'name')
    const type = attribute(attributes, 'type')
    if (!name || ((type === 'checkbox' || type === 'radio') && !/\bchecked\b/.test(attributes))) continue
    fields[name] = attribute(attributes, 'value') ?? ''
  }
  for (const [, attributes = '', text = ''] of form.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/g)) {
    const name = attribute(attributes, 'name')
    if (name) fields[name] = unescaped(text).replace(/^\n/, '')
  }
  for (const [, attributes = '', options = ''] of form.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g)) {
    const name = attribute(attributes, 'name')
    const all = [...options.matchAll(/<option\b([^>]*)>/g)].map(([, option = '']) => option)
    const chosen = all.find((option) => /\bselected\b/.test(option)) ?? all[0]
    if (name && chosen !== undefined) fields[name] = attribute(chosen, 'value') ?? ''
  }
  return fields
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

function unescaped(html: string): string {
  return html
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** A uuid for a create form. */
export const submission = randomUUID
