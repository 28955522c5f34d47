import { expect, test } from 'vitest'
import { as, makeUser } from '../support/people.ts'
import { cutMenusOf, faultsOf, overflowOf } from './inspection.ts'
import { makePlaces } from './places.ts'
import { press, turnPage, visit } from './product.ts'

/** For tests that look at more than one page, or more than once: more than a test usually gets, in milliseconds. */
const LONGER = 120_000

const rosa = await makeUser({ name: 'Rosa Winter', role: 'admin' })
const places = await makePlaces(as(rosa))

test.for(Object.entries(places))('%s is for everybody', async ([, path]) => {
  const page = await visit({ as: rosa, expects: [404] })
  await page.goto(path)
  expect(await faultsOf(page)).toEqual([])
})

test('a form that comes back is for everybody', async () => {
  const page = await visit({ as: rosa, expects: [422] })
  await page.goto('/leads/create')
  await page.getByLabel('E-mail').fill('not an address')
  await press(page, 'Create lead')
  expect(await faultsOf(page)).toEqual([])
})

test('a form that somebody else was quicker with is for everybody', async () => {
  const page = await visit({ as: rosa, expects: [409] })
  const slow = await visit({ as: rosa, expects: [409] })
  await slow.goto(`${places['a client']}/edit`)
  await page.goto(`${places['a client']}/edit`)
  await page.getByLabel('Description').fill('Mine')
  await press(page, 'Save client')
  await slow.getByLabel('Description').fill('Theirs')
  await press(slow, 'Save client')
  expect(await slow.getByRole('group', { name: 'Description' }).innerText()).toMatch(/Theirs[^]*Mine/)
  expect(await faultsOf(slow)).toEqual([])
})

test('menus and what unfolds are for everybody when open', { timeout: LONGER }, async () => {
  const page = await visit({ as: rosa })
  await page.goto('/deals/pipeline')
  const folded = page.locator('details')
  expect(await folded.count()).toBeGreaterThan(1)
  for (const details of await folded.all()) {
    await details.locator('summary').click()
    expect(await faultsOf(page)).toEqual([])
  }
})

test(
  'no page and no menu sticks out sideways in a language that is longer and written from right to left',
  { timeout: LONGER },
  async () => {
    const reader = await makeUser({ locale: 'ar-XB', role: 'admin' })
    const page = await visit({ as: reader, expects: [404] })
    const faults: Record<string, string[]> = {}
    for (const [name, path] of Object.entries(places)) {
      await page.goto(path)
      expect(await page.locator('html').getAttribute('dir'), path).toBe('rtl')
      for (const width of [320, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        const found = [...(await overflowOf(page)), ...(await cutMenusOf(page))]
        if (found.length > 0) faults[`${name}, ${width} px`] = found
      }
    }
    expect(faults).toEqual({})
  },
)

test('the menu of a phone begins with who is signed in', async () => {
  const page = await visit({ as: rosa, width: 320 })
  await page.goto('/')
  await page.locator('summary', { hasText: 'Account:' }).click()
  const name = await page.locator('.site-user .menu-heading bdi').first().boundingBox()
  expect(name?.width).toBeGreaterThan(40)
})

test('the labels of a chart stand apart, whatever room it has', async () => {
  const page = await visit({ as: rosa })
  await page.goto('/reports')
  for (const width of [320, 768, 1100, 1440]) {
    await page.setViewportSize({ width, height: 800 })
    const gaps = await page.evaluate<number[]>(`{
      const labels = [...document.querySelectorAll('.chart-labels > li')].filter((label) => label.innerText && getComputedStyle(label).visibility === 'visible')
      const places = labels.map((label) => {
        const range = document.createRange()
        range.selectNodeContents(label)
        return range.getBoundingClientRect()
      })
      places.slice(1).map(({ left }, place) => left - places[place].right)
    }`)
    expect(gaps.length, `${width} px`).toBeGreaterThan(2)
    expect(Math.min(...gaps), `${width} px`).toBeGreaterThan(1)
  }
})

test('leaving through the menu ends at the sign-in', async () => {
  const page = await visit({ as: await makeUser() })
  await page.goto('/')
  await page.locator('summary', { hasText: 'Account:' }).click()
  await turnPage(page, () => page.getByRole('button', { name: 'Sign out' }).click())
  expect(new URL(page.url()).pathname).toBe('/login')
})
