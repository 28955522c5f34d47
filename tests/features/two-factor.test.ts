import { TOTP } from 'otpauth'
import sql from 'sql-template-tag'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  disableTwoFactor,
  enrol,
  renewRecoveryCodes,
  requireTwoFactor,
  resetTwoFactor,
  takeCode,
} from '../../src/features/users/commands/two-factor.ts'
import { findAccount, findCredentials } from '../../src/features/users/queries.ts'
import { enrolmentUrl, newRecoveryCodes, newSecret, readCode, stepOf } from '../../src/features/users/totp.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { db } from '../support/database.ts'
import { PASSWORD, as, makeUser } from '../support/people.ts'

const STEP = 30_000
/** What the app shows `ahead` steps from now. */
const codeOf = (secret: string, ahead = 0) => new TOTP({ secret }).generate({ timestamp: Date.now() + ahead * STEP })
const wrong = (secret: string) => {
  const near = [-2, -1, 0, 1, 2].map((ahead) => codeOf(secret, ahead))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code))!
}

describe('the codes of an app', () => {
  // RFC 6238, appendix B, in six digits: the secret is "12345678901234567890".
  const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

  test.each([
    [59, '287082', 1],
    [1111111109, '081804', 37037036],
    [1111111111, '050471', 37037037],
    [1234567890, '005924', 41152263],
    [2000000000, '279037', 66666666],
    [20000000000, '353130', 666666666],
  ])('are those of RFC 6238 at %i seconds', (seconds, code, step) => {
    expect(stepOf(SECRET, code, seconds * 1_000)).toBe(step)
  })

  test('count half a minute earlier and later, and no further', () => {
    const at = 1111111111_000
    const code = new TOTP({ secret: SECRET }).generate({ timestamp: at })

    expect([-2, -1, 0, 1, 2].map((ahead) => stepOf(SECRET, code, at + ahead * STEP) !== null)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
  })

  test('are read however they are grouped, and told from recovery codes', () => {
    const [recovery = ''] = newRecoveryCodes()

    expect(readCode(' 123 456 ')).toEqual({ kind: 'app', digits: '123456' })
    expect(readCode(recovery.toUpperCase().replaceAll('-', ' '))).toEqual({ kind: 'recovery', code: recovery })
    for (const nonsense of ['', '12345', '1234567', '١٢٣٤٥٦', 'abc', `${recovery}x`, '12345６'])
      expect(readCode(nonsense), nonsense).toBeNull()
  })

  test('come from a secret of 160 bits that an app takes from its link', () => {
    const secret = newSecret()

    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(newSecret()).not.toBe(secret)
    expect(enrolmentUrl(secret, 'rosa+crm@example.com')).toMatch(
      new RegExp(`^otpauth://totp/Dealwright:rosa%2Bcrm%40example.com\\?.*secret=${secret}`),
    )
    expect(new Set(newRecoveryCodes()).size).toBe(10)
  })
})

let rosa: Account
let secret: string

async function enrolled(): Promise<string[]> {
  secret = newSecret()
  const { recoveryCodes } = await enrol(as(rosa), { secret, code: codeOf(secret, -1), currentPassword: PASSWORD })
  return recoveryCodes
}

beforeEach(async () => {
  rosa = await makeUser()
  // A step of half a minute must not end in the middle of a test.
  vi.useFakeTimers({ toFake: ['Date'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a second factor', () => {
  test('is there once a code of its app was right, with the password; not before', async () => {
    secret = newSecret()
    await expect(enrol(as(rosa), { secret, code: wrong(secret), currentPassword: PASSWORD })).rejects.toMatchObject({
      field: 'code',
    })
    await expect(
      enrol(as(rosa), { secret, code: codeOf(secret), currentPassword: 'not the password' }),
    ).rejects.toMatchObject({ field: 'currentPassword' })
    expect(await findCredentials(db, rosa.email)).toMatchObject({ hasTwoFactor: false })

    expect(await enrolled()).toHaveLength(10)

    expect(await findCredentials(db, rosa.email)).toMatchObject({ hasTwoFactor: true })
    await expect(enrolled()).rejects.toMatchObject({ status: 409 })
  })

  test('takes a code once: not again, not the one before it, and one of eight at the same instant', async () => {
    await enrolled()
    const code = readCode(codeOf(secret))

    const answers = await Promise.all(Array.from({ length: 8 }, () => takeCode(as(rosa), rosa.id, code)))

    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await takeCode(as(rosa), rosa.id, code)).toBe(false)
    expect(await takeCode(as(rosa), rosa.id, readCode(codeOf(secret, -1)))).toBe(false)
    expect(await takeCode(as(rosa), rosa.id, readCode(codeOf(secret, 1)))).toBe(true)
  })

  test('the code it was set up with signs nobody in', async () => {
    secret = newSecret()
    const code = codeOf(secret)
    await enrol(as(rosa), { secret, code, currentPassword: PASSWORD })

    expect(await takeCode(as(rosa), rosa.id, readCode(code))).toBe(false)
  })

  test("lets each recovery code in once, one of eight at the same instant; nobody else's", async () => {
    const codes = await enrolled()
    const [first = '', second = ''] = codes
    const emil = await makeUser()

    const answers = await Promise.all(Array.from({ length: 8 }, () => takeCode(as(rosa), rosa.id, readCode(first))))

    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await takeCode(as(emil), emil.id, readCode(second))).toBe(false)
    expect(await takeCode(as(rosa), rosa.id, readCode(second))).toBe(true)
    expect(await takeCode(as(rosa), rosa.id, readCode('aaaa-aaaa-aaaa-aaaa'))).toBe(false)
    expect(await takeCode(as(rosa), rosa.id, null)).toBe(false)
  })

  test('gets new recovery codes for password and code; the old ones work no more', async () => {
    const [old = ''] = await enrolled()

    await expect(
      renewRecoveryCodes(as(rosa), { code: wrong(secret), currentPassword: PASSWORD }),
    ).rejects.toMatchObject({ field: 'code' })
    const { recoveryCodes } = await renewRecoveryCodes(as(rosa), { code: codeOf(secret), currentPassword: PASSWORD })

    expect(await takeCode(as(rosa), rosa.id, readCode(old))).toBe(false)
    expect(await takeCode(as(rosa), rosa.id, readCode(recoveryCodes[9]!))).toBe(true)
  })

  test('is turned off for password and code; a recovery code will do', async () => {
    const [code = ''] = await enrolled()

    await expect(disableTwoFactor(as(rosa), { code, currentPassword: 'not the password' })).rejects.toMatchObject({
      field: 'currentPassword',
    })
    await expect(disableTwoFactor(as(rosa), { code: wrong(secret), currentPassword: PASSWORD })).rejects.toMatchObject({
      field: 'code',
    })
    await disableTwoFactor(as(rosa), { code, currentPassword: PASSWORD })

    expect(await findCredentials(db, rosa.email)).toMatchObject({ hasTwoFactor: false })
  })

  test('is removed by an administrator for somebody else, never for oneself', async () => {
    const nora = await makeUser({ role: 'admin' })
    await enrolled()

    await expect(resetTwoFactor(as(rosa), rosa.id)).rejects.toMatchObject({ status: 403 })
    await expect(resetTwoFactor(as(nora), nora.id)).rejects.toMatchObject({ key: 'users.errors.ownTwoFactor' })
    await resetTwoFactor(as(nora), rosa.id)

    expect(await findCredentials(db, rosa.email)).toMatchObject({ hasTwoFactor: false })
  })

  test('leaves no secret in the audit, and no row for a sign-in', async () => {
    const codes = await enrolled()
    await takeCode(as(rosa), rosa.id, readCode(codeOf(secret)))
    await renewRecoveryCodes(as(rosa), { code: codes[0]!, currentPassword: PASSWORD })
    await disableTwoFactor(as(rosa), { code: codeOf(secret, 1), currentPassword: PASSWORD })

    const rows = await db.query<{ operation: string; text: string }>(sql`
      SELECT operation, concat(old_row, new_row) AS text FROM changes WHERE table_name = 'two_factors' AND actor = ${String(rosa.id)} ORDER BY id`)

    expect(rows.map(({ operation }) => operation)).toEqual(['insert', 'update', 'delete'])
    expect(rows.map(({ text }) => text).join()).not.toMatch(new RegExp(`${secret}|secret|recovery_codes|last_step`))
    const stored = await db.query<{ text: string }>(sql`SELECT concat(old_row, new_row) AS text FROM changes`)
    for (const code of codes) expect(stored.some(({ text }) => text.includes(code))).toBe(false)
  })
})

test('demanded of everybody, it is missing to whoever has none, until they have one', async () => {
  const nora = await makeUser({ role: 'admin' })
  await expect(requireTwoFactor(as(rosa), true)).rejects.toMatchObject({ status: 403 })
  const missing = async (person: Account) => (await findAccount(db, person.id, 1))?.mustEnrol
  expect(await missing(rosa)).toBe(false)

  await requireTwoFactor(as(nora), true)
  try {
    expect([await missing(rosa), await missing(nora)]).toEqual([true, true])
    await enrolled()
    expect([await missing(rosa), await missing(nora)]).toEqual([false, true])
  } finally {
    await requireTwoFactor(as(nora), false)
  }
  expect(await missing(nora)).toBe(false)
})
