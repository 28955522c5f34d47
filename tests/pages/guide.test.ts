import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { browse } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { makeUser } from '../support/people.ts'

let rosa: Account
let visitor: Visitor

beforeAll(async () => {
  rosa = await makeUser()
  visitor = await browse(rosa)
})

describe('the guide', () => {
  test('begins with its contents, and every page in them is there', async () => {
    const { text } = await visitor.get('/help')
    const pages = [...new Set([...text.matchAll(/href="(\/help\/[a-z-]+)"/g)].map(([, path = '']) => path))]

    expect(pages.length).toBeGreaterThan(20)
    for (const path of pages) expect([path, (await visitor.get(path)).status]).toEqual([path, 200])
  })

  test('a page has its headings, the page before and the page after', async () => {
    const { text } = await visitor.get('/help/leads')

    expect(text).toMatch(/<h1>Leads<\/h1>/)
    expect(text).toContain('href="#losing-and-reopening"')
    expect(text).toContain('<h2 id="losing-and-reopening">')
    expect(text).toMatch(/href="\/help\/today" rel="prev"/)
    expect(text).toMatch(/href="\/help\/conversion" rel="next"/)
    expect(text).toMatch(/href="\/help\/leads" aria-current="page"/)
  })

  test('its pictures are kept for as long as they stay as they are', async () => {
    const { text } = await visitor.get('/help/leads')
    const [, src = '', width] = /<img src="(\/help\/images\/[^"]+)"[^>]* width="(\d+)"/.exec(text) ?? []

    const picture = await visitor.get(src)

    expect(picture.status).toBe(200)
    expect(picture.headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'private, max-age=31536000, immutable',
    })
    expect(Number(width)).toBeGreaterThan(500)
  })

  test.each(['/help/nowhere', '/help/..%2f..%2fpackage.json', '/help/README', '/help/images/nothing.png', '/help/%00'])(
    '%s is not there',
    async (path) => {
      expect((await visitor.get(path)).status).toBe(404)
    },
  )

  test('is for people who are signed in', async () => {
    const stranger = await browse()

    for (const path of ['/help', '/help/leads', '/help/images/leads.png'])
      expect((await stranger.get(path)).headers.location).toMatch(/^\/login/)
  })

  test('is German to whoever reads German, and says where it is not', async () => {
    const jonas = await browse(await makeUser({ locale: 'de' }))

    expect((await jonas.get('/help/leads')).text).toMatch(/<article class="guide-page" lang="de">/)
    const english = await jonas.get('/help/api')
    expect(english.text).toMatch(/<article class="guide-page" lang="en"/)
    expect(english.text).toContain('Diese Seite gibt es nur auf Englisch.')
  })
})

describe('looking in the guide', () => {
  test('leads to the place that has the words', async () => {
    const { text } = await visitor.get('/help?q=Recovery+Codes')

    expect(text).toContain('href="/help/profile#two-factor-sign-in"')
    expect(text).toMatch(/<mark>recovery<\/mark>/i)
  })

  test('says so when nothing has them, and shows what was asked for as it was', async () => {
    const { text } = await visitor.get(`/help?q=${encodeURIComponent('<b>zeppelin</b>')}`)

    expect(text).toContain('The guide does not have these words')
    expect(text).toContain('&lt;b&gt;zeppelin&lt;/b&gt;')
    expect(text).not.toContain('<b>zeppelin')
  })

  test('nonsense shows the contents', async () => {
    for (const query of ['?q=', '?q=%20', '?q=a&q=b', '?q[x]=1', '?q=%F0'])
      expect((await visitor.get(`/help${query}`)).status).toBe(200)
  })
})

describe('the question mark', () => {
  test.each([
    ['/', '/help/today'],
    ['/leads', '/help/leads'],
    ['/leads/create', '/help/leads'],
    ['/deals', '/help/deals'],
    ['/deals/pipeline', '/help/pipeline'],
    ['/reports', '/help/reports'],
    ['/profile', '/help/profile'],
    ['/profile/feeds', '/help/calendar'],
    ['/settings/currencies', '/help/money'],
    ['/help/leads', '/help'],
    ['/nowhere', '/help'],
  ])('on %s leads to %s', async (path, help) => {
    expect((await visitor.get(path)).text).toContain(`<a class="site-help btn btn-quiet" href="${help}"`)
  })
})
