import { beforeAll, expect, test } from 'vitest'
import { findDeal } from '../../src/features/deals/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { as, makeUser } from '../support/people.ts'
import { db } from '../support/database.ts'
import { card, carry, countIn, expectSaid, middle, openBoard } from './board.ts'
import { turnPage, visit } from './product.ts'

const OPEN_DEALS = 5_000

let rosa: Account

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  const client = await db.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT set_config('dealwright.actor', 'system', true)`)
    await client.query(
      `INSERT INTO deals (name, pipeline_id, stage, status, value, currency_code, probability, board_position, owner_id)
       SELECT 'Deal ' || n, 1, s.key, 'open', n, 'EUR', s.probability, 'a' || lpad(to_hex(n), 7, '0') || 'V', $1
       FROM generate_series(1, $2::integer) AS n
         JOIN pipeline_stages s ON s.pipeline_id = 1 AND s.kind = 'open' AND s.position = 1 + n % 4`,
      [rosa.id, OPEN_DEALS],
    )
    await client.query('COMMIT')
    await client.query('ANALYZE deals')
  } finally {
    client.release()
  }
})

test(
  'with five thousand open deals, dragging stays smooth: no task is longer than 200 ms',
  { timeout: 60_000 },
  async () => {
    const page = await visit({ as: rosa })
    await openBoard(page)
    expect(await countIn(page, 'proposal')).toBe('1,250')
    for (const shown of [100, 150]) {
      await page.locator('#stage-proposal .board-more').click()
      await expect.poll(() => page.locator('#stage-proposal .board-card').count()).toBe(shown)
    }
    const dragged = page.locator('#stage-prospecting .board-card').first()
    const id = Number(await dragged.getAttribute('data-id'))

    await page.evaluate(`window.longest = 0; new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration)
  }).observe({ type: 'longtask' })`)
    await carry(page, dragged, page.locator('#stage-negotiation .board-list'), 0.1)
    const [over, bottom] = [await middle(page.locator('#stage-proposal .board-cards')), 780]
    // All over the columns, and a second at the lower edge, where the column scrolls.
    for (let round = 0; round < 3; round += 1) {
      await page.mouse.move(300, 450, { steps: 15 })
      await page.mouse.move(over.x, over.y, { steps: 15 })
    }
    await page.mouse.move(over.x, bottom, { steps: 5 })
    await page.waitForTimeout(1_000)
    expect(
      await page.evaluate<number>("document.querySelector('#stage-proposal .board-cards').scrollTop"),
    ).toBeGreaterThan(300)
    await page.mouse.up()
    await expect.poll(() => countIn(page, 'proposal')).toBe('1,251')

    expect((await findDeal(as(rosa), id)).stage).toBe('proposal')
    expect(await card(page, id).count()).toBe(1)
    expect(await page.evaluate<number>('window.longest')).toBeLessThanOrEqual(200)
  },
)

test(
  'more cards come on demand, in order, the first of them with the focus; below them a card gets the right place',
  { timeout: 60_000 },
  async () => {
    const page = await visit({ as: rosa })
    await openBoard(page)
    const names = () => page.locator('#stage-qualification .board-card-name').allInnerTexts()
    const [moved] = await names()
    const more = page.locator('#stage-qualification .board-more')
    await more.focus()
    await page.keyboard.press('Enter')
    await expectSaid(page, /More cards in Qualification: 100 of 1250 are shown/)
    const shown = await names()
    const numbers = shown.map((name) => Number(name.split(' ')[1]))
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(await page.evaluate('document.activeElement.textContent')).toBe(shown[50])

    // Down past the last one that is shown.
    const first = page.locator('#stage-qualification .board-card').first()
    const id = Number(await first.getAttribute('data-id'))
    await first.locator('.board-card-name').focus()
    await page.keyboard.press('Space')
    for (let step = 0; step < 99; step += 1) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await expectSaid(page, /Dropped Deal \d+ in Qualification, position 100 of 1250/)
    await page.locator(`#deal-${id}:not(.is-saving)`).waitFor()
    await more.click()
    // It is among the next fifty, and not shown twice.
    await expect.poll(async () => (await names()).length).toBe(149)
    const after = await names()
    expect(after.slice(0, 100)).toEqual([...shown.slice(1), moved])
    await page.goto('/deals/pipeline')
    expect((await names())[0]).toBe(shown[1])
  },
)

test('without JavaScript, a link shows the next cards of a column, and the way back', async () => {
  const page = await visit({ as: rosa, javaScriptEnabled: false })
  await page.goto('/deals/pipeline?owner=me')
  const column = page.locator('#stage-negotiation')
  const first = await column.locator('.board-card-name').allInnerTexts()
  await turnPage(page, () => column.getByRole('link', { name: 'Show 50 more' }).click())
  const second = await column.locator('.board-card-name').allInnerTexts()
  expect([first.length, second.length]).toEqual([50, 50])
  expect(first.filter((name) => second.includes(name))).toEqual([])
  expect(page.url()).toContain('owner=me')
  await turnPage(page, () => column.getByRole('link', { name: 'From the top' }).click())
  expect(await column.locator('.board-card-name').allInnerTexts()).toEqual(first)
})

test('without JavaScript, a card is moved by its select, and closed on its own page', async () => {
  const page = await visit({ as: rosa, javaScriptEnabled: false })
  await page.goto('/deals/pipeline')
  const moved = page.locator('#stage-prospecting .board-card').first()
  const id = Number(await moved.getAttribute('data-id'))
  await moved.locator('summary').click()
  await moved.locator('select').selectOption('negotiation')
  await moved.getByRole('button', { name: 'Move' }).click()
  await page.locator(`#stage-negotiation #deal-${id}`).waitFor()
  await card(page, id).locator('summary').click()
  await card(page, id).getByRole('link', { name: 'Mark as won' }).click()
  await page.getByRole('button', { name: 'Mark as won' }).click()
  expect((await findDeal(as(rosa), id)).status).toBe('won')
})

test('a viewer sees the board and can carry nothing, but see more of it', async () => {
  const viewer = await makeUser({ role: 'viewer' })
  const page = await visit({ as: viewer })
  await page.goto('/deals/pipeline')
  await page.locator('#stage-proposal .board-more').click()
  await expect.poll(() => page.locator('#stage-proposal .board-card').count()).toBe(100)
  expect(await page.locator('.is-live, details.board-card-move, [data-id]').count()).toBe(0)
  const first = page.locator('#stage-proposal .board-card-name').first()
  const name = await first.innerText()
  await first.focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  expect(await first.innerText()).toBe(name)
})
