import { beforeEach, expect, test } from 'vitest'
import { closeDeal } from '../../src/features/deals/commands.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { dayIn, addDays } from '../../src/platform/time.ts'
import { browse, formFields } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeClient, makeDeal } from '../support/records.ts'

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
    'Overdue',
    '¥300',
    '€1,000.50 · ¥300',
    'weighted €100.05 · ¥30',
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

test('past fifty cards a column leads to the list, filtered by its stage', async () => {
  for (let n = 0; n < 52; n += 1) await makeDeal(rosa, { stage: 'proposal' })
  const html = await column('proposal')
  expect(html.match(/class="board-card"/g)).toHaveLength(50)
  expect(html).toContain('2 more deals')
  const list = await visitor.get(/href="(\/deals\?[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '')
  expect(list.text).toContain('52 entries')
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
