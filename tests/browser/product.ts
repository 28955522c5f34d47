import type { AddressInfo } from 'node:net'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { expressServer } from '../../src/platform/http/server.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { launchChromium } from '../support/chromium.ts'
import { db } from '../support/database.ts'
import { logger } from '../support/log.ts'
import { PASSWORD } from '../support/people.ts'

/** A name under which the product is reached as from another machine: over plain http, which no browser calls secure. */
const LAN_HOST = 'crm.lan'
/** A step that takes longer than this has failed; well below a test's time, so that the message tells of the step. */
const PATIENCE = 10_000

interface Visit extends Pick<BrowserContextOptions, 'javaScriptEnabled' | 'locale' | 'colorScheme' | 'hasTouch'> {
  /** Somebody who is signed in already: by the form the first time, by the session's cookie from then on. */
  as?: Account
  /** By the machine's name in the local network, not by its loopback address. */
  byLan?: boolean
  width?: number
  /** Answers of the product that this test provokes, 0 for none at all; the browser reports them as errors of its own. */
  expects?: readonly number[]
}

const { handle, close } = createApp({
  config: readConfig({ NODE_ENV: 'test' }),
  database: db,
  logger,
  secret: 'a secret that only tests know',
})
const { server, serve } = expressServer()
serve(handle)
let browser: Awaited<ReturnType<typeof launchChromium>>
const complaints: string[] = []
const signedIn = new Map<string, Awaited<ReturnType<BrowserContext['storageState']>>>()

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  browser = await launchChromium(LAN_HOST)
})

// What nobody expected to be said in the browser fails the test that caused it.
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
  // Soft: what else is looked at after a test is to be looked at all the same.
  expect.soft(complaints.splice(0), 'said by the browser').toEqual([])
})

afterAll(async () => {
  await browser.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await close()
})

/** A person with a browser of their own, on an empty page of the running product; `page.goto('/leads')` goes there. */
export async function visit({ as, byLan = false, width = 1280, expects = [], ...options }: Visit = {}): Promise<Page> {
  const { port } = server.address() as AddressInfo
  const baseURL = `http://${byLan ? LAN_HOST : '127.0.0.1'}:${port}`
  const known = as && signedIn.get(`${baseURL} ${as.email}`)
  const context = await browser.newContext({
    baseURL,
    storageState: known,
    viewport: { width, height: 800 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(PATIENCE)
  // As text: it runs in the browser, whose names this project's types do not know.
  await context.addInitScript(`document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    console.error('The content security policy (' + violatedDirective + ') refused ' + blockedURI)
  })`)
  const page = await context.newPage()
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => {
    const provoked = expects.some((status) =>
      message.text().includes(status === 0 ? 'net::ERR_FAILED' : `responded with a status of ${status}`),
    )
    if (['error', 'warning'].includes(message.type()) && !provoked) complaints.push(message.text())
  })
  if (as && !known) {
    await signIn(page, as.email)
    signedIn.set(`${baseURL} ${as.email}`, await context.storageState())
  }
  return page
}

/** By the sign-in form. What it is called differs by language, so it is found by what it sends. */
export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto('/login')
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await turnPage(page, () => page.locator('form[action="/login"] button').click())
}

/** Does what leads to another page and waits until that page is there: not the old one, nor Turbo's preview of the new. */
export async function turnPage(page: Page, act: () => Promise<unknown>): Promise<void> {
  await page.evaluate("document.body.setAttribute('data-left', '')")
  await act()
  await page.locator('html:not([aria-busy]):not([data-turbo-preview]) > body:not([data-left])').waitFor()
  await page.waitForLoadState('domcontentloaded')
}

/** By the main navigation. */
export async function follow(page: Page, name: string): Promise<void> {
  await turnPage(page, () => page.getByRole('navigation').getByRole('link', { name, exact: true }).click())
}

/** Presses a button that sends a form. */
export async function press(page: Page, name: string): Promise<void> {
  await turnPage(page, () => page.getByRole('button', { name, exact: true }).click())
}

export function heading(page: Page): Promise<string> {
  return page.getByRole('heading', { level: 1 }).innerText()
}

export async function noticeOf(page: Page): Promise<string> {
  return (await page.locator('.notice-text').allInnerTexts()).join(' ')
}
