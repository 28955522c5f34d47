import { test } from 'vitest'
import { makeDesk } from './desk.ts'
import { signIn, visit } from './product.ts'
import { A_DAY, workThroughTheDayPlainly } from './working-day.ts'

test('the core of a working day, with JavaScript off', { timeout: A_DAY }, async () => {
  const { nora } = await makeDesk()
  const page = await visit({ javaScriptEnabled: false })
  await signIn(page, nora.email)
  await workThroughTheDayPlainly(page)
})
