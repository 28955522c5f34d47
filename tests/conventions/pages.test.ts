import request from 'supertest'
import type { Response } from 'supertest'
import { beforeAll, describe, expect, test } from 'vitest'
import { PSEUDO_LANGUAGE, directionOf, languages, wordsOf } from '../../src/platform/i18n.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { app, browse, csrfOf } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { addressOf, goodInput, makeMore, makeWorld, routesOf } from './site.ts'
import type { Ids } from './site.ts'

const LANGUAGES = [...languages, PSEUDO_LANGUAGE]
const NOUNS = Object.keys(wordsOf('en')).join('|')

const routes = routesOf(app)
/** What is asked for by machines and scripts, files to keep, and what stands before the sign-in. */
const NOT_PAGES =
  /^\/(assets|api(?!\/docs$)|healthz|readyz|metrics|login|setup|invitations|passwords)\b|\/options$|\.(csv|vcf|ics)$/
const pages = routes.filter(({ method, path }) => method === 'get' && !NOT_PAGES.test(path))
const withoutRecord = pages.filter(({ path }) => !path.includes(':id')).map((route) => addressOf(route, {}))

/** What holds for each page of the product, error pages included. */
function expectSound(answer: Response, language: string): void {
  const html = answer.text
  expect(answer.status).toBeLessThan(500)
  expect(html).toMatch(
    new RegExp(`^\\s*<!doctype html>\\s*<html lang="${language}" dir="${directionOf(language)}"`, 'i'),
  )
  expect(html.match(/<h1\b/g)).toHaveLength(1)
  expect(html.match(/<main\b/g)).toHaveLength(1)
  expect(/<title>([^<]*)<\/title>/.exec(html)?.[1]).toMatch(/\p{L}{3,}.* · /u)

  const scripts = [...html.matchAll(/<script\b([^>]*)>/g)].filter(
    ([, attributes = '']) => !/\bsrc=|type="importmap"/.test(attributes),
  )
  expect(scripts, 'inline scripts').toEqual([])
  expect(html.match(/\sstyle=|<style\b|\son[a-z]+="|href="javascript:/gi), 'inline styles and handlers').toBeNull()

  const shown = html
    .replace(/<script\b[\s\S]*?<\/script>/g, '')
    // JSON has its own word for what is empty.
    .replace(/<(pre|code)\b[\s\S]*?<\/\1>/g, '')
    .replace(/\s(?:href|src|action|formaction|content|id|for|name|data-[\w-]+)="[^"]*"/g, '')
  expect(
    shown.match(/.{0,40}(?:\bundefined\b|\bnull\b|\bNaN\b|\[object |Invalid Date).{0,40}/g),
    'what is not there',
  ).toBeNull()
  expect(shown.match(new RegExp(`[^@\\w.](?:${NOUNS})\\.[a-zA-Z][\\w.]*`, 'g')), 'keys without words').toBeNull()
  expect(shown.match(/\{\{\s*\w+/g), 'values that were not given').toBeNull()
  expect(shown.match(/&amp;(?:#\d+|lt|gt|amp|quot);/g), 'text that was escaped twice').toBeNull()

  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
  expect(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    'ids given twice',
  ).toEqual([])
  const references = [
    ...html.matchAll(/\s(?:for|aria-labelledby|aria-describedby|aria-controls|form)="([^"]*)"/g),
  ].flatMap(([, list = '']) => list.split(/\s+/))
  expect(
    references.filter((id) => id !== '' && !ids.includes(id)),
    'ids that are not on the page',
  ).toEqual([])
}

describe('an empty installation', () => {
  test.each(languages)('has a sound set-up page in %s, with and without bad input', async (language) => {
    const agent = request.agent(app).set('Accept-Language', language)
    const empty = await agent.get('/setup')
    const refused = await agent
      .post('/setup')
      .type('form')
      .send({ _csrf: csrfOf(empty), name: '', email: 'no address' })

    expect([empty.status, refused.status]).toEqual([200, 422])
    for (const answer of [empty, refused]) expectSound(answer, language)
    expect((await agent.get('/login')).headers.location).toBe('/setup')
  })
})

test.each(languages)('signing in has a sound page in %s, refused or not', async (language) => {
  await makeUser()
  const agent = request.agent(app).set('Accept-Language', language)
  const empty = await agent.get('/login')
  const refused = await agent
    .post('/login')
    .type('form')
    .send({ _csrf: csrfOf(empty), email: 'nobody@example.com', password: 'x' })

  expect([empty.status, refused.status]).toEqual([200, 422])
  for (const answer of [empty, refused]) expectSound(answer, language)
})

let people: Map<string, { account: Account; visitor: Visitor }>
let worlds: Ids[] = []

describe.each(LANGUAGES)('without any record, in %s', (language) => {
  beforeAll(async () => {
    people ??= new Map()
    const account = await makeUser({ role: 'admin', locale: language })
    people.set(language, { account, visitor: await browse(account) })
  })

  test.each(withoutRecord)('%s is a sound page', async (path) => {
    const answer = await people.get(language)!.visitor.get(path)

    expect(answer.status).toBe(200)
    expectSound(answer, language)
  })
})

describe.each(LANGUAGES)('with records in every state, in %s', (language) => {
  beforeAll(async () => {
    if (worlds.length > 0) return
    const scope = as(people.get('en')!.account)
    worlds = [await makeWorld(scope), ...(await makeMore(scope))]
  })

  test.each(pages.map((route) => [route.path, route] as const))('%s is a sound page', async (path, route) => {
    for (const ids of worlds) {
      const answer = await people.get(language)!.visitor.get(addressOf(route, ids))

      // Some states have no such page: what is closed or converted already.
      expect(path.includes(':id') ? [200, 303, 409] : [200]).toContain(answer.status)
      if (answer.status !== 303) expectSound(answer, language)
    }
  })

  test.each(
    routes
      .filter(
        ({ method, path }) =>
          method === 'post' && /\/(create|edit|convert-to-\w+|mark-lost|close-lost|move)$/.test(path),
      )
      .map((route) => [route.path, route] as const),
  )('%s shows bad input again on a sound page', async (_, route) => {
    const bad = Object.fromEntries(
      Object.keys(goodInput()).map((name) => [name, name === 'value' ? '<i>"lots"</i>' : ' ']),
    )
    const answer = await people
      .get(language)!
      .visitor.post(addressOf(route, worlds[0]!), { ...bad, firstName: 'x'.repeat(101), email: 'no address' })

    expect([409, 422]).toContain(answer.status)
    expectSound(answer, language)
    expect(answer.text).not.toContain('<i>"lots"')
  })

  test('a page that does not exist is a sound one too', async () => {
    const answer = await people.get(language)!.visitor.get('/nothing')

    expect(answer.status).toBe(404)
    expectSound(answer, language)
  })
})

test('every link on every page leads to a page', async () => {
  const { visitor } = people.get('en')!
  const seen = new Set(['/'])
  const broken: string[] = []
  for (const address of seen) {
    const answer = await visitor.get(address)
    if (![200, 303].includes(answer.status)) broken.push(`${address}: ${answer.status}`)
    const links = [...answer.text.matchAll(/<(?:a|form)\b[^>]*\s(?:href|action)="([^"]*)"[^>]*>/g)].filter(
      ([tag]) => !/method="post"/.test(tag),
    )
    for (const [, href = ''] of links) {
      const { host, pathname, search } = new URL(href.replaceAll('&amp;', '&'), `http://here.example.com${address}`)
      // A list under every filter that a report asks of it, by each of its sorts, would have no end.
      const variants = [...seen].filter((each) => each.startsWith(`${pathname}?`)).length
      if (host === 'here.example.com' && (search === '' || variants < 40)) seen.add(pathname + search)
    }
    if (seen.size > 1_500) throw new Error(`there is no end to the links: ${[...seen].slice(-5).join(' ')}`)
  }

  expect(seen.size).toBeGreaterThan(30)
  expect(broken).toEqual([])
}, 120_000)

test('every form on every page posts to a route there is', async () => {
  const { visitor } = people.get('en')!
  const patterns = routes
    .filter(({ method }) => method === 'post')
    .map(({ path }) => new RegExp(`^${path.replaceAll(':id', '\\d+').replaceAll(/:\w+/g, '[\\w-]+')}$`))
  const unknown: string[] = []
  for (const route of pages) {
    for (const ids of worlds) {
      const { text } = await visitor.get(addressOf(route, ids))
      const actions = [...text.matchAll(/<form\b[^>]*>/g)]
        .filter(([form]) => form.includes('method="post"'))
        .map(([form]) => /action="([^"]*)"/.exec(form)?.[1] ?? '')
      unknown.push(
        ...actions
          .filter((action) => !patterns.some((pattern) => pattern.test(action.split('?')[0] ?? '')))
          .map((action) => `${route.path}: ${action}`),
      )
    }
  }

  expect(unknown).toEqual([])
}, 120_000)
