import sql from 'sql-template-tag'
import { Forbidden } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { can } from './access.ts'

export function requireAdministrator({ user }: Scope): void {
  if (!can(user, 'write', 'users')) throw new Forbidden('users.errors.administratorsOnly')
}

/**
 * For what only administrators do to people: one at a time, and only while they are one. Whoever was demoted by somebody else a moment ago, and had
 * to wait for it, is refused.
 */
export async function administer<Result>(scope: Scope, work: (scope: Scope) => Promise<Result>): Promise<Result> {
  requireAdministrator(scope)
  return inTransaction(scope, async (scope) => {
    // Set-up takes the same turn: the set of administrators hangs on no row of its own.
    await scope.db.query(sql`SELECT id FROM settings WHERE id = 1 FOR UPDATE`)
    if (scope.user.id !== null) await requireStillAdministrator(scope, scope.user.id)
    return work(scope)
  })
}

/** Whoever was demoted a moment ago is refused. */
export async function requireStillAdministrator({ db }: Scope, id: number): Promise<void> {
  const found = await db.query(sql`SELECT id FROM users WHERE id = ${id} AND role = 'admin' AND is_active`)
  if (found.length === 0) throw new Forbidden('users.errors.administratorsOnly')
}

/**
 * Is there anybody else who can administer? Whoever is invited and has not come cannot. To be asked in `administer`, so that of two who demote
 * each other at once one is left.
 */
export async function isOnlyAdministrator({ db }: Scope, id: number): Promise<boolean> {
  const others = await db.query(sql`
    SELECT id FROM users WHERE role = 'admin' AND is_active AND password_hash IS NOT NULL AND id <> ${id} LIMIT 1`)
  return others.length === 0
}
