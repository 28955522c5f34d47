import sql from 'sql-template-tag'
import { RuleViolation } from '../../platform/errors.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Scope } from '../../platform/scope.ts'
import type { Account } from '../../platform/http/types.ts'

export interface Option {
  value: number
  label: string
}

/** An `Account`, of `accountFrom`. */
export const accountColumns = sql`u.id, u.name, u.email, u.role, u.visibility, u.team_id AS "teamId", u.locale, u.time_zone AS "timeZone", u.theme,
  coalesce((SELECT default_time_zone FROM settings WHERE id = 1), 'UTC') AS "homeTimeZone"`
export const accountFrom = sql`users u`

/** Whose session this is; null when they are gone, inactive, or have a new password since. */
export async function findAccount(db: Db, id: number, credentialsVersion: number): Promise<Account | null> {
  const [account] = await db.query<Account>(sql`
    SELECT ${accountColumns} FROM ${accountFrom}
    WHERE u.id = ${id} AND u.credentials_version = ${credentialsVersion} AND u.is_active`)
  return account ?? null
}

export interface Credentials {
  id: number
  passwordHash: string
  credentialsVersion: number
}

export async function findCredentials(db: Db, email: string): Promise<Credentials | null> {
  const [credentials] = await db.query<Credentials>(sql`
    SELECT id, password_hash AS "passwordHash", credentials_version AS "credentialsVersion"
    FROM users WHERE lower(email) = lower(${email}) AND is_active`)
  return credentials ?? null
}

export async function hasUsers(db: Db): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(sql`SELECT EXISTS (SELECT FROM users) AS found`)
  return row?.found ?? false
}

/** Who can own a record: the active users, and `selectedId` even when no longer active, so that saving an old record changes nothing. */
export function listOwners({ db }: Scope, selectedId: number | null = null): Promise<Option[]> {
  return db.query<Option>(
    sql`SELECT id AS value, name AS label FROM users WHERE is_active OR id = ${selectedId} ORDER BY lower(name), id`,
  )
}

/** Throws RuleViolation at `ownerId` when there is no such active user. Nobody (null) may own a record, and so may whoever does already. */
export async function requireOwner(
  { db }: Scope,
  ownerId: number | null | undefined,
  present: number | null = null,
): Promise<void> {
  if (ownerId === null || ownerId === undefined || ownerId === present) return
  const found = await db.query(sql`SELECT id FROM users WHERE id = ${ownerId} AND is_active`)
  if (found.length === 0) throw new RuleViolation('errors.unknownOwner', 'ownerId')
}

/** The installation's base currency: what a new record has unless somebody says otherwise. */
export async function baseCurrency({ db }: Pick<Scope, 'db'>): Promise<string> {
  const [settings] = await db.query<{ currency: string }>(
    sql`SELECT base_currency AS currency FROM settings WHERE id = 1`,
  )
  return settings?.currency ?? 'EUR'
}
