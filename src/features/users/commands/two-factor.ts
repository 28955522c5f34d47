import sql from 'sql-template-tag'
import { Conflict, RuleViolation } from '../../../platform/errors.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { administer } from '../administrators.ts'
import { hashOf } from '../links.ts'
import { newRecoveryCodes, readCode, stepOf } from '../totp.ts'
import type { Code } from '../totp.ts'
import { lockUser } from './inviting.ts'
import { requirePassword } from './passwords.ts'

/**
 * From now on a code is asked for at sign-in. `code` proves that the app has the secret. Answers the recovery codes, which are nowhere else.
 * Throws Conflict when there is a second factor already.
 */
export async function enrol(
  scope: Scope,
  { secret, code, currentPassword }: { secret: string; code: string; currentPassword: string },
): Promise<{ recoveryCodes: string[] }> {
  const userId = await requirePassword(scope, currentPassword)
  const read = readCode(code)
  const step = read?.kind === 'app' ? stepOf(secret, read.digits) : null
  if (step === null) throw wrongCode()
  const recoveryCodes = newRecoveryCodes()
  return inTransaction(scope, async ({ db }) => {
    const made = await db.query(sql`
      INSERT INTO two_factors (user_id, secret, last_step, recovery_codes)
      VALUES (${userId}, ${secret}, ${step}, ${recoveryCodes.map(hashOf)}::text[]) ON CONFLICT (user_id) DO NOTHING RETURNING id`)
    if (made.length === 0) throw new Conflict('users.errors.twoFactorThere')
    return { recoveryCodes }
  })
}

/** The password alone is enough again. */
export async function disableTwoFactor(
  scope: Scope,
  { code, currentPassword }: { code: string; currentPassword: string },
): Promise<void> {
  const userId = await requirePassword(scope, currentPassword)
  return inTransaction(scope, async (scope) => {
    await requireCode(scope, userId, code)
    await scope.db.query(sql`DELETE FROM two_factors WHERE user_id = ${userId} RETURNING id`)
  })
}

/** New recovery codes; those of before work no more. */
export async function renewRecoveryCodes(
  scope: Scope,
  { code, currentPassword }: { code: string; currentPassword: string },
): Promise<{ recoveryCodes: string[] }> {
  const userId = await requirePassword(scope, currentPassword)
  const recoveryCodes = newRecoveryCodes()
  return inTransaction(scope, async (scope) => {
    await requireCode(scope, userId, code)
    await scope.db.query(sql`
      UPDATE two_factors SET recovery_codes = ${recoveryCodes.map(hashOf)}::text[], codes_made_at = now()
      WHERE user_id = ${userId} RETURNING id`)
    return { recoveryCodes }
  })
}

async function requireCode(scope: Scope, userId: number, typed: string): Promise<void> {
  if (!(await takeCode(scope, userId, readCode(typed)))) throw wrongCode()
}

/** Whether it was right. A code is taken once: of several at the same instant with the same one, one gets in. */
export async function takeCode(scope: Scope, userId: number, code: Code): Promise<boolean> {
  if (code === null) return false
  return inTransaction(scope, ({ db }) =>
    code.kind === 'app' ? takeStep(db, userId, code.digits) : takeRecoveryCode(db, userId, code.code),
  )
}

async function takeStep(db: Scope['db'], userId: number, digits: string): Promise<boolean> {
  const [factor] = await db.query<{ secret: string }>(sql`SELECT secret FROM two_factors WHERE user_id = ${userId}`)
  const step = factor ? stepOf(factor.secret, digits) : null
  if (step === null) return false
  const taken = await db.query(
    sql`UPDATE two_factors SET last_step = ${step} WHERE user_id = ${userId} AND last_step < ${step} RETURNING id`,
  )
  return taken.length === 1
}

async function takeRecoveryCode(db: Scope['db'], userId: number, code: string): Promise<boolean> {
  const hash = hashOf(code)
  const taken = await db.query(sql`
    UPDATE two_factors SET recovery_codes = array_remove(recovery_codes, ${hash}) WHERE user_id = ${userId} AND ${hash} = ANY (recovery_codes)
    RETURNING id`)
  return taken.length === 1
}

/** For somebody who has lost app and recovery codes. Not for oneself: that takes the password and a code. */
export function resetTwoFactor(scope: Scope, userId: number): Promise<void> {
  return administer(scope, async (scope) => {
    if (userId === scope.user.id) throw new Conflict('users.errors.ownTwoFactor')
    await lockUser(scope, userId)
    await scope.db.query(sql`DELETE FROM two_factors WHERE user_id = ${userId} RETURNING id`)
  })
}

/** Whether everybody needs one: whoever has none is then led to it, and can do nothing else. */
export function requireTwoFactor(scope: Scope, required: boolean): Promise<void> {
  return administer(scope, async (scope) => {
    await scope.db.query(sql`
      UPDATE settings SET two_factor_required = ${required} WHERE id = 1 AND two_factor_required <> ${required} RETURNING id`)
  })
}

function wrongCode(): RuleViolation {
  return new RuleViolation('users.errors.wrongCode', 'code')
}
