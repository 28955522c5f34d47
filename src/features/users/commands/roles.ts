import sql from 'sql-template-tag'
import { changedFields } from '../../../platform/changed.ts'
import { isUniqueViolation } from '../../../platform/database/failure.ts'
import { Conflict, NotFound, RuleViolation } from '../../../platform/errors.ts'
import type { Scope } from '../../../platform/scope.ts'
import { stale } from '../../../platform/stale.ts'
import { administer, isOnlyAdministrator } from '../administrators.ts'
import { userForm } from '../queries.ts'
import type { UpdateUser } from '../schema.ts'
import { forgetLink, lockUser, requireTeam } from './inviting.ts'

/**
 * Who somebody is and what they may do: it holds from their next page on. Answers the role they now have. Throws Conflict with what is stored when somebody else saved after
 * `version`, RuleViolation when nobody would be left to administer.
 */
export async function updateUser(
  scope: Scope,
  id: number,
  { version, ...input }: UpdateUser,
): Promise<{ role: string }> {
  try {
    return await administer(scope, async (scope) => {
      await lockUser(scope, id)
      const stored = await scope.db.records.user.findUniqueOrThrow({ where: { id } })
      const changed = changedFields(stored, input)
      if (Object.keys(changed).length === 0) return { role: stored.role }
      if (version && version !== stored.version)
        throw await stale(scope, { table: 'users', id, version, stored: userForm(stored) })
      if (stored.role === 'admin' && changed.role && (await isOnlyAdministrator(scope, id)))
        throw new RuleViolation('users.errors.lastAdministrator', 'role')
      await requireTeam(scope, changed.teamId)
      return scope.db.records.user.update({ where: { id }, data: changed, select: { role: true } })
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw new RuleViolation('users.errors.emailTaken', 'email')
    throw error
  }
}

/** Kept out from this moment: every session ends, and no link of theirs works. What they own stays theirs until it is handed over. */
export function deactivateUser(scope: Scope, id: number): Promise<void> {
  return administer(scope, async (scope) => {
    await lockUser(scope, id)
    if (await isOnlyAdministrator(scope, id)) throw new Conflict('users.errors.lastAdministrator')
    await forgetLink(scope, id)
    await scope.db.query(sql`
      UPDATE users SET is_active = false, credentials_version = credentials_version + 1 WHERE id = ${id} AND is_active RETURNING id`)
  })
}

/** With the password and the rights of before. */
export function reactivateUser(scope: Scope, id: number): Promise<void> {
  return administer(scope, async (scope) => {
    await lockUser(scope, id)
    await scope.db.query(sql`UPDATE users SET is_active = true WHERE id = ${id} AND NOT is_active RETURNING id`)
  })
}

/** Ends every session of theirs; they can sign in again. */
export function signOutUser(scope: Scope, id: number): Promise<void> {
  return administer(scope, async (scope) => {
    const ended = await scope.db.query(
      sql`UPDATE users SET credentials_version = credentials_version + 1 WHERE id = ${id} RETURNING id`,
    )
    if (ended.length === 0) throw new NotFound()
  })
}
