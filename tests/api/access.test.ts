import { beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../src/api.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { makeWorld } from '../conventions/site.ts'
import type { Ids } from '../conventions/site.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { share } from '../support/share.ts'
import { ask, prepare, written } from './contract.ts'

const all = share(operations.map((operation) => [operation.id, operation] as const))
/** What hangs on a record that has an owner. Users, pipelines and their like are everybody's to read. */
const OWNED = /^\/(leads|clients|contacts|communications|deals|lead-activities|deal-activities|projects|quotes)\/\{id\}/
const ofRecords = all.filter(([, { path }]) => OWNED.test(path))
const writes = all.filter(([, { access }]) => access === 'write')

let owner: Account
let ids: Ids

beforeAll(async () => {
  owner = await makeUser({ role: 'admin', teamId: await makeTeam('The owners') })
  ids = { ...(await makeWorld(as(owner))), me: owner.id }
})

describe.each([
  ['a viewer', { role: 'viewer' }],
  ['a viewer of what is their own', { role: 'viewer', visibility: 'own' }],
] as const)('%s, with a token for everything', (_, overrides) => {
  let api: Program

  beforeAll(async () => {
    api = await program(await makeUser(overrides))
  })

  test.each(writes)('%s: stores nothing', async (_, operation) => {
    const before = await written()
    const answer = await ask(api, operation, ids, {})

    // Many at once are refused one by one.
    const { created, updated, refused } = answer.body as { created?: number; updated?: number; refused?: number }
    // What a body names and its sender does not see is a wrong value.
    if (refused === undefined) expect([403, 404, 422]).toContain(answer.status)
    else expect([created, updated]).toEqual([0, 0])
    expect(await written()).toBe(before)
  })
})

describe.each([
  ['a member who sees their own records', {}],
  ['a member who sees those of their team', { visibility: 'team' }],
  ['a viewer who sees their own records', { role: 'viewer' }],
] as const)('%s', (_, overrides) => {
  let api: Program

  beforeAll(async () => {
    const teamId = await makeTeam(`A team of ${JSON.stringify(overrides)}`)
    api = await program(await makeUser({ role: 'member', visibility: 'own', teamId, ...overrides }))
  })

  test.each(ofRecords)("%s: somebody else's record is not there", async (_, operation) => {
    const before = await written()

    expect((await ask(api, operation, ids, {})).status).toBe(404)
    expect((await ask(api, operation, ids, { headers: { 'If-Match': '"1"' } })).status).toBe(404)
    expect(await written()).toBe(before)
  })
})

describe('a member of the owner’s team who sees its records', () => {
  test.each(ofRecords)('%s: finds them', async (_, operation) => {
    const member = await makeUser({ role: 'member', visibility: 'team', teamId: owner.teamId })
    const api = await program(member)
    const world = { ...(await makeWorld(as(owner))), me: member.id }
    await prepare(api, operation, world)

    expect((await ask(api, operation, world, {})).status).toBe(operation.status)
  })
})
