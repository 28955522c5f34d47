import sql from 'sql-template-tag'
import { beforeEach, describe, expect, test } from 'vitest'
import { inviteUser, issueLink, withdrawLink } from '../../src/features/users/commands/inviting.ts'
import { changePassword, choosePassword } from '../../src/features/users/commands/passwords.ts'
import { deactivateUser, reactivateUser, signOutUser, updateUser } from '../../src/features/users/commands/roles.ts'
import { userList } from '../../src/features/users/list.ts'
import { findAccount, findCredentials, findLink, findUser } from '../../src/features/users/queries.ts'
import { passwordMatches } from '../../src/features/users/passwords.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { ROLES } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { PASSWORD, as, makeTeam, makeUser } from '../support/people.ts'

const NEW_PASSWORD = 'a quite different one'
let nora: Account

beforeEach(async () => {
  nora = await makeUser({ role: 'admin', name: 'Nora' })
})

let invited = 0
const someone = (more: Partial<Parameters<typeof inviteUser>[1]> = {}) => {
  invited += 1
  return { name: 'Ada Berg', email: `invited${invited}@example.com`, role: 'member' as const, ...more }
}
async function invite(more: Parameters<typeof someone>[0] = {}) {
  const { id, link } = await inviteUser(as(nora), someone(more))
  if (!link) throw new Error('no link')
  return { id, token: link.token }
}
const signsIn = async (email: string, password: string) =>
  passwordMatches((await findCredentials(db, email))?.passwordHash ?? null, password)
const outcomes = (answers: readonly PromiseSettledResult<unknown>[]) =>
  answers.map(({ status }) => status).filter((status) => status === 'fulfilled').length

describe('an invitation', () => {
  test('makes somebody who can be given things, and cannot sign in before they have chosen a password', async () => {
    const team = await makeTeam('North')
    const { id, token } = await invite({ email: 'Ada@example.com', visibility: 'team', teamId: team })

    expect(await findUser(as(nora), id)).toMatchObject({
      status: 'invited',
      role: 'member',
      visibility: 'team',
      teamName: 'North',
      linkPurpose: 'invitation',
    })
    expect(await signsIn('ada@example.com', '')).toBe(false)

    const { credentialsVersion } = await choosePassword(db, 'invitation', token, NEW_PASSWORD)
    expect(await findAccount(db, id, credentialsVersion)).toMatchObject({ email: 'Ada@example.com', role: 'member' })
    expect(await signsIn('ada@example.com', NEW_PASSWORD)).toBe(true)
    expect(await findUser(as(nora), id)).toMatchObject({ status: 'active', linkPurpose: null })
  })

  test('is used once, however many use it at the same instant', async () => {
    const { token } = await invite()

    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, turn) => choosePassword(db, 'invitation', token, `password number ${turn}`)),
    )

    expect(outcomes(answers)).toBe(1)
    await expect(choosePassword(db, 'invitation', token, NEW_PASSWORD)).rejects.toThrow('users.errors.link')
  })

  test('ends after seven days, when it is withdrawn, and when a new one is made', async () => {
    const [late, withdrawn, replaced] = [await invite(), await invite(), await invite()]
    const [{ days } = { days: 0 }] = await db.query<{ days: number }>(sql`
      SELECT extract(epoch FROM expires_at - now())::float8 / 86400 AS days FROM account_links WHERE user_id = ${late.id}`)
    expect(days).toBeCloseTo(7, 1)
    await db.transaction(async (tx) => {
      await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await tx.query(sql`UPDATE account_links SET expires_at = now() WHERE user_id = ${late.id} RETURNING id`)
    })
    await withdrawLink(as(nora), withdrawn.id)
    const second = await issueLink(as(nora), replaced.id)

    for (const { token } of [late, withdrawn, replaced])
      await expect(findLink(db, 'invitation', token)).rejects.toThrow('users.errors.link')
    expect(await findLink(db, 'invitation', second.token)).toMatchObject({ userId: replaced.id })
  })

  test('is no link for a new password, nor the other way round', async () => {
    const { token } = await invite()
    const rosa = await makeUser()
    const reset = await issueLink(as(nora), rosa.id)

    await expect(choosePassword(db, 'reset', token, NEW_PASSWORD)).rejects.toThrow('users.errors.link')
    await expect(choosePassword(db, 'invitation', reset.token, NEW_PASSWORD)).rejects.toThrow('users.errors.link')
  })

  test('sent twice makes one person, and no second link', async () => {
    const submission = crypto.randomUUID()
    const input = someone()

    const first = await inviteUser(as(nora), { ...input, submission })
    const again = await inviteUser(as(nora), { ...input, submission })

    expect(again).toEqual({ id: first.id, link: null })
  })

  test('for an address that somebody has is refused at the field, however it is capitalised', async () => {
    const { email } = await makeUser()

    await expect(inviteUser(as(nora), someone({ email: email.toUpperCase() }))).rejects.toMatchObject({
      key: 'users.errors.emailTaken',
      field: 'email',
    })
    await expect(inviteUser(as(nora), someone({ teamId: 2_147_483_647 }))).rejects.toMatchObject({ field: 'teamId' })
  })
})

