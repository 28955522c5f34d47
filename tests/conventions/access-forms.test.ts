import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { everyRecord, gather, routesFor } from './access-asking.ts'
import type { Cast } from './access-asking.ts'
import { changes, sees } from './access-world.ts'

// A test asks hundreds of times.
vi.setConfig({ testTimeout: 120_000 })

let cast: Cast

beforeAll(async () => {
  cast = await gather()
}, 120_000)

afterAll(() => cast.stage.close())

test.each(routesFor('changes').filter(([, { method }]) => method === 'get'))(
  '%s, the form, is for whoever may change the record',
  async (_, route) => {
    const { world } = cast
    const { wrong, done } = await everyRecord(cast, route, (actor, noun, id) => {
      const record = world.find(noun, id)
      return changes(world, actor, record) ? 'allowed' : sees(world, actor, record) ? 'forbidden' : 'not there'
    })

    expect(wrong).toEqual([])
    expect(done).toBe(true)
  },
)
