import { isUniqueViolation } from '../../../platform/database/failure.ts'
import { RuleViolation } from '../../../platform/errors.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { hashPassword } from '../passwords.ts'
import type { CreateUser } from '../schema.ts'

/** Throws RuleViolation at `email` when somebody has that address, however it is capitalised. */
export async function createUser(scope: Scope, { password, ...input }: CreateUser): Promise<{ id: number }> {
  const passwordHash = await hashPassword(password)
  try {
    return await inTransaction(scope, ({ db }) =>
      db.records.user.create({ data: { ...input, passwordHash }, select: { id: true } }),
    )
  } catch (error) {
    if (isUniqueViolation(error)) throw new RuleViolation('users.errors.emailTaken', 'email')
    throw error
  }
}
