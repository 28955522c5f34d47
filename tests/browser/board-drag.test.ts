import { beforeEach, expect, test } from 'vitest'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'
import { card, cardsIn, carry, countIn, drag, expectSaid, fingerOn, middle, openBoard, stillness } from './board.ts'
import { visit } from './product.ts'
import { listDealActivities } from '../support/stories.ts'

let user: Account
let rosa: Scope

beforeEach(async () => {
  // A board of one's own for each test: Rosa sees only what is hers.
  user = await makeUser({ name: 'Rosa', visibility: 'own' })
  rosa = as(user)
})

/** Deals of these names in a column, the first on top. */
async function deals(stage: string, ...names: string[]): Promise<number[]> {
  const ids: number[] = []
  for (const name of [...names].reverse()) ids.unshift((await makeDeal(rosa, { name, stage, value: '100' })).id)
  return ids
}

test('by mouse, a card goes between two others of another column, and stays there', async () => {
  const [moved] = (await deals('prospecting', 'Moved', 'Left')) as [number]
  const [, below] = (await deals('proposal', 'Above', 'Below')) as [number, number]
  const page = await visit({ as: user })
  await openBoard(page)

  await carry(page, card(page, moved), card(page, below), 0.3)
  expect(await page.locator('#stage-proposal .is-place').count()).toBe(1)
  await page.mouse.up()
  await page.locator(`#stage-proposal #deal-${moved}:not(.is-saving)`).waitFor()
  await expect.poll(() => countIn(page, 'proposal')).toBe('3')

  expect(await cardsIn(page, 'proposal')).toEqual(['Above', 'Moved', 'Below'])
  expect([
    await countIn(page, 'prospecting'),
    await page.locator('#stage-proposal .board-column-sums').allInnerTexts(),
  ]).toEqual(['1', ['€300.00', expect.stringMatching(/^weighted\s+€150.00$/)]])
  await page.reload()
  expect(await cardsIn(page, 'proposal')).toEqual(['Above', 'Moved', 'Below'])
  expect(await findDeal(rosa, moved)).toMatchObject({ stage: 'proposal', probability: 50 })
  expect(await listDealActivities(rosa, moved)).toHaveLength(1)
})

test('a card is carried twice in a row, and its link still opens it', async () => {
  const [moved] = (await deals('prospecting', 'Moved')) as [number]
  const page = await visit({ as: user })
  await openBoard(page)

  for (const stage of ['qualification', 'negotiation']) {
    // By its name, which is a link.
    await drag(page, card(page, moved).locator('.board-card-name'), page.locator(`#stage-${stage} .board-list`))
    await expect.poll(() => countIn(page, stage)).toBe('1')
  }
  expect((await findDeal(rosa, moved)).stage).toBe('negotiation')
  expect(new URL(page.url()).pathname).toBe('/deals/pipeline')
  await card(page, moved).locator('.board-card-name').click()
  await page.waitForURL(`**/deals/${moved}`)
})

test('a move posts once, and a card put down where it was posts nothing', async () => {
  const [moved, other] = (await deals('prospecting', 'Moved', 'Other')) as [number, number]
  const page = await visit({ as: user })
  await openBoard(page)
  const posted: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') posted.push(new URL(request.url()).pathname)
  })

  await drag(page, card(page, moved), card(page, moved), 0.6)
  await expectSaid(page, /Moved stays in Prospecting, position 1 of 2/)
  await drag(page, card(page, moved), card(page, other), 0.9)
  await expect.poll(() => cardsIn(page, 'prospecting')).toEqual(['Other', 'Moved'])
  await page.locator('.board-card:not(.is-saving) >> nth=1').waitFor()
  expect(posted).toEqual([`/deals/${moved}/move`])
})

test('by finger: a card that is held moves, a swipe over a card scrolls', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `Deal ${n}`)
  const [first] = (await deals('prospecting', ...names)) as [number]
  const page = await visit({ as: user, width: 390, hasTouch: true })
  await openBoard(page)
  await card(page, first).scrollIntoViewIfNeeded()
  const finger = await fingerOn(page)

  const start = await middle(page.locator('#stage-prospecting .board-card >> nth=1'))
  const before = await page.evaluate<number>('scrollY')
  await finger.down(start)
  await finger.moveTo({ x: start.x, y: start.y - 250 })
  await finger.up()
  await expect.poll(() => page.evaluate<number>('scrollY')).toBeGreaterThan(before + 100)
  expect(await cardsIn(page, 'prospecting')).toEqual(names)

  await stillness(page)
  await page.evaluate(`scrollTo(0, ${before})`)
  await stillness(page)
  const held = await middle(card(page, first))
  await finger.down(held)
  await page.locator(`#deal-${first}.sortable-chosen`).waitFor()
  // To the edge, where the board scrolls sideways, and rest there.
  await finger.moveTo({ x: 385, y: held.y })
  await expect.poll(() => page.evaluate<number>("document.querySelector('.board').scrollLeft")).toBeGreaterThan(250)
  await finger.moveTo({ x: 200, y: held.y })
  await page.waitForTimeout(200)
  await finger.up()
  await expect.poll(async () => (await findDeal(rosa, first)).stage).not.toBe('prospecting')
  expect(await page.locator('.is-carrying').count()).toBe(0)
})

