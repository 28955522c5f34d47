import { test } from 'vitest'
import { MAIN_JOB_TIME, doTheMainJob } from './main-job.ts'
import { visit } from './product.ts'

test('from the first visit to a deal that is won, with JavaScript off', { timeout: MAIN_JOB_TIME }, async () => {
  await doTheMainJob(await visit({ javaScriptEnabled: false }))
})
