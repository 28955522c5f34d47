import { afterAll, expect, vi } from 'vitest'
import { app } from '../support/browse.ts'
import { rehearse } from '../support/rehearsal.ts'
import type { Answer, Ask, Rehearsal } from '../support/rehearsal.ts'
import { share } from '../support/share.ts'
import { accessTable, nameOf, placeOf } from './access-table.ts'
import type { Kind } from './access-table.ts'
import { changes, leaksIn, makeAccessWorld, sees } from './access-world.ts'
import type { Actor, Noun, Part, World } from './access-world.ts'
import { goodInput, routesOf } from './site.ts'
import type { SiteRoute } from './site.ts'

export const table = accessTable()
/** What programs are answered, by tokens, is tried with tokens. */
export const routes = routesOf(app).filter(({ path }) => !path.startsWith('/api/v1'))

/** The routes of these rows, for test.each. */
export function routesFor(...kinds: Kind[]): (readonly [name: string, route: SiteRoute])[] {
  const asked = routes.filter((route) => kinds.includes(table.get(nameOf(route))?.kind as Kind))
  return share(asked.map((route) => [nameOf(route), route] as const))
}

export interface Cast {
  world: World
  stage: Rehearsal
  people: readonly { actor: Actor; ask: Ask }[]
}

/** The world of the table, with everybody in it signed in, for the test file that asks for it: until its last test is over. */
export async function gather(): Promise<Cast> {
  // A test asks hundreds of times.
  vi.setConfig({ testTimeout: 120_000 })
  const world = await makeAccessWorld()
  const stage = await rehearse()
  afterAll(() => stage.close())
  const people = await Promise.all(
    world.actors.map(async (actor) => ({ actor, ask: await stage.askAs(actor.account) })),
  )
  return { world, stage, people }
}

export type Verdict = 'allowed' | 'forbidden' | 'not there' | 'to sign in' | 'failed'

/** Conflicts and forms that come back are answers to somebody who may. What was written and then could not be shown was allowed too. */
export function verdictOn({ status, location, wrote }: Answer): Verdict {
  if (status >= 500) return 'failed'
  if (status === 401 || location.startsWith('/login')) return 'to sign in'
  if (wrote) return 'allowed'
  return status === 403 ? 'forbidden' : status === 404 ? 'not there' : 'allowed'
}

export function inputFor({ method, path }: SiteRoute): Readonly<Record<string, string>> {
  return method === 'post' ? goodInput(path) : {}
}

const NONSENSE = Object.fromEntries(Object.keys(goodInput()).map((name) => [name, '\0']))

/** Everybody asks for `address`, and `expected` says what each is to be told. Answers what was not so. */
export async function everybody(
  { world, people }: Cast,
  route: SiteRoute,
  address: string,
  expected: (actor: Actor) => Verdict,
): Promise<string[]> {
  const wrong = await Promise.all(
    people.map(async ({ actor, ask }) =>
      wrongIn(world, await ask(route.method, address, inputFor(route)), expected(actor), actor, ''),
    ),
  )
  return wrong.flat()
}

/**
 * Everybody asks for each record that means something to them. Answers what was not as `expected`; and whether anybody's request was done, not
 * only not refused.
 */
export async function everyRecord(
  { world, people }: Cast,
  route: SiteRoute,
  expected: (actor: Actor, noun: Noun, id: number) => Verdict,
): Promise<{ wrong: string[]; done: boolean }> {
  const asked: { part: Part; noun: Noun; actor: Actor; ask: Ask }[] = []
  for (const noun of table.get(nameOf(route))?.nouns ?? []) {
    for (const part of world.parts) {
      for (const { actor, ask } of people) {
        if (part.of === null || part.of === actor) asked.push({ part, noun, actor, ask })
      }
    }
  }
  let done = false
  const wrong = await Promise.all(
    asked.map(async ({ part, noun, actor, ask }) => {
      const id = part.ids[noun]
      const answer = await ask(route.method, placeOf(route, world, noun, id), inputFor(route))
      done ||= answer.status < 400 || answer.wrote
      const told = expected(actor, noun, id)
      const what = ` of ${noun} that are ${part.name}`
      const wrong = wrongIn(world, answer, told, actor, what)
      if (told === 'allowed' || route.method === 'get') return wrong
      // What is wrong with a form is nothing to be told to who may not send it.
      const bad = await ask('post', placeOf(route, world, noun, id), NONSENSE)
      return [...wrong, ...wrongIn(world, bad, told, actor, `${what}, by a form full of nonsense`)]
    }),
  )
  return { wrong: wrong.flat(), done }
}

/** What the table promises of a route that changes a record, or shows the form for it. */
export async function isForWhoeverMayChange(cast: Cast, route: SiteRoute): Promise<void> {
  const { world } = cast
  const { wrong, done } = await everyRecord(cast, route, (actor, noun, id) => {
    const record = world.find(noun, id)
    return changes(world, actor, record) ? 'allowed' : sees(world, actor, record) ? 'forbidden' : 'not there'
  })

  expect(wrong).toEqual([])
  expect(done).toBe(true)
}

function wrongIn(world: World, answer: Answer, expected: Verdict, actor: Actor, what: string): string[] {
  const verdict = verdictOn(answer)
  const leaks = leaksIn(world, actor, answer.text)
  return [
    ...(verdict === expected ? [] : [`${actor.name}${what}: ${verdict} (${answer.status}) instead of ${expected}`]),
    ...(answer.wrote && expected !== 'allowed' ? [`${actor.name}${what}: refused, but written`] : []),
    ...(leaks.length > 0 ? [`${actor.name}${what}: is shown ${leaks.join(', ')}`] : []),
  ]
}
