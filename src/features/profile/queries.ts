import sql from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'

export interface Profile {
  name: string
  email: string
  locale: string
  timeZone: string
  theme: string
  version: number
  /** null without a second factor. */
  twoFactor: { since: Date; codesLeft: number; codesMadeAt: Date } | null
}

type Row = Omit<Profile, 'twoFactor'> & { since: Date | null; codesLeft: number; codesMadeAt: Date }

/** Who asks, as their own page shows them; `lock`: until the transaction ends. */
export async function findProfile({ db, user }: Scope, lock = false): Promise<Profile> {
  const [row] = await db.query<Row>(sql`
    SELECT u.name, u.email, u.locale, u.time_zone AS "timeZone", u.theme, u.version, f.created_at AS since,
           cardinality(f.recovery_codes) AS "codesLeft", f.codes_made_at AS "codesMadeAt"
    FROM users u LEFT JOIN two_factors f ON f.user_id = u.id WHERE u.id = ${user.id} AND u.is_active
    ${lock ? sql`FOR NO KEY UPDATE OF u` : sql``}`)
  if (!row) throw new NotFound()
  const { since, codesLeft, codesMadeAt, ...profile } = row
  return { ...profile, twoFactor: since && { since, codesLeft, codesMadeAt } }
}

export function profileForm({ name, locale, timeZone, theme, version }: Profile) {
  return { name, locale, timeZone, theme, version }
}