test('a card that somebody else has closed goes back, and the board says why', async () => {
  const [moved, other] = (await deals('prospecting', 'Moved', 'Other')) as [number, number]
  const page = await visit({ as: user, expects: [409] })
  await openBoard(page)
  await closeDeal(rosa, moved, { outcome: 'won' })

  await drag(page, card(page, moved), page.locator('#stage-proposal .board-list'))
  await page.locator(`#stage-prospecting #deal-${moved}.is-refused`).waitFor()
  expect(await cardsIn(page, 'prospecting')).toEqual(['Moved', 'Other'])
  expect(await page.locator('.notices[role=status]').innerText()).toMatch(/^Moved: .*closed/i)
  expect(await cardsIn(page, 'proposal')).toEqual([])
  // The others still move.
  await drag(page, card(page, other), page.locator('#stage-proposal .board-list'))
  await expect.poll(async () => (await findDeal(rosa, other)).stage).toBe('proposal')
})

test.each([
  ['the network is gone', async () => null, /cannot be reached/],
  [
    'the database is busy',
    async () => ({ status: 503, json: { status: 503, title: 'Busy, try again.' } }),
    /Busy, try again/,
  ],
  [
    'it is forbidden',
    async () => ({ status: 403, json: { status: 403, title: 'Not yours to do.' } }),
    /Not yours to do/,
  ],
])('when %s, a card goes back and the board says so', async (_, answer, words) => {
  const [moved] = (await deals('prospecting', 'Moved')) as [number]
  const page = await visit({ as: user, expects: [0, 403, 503] })
  await openBoard(page)
  await page.route('**/move', async (route) => {
    const given = await answer()
    await (given ? route.fulfill(given) : route.abort())
  })

  await drag(page, card(page, moved), page.locator('#stage-proposal .board-list'))
  await page.locator(`#stage-prospecting #deal-${moved}.is-refused`).waitFor()
  expect(await page.locator('.notice-text').innerText()).toMatch(words)
})

test('why a deal was lost is not forgotten when it cannot be closed', async () => {
  const [moved] = (await deals('prospecting', 'Moved')) as [number]
  const page = await visit({ as: user, expects: [0, 409] })
  await openBoard(page)
  await drag(page, card(page, moved), page.locator('#stage-closed_lost .board-list'))
  const dialog = page.getByRole('dialog', { name: 'Close as lost' })
  const reason = dialog.getByLabel('Reason for the loss')
  await reason.fill('They build it themselves')
  const close = dialog.getByRole('button', { name: 'Mark as lost' })

  await page.route('**/close-lost', (route) => route.abort(), { times: 1 })
  await close.click()
  await expect.poll(() => dialog.getByRole('alert').innerText()).toMatch(/^Moved .*cannot be reached/)
  await closeDeal(rosa, moved, { outcome: 'won' })
  await close.click()
  await expect.poll(() => dialog.getByRole('alert').innerText()).toMatch(/^Moved: .*closed/i)
  expect(await reason.inputValue()).toBe('They build it themselves')

  // Only then does the card go back, and the board says why, too.
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.locator(`#stage-prospecting #deal-${moved}.is-refused`).waitFor()
  expect(await page.locator('.notice-text').innerText()).toMatch(/^Moved: .*closed/i)
})

test('dropped on Lost, a card asks why and when; without a reason the form says so at the field', async () => {
  const [moved] = (await deals('prospecting', 'Moved', 'Left')) as [number]
  const page = await visit({ as: user, expects: [422] })
  await openBoard(page)
  await drag(page, card(page, moved), page.locator('#stage-closed_lost .board-list'))
  const dialog = page.getByRole('dialog', { name: 'Close as lost' })
  await dialog.getByRole('button', { name: 'Mark as lost' }).click()

  const reason = dialog.getByLabel('Reason for the loss')
  await expect.poll(() => reason.getAttribute('aria-invalid')).toBe('true')
  expect(await dialog.locator('#close-lost-reason-error').innerText()).not.toBe('')
  await reason.fill('Too expensive')
  await dialog.getByLabel('Lost on').fill('2020-02-29')
  await dialog.getByRole('button', { name: 'Mark as lost' }).click()
  await dialog.waitFor({ state: 'hidden' })

  await expect.poll(() => countIn(page, 'prospecting')).toBe('1')
  // Before this quarter: not on this board.
  expect(await cardsIn(page, 'closed_lost')).toEqual([])
  expect(await findDeal(rosa, moved)).toMatchObject({
    status: 'lost',
    lossReason: 'Too expensive',
    actualCloseDate: '2020-02-29',
  })
})

test('dropped on Won and cancelled, a card is back; confirmed, it is won today', async () => {
  const [moved] = (await deals('prospecting', 'Moved', 'Left')) as [number]
  const page = await visit({ as: user })
  await openBoard(page)
  const dialog = page.getByRole('dialog', { name: 'Close as won' })
  await drag(page, card(page, moved), page.locator('#stage-closed_won .board-list'))
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  expect(await cardsIn(page, 'prospecting')).toEqual(['Moved', 'Left'])
  expect((await findDeal(rosa, moved)).status).toBe('open')

  await drag(page, card(page, moved), page.locator('#stage-closed_won .board-list'))
  await dialog.getByRole('button', { name: 'Mark as won' }).click()
  await expect.poll(() => countIn(page, 'closed_won')).toBe('1')
  expect(await cardsIn(page, 'closed_won')).toEqual(['Moved'])
  expect(await countIn(page, 'prospecting')).toBe('1')
  expect((await findDeal(rosa, moved)).status).toBe('won')
})
