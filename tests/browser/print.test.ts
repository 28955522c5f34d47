import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { as } from '../support/people.ts'
import { makeDeal } from '../support/records.ts'
import { makeDesk } from './desk.ts'
import type { Desk } from './desk.ts'
import { overflowOf } from './inspection.ts'
import { makeUser } from '../support/people.ts'
import { visit } from './product.ts'

/** Between the margins of a sheet, in CSS pixels; A4, which is narrower than Letter. */
const UPRIGHT = 680
const SIDEWAYS = 1009

let desk: Desk

beforeAll(async () => {
  desk = await makeDesk()
})

const papers: Record<string, { path: (desk: Desk) => string; width: number; shows: string[] }> = {
  'a record': {
    path: ({ microscopes }) => `/deals/${microscopes}`,
    width: UPRIGHT,
    shows: ['Twelve microscopes', '€12,000.00', 'Write the offer', 'Zürich Optik', 'Deal created'],
  },
  'a list': {
    path: () => '/deals',
    width: SIDEWAYS,
    shows: ['Twelve microscopes', 'Probability', 'Nora Hartley', '4 entries'],
  },
  'the board': {
    path: () => '/deals/pipeline',
    width: SIDEWAYS,
    shows: ['Prospecting', 'Old lamps', 'Won', 'Prisms', 'Lost'],
  },
  'the report': {
    path: () => '/reports',
    width: UPRIGHT,
    shows: ['Pipeline by stage', 'Prospecting', 'Nora Hartley', '£500.00'],
  },
  Today: { path: () => '/', width: UPRIGHT, shows: ['Sample lenses', 'Emil Sommer moved it to Proposal'] },
}

test.for(Object.entries(papers))(
  '%s on paper: what it says, and nothing to press',
  async ([, { path, width, shows }]) => {
    const page = await visit({ as: desk.nora, width, colorScheme: 'dark' })
    await page.goto(path(desk))
    expect(await schemeOf(page)).toBe('dark')
    await page.emulateMedia({ media: 'print' })

    const visible = await page.locator('body').innerText()
    for (const words of shows) expect(visible).toContain(words)
    expect(await seen(page, '.site-header, nav:not(.pager), button, .btn, input, select, textarea, form')).toEqual([])
    // Nothing is past the edge, and nothing has to be scrolled to, which paper cannot.
    expect(await overflowOf(page)).toEqual([])
    expect(await scrollersOf(page)).toEqual([])
    expect(await schemeOf(page)).toBe('light')
  },
)

test('a report on paper has the figures of its chart, unfolded or not', async () => {
  const page = await visit({ as: desk.nora, width: UPRIGHT })
  await page.goto('/reports')
  const figures = page.getByRole('region', { name: 'Won and lost' }).locator('tfoot')
  expect(await figures.isVisible()).toBe(false)
  await page.emulateMedia({ media: 'print' })
  expect(await figures.innerText()).toContain('€700.00')
})

const narrowed: Record<string, { path: (desk: Desk) => string; says: { en: string; de: string } }> = {
  'a list': {
    path: ({ nora }) => `/deals?q=optik&status=open&owner=${nora.id}`,
    says: {
      en: 'Search deals and clients: optik · Status: Open · Owner: Nora Hartley',
      de: 'Deals und Kunden suchen: optik · Status: Offen · Zuständig: Nora Hartley',
    },
  },
  'the board': {
    path: ({ nora }) => `/deals/pipeline?q=optik&owner=${nora.id}&period=month&tag=<i>fair</i>`,
    says: {
      en: 'Search deals and clients: optik · Owner: Nora Hartley · Closed: This month · Tag: <i>fair</i>',
      de: 'Deals und Kunden suchen: optik · Zuständig: Nora Hartley · Abgeschlossen: Dieser Monat · Schlagwort: <i>fair</i>',
    },
  },
  'the report': {
    path: ({ nora }) => `/reports?period=quarter&owner=${nora.id}&currency=EUR`,
    says: {
      en: 'Period: This quarter · Owner: Nora Hartley · Currency: EUR',
      de: 'Zeitraum: Dieses Quartal · Zuständig: Nora Hartley · Währung: EUR',
    },
  },
  'the history': {
    path: ({ nora }) => `/history?who=${nora.id}&from=2026-03-01`,
    says: { en: 'Who: Nora Hartley · From: Mar 1, 2026', de: 'Wer: Nora Hartley · Von: 01.03.2026' },
  },
}

test.for(Object.entries(narrowed))(
  '%s on paper says below its heading what it is narrowed to',
  async ([, { path, says }]) => {
    const readers = { en: desk.nora, de: await makeUser({ role: 'admin', locale: 'de' }) }
    for (const language of ['en', 'de'] as const) {
      const page = await visit({ as: readers[language], width: SIDEWAYS })
      await page.goto(path(desk))
      const words = page.locator('.page-header + .filters + .filtered')
      expect(await words.isVisible()).toBe(false)
      await page.emulateMedia({ media: 'print' })
      expect(await words.innerText()).toBe(says[language])
      expect(await overflowOf(page)).toEqual([])
    }
  },
)

test('what is narrowed to nothing says nothing of it', async () => {
  const page = await visit({ as: desk.nora })
  await page.goto('/deals?status=')
  expect(await page.locator('.filtered').count()).toBe(0)
})

test('a report on paper keeps each figure in one piece, three in a row', async () => {
  const page = await visit({ as: desk.nora, width: UPRIGHT })
  await makeDeal(as(desk.nora), { name: 'Everything', value: '9999999999.99' })
  await page.goto('/reports')
  await page.emulateMedia({ media: 'print' })
  const figures = await page.evaluate<
    { lines: number; top: number }[]
  >(`[...document.querySelectorAll('.stat-value')].map((figure) => {
    const range = document.createRange()
    range.selectNodeContents(figure)
    return { lines: new Set([...range.getClientRects()].map(({ top }) => top)).size, top: figure.getBoundingClientRect().top }
  })`)
  expect(figures.map(({ lines }) => lines)).toEqual(figures.map(() => 1))
  expect(figures.filter(({ top }) => top === figures[0]?.top)).toHaveLength(3)
})

/** What of these can be seen. */
function seen(page: Page, selector: string): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll(${JSON.stringify(selector)})]
    .filter((element) => element.checkVisibility())
    .map((element) => element.outerHTML.slice(0, 120))`)
}

function schemeOf(page: Page): Promise<string> {
  return page.evaluate<string>('getComputedStyle(document.documentElement).colorScheme')
}

/** What holds more than it shows. */
function scrollersOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('main *')]
    .filter((element) => ['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX) && !element.closest('.sr-only, svg, caption'))
    .filter(({ scrollWidth, clientWidth, scrollHeight, clientHeight }) => clientWidth > 1 && (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1))
    .map((element) => element.outerHTML.slice(0, 160))`)
}
