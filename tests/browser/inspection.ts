import axe from 'axe-core'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const EVERYTHING: RunOptions = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'] },
  // Its rules for WCAG 2.2 are off unless they are asked for.
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations'],
}
/** What can differ between light and dark; everything else was looked at once. */
const COLOURS: RunOptions = { runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations'] }
const NARROW = 320
const WIDE = 1280

/** What is wrong with the page that is open, light and dark, at 320 and 1280 px: what axe finds, what sticks out sideways, menus cut off. */
export async function faultsOf(page: Page): Promise<string[]> {
  // By the debugger's way in, which the content security policy does not close.
  await page.evaluate(`${axe.source}; null`)
  const faults: string[] = []
  for (const width of [NARROW, WIDE]) {
    await page.setViewportSize({ width, height: 800 })
    faults.push(...(await overflowOf(page)), ...(await cutMenusOf(page)))
    for (const [colorScheme, rules] of [
      ['light', EVERYTHING],
      ['dark', COLOURS],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      const violations = await violationsOf(page, rules)
      faults.push(...violations.map((violation) => `${colorScheme}, ${width} px: ${violation}`))
    }
  }
  return faults
}

async function violationsOf(page: Page, rules: RunOptions): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(rules)})`)
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`))
}

/** What is wider than the window, so that the page would have to be scrolled sideways to be read. */
export function overflowOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`{
    const width = document.documentElement.clientWidth
    const scrolls = (element) => element && (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      return (left < -1 || right > width + 1) && !scrolls(element.parentElement)
    })
    const total = document.documentElement.scrollWidth
    total > innerWidth ? [total + ' px wide at ' + innerWidth + ' px', ...wide.map((element) => element.outerHTML.slice(0, 160))] : []
  }`)
}

/** Menus that open past a side of the window, where nothing scrolls to them. Each is left as it was. */
export function cutMenusOf(page: Page): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('details.menu')].filter((menu) => menu.checkVisibility()).flatMap((menu) => {
    const wasOpen = menu.open
    menu.open = true
    const { left, right } = menu.querySelector('.menu-panel').getBoundingClientRect()
    menu.open = wasOpen
    const isCut = left < 0 || right > document.documentElement.clientWidth
    return isCut ? [menu.innerText.trim() + ' opens from ' + left + ' to ' + right + ' of ' + innerWidth + ' px'] : []
  })`)
}
