import { test } from 'vitest'
import { makeDesk } from './desk.ts'
import { signIn, visit } from './product.ts'
import { A_DAY, workThroughTheDay } from './working-day.ts'

test('a working day', { timeout: A_DAY }, async () => {
  const { nora, microscopes } = await makeDesk()
  const page = await visit({ expects: [422] })
  await signIn(page, nora.email)
  await workThroughTheDay(page, microscopes)
})
