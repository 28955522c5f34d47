import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { callerBy, createToken, revokeToken } from '../../src/features/tokens/commands.ts'
import { tokenList } from '../../src/features/tokens/list.ts'
import type { CreateToken } from '../../src/features/tokens/schema.ts'
import { changePassword } from '../../src/features/users/commands/passwords.ts'
import { deactivateUser } from '../../src/features/users/commands/roles.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { Conflict, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import { db, queriesOf } from '../support/database.ts'
import { PASSWORD, as, makeUser } from '../support/people.ts'

let rosa: Account
let admin: Account

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa', role: 'viewer' })
  admin = await makeUser({ name: 'Admin', role: 'admin' })
})

async function make(user: Account, more: Partial<CreateToken> = {}): Promise<{ id: number; token: string }> {
  const { id, token } = await createToken(as(user), { name: 'Website', access: 'write', life: '30', ...more })
  if (token === null) throw new Error('a token is told once')
  return { id, token }
}

const caller = (token: string) => callerBy(db, token, 100)

describe('a token', () => {
  test('acts as its user, and only its hash is kept', async () => {
    const { id, token } = await make(rosa)
    const stored = await db.query<{ row: string }>(
      sql`SELECT to_jsonb(t)::text AS row FROM api_tokens t WHERE id = ${id}`,
    )
    const told = await db.query<{ row: string }>(
      sql`SELECT new_row::text AS row FROM changes WHERE table_name = 'api_tokens'`,
    )

    expect(token).toMatch(/^dw_[\w-]{43}$/)
    expect((await caller(token))?.account).toMatchObject({ id: rosa.id, role: 'viewer', name: 'Rosa' })
    expect(`${stored[0]?.row}${told.map(({ row }) => row).join('')}`).not.toContain(token.slice(3))
    expect(told.every(({ row }) => !row.includes('token_hash'))).toBe(true)
  })

  test('is allowed what was chosen, and writing includes reading', async () => {
    const some = await caller((await make(rosa, { access: 'areas', area_leads: 'write', area_deals: 'read' })).token)
    const all = await caller((await make(rosa, { access: 'read' })).token)

    expect([some?.allows('leads', 'read'), some?.allows('leads', 'write')]).toEqual([true, true])
    expect([some?.allows('deals', 'read'), some?.allows('deals', 'write')]).toEqual([true, false])
    expect([some?.allows('clients', 'read'), all?.allows('clients', 'read'), all?.allows('clients', 'write')]).toEqual([
      false,
      true,
      false,
    ])
    await expect(make(rosa, { access: 'areas' })).rejects.toThrow(RuleViolation)
  })

  test('ends on its day, and not on one that is over', async () => {
    const { id, token } = await make(rosa, { life: 'date', expiresOn: '2999-12-31' })
    expect(await caller(token)).not.toBeNull()
    await db.transaction(async (db) => {
      await db.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await db.query(sql`UPDATE api_tokens SET expires_at = now() WHERE id = ${id}`)
    })

    expect(await caller(token)).toBeNull()
    await expect(make(rosa, { life: 'date', expiresOn: '2001-01-01' })).rejects.toThrow('tokens.errors.past')
    await expect(make(rosa, { life: 'date' })).rejects.toThrow('errors.required')
  })

  test('ends when it is revoked: by its owner or an administrator, once, and by nobody else', async () => {
    const [first, second] = [await make(rosa), await make(rosa)]
    const emil = await makeUser()

    await expect(revokeToken(as(emil), first.id)).rejects.toThrow(NotFound)
    expect(await caller(first.token)).not.toBeNull()
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => revokeToken(as(rosa), first.id)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(revokeToken(as(rosa), first.id)).rejects.toThrow(Conflict)
    await revokeToken(as(admin), second.id)
    expect([await caller(first.token), await caller(second.token)]).toEqual([null, null])
  })

  test('ends with the password that it was made under, and with its user', async () => {
    const emil = await makeUser()
    const before = await make(emil)
    await changePassword(as(emil), { currentPassword: PASSWORD, password: 'another long password' })
    const after = await make(emil)
    expect([await caller(before.token), (await caller(after.token))?.account.id]).toEqual([null, emil.id])

    const eva = await makeUser()
    const hers = await make(eva)
    await deactivateUser(as(admin), eva.id)
    expect(await caller(hers.token)).toBeNull()
  })

  test('is found in one statement, which counts, and notes its use once an hour', async () => {
    const { id, token } = await make(rosa)
    const statements = await queriesOf(async () => {
      expect((await caller(token))?.rate).toMatchObject({ limit: 100, used: 1 })
    })
    const noted = () => db.query<{ xmin: string }>(sql`SELECT xmin::text FROM api_token_uses WHERE token_id = ${id}`)
    const first = await noted()
    await Promise.all(Array.from({ length: 7 }, () => caller(token)))

    expect(statements).toHaveLength(1)
    expect((await caller(token))?.rate.used).toBeGreaterThan(1)
    expect(await noted()).toEqual(first)
  })

  test('is never said to have been used before it was made, though its use is noted by the hour', async () => {
    const { id, token } = await make(rosa)
    const shown = async () => (await tokenList.fetch(as(rosa), tokenList.parse({}))).rows.find((row) => row.id === id)
    expect((await shown())?.usedAt).toBeNull()

    await caller(token)
    const { usedAt, createdAt } = (await shown())!
    expect(usedAt?.getTime()).toBeGreaterThanOrEqual(createdAt.getTime())
  })

  test('that was made up is nobody', async () => {
    for (const token of ['', 'dw_', 'dw_x', `dw_${'a'.repeat(43)}`, 'x'.repeat(10_000), "dw_' OR 1=1"])
      expect(await caller(token)).toBeNull()
  })

  test('of one form is one, and told once', async () => {
    const submission = crypto.randomUUID()
    const made = await Promise.all(
      Array.from({ length: 8 }, () =>
        createToken(as(rosa), { name: 'Once', access: 'read', life: 'none', submission }),
      ),
    )

    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(made.filter(({ token }) => token !== null)).toHaveLength(1)
  })
})

test('everybody sees their own tokens, and administrators all when they ask', async () => {
  const mine = await make(admin, { name: 'Mine' })
  const ask = async (user: Account, query: Record<string, string>) =>
    (await tokenList.fetch(as(user), tokenList.parse(query))).rows.map(({ id }) => id)

  expect(await ask(admin, {})).toEqual([mine.id])
  expect((await ask(admin, { whose: 'all' })).length).toBeGreaterThan(5)
  expect(await ask(rosa, { whose: 'all' })).not.toContain(mine.id)
})