describe('a link for a new password', () => {
  test('leaves the old one working until it is used, and then ends every session', async () => {
    const rosa = await makeUser()
    const { token, purpose, expiresAt } = await issueLink(as(nora), rosa.id)

    expect(purpose).toBe('reset')
    expect((expiresAt.getTime() - Date.now()) / 3_600_000).toBeCloseTo(24, 1)
    expect(await signsIn(rosa.email, PASSWORD)).toBe(true)
    expect(await findAccount(db, rosa.id, 1)).not.toBeNull()

    await choosePassword(db, 'reset', token, NEW_PASSWORD)
    expect([await signsIn(rosa.email, PASSWORD), await signsIn(rosa.email, NEW_PASSWORD)]).toEqual([false, true])
    expect(await findAccount(db, rosa.id, 1)).toBeNull()
  })

  test('works no more once its owner has changed the password, or was deactivated', async () => {
    const [rosa, emil] = [await makeUser(), await makeUser()]
    const [one, other] = [await issueLink(as(nora), rosa.id), await issueLink(as(nora), emil.id)]

    await changePassword(as(rosa), { currentPassword: PASSWORD, password: NEW_PASSWORD })
    await deactivateUser(as(nora), emil.id)

    for (const { token } of [one, other])
      await expect(choosePassword(db, 'reset', token, 'yet another one')).rejects.toThrow('users.errors.link')
    await reactivateUser(as(nora), emil.id)
    await expect(findLink(db, 'reset', other.token)).rejects.toThrow('users.errors.link')
  })

  test('is not to be had for oneself, nor for somebody deactivated', async () => {
    const gone = await makeUser()
    await deactivateUser(as(nora), gone.id)

    await expect(issueLink(as(nora), nora.id)).rejects.toThrow('users.errors.ownPassword')
    await expect(issueLink(as(nora), gone.id)).rejects.toThrow('users.errors.inactive')
  })
})

describe("one's own password", () => {
  test('is changed with the present one only, and ends the sessions of before', async () => {
    const rosa = await makeUser()

    await expect(
      changePassword(as(rosa), { currentPassword: 'not the password', password: NEW_PASSWORD }),
    ).rejects.toMatchObject({ key: 'users.errors.wrongPassword', field: 'currentPassword' })
    const { credentialsVersion } = await changePassword(as(rosa), {
      currentPassword: PASSWORD,
      password: NEW_PASSWORD,
    })

    expect([await signsIn(rosa.email, PASSWORD), await signsIn(rosa.email, NEW_PASSWORD)]).toEqual([false, true])
    expect(await findAccount(db, rosa.id, 1)).toBeNull()
    expect(await findAccount(db, rosa.id, credentialsVersion)).not.toBeNull()
  })
})

describe('the last administrator', () => {
  beforeEach(async () => {
    await db.transaction(async (tx) => {
      await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await tx.query(sql`UPDATE users SET role = 'member' WHERE role = 'admin' AND id <> ${nora.id} RETURNING id`)
    })
  })

  test('cannot be demoted or deactivated; somebody invited does not count', async () => {
    await invite({ role: 'admin' })

    await expect(updateUser(as(nora), nora.id, { role: 'manager' })).rejects.toMatchObject({
      key: 'users.errors.lastAdministrator',
      field: 'role',
    })
    await expect(deactivateUser(as(nora), nora.id)).rejects.toThrow('users.errors.lastAdministrator')
    expect(await findAccount(db, nora.id, 1)).toMatchObject({ role: 'admin' })
  })

  test.each(['demoting', 'deactivating'])('is left when eight are %s each other at once', async (how) => {
    const admins = [nora]
    while (admins.length < 8) admins.push(await makeUser({ role: 'admin' }))

    const answers = await Promise.allSettled(
      admins.map((admin, turn) => {
        const next = admins[(turn + 1) % admins.length]!
        return how === 'demoting'
          ? updateUser(as(admin), next.id, { role: 'viewer' })
          : deactivateUser(as(admin), next.id)
      }),
    )

    const [left] = await db.query<{ count: number }>(
      sql`SELECT count(*)::int AS count FROM users WHERE role = 'admin' AND is_active AND password_hash IS NOT NULL`,
    )
    expect(left?.count).toBeGreaterThanOrEqual(1)
    expect(outcomes(answers)).toBe(8 - (left?.count ?? 0))
  })

  test('is one of the two who demote each other: the slower is no administrator any more, and refused', async () => {
    const emil = await makeUser({ role: 'admin' })

    const answers = await Promise.allSettled([
      updateUser(as(nora), emil.id, { role: 'member' }),
      updateUser(as(emil), nora.id, { role: 'member' }),
    ])

    expect(outcomes(answers)).toBe(1)
  })
})

