import { randomUUID } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Db } from './database/database.ts'
import { Forbidden } from './errors.ts'
import { noteWrite } from './written.ts'

export const ROLES = ['admin', 'manager', 'member', 'viewer'] as const
export type Role = (typeof ROLES)[number]
export type Visibility = 'own' | 'team' | 'all'

export interface Actor {
  /** null is the system: first set-up, imports, jobs. */
  id: number | null
  name: string
  role: Role
  visibility: Visibility
  teamId: number | null
  locale: string
  timeZone: string
  /** The administrator who looks with this user's rights, in a language and zone of their own, and changes nothing. */
  seenBy?: { id: number; name: string }
}

/** Who asks, and through which database handle: the first argument of every query and command. */
export interface Scope {
  db: Db
  user: Actor
  requestId?: string
  /** What the audit calls all that is written under this scope, together; without it each transaction is one of its own. */
  changeSet?: string
}

export const SYSTEM: Actor = {
  id: null,
  name: 'system',
  role: 'admin',
  visibility: 'all',
  teamId: null,
  locale: 'en',
  timeZone: 'UTC',
}

/**
 * Runs `work` in a transaction that tells the audit who acts: opens one, or joins the one that is open, so that commands can call
 * commands and succeed or fail as one.
 */
export async function inTransaction<Result>(scope: Scope, work: (scope: Scope) => Promise<Result>): Promise<Result> {
  if (scope.user.seenBy) throw new Forbidden('errors.seeingAs.message')
  if (scope.db.isTransaction) return work(scope)
  const result = await scope.db.transaction(async (db) => {
    const actor = scope.user.id === null ? 'system' : String(scope.user.id)
    await db.query(sql`
      SELECT set_config('dealwright.actor', ${actor}, true), set_config('dealwright.request', ${scope.requestId ?? ''}, true),
             set_config('dealwright.change_set', ${scope.changeSet ?? randomUUID()}, true)`)
    return work({ ...scope, db })
  })
  noteWrite(scope.user.id)
  return result
}
