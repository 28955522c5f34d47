import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { z } from 'zod'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import type { Scope } from '../../platform/scope.ts'
import { can } from '../users/access.ts'

/** `password`: ended by a new password of its owner; `user`: its owner is kept out. */
export const TOKEN_STATES = ['active', 'expired', 'revoked', 'password', 'user'] as const
export type TokenState = (typeof TOKEN_STATES)[number]

export interface TokenRow {
  id: number
  name: string
  /** As much of it as is known: where it begins, and its last characters. */
  shown: string
  scopes: string[]
  state: TokenState
  expiresAt: Date | null
  revokedAt: Date | null
  /** To the hour, but never before it was made; null while it was never used. */
  usedAt: Date | null
  createdAt: Date
  userId: number
  userName: string
}

/** The condition that this user may see and revoke the token under `t`: one's own, and administrators all. */
export function reachable({ user }: Scope): Sql {
  return can(user, 'write', 'users') ? sql`TRUE` : sql`t.user_id = ${user.id}`
}

const state = sql`CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= now() THEN 'expired' WHEN NOT u.is_active THEN 'user'
  WHEN t.credentials_version <> u.credentials_version THEN 'password' ELSE 'active' END`

export const tokenList = defineList<TokenRow>()({
  columns: sql`t.id, t.name, 'dw_…' || t.ending AS shown, t.scopes, ${state} AS state, t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt",
    CASE WHEN a.used_at IS NOT NULL THEN greatest(a.used_at, t.created_at) END AS "usedAt", t.created_at AS "createdAt", t.user_id AS "userId", u.name AS "userName"`,
  from: sql`api_tokens t JOIN users u ON u.id = t.user_id LEFT JOIN api_token_uses a ON a.token_id = t.id`,
  key: sql`t.id`,
  filter: z.object({ whose: z.enum(['all']), state: z.enum(TOKEN_STATES) }),
  where: (filters, scope) => [
    reachable(scope),
    // An administrator's own page is about their own tokens, too, unless they ask for all.
    filters.whose === undefined && sql`t.user_id = ${scope.user.id}`,
    filters.state && sql`${state} = ${filters.state}`,
  ],
  search: (pattern) => sql`search_fold(t.name || ' ' || u.name) LIKE ${pattern}`,
  sorts: {
    name: by(sql`lower(t.name)`, 'text'),
    created: by(sql`t.created_at`, 'timestamptz'),
  },
  defaultSort: '-created',
})
