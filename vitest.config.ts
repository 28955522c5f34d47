import { defineConfig } from 'vitest/config'

// The process lives in one zone and the database in another: a time that depends on either shows itself.
process.env.TZ = 'America/New_York'

export default defineConfig({
  test: {
    globalSetup: ['tests/support/server.ts'],
    setupFiles: ['tests/support/strict.ts'],
    include: ['tests/**/*.test.ts'],
    // Browser tests start the product themselves and are run after these (npm test).
    exclude: process.env.BROWSER ? [] : ['tests/browser/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes, on a machine with much else to do a little later.
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
  },
})
