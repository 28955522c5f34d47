import sql from 'sql-template-tag'
import type { Db } from '../../../platform/database/database.ts'
import { NotFound, RuleViolation } from '../../../platform/errors.ts'
import { SYSTEM, inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { hashOf } from '../links.ts'
import type { Purpose } from '../links.ts'
import { hashPassword, passwordMatches } from '../passwords.ts'
import { credentialsOf, findLink } from '../queries.ts'
import { forgetLink } from './inviting.ts'

/**
 * Whoever comes by a link chooses a password. The link works once, however many use it at the same instant, and all sessions of before end.
 * Throws NotFound for a link that cannot be used (any more).
 */
export async function choosePassword(
  db: Db,
  purpose: Purpose,
  token: string,
  password: string,
): Promise<{ userId: number; credentialsVersion: number }> {
  // Before the hashing, which is slow on purpose: nobody keeps it busy with tokens that are made up.
  const { userId } = await findLink(db, purpose, token)
  const passwordHash = await hashPassword(password)
  return inTransaction({ db, user: { ...SYSTEM, id: userId } }, async (scope) => {
    const used = await scope.db.query(sql`
      DELETE FROM account_links WHERE token_hash = ${hashOf(token)} AND purpose = ${purpose} AND expires_at > now() RETURNING id`)
    if (used.length === 0) throw new NotFound('users.errors.link')
    const credentialsVersion = await setPassword(scope, userId, passwordHash)
    if (credentialsVersion === null) throw new NotFound('users.errors.link')
    return { userId, credentialsVersion }
  })
}

/**
 * One's own password, for the present one. Ends all sessions; the answer is what a session of now needs to go on. A link to reset it that was
 * out works no more.
 */
export async function changePassword(
  scope: Scope,
  { currentPassword, password }: { currentPassword: string; password: string },
): Promise<{ credentialsVersion: number }> {
  const id = await requirePassword(scope, currentPassword)
  const passwordHash = await hashPassword(password)
  return inTransaction(scope, async (scope) => {
    await forgetLink(scope, id)
    const credentialsVersion = await setPassword(scope, id, passwordHash)
    if (credentialsVersion === null) throw new NotFound()
    return { credentialsVersion }
  })
}

/** Throws RuleViolation at `currentPassword` when that is not the password of who asks. Answers who that is. */
export async function requirePassword({ db, user }: Scope, password: string): Promise<number> {
  if (user.id === null) throw new Error('the system has no password')
  const { passwordHash } = await credentialsOf(db, user.id)
  if (!(await passwordMatches(passwordHash, password)))
    throw new RuleViolation('users.errors.wrongPassword', 'currentPassword')
  return user.id
}

/** null when there is nobody active to have one. */
async function setPassword({ db }: Scope, id: number, passwordHash: string): Promise<number | null> {
  const [user] = await db.query<{ credentialsVersion: number }>(sql`
    UPDATE users SET password_hash = ${passwordHash}, credentials_version = credentials_version + 1 WHERE id = ${id} AND is_active
    RETURNING credentials_version AS "credentialsVersion"`)
  return user?.credentialsVersion ?? null
}
