import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'
import { card, cardsIn, countIn, expectSaid, openBoard } from './board.ts'
import { visit } from './product.ts'
import { listDealActivities } from '../support/stories.ts'

let user: Account
let rosa: Scope

beforeEach(async () => {
  user = await makeUser({ name: 'Rosa', visibility: 'own' })
  rosa = as(user)
})

async function deals(stage: string, ...names: string[]): Promise<number[]> {
  const ids: number[] = []
  for (const name of [...names].reverse()) ids.unshift((await makeDeal(rosa, { name, stage })).id)
  return ids
}

async function take(page: Page, id: number): Promise<void> {
  await card(page, id).locator('.board-card-name').focus()
  await page.keyboard.press('Space')
}

function focusedCard(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement.closest('.board-card')?.id ?? ''")
}

test('by keyboard, a card is taken, moved and put down; each step is said, and the focus stays on it', async () => {
  const [moved] = (await deals('prospecting', 'Moved', 'Left')) as [number]
  await deals('proposal', 'Above', 'Below')
  const page = await visit({ as: user })
  await openBoard(page)

  await take(page, moved)
  await expectSaid(page, /^Picked up Moved, Prospecting, position 1 of 2\.$/)
  await page.keyboard.press('ArrowDown')
  await expectSaid(page, /^Moved is over Prospecting, position 2 of 2\.$/)
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowRight')
  await expectSaid(page, /Qualification, position 1 of 1/)
  await page.keyboard.press('ArrowRight')
  await expectSaid(page, /Proposal, position 1 of 3/)
  await page.keyboard.press('ArrowDown')
  await expectSaid(page, /Proposal, position 2 of 3/)
  expect((await findDeal(rosa, moved)).stage).toBe('prospecting')
  await page.keyboard.press('Space')
  await expectSaid(page, /^Dropped Moved in Proposal, position 2 of 3\.$/)

  await expect.poll(() => countIn(page, 'proposal')).toBe('3')
  expect(await cardsIn(page, 'proposal')).toEqual(['Above', 'Moved', 'Below'])
  expect(await focusedCard(page)).toBe(`deal-${moved}`)
  expect(await listDealActivities(rosa, moved)).toHaveLength(1)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/deals/${moved}`)
})

test('Escape brings a card back, and so does leaving it; neither is a move', async () => {
  const [moved] = (await deals('prospecting', 'Moved', 'Left')) as [number]
  const page = await visit({ as: user })
  await openBoard(page)
  for (const leave of ['Escape', 'Tab']) {
    await take(page, moved)
    await page.keyboard.press('ArrowRight')
    expect(await cardsIn(page, 'qualification')).toEqual(['Moved'])
    await page.keyboard.press(leave)
    await expectSaid(page, /^Cancelled\. Moved is back in Prospecting, position 1 of 2\.$/)
    expect(await cardsIn(page, 'prospecting')).toEqual(['Moved', 'Left'])
  }
  expect(await findDeal(rosa, moved)).toMatchObject({ stage: 'prospecting', version: 1 })
})

test('from right to left, the arrow keys move a card as they point', async () => {
  const reader = await makeUser({ visibility: 'own', locale: 'ar-XB' })
  const { id } = await makeDeal(as(reader), { name: 'Moved' })
  const page = await visit({ as: reader })
  await openBoard(page)
  const before = (await card(page, id).boundingBox())?.x ?? 0
  await take(page, id)
  await page.keyboard.press('ArrowLeft')
  expect((await card(page, id).boundingBox())?.x).toBeLessThan(before)
  await page.keyboard.press('Space')
  await expect.poll(async () => (await findDeal(as(reader), id)).stage).toBe('qualification')
})

test('a card put on Won by keyboard asks when, and cancelling gives it back with the focus', async () => {
  const [moved] = (await deals('negotiation', 'Moved')) as [number]
  const page = await visit({ as: user })
  await openBoard(page)
  await take(page, moved)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  const dialog = page.getByRole('dialog', { name: 'Close as won' })
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  expect(await cardsIn(page, 'negotiation')).toEqual(['Moved'])
  expect(await focusedCard(page)).toBe(`deal-${moved}`)
})

test('a move by keyboard that is refused is undone, said, and keeps the focus', async () => {
  const [moved] = (await deals('prospecting', 'Moved')) as [number]
  const page = await visit({ as: user, expects: [409] })
  await openBoard(page)
  await closeDeal(rosa, moved, { outcome: 'won' })
  await take(page, moved)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  await page.locator(`#stage-prospecting #deal-${moved}.is-refused`).waitFor()
  expect(await page.locator('.notices[role=status]').innerText()).toContain('Moved:')
  expect(await focusedCard(page)).toBe(`deal-${moved}`)
})
