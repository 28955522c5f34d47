import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { makeUser } from '../support/people.ts'
import { faultsOf } from './inspection.ts'
import { FIRST_PAGES } from './places.ts'
import { visit } from './product.ts'

test('the first visit is for everybody', async () => {
  const page = await visit()
  await page.goto('/setup')
  expect(await faultsOf(page)).toEqual([])
})

describe('with nothing in it yet', () => {
  let rosa: Account

  beforeAll(async () => {
    rosa = await makeUser({ role: 'admin' })
  })

  test('the sign-in is for everybody', async () => {
    const page = await visit()
    await page.goto('/login')
    expect(await faultsOf(page)).toEqual([])
  })

  test.for(Object.entries(FIRST_PAGES))('%s is for everybody', async ([, path]) => {
    const page = await visit({ as: rosa, expects: [404] })
    await page.goto(path)
    expect(await faultsOf(page)).toEqual([])
  })
})
