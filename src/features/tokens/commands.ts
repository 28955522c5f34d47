import sql from 'sql-template-tag'
import type { Caller } from '../../platform/api/caller.ts'
import type { Db } from '../../platform/database/database.ts'
import { Conflict, NotFound, RuleViolation } from '../../platform/errors.ts'
import type { Account } from '../../platform/http/types.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { addDays, startOfDay } from '../../platform/time.ts'
import { hashOf, newToken } from '../users/links.ts'
import { accountColumns, accountFrom } from '../users/queries.ts'
import { reachable } from './list.ts'
import { permits, scopesOf } from './schema.ts'
import type { CreateToken } from './schema.ts'

/** What every token begins with, for people and scanners to know one by. */
const PREFIX = 'dw_'

/**
 * A token of one's own. Answers it in full, once: all that is kept is its hash. The same form sent twice makes one; what the first was is then
 * known to nobody any more (null).
 */
export function createToken(scope: Scope, input: CreateToken): Promise<{ id: number; token: string | null }> {
  const { id: userId } = scope.user
  if (userId === null) throw new Error('the system needs no token')
  const scopes = scopesOf(input)
  if (scopes.length === 0) throw new RuleViolation('tokens.errors.nothing', 'access')
  const expiresAt = endOf(scope, input)
  const token = PREFIX + newToken()
  return inTransaction(scope, async (scope) => {
    const { id, repeated } = await once(scope, input.submission, input, async () => {
      const [made] = await scope.db.query<{ id: number }>(sql`
        INSERT INTO api_tokens (user_id, name, ending, token_hash, scopes, credentials_version, expires_at)
        SELECT id, ${input.name}, ${token.slice(-4)}, ${hashOf(token)}, ${scopes}::text[], credentials_version, ${expiresAt}::timestamptz
        FROM users WHERE id = ${userId} AND is_active RETURNING id`)
      if (!made) throw new NotFound()
      return made
    })
    return { id, token: repeated ? null : token }
  })
}

/** The last moment of the day that was chosen, by its owner's clock; null for none. */
function endOf({ user }: Scope, { life, expiresOn }: CreateToken): Date | null {
  if (life === 'none') return null
  if (life !== 'date') return new Date(Date.now() + Number(life) * 86_400_000)
  if (!expiresOn) throw new RuleViolation('errors.required', 'expiresOn')
  const end = startOfDay(addDays(expiresOn, 1), user.timeZone)
  if (end.getTime() <= Date.now()) throw new RuleViolation('tokens.errors.past', 'expiresOn')
  return end
}

/** From now on nobody comes in by it. One's own; administrators any. Throws Conflict for one that is revoked already. */
export function revokeToken(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    const revoked = await scope.db.query(sql`
      UPDATE api_tokens t SET revoked_at = now(), revoked_by = ${scope.user.id}
      WHERE t.id = ${id} AND t.revoked_at IS NULL AND ${reachable(scope)} RETURNING t.id`)
    if (revoked.length > 0) return
    const found = await scope.db.query(sql`SELECT t.id FROM api_tokens t WHERE t.id = ${id} AND ${reachable(scope)}`)
    throw found.length > 0 ? new Conflict('tokens.errors.revoked') : new NotFound()
  })
}

interface CallerRow extends Account {
  tokenId: number
  scopes: string[]
  used: number
  secondsLeft: number
}

/**
 * Who comes by this token; null when it was made up or revoked, has expired, belongs to a password of before, or to somebody deactivated. One
 * statement also counts the request within its minute, and notes, once an hour, that the token is in use.
 */
export async function callerBy(db: Db, token: string, limit: number): Promise<Caller | null> {
  if (!token.startsWith(PREFIX)) return null
  const [row] = await db.frequent<CallerRow>(sql`
    WITH caller AS (
      SELECT t.id AS "tokenId", t.scopes, a.used_at AS "usedAt", ${accountColumns}
      FROM ${accountFrom} JOIN api_tokens t ON t.user_id = u.id LEFT JOIN api_token_uses a ON a.token_id = t.id
      WHERE t.token_hash = ${hashOf(token)} AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
        AND u.is_active AND t.credentials_version = u.credentials_version
    ), counted AS (
      INSERT INTO api_limits AS l (token_id, began_at, used) SELECT "tokenId", date_trunc('minute', now()), 1 FROM caller
      ON CONFLICT (token_id) DO UPDATE SET
        began_at = excluded.began_at, used = CASE WHEN l.began_at = excluded.began_at THEN l.used + 1 ELSE 1 END
      RETURNING l.used, extract(epoch FROM l.began_at + interval '1 minute' - clock_timestamp())::float8 AS "secondsLeft"
    ), noted AS (
      INSERT INTO api_token_uses AS n (token_id, used_at)
      SELECT "tokenId", date_trunc('hour', now()) FROM caller WHERE "usedAt" IS NULL OR "usedAt" < date_trunc('hour', now())
      ON CONFLICT (token_id) DO UPDATE SET used_at = greatest(n.used_at, excluded.used_at)
    )
    SELECT * FROM caller, counted`)
  if (!row) return null
  const { tokenId, scopes, used, secondsLeft, ...account } = row
  return {
    account,
    tokenId,
    allows: (area, access) => permits(scopes, area, access),
    rate: { limit, used, secondsLeft: Math.max(0, secondsLeft) },
  }
}
