/**
 * npm run screenshots     Takes the pictures of docs/guide anew, from the sample data: the same pages, the same size, light, in English.
 *
 * What is relative to today (dates, what is due) is as of the day on which it runs.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { IMAGES } from '../../src/features/help/guide.ts'
import { DEMO_CAST, createDemo } from '../../src/features/setup/demo.ts'
import { openDatabase } from '../../src/platform/database/database.ts'
import { startEmbedded } from '../../src/platform/database/embedded/server.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { createLogger } from '../../src/platform/http/logging.ts'
import { launchChromium } from '../support/chromium.ts'
import { SHOTS } from './shots.ts'

const SIZE = { width: 1120, height: 580 }

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dealwright-screenshots-'))
  // As root the server runs under another user, who must be able to get there.
  chmodSync(folder, 0o711)
  const embedded = await startEmbedded({ dataDir: join(folder, 'data'), fsync: false })
  const database = openDatabase(embedded.connection, 10)
  await migrate(database.pool)
  await createDemo(database)
  const config = readConfig({ NODE_ENV: 'test' })
  const app = createApp({ config, database, logger: createLogger('silent'), secret: 'a secret for pictures only' })
  const server = createServer(app.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await take(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await app.close()
    await database.close()
    await embedded.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function take(baseURL: string): Promise<void> {
  const browser = await launchChromium()
  try {
    const context = await browser.newContext({
      baseURL,
      viewport: SIZE,
      locale: 'en-GB',
      colorScheme: 'light',
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    await signIn(page)
    for (const [name, open] of Object.entries(SHOTS)) {
      await open(page)
      await page.waitForLoadState('networkidle')
      await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled', caret: 'hide' })
      process.stdout.write(`${name}.png\n`)
    }
  } finally {
    await browser.close()
  }
}

async function signIn(page: Page): Promise<void> {
  const { email, password } = DEMO_CAST.admin
  await page.goto('/login')
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await page.locator('form[action="/login"] button').click()
  await page.waitForURL('/')
}

await main()
