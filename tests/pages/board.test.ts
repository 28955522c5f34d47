import { beforeEach, expect, test } from 'vitest'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { dayIn, addDays } from '../../src/platform/time.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal } from '../support/records.ts'

const JSON_ONLY = { Accept: 'application/json' }

interface Moved {
  status: number
  body: { columns: { stage: string; header: string; cards?: string }[]; card: string | null }
}

let rosa: Scope
let visitor: Visitor

beforeEach(async () => {
  // A board of one's own for each test.
  const user = await makeUser({ name: 'Rosa', visibility: 'own' })
  rosa = as(user)
  visitor = await browse(user)
})

/** The HTML of one column. */
async function column(key: string, query = ''): Promise<string> {
  const { status, text } = await visitor.get(`/deals/pipeline${query}`)
  expect(status).toBe(200)
  return new RegExp(`<section[^>]*id="stage-${key}"[\\s\\S]*?</section>`).exec(text)?.[0] ?? ''
}

test('an empty board has its six columns and says what to do', async () => {
  const { text } = await visitor.get('/deals/pipeline')
  expect(text.match(/class="board-column /g)).toHaveLength(6)
  expect(text).toContain('No deals yet')
})

test('a card shows what one needs to know, its column count and sums per currency', async () => {
  const client = await makeClient(rosa, { name: 'Acme <Ltd>' })
  await makeDeal(rosa, {
    name: 'Big one',
    clientId: client.id,
    value: '1000.5',
    expectedCloseDate: addDays(dayIn('Europe/Berlin'), -2),
  })
  await makeDeal(rosa, { name: 'Yen', value: '300', currencyCode: 'JPY' })
  const html = await column('prospecting')

  for (const text of [
    'Big one',
    'Acme &lt;Ltd&gt;',
    '€1,000.50',
    'Rosa',
    'today',
    'Close overdue: ',
    'No next step',
    '¥300',
    'weighted <span>€100.05</span> <span>¥30</span>',
    '>2</span>',
  ])
    expect(html).toContain(text)
  expect(html).not.toMatch(/undefined|null|NaN/)
})

test('without JavaScript, a card is moved by its own form, and the board comes back at it', async () => {
  const { id } = await makeDeal(rosa)
  const path = '/deals/pipeline?owner=me&period=year'
  const fields = formFields(await visitor.get(path), `/deals/${id}/move`)
  expect(fields.stage).toBe('qualification')
  const answer = await visitor.post(`/deals/${id}/move`, { ...fields, stage: 'negotiation' })

  expect([answer.status, answer.headers.location]).toEqual([303, `${path}#deal-${id}`])
  expect(await column('negotiation')).toContain(`id="deal-${id}"`)
  expect(await findDeal(rosa, id)).toMatchObject({ stage: 'negotiation', probability: 75 })
})

test('the way back is on this site, the board when none is named', async () => {
  const { id } = await makeDeal(rosa)
  expect((await visitor.post(`/deals/${id}/move`, { stage: 'proposal' })).headers.location).toBe(
    `/deals/pipeline#deal-${id}`,
  )
  expect(
    (await visitor.post(`/deals/${id}/move`, { stage: 'proposal', returnTo: 'https://evil.example' })).headers.location,
  ).toBe('/')
  expect(
    (await visitor.post(`/deals/${id}/move`, { stage: 'proposal', returnTo: '//evil.example' })).headers.location,
  ).toBe('/')
})

test('a move that cannot be is refused and changes nothing', async () => {
  const { id } = await makeDeal(rosa)
  for (const fields of ['', 'stage=closed_won', 'stage=nowhere', 'stage=%25%25', 'stage=proposal&beforeId=x']) {
    expect((await visitor.post(`/deals/${id}/move`, Object.fromEntries(new URLSearchParams(fields)))).status).toBe(422)
  }
  expect((await visitor.post(`/deals/${id}/move`, { stage: 'proposal', version: 77 })).status).toBe(409)
  expect((await findDeal(rosa, id)).stage).toBe('prospecting')
  await closeDeal(rosa, id, { outcome: 'won' })
  expect((await visitor.post(`/deals/${id}/move`, { stage: 'proposal' })).status).toBe(409)
})

test('past fifty cards a column leads to the next ones, page or not', async () => {
  for (let n = 0; n < 52; n += 1) await makeDeal(rosa, { name: `Deal ${n}`, stage: 'proposal' })
  const html = await column('proposal', '?owner=me')
  expect(html.match(/class="board-card"/g)).toHaveLength(50)
  expect(html).toContain('>52</span>')

  const next = /class="board-more" href="([^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const rest = await column('proposal', next.replace('/deals/pipeline', ''))
  expect(rest.match(/>Deal \d+</g)).toEqual(['>Deal 1<', '>Deal 0<'])
  expect(rest).toContain('From the top')
  expect(rest).toContain('>52</span>')
  const { body } = (await visitor.get(next, JSON_ONLY)) as { body: { cards: string; more: string } }
  expect(body.cards.match(/>Deal \d+</g)).toEqual(['>Deal 1<', '>Deal 0<'])
  expect(body.more.trim()).toBe('')
})

test('a script that moves a card gets the card and the headings it changes, narrowed as its board is', async () => {
  await makeDeal(rosa, { name: 'Other', value: '50', stage: 'proposal', tags: ['fair'] })
  const { id } = await makeDeal(rosa, { name: 'Moved', value: '100', tags: ['fair'] })
  await makeDeal(rosa, { name: 'Not asked for', value: '7', stage: 'proposal' })
  const fields = { stage: 'proposal', version: 1, from: 'prospecting', returnTo: '/deals/pipeline?tag=fair' }
  const { status, body } = (await visitor.post(`/deals/${id}/move`, fields, JSON_ONLY)) as Moved

  expect(status).toBe(200)
  expect(body.columns.map(({ stage }) => stage)).toEqual(['prospecting', 'proposal'])
  expect(body.columns[0]?.header).toContain('data-count="0"')
  expect(body.columns[1]?.header).toContain('€150.00')
  expect(body.card?.match(/<li /g)).toHaveLength(1)
  expect(body.card).toContain(`id="deal-${id}" data-id="${id}" data-version="2"`)
})

test('a script that closes a deal gets the column it goes to; bad input comes back for its fields', async () => {
  const { id } = await makeDeal(rosa, { name: 'Closed' })
  const context = { from: 'prospecting', returnTo: '/deals/pipeline' }
  const refused = await visitor.post(
    `/deals/${id}/close-lost`,
    { ...context, lossReason: ' ', actualCloseDate: 'x' },
    JSON_ONLY,
  )
  expect([refused.status, refused.headers['content-type']]).toEqual([422, 'application/problem+json; charset=utf-8'])
  expect(Object.keys((refused.body as { errors: object }).errors).sort()).toEqual(['actualCloseDate', 'lossReason'])

  const { body } = (await visitor.post(`/deals/${id}/close-won`, context, JSON_ONLY)) as Moved
  expect(body.card).toBeNull()
  expect(body.columns.find(({ stage }) => stage === 'closed_won')?.cards).toContain('>Closed<')
  const again = await visitor.post(`/deals/${id}/close-lost`, { ...context, lossReason: 'Price' }, JSON_ONLY)
  expect([again.status, (again.body as { title: string }).title]).toEqual([409, 'This deal is already closed.'])
})

test('a script that may not, or comes too late, is told in words', async () => {
  const { id } = await makeDeal(rosa, { ownerId: null })
  const viewer = await browse(await makeUser({ role: 'viewer' }))
  const title = (answer: { body: unknown }) => (answer.body as { title: string }).title
  const forbidden = await viewer.post(`/deals/${id}/move`, { stage: 'proposal' }, JSON_ONLY)
  expect([forbidden.status, title(forbidden)]).toEqual([403, expect.stringMatching(/\w/)])
  const stale = await visitor.post(`/deals/${id}/move`, { stage: 'proposal', version: 77 }, JSON_ONLY)
  expect([stale.status, title(stale)]).toEqual([409, expect.stringMatching(/\w/)])
  const forged = await visitor.post(`/deals/${id}/move`, { stage: 'proposal', _csrf: '' }, JSON_ONLY)
  expect([forged.status, title(forged)]).toEqual([403, expect.stringMatching(/\w/)])
  expect((await findDeal(rosa, id)).stage).toBe('prospecting')
  await closeDeal(rosa, id, { outcome: 'won' })
  const closed = await visitor.post(`/deals/${id}/move`, { stage: 'proposal', version: 1 }, JSON_ONLY)
  expect([closed.status, title(closed)]).toEqual([409, 'This deal is already closed.'])
})

test('closed columns show the deals closed in the chosen period, and offer no moves', async () => {
  const { id } = await makeDeal(rosa, { name: 'Long won' })
  await closeDeal(rosa, id, { outcome: 'won', actualCloseDate: '2001-01-01' })

  expect(await column('closed_won')).not.toContain('Long won')
  const all = await column('closed_won', '?period=all')
  expect(all).toContain('Long won')
  expect(all).not.toContain('/move')
  expect(await column('closed_won', '?period=%00&owner=nobody')).not.toContain('Long won')
})

test('a viewer sees the board and no way to move', async () => {
  await makeDeal(rosa, { name: 'Everybody’s', ownerId: null })
  const viewer = await browse(await makeUser({ role: 'viewer' }))
  const { text } = await viewer.get('/deals/pipeline')
  expect(text).toContain('Everybody’s')
  expect(text).not.toContain('/move')
})
