import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** The names of the cards of a column, from the top. */
export function cardsIn(page: Page, stage: string): Promise<string[]> {
  return page.locator(`#stage-${stage} .board-card-name`).allInnerTexts()
}

export function card(page: Page, id: number): Locator {
  return page.locator(`#deal-${id}`)
}

export async function countIn(page: Page, stage: string): Promise<string> {
  return page.locator(`#stage-${stage} .count`).innerText()
}

/** Opens the board and waits until its cards can be carried. */
export async function openBoard(page: Page, query = ''): Promise<void> {
  await page.goto(`/deals/pipeline${query}`)
  await page.locator('.board.is-live').waitFor()
}

/** What was said last to whoever listens. */
export function saidOn(page: Page): Promise<string> {
  return page.locator('#announcer').innerText()
}

export async function expectSaid(page: Page, words: RegExp): Promise<void> {
  await expect.poll(() => saidOn(page)).toMatch(words)
}

/** Carries a card by mouse and holds it over the middle of `target`, `place` of its height down. */
export async function carry(page: Page, from: Locator, target: Locator, place = 0.5): Promise<void> {
  const start = await middle(from)
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move(start.x + 8, start.y + 8, { steps: 3 })
  const end = await middle(target, place)
  await page.mouse.move(end.x, end.y, { steps: 12 })
  // The library looks where the pointer is twenty times a second.
  await page.waitForTimeout(150)
}

export async function drag(page: Page, from: Locator, target: Locator, place?: number): Promise<void> {
  await carry(page, from, target, place)
  await page.mouse.up()
}

export async function middle(element: Locator, place = 0.5): Promise<{ x: number; y: number }> {
  const box = await element.boundingBox()
  if (!box) throw new Error('not to be seen')
  return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height * place) }
}

/** A swipe goes on by itself for a while: until the page has stood still for ten frames. */
export async function stillness(page: Page): Promise<void> {
  await page.waitForFunction(`new Promise((resolve) => {
    let [last, frames] = [scrollY, 0]
    const look = () => {
      frames = scrollY === last ? frames + 1 : 0
      last = scrollY
      if (frames >= 10) resolve(true)
      else requestAnimationFrame(look)
    }
    look()
  })`)
}

/** A finger on the screen, by the debugger's protocol: touch as a phone sends it, scrolling included. */
export async function fingerOn(page: Page) {
  const session = await page.context().newCDPSession(page)
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points })
  let [x, y] = [0, 0]
  return {
    down: async (point: { x: number; y: number }) => {
      ;({ x, y } = point)
      await send('touchStart', [point])
    },
    moveTo: async (point: { x: number; y: number }, steps = 10) => {
      const [fromX, fromY] = [x, y]
      for (let step = 1; step <= steps; step += 1) {
        x = Math.round(fromX + ((point.x - fromX) * step) / steps)
        y = Math.round(fromY + ((point.y - fromY) * step) / steps)
        await send('touchMove', [{ x, y }])
        await page.waitForTimeout(16)
      }
    },
    up: () => send('touchEnd', []),
  }
}
