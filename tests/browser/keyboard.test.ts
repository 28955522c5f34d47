import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { as, makeUser, PASSWORD } from '../support/people.ts'
import { makeLead } from '../support/records.ts'
import { heading, noticeOf, turnPage, visit } from './product.ts'

test('a person signs in and enters a lead without a mouse, and always sees where they are', async () => {
  const rosa = await makeUser({ name: 'Rosa Winter' })
  const page = await visit()
  await page.goto('/login')

  expect(await focused(page)).toBe('E-mail')
  await page.keyboard.type(rosa.email)
  await tabTo(page, 'Password')
  await page.keyboard.type(PASSWORD)
  await turnPage(page, () => page.keyboard.press('Enter'))
  expect(await heading(page)).toBe('Today')

  await tabTo(page, 'Leads')
  await turnPage(page, () => page.keyboard.press('Enter'))
  await tabTo(page, 'New lead')
  await turnPage(page, () => page.keyboard.press('Enter'))

  expect(await focused(page)).toBe('First name')
  await page.keyboard.type('Emil')
  await tabTo(page, 'Last name')
  await page.keyboard.type('Sommer')
  await tabTo(page, 'Status')
  await page.keyboard.press('ArrowDown')
  await tabTo(page, 'Create lead')
  await turnPage(page, () => page.keyboard.press('Enter'))

  expect(await heading(page)).toBe('Emil Sommer')
  expect(await noticeOf(page)).toBe('The lead was created.')
  expect(await page.getByRole('region', { name: 'Details' }).textContent()).toContain('Contacted')
})

test('the first tab on a page leads past the navigation', async () => {
  const page = await visit({ as: await makeUser() })
  await page.goto('/leads')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Skip to content')
  expect(await isSeen(page)).toBe(true)

  await page.keyboard.press('Enter')
  await page.locator('main:focus').waitFor()
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('New lead')
})

test('the account menu opens, closes and gives the focus back', async () => {
  const rosa = await makeUser({ name: 'Rosa Winter' })
  const page = await visit({ as: rosa })
  await page.goto('/leads')
  const menu = page.getByRole('button', { name: 'Sign out' })

  await tabTo(page, 'Account: RW Rosa Winter')
  expect(await menu.isVisible()).toBe(false)
  await page.keyboard.press('Enter')
  expect(await menu.isVisible()).toBe(true)
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Profile')
  await page.keyboard.press('Escape')
  expect(await menu.isVisible()).toBe(false)
  expect(await focused(page)).toContain('Rosa Winter')
})

test('every tab stop of a list and of a record can be seen', async () => {
  const rosa = await makeUser()
  const lead = await makeLead(as(rosa))
  const page = await visit({ as: rosa })
  for (const path of ['/leads', `/leads/${lead.id}`]) {
    await page.goto(path)
    const stops: string[] = []
    for (let stop = 0; stop < 60; stop++) {
      await page.keyboard.press('Tab')
      const name = await focused(page)
      // Past the last one the focus is the browser's.
      if (name === '') break
      stops.push(name)
      expect(await isSeen(page), `${name} on ${path}`).toBe(true)
    }
    expect(stops.length).toBeGreaterThan(10)
  }
})

/** Presses Tab until the focus is there, seeing it at every stop. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = []
  do {
    await page.keyboard.press('Tab')
    passed.push(await focused(page))
    expect(await isSeen(page), `the focus on ${passed.at(-1)}`).toBe(true)
    expect(passed.length, `stops on the way to ${name}: ${passed.join(', ')}`).toBeLessThan(40)
  } while (passed.at(-1) !== name)
}

/** The name of what has the focus: its label's words or its own. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>(`{
    const element = document.activeElement
    const own = element === document.body ? '' : element.innerText || element.textContent
    const words = element.labels?.length ? [...element.labels[0].childNodes].find((node) => node.textContent.trim()).textContent : element.ariaLabel || own
    words.replace(/\\s+/g, ' ').trim()
  }`)
}

/** In the window, not covered, and marked: by an outline, a border or a shadow that it does not have without the focus. */
function isSeen(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`{
    const element = document.activeElement
    const look = () => { const { outlineStyle, outlineWidth, borderColor, boxShadow } = getComputedStyle(element); return [outlineStyle === 'none' ? '' : outlineWidth, borderColor, boxShadow].join() }
    const { left, top, right, bottom } = element.getBoundingClientRect()
    const inside = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight && right - left > 1 && bottom - top > 1
    const at = document.elementFromPoint(Math.max(0, (left + right) / 2), Math.min(innerHeight - 1, Math.max(0, (top + bottom) / 2)))
    const withFocus = look()
    element.blur()
    const without = look()
    element.focus({ focusVisible: true })
    inside && (element.contains(at) || at?.contains(element)) && withFocus !== without
  }`)
}
