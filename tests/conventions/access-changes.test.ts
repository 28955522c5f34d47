import { expect, test } from 'vitest'
import { everyRecord, gather, isForWhoeverMayChange, routesFor } from './access-asking.ts'
import { changes, sees } from './access-world.ts'

const cast = await gather()

test.each(routesFor('changes').filter(([, { method }]) => method === 'post'))(
  '%s is for whoever may change the record',
  (_, route) => isForWhoeverMayChange(cast, route),
)

test.each(routesFor('undoes'))('%s is for whoever may change what was changed', async (_, route) => {
  const { world } = cast
  const { wrong, done } = await everyRecord(cast, route, (actor, noun, id) => {
    const record = world.find(noun, id)
    if (actor.role === 'viewer') return 'forbidden'
    return changes(world, actor, record) ? 'allowed' : sees(world, actor, record) ? 'forbidden' : 'not there'
  })

  expect(wrong).toEqual([])
  expect(done).toBe(true)
})

test.each(routesFor('erases'))('%s is for administrators', async (_, route) => {
  const { world } = cast
  const { wrong } = await everyRecord(cast, route, (actor, noun, id) => {
    if (!sees(world, actor, world.find(noun, id))) return 'not there'
    return actor.role === 'admin' ? 'allowed' : 'forbidden'
  })

  expect(wrong).toEqual([])
})
