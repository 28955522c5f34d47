import { beforeEach, describe, expect, test } from 'vitest'
import { createTeam, deleteTeam, renameTeam } from '../../src/features/teams/commands.ts'
import { teamList } from '../../src/features/teams/list.ts'
import { findTeam } from '../../src/features/teams/queries.ts'
import { updateUser } from '../../src/features/users/commands/roles.ts'
import { findUser } from '../../src/features/users/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { as, makeUser } from '../support/people.ts'

let nora: Account
let made = 0
const name = () => `Team ${(made += 1)}`

beforeEach(async () => {
  nora = await makeUser({ role: 'admin' })
})

describe('a team', () => {
  test('is made once for one form, and listed with how many are in it', async () => {
    const submission = crypto.randomUUID()
    const title = name()
    const { id } = await createTeam(as(nora), { name: title, submission })
    expect(await createTeam(as(nora), { name: title, submission })).toEqual({ id, repeated: true })
    await makeUser({ teamId: id })

    const { rows } = await teamList.fetch(as(nora), teamList.parse({ q: title, sort: '-members' }))
    expect(rows).toMatchObject([{ id, name: title, members: 1 }])
  })

  test('has a name of its own, however it is capitalised; eight at once make one', async () => {
    const title = name()

    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, turn) => createTeam(as(nora), { name: turn % 2 ? title : title.toUpperCase() })),
    )

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(createTeam(as(nora), { name: title })).rejects.toMatchObject({
      key: 'teams.errors.taken',
      field: 'name',
    })
  })

  test('is renamed with the version that was read', async () => {
    const [{ id }, other] = [await createTeam(as(nora), { name: name() }), await createTeam(as(nora), { name: name() })]
    const { version, name: before } = await findTeam(as(nora), id)
    const taken = (await findTeam(as(nora), other.id)).name

    await renameTeam(as(nora), id, { name: before, version })
    expect((await findTeam(as(nora), id)).version).toBe(version)
    await renameTeam(as(nora), id, { name: `${before} (new)`, version })
    await expect(renameTeam(as(nora), id, { name: 'x', version })).rejects.toMatchObject({ status: 409 })
    await expect(renameTeam(as(nora), id, { name: taken })).rejects.toMatchObject({ field: 'name' })
    await expect(renameTeam(as(nora), 2_147_483_647, { name: 'x' })).rejects.toMatchObject({ status: 404 })
  })

  test('is deleted; its members stay, without one', async () => {
    const { id } = await createTeam(as(nora), { name: name() })
    const member = await makeUser({ teamId: id })

    expect(await deleteTeam(as(nora), id)).toEqual({ members: 1 })

    expect(await findUser(as(nora), member.id)).toMatchObject({ teamId: null, teamName: null, status: 'active' })
    await expect(findTeam(as(nora), id)).rejects.toMatchObject({ status: 404 })
    await expect(deleteTeam(as(nora), id)).rejects.toMatchObject({ status: 404 })
  })

  test('is not joined while it is deleted: nobody ends up in a team that is not there', async () => {
    const { id } = await createTeam(as(nora), { name: name() })
    const people = await Promise.all(Array.from({ length: 4 }, () => makeUser()))

    await Promise.allSettled([
      ...people.map((person) => updateUser(as(nora), person.id, { teamId: id })),
      deleteTeam(as(nora), id),
    ])

    for (const person of people) expect((await findUser(as(nora), person.id)).teamId).toBeNull()
  })

  test.each(['manager', 'member', 'viewer'] as const)('is none of the business of a %s', async (role) => {
    const one = await makeUser({ role })
    const { id } = await createTeam(as(nora), { name: name() })

    await expect(createTeam(as(one), { name: name() })).rejects.toMatchObject({ status: 403 })
    await expect(renameTeam(as(one), id, { name: name() })).rejects.toMatchObject({ status: 403 })
    await expect(deleteTeam(as(one), id)).rejects.toMatchObject({ status: 403 })
    expect((await teamList.fetch(as(one), teamList.parse({}))).rows).toEqual([])
  })
})
