import type { Page } from 'playwright-core'

/** The pictures of the guide, and how each page is opened in the sample data. */
export const SHOTS: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  today: (page) => page.goto('/'),
  leads: (page) => page.goto('/leads'),
  lead: (page) => openFirst(page, '/leads?status=qualified&owner=me'),
  conversion: async (page) => {
    await openFirst(page, '/leads?status=qualified&owner=me')
    await page.locator('a[href$="/convert-to-deal"]').first().click()
    await page.waitForURL('**/convert-to-deal')
  },
  pipeline: (page) => page.goto('/deals/pipeline'),
  deal: (page) => openFirst(page, '/deals?q=reach+trucks'),
  client: (page) => openFirst(page, '/clients?q=nordhafen'),
  search: (page) => page.goto('/search?q=nord'),
  reports: (page) => page.goto('/reports?period=year'),
  history: (page) => page.goto('/history'),
  people: (page) => page.goto('/settings/users'),
  currencies: (page) => page.goto('/settings/currencies'),
  calendar: async (page) => {
    for (const name of ['Phone', 'Laptop']) {
      await page.goto('/profile/feeds')
      await page.locator('input[name=name]').fill(name)
      await page.locator('form[action="/profile/feeds"] button').click()
      await page.locator('input#link').waitFor()
    }
    await page.goto('/profile/feeds')
  },
}

async function openFirst(page: Page, list: string): Promise<void> {
  await page.goto(list)
  await page.locator('tbody th a').first().click()
  await page.waitForURL(/\/\w+\/\d+$/)
}
