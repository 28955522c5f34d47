import { afterAll, beforeAll, test, vi } from 'vitest'
import { gather, isForWhoeverMayChange, routesFor } from './access-asking.ts'
import type { Cast } from './access-asking.ts'

// A test asks hundreds of times.
vi.setConfig({ testTimeout: 120_000 })

let cast: Cast

beforeAll(async () => {
  cast = await gather()
}, 120_000)

afterAll(() => cast.stage.close())

test.each(routesFor('changes').filter(([, { method }]) => method === 'get'))(
  '%s, the form, is for whoever may change the record',
  (_, route) => isForWhoeverMayChange(cast, route),
)
