import { test } from 'vitest'
import { gather, isForWhoeverMayChange, routesFor } from './access-asking.ts'

const cast = await gather()

test.each(routesFor('changes').filter(([, { method }]) => method === 'get'))(
  '%s, the form, is for whoever may change the record',
  (_, route) => isForWhoeverMayChange(cast, route),
)
