import { randomUUID } from 'node:crypto'
import sql from 'sql-template-tag'
import type { Db } from './database/database.ts'

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
}

/** Who asks, and through which database handle: the first argument of every query and command. */
export interface Scope {
  db: Db
  user: Actor
  requestId?: string
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
export function inTransaction<Result>(scope: Scope, work: (scope: Scope) => Promise<Result>): Promise<Result> {
  if (scope.db.isTransaction) return work(scope)
  return scope.db.transaction(async (db) => {
    const actor = scope.user.id === null ? 'system' : String(scope.user.id)
    await db.query(sql`
      SELECT set_config('dealwright.actor', ${actor}, true), set_config('dealwright.request', ${scope.requestId ?? ''}, true),
             set_config('dealwright.change_set', ${randomUUID()}, true)`)
    return work({ ...scope, db })
  })
}
