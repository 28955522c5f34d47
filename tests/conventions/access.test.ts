import { describe, expect, test } from 'vitest'
import { everybody, everyRecord, gather, inputFor, routes, routesFor, table, verdictOn } from './access-asking.ts'
import { nameOf, placeOf } from './access-table.ts'
import { sees } from './access-world.ts'
import { addressOf, makeSettings } from './site.ts'

const cast = await gather()
const settings = await makeSettings()
const nobody = await cast.stage.askAs(null)

test('every route stands in the table of access, and nothing else does', () => {
  const mounted = routes.map(nameOf)

  expect(
    mounted.filter((name) => !table.has(name)),
    'who may use these? Say so in a row of tests/conventions/access-table.ts',
  ).toEqual([])
  expect(
    [...table.keys()].filter((name) => !mounted.includes(name)),
    'rows of routes that are no more',
  ).toEqual([])
})

describe('nobody signed in', () => {
  test.each(routesFor('anyone', 'own', 'writers', 'admins', 'sees', 'changes', 'undoes', 'erases'))(
    '%s leads to the sign-in',
    async (_, route) => {
      const [noun] = table.get(nameOf(route))?.nouns ?? []
      const address = noun
        ? placeOf(route, cast.world, noun, cast.world.parts[0]?.ids[noun] ?? 0)
        : addressOf(route, settings)
      const answer = await nobody(route.method, address, inputFor(route))

      expect([verdictOn(answer), answer.wrote]).toEqual(['to sign in', false])
      // A script is told so, a person led there.
      const isApi = address.startsWith('/api/')
      expect([answer.status, answer.type]).toEqual(
        isApi
          ? [401, expect.stringContaining('application/problem+json') as string]
          : [303, expect.stringContaining('text/') as string],
      )
    },
  )

  test('whatever is not there leads there too, and so tells nothing', async () => {
    expect((await nobody('get', '/no-such-page')).location).toBe('/login?next=%2Fno-such-page')
  })
})

describe('where no record is asked for', () => {
  test.each(routesFor('anyone'))('%s is for everybody', async (_, route) => {
    expect(await everybody(cast, route, addressOf(route, settings), () => 'allowed')).toEqual([])
  })

  test.each(routesFor('own'))('%s of what is not one’s own is not there', async (_, route) => {
    expect(await everybody(cast, route, route.path, () => 'not there')).toEqual([])
  })

  test.each(routesFor('writers'))('%s is for all but viewers', async (_, route) => {
    const expected = await everybody(cast, route, route.path, ({ role }) =>
      role === 'viewer' ? 'forbidden' : 'allowed',
    )

    expect(expected).toEqual([])
  })

  test.each(routesFor('admins'))('%s is for administrators', async (_, route) => {
    const wrong = await everybody(cast, route, addressOf(route, settings), ({ role }) =>
      role === 'admin' ? 'allowed' : 'forbidden',
    )

    expect(wrong).toEqual([])
  })
})

describe('a record', () => {
  test.each(routesFor('sees'))('%s is for whoever sees it', async (_, route) => {
    const { wrong, done } = await everyRecord(cast, route, (actor, noun, id) =>
      sees(cast.world, actor, cast.world.find(noun, id)) ? 'allowed' : 'not there',
    )

    expect(wrong).toEqual([])
    expect(done).toBe(true)
  })

  test.each(routesFor('sees', 'changes', 'erases'))(
    '%s of a record that there is not is not there',
    async (_, route) => {
      for (const noun of table.get(nameOf(route))?.nouns ?? []) {
        expect(
          await everybody(cast, route, placeOf(route, cast.world, noun, 2_147_483_647), () => 'not there'),
        ).toEqual([])
      }
    },
  )
})