describe('who somebody is', () => {
  test('is changed with the version that was read; an untouched form changes nothing', async () => {
    const rosa = await makeUser({ name: 'Rosa' })
    const { version } = await findUser(as(nora), rosa.id)

    await updateUser(as(nora), rosa.id, { name: 'Rosa', role: 'member', version })
    expect((await findUser(as(nora), rosa.id)).version).toBe(version)
    await updateUser(as(nora), rosa.id, { role: 'viewer', version })
    await expect(updateUser(as(nora), rosa.id, { name: 'Rosa W', version })).rejects.toMatchObject({
      status: 409,
      stored: { name: 'Rosa', role: 'viewer' },
    })
    await expect(updateUser(as(nora), rosa.id, { email: nora.email })).rejects.toMatchObject({ field: 'email' })
  })

  test('ends with a deactivation, at once, and comes back with the same password', async () => {
    const rosa = await makeUser()

    await deactivateUser(as(nora), rosa.id)
    expect([await findAccount(db, rosa.id, 1), await findAccount(db, rosa.id, 2)]).toEqual([null, null])
    expect(await signsIn(rosa.email, PASSWORD)).toBe(false)

    await reactivateUser(as(nora), rosa.id)
    expect(await findAccount(db, rosa.id, 1), 'a session of before').toBeNull()
    expect(await signsIn(rosa.email, PASSWORD)).toBe(true)
  })

  test('signed out by an administrator, everywhere', async () => {
    const rosa = await makeUser()

    await signOutUser(as(nora), rosa.id)

    expect(await findAccount(db, rosa.id, 1)).toBeNull()
    await expect(signOutUser(as(nora), 2_147_483_647)).rejects.toThrow('errors.notFound.message')
  })

  test.each(ROLES.filter((role) => role !== 'admin'))('is none of the business of a %s', async (role) => {
    const [one, rosa] = [await makeUser({ role }), await makeUser()]
    const forbidden = { status: 403 }

    await expect(inviteUser(as(one), someone())).rejects.toMatchObject(forbidden)
    await expect(updateUser(as(one), one.id, { role: 'admin' })).rejects.toMatchObject(forbidden)
    await expect(issueLink(as(one), rosa.id)).rejects.toMatchObject(forbidden)
    await expect(deactivateUser(as(one), rosa.id)).rejects.toMatchObject(forbidden)
    expect((await userList.fetch(as(one), userList.parse({}))).rows).toEqual([])
  })
})

test('the list is searched, filtered by role, team and status, and sorted', async () => {
  const team = await makeTeam('Searchers')
  await makeUser({ name: 'Zoë Quist', email: 'zoe@quist.example.com', role: 'viewer', teamId: team })
  const gone = await makeUser({ name: 'Quist Gone', teamId: team })
  await deactivateUser(as(nora), gone.id)
  await invite({ name: 'Quist Invited' })
  const names = async (query: Record<string, string>) =>
    (await userList.fetch(as(nora), userList.parse(query))).rows.map(({ name }) => name)

  expect(await names({ q: 'zoe quist' })).toEqual(['Zoë Quist'])
  expect(await names({ q: '@quist.example' })).toEqual(['Zoë Quist'])
  expect(await names({ q: 'quist', role: 'viewer' })).toEqual(['Zoë Quist'])
  expect(await names({ team: String(team), sort: '-name' })).toEqual(['Zoë Quist', 'Quist Gone'])
  expect(await names({ q: 'quist', status: 'inactive' })).toEqual(['Quist Gone'])
  expect(await names({ q: 'quist', status: 'invited' })).toEqual(['Quist Invited'])
  for (const sort of ['email', 'role', 'team', '-team', 'created'])
    expect(await names({ q: 'quist', sort })).toHaveLength(3)
})

test('the audit knows who did what to whom, and no secret', async () => {
  const { id, token } = await invite()
  await choosePassword(db, 'invitation', token, NEW_PASSWORD)
  await updateUser(as(nora), id, { role: 'viewer' })
  await issueLink(as(nora), id)

  const rows = await db.query<{ actor: string; line: string }>(sql`
    SELECT actor, table_name || ' ' || operation AS line FROM changes
    WHERE (table_name = 'users' AND record_id = ${id}) OR (table_name = 'account_links' AND coalesce(new_row, old_row) ->> 'user_id' = ${String(id)})
    ORDER BY id`)
  const all = await db.query<{ text: string }>(sql`SELECT concat(old_row, new_row) AS text FROM changes`)

  expect(rows.map(({ actor, line }) => `${actor === String(nora.id) ? 'nora' : 'self'}: ${line}`)).toEqual([
    'nora: users insert',
    'nora: account_links insert',
    'self: account_links delete',
    'self: users update',
    'nora: users update',
    'nora: account_links insert',
  ])
  expect(all.map(({ text }) => text).join()).not.toMatch(/argon2|password_hash|token_hash/)
})
