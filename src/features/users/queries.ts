import sql, { raw } from 'sql-template-tag'
import { NotFound, RuleViolation } from '../../platform/errors.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Role, Scope, Visibility } from '../../platform/scope.ts'
import type { Account } from '../../platform/http/types.ts'
import { colleagueColumns, colleaguesFrom } from './colleagues.ts'
import type { Colleague } from './colleagues.ts'
import { hashOf } from './links.ts'
import type { Purpose } from './links.ts'
import type { UserStatus } from './schema.ts'
import { statusOf } from './status.ts'

export interface Option {
  value: number
  label: string
}

/** An `Account`, of `accountFrom`. */
export const accountColumns = sql`u.id, u.name, u.email, u.role, u.visibility, u.team_id AS "teamId", u.locale, u.time_zone AS "timeZone", u.theme,
  coalesce(i.default_time_zone, 'UTC') AS "homeTimeZone",
  coalesce(i.two_factor_required, FALSE) AND NOT EXISTS (SELECT FROM two_factors f WHERE f.user_id = u.id) AS "mustEnrol"`
export const accountFrom = sql`users u LEFT JOIN settings i ON i.id = 1`

/** Whose session this is; null when they are gone, inactive, or have a new password since. */
export async function findAccount(db: Db, id: number, credentialsVersion: number): Promise<Account | null> {
  const [account] = await db.query<Account>(sql`
    SELECT ${accountColumns} FROM ${accountFrom}
    WHERE u.id = ${id} AND u.credentials_version = ${credentialsVersion} AND u.is_active`)
  return account ?? null
}

export interface Credentials {
  id: number
  /** null while somebody is invited. */
  passwordHash: string | null
  credentialsVersion: number
  /** The password alone is not enough. */
  hasTwoFactor: boolean
}

const credentials = sql`u.id, u.password_hash AS "passwordHash", u.credentials_version AS "credentialsVersion",
  EXISTS (SELECT FROM two_factors f WHERE f.user_id = u.id) AS "hasTwoFactor"`

export async function findCredentials(db: Db, email: string): Promise<Credentials | null> {
  const [found] = await db.query<Credentials>(
    sql`SELECT ${credentials} FROM users u WHERE lower(u.email) = lower(${email}) AND u.is_active`,
  )
  return found ?? null
}

/** The same for somebody who is signed in, and asked again. */
export async function credentialsOf(db: Db, id: number): Promise<Credentials> {
  const [found] = await db.query<Credentials>(
    sql`SELECT ${credentials} FROM users u WHERE u.id = ${id} AND u.is_active`,
  )
  if (!found) throw new NotFound()
  return found
}

/** What stands behind a link that can still be used. Throws NotFound for one that was used, withdrawn or made up, or is too old. */
export async function findLink(
  db: Db,
  purpose: Purpose,
  token: string,
): Promise<{ userId: number; name: string; email: string }> {
  const [link] = await db.query<{ userId: number; name: string; email: string }>(sql`
    SELECT u.id AS "userId", u.name, u.email FROM account_links l JOIN users u ON u.id = l.user_id
    WHERE l.token_hash = ${hashOf(token)} AND l.purpose = ${purpose} AND l.expires_at > now() AND u.is_active`)
  if (!link) throw new NotFound('users.errors.link')
  return link
}

export interface UserDetails {
  id: number
  name: string
  email: string
  role: Role
  visibility: Visibility
  teamId: number | null
  teamName: string | null
  locale: string
  timeZone: string
  status: UserStatus
  hasTwoFactor: boolean
  /** The link that is out, if there is one. */
  linkPurpose: Purpose | null
  linkExpiresAt: Date | null
  /** How many browsers are signed in. */
  sessions: number
  version: number
  createdAt: Date
  updatedAt: Date
}

/** Somebody as administrators see them. Throws NotFound. */
export async function findUser({ db }: Scope, id: number): Promise<UserDetails> {
  const [user] = await db.query<UserDetails>(sql`
    SELECT u.id, u.name, u.email, u.role, u.visibility, u.team_id AS "teamId", t.name AS "teamName", u.locale, u.time_zone AS "timeZone",
           ${statusOf} AS status, EXISTS (SELECT FROM two_factors f WHERE f.user_id = u.id) AS "hasTwoFactor", l.purpose AS "linkPurpose",
           l.expires_at AS "linkExpiresAt", u.version, u.created_at AS "createdAt", u.updated_at AS "updatedAt",
           (SELECT count(*)::int FROM sessions s WHERE s.user_id = u.id AND s.expire > now()
              AND (s.sess #>> '{passport,user,credentialsVersion}')::int = u.credentials_version) AS sessions
    FROM users u LEFT JOIN teams t ON t.id = u.team_id LEFT JOIN account_links l ON l.user_id = u.id AND l.expires_at > now()
    WHERE u.id = ${id}`)
  if (!user) throw new NotFound()
  return user
}

/** Somebody as everybody may know of them. Throws NotFound. */
export async function findColleague({ db }: Scope, id: number): Promise<Colleague> {
  const [user] = await db.query<Colleague>(sql`SELECT ${colleagueColumns} FROM ${colleaguesFrom} WHERE u.id = ${id}`)
  if (!user) throw new NotFound()
  return user
}

/** The fields of the edit form as they are stored, with the version it is opened on. */
export function userForm({
  name,
  email,
  role,
  visibility,
  teamId,
  version,
}: Pick<UserDetails, 'name' | 'email' | 'teamId' | 'version'> & { role: string; visibility: string }) {
  return { name, email, role, visibility, teamId, version }
}

export interface Belongings {
  clients: number
  openLeads: number
  closedLeads: number
  openDeals: number
  closedDeals: number
  activities: number
}

/** How much is in somebody's hands, the Trash included: what there is to hand over when they leave. */
export async function belongingsOf({ db }: Scope, id: number): Promise<Belongings> {
  const owned = (table: 'clients' | 'leads' | 'deals') => sql`
    (SELECT id, ${raw(table === 'clients' ? `'active'` : 'status')} AS status FROM ${raw(table)} WHERE owner_id = ${id} AND is_active
     UNION ALL SELECT id, ${raw(table === 'clients' ? `'active'` : 'status')} FROM ${raw(table)} WHERE owner_id = ${id} AND NOT is_active)`
  const planned = (table: 'lead_activities' | 'deal_activities') => sql`
    (SELECT count(*)::int FROM ${raw(table)} WHERE assignee_id = ${id} AND status = 'pending'
       AND type IN ('call', 'email', 'meeting', 'note', 'task'))`
  const [found] = await db.query<Belongings>(sql`
    SELECT (SELECT count(*)::int FROM ${owned('clients')} c) AS clients, l.open AS "openLeads", l.closed AS "closedLeads",
           d.open AS "openDeals", d.closed AS "closedDeals", ${planned('lead_activities')} + ${planned('deal_activities')} AS activities
    FROM (SELECT count(*) FILTER (WHERE status NOT IN ('converted', 'lost'))::int AS open,
                 count(*) FILTER (WHERE status IN ('converted', 'lost'))::int AS closed FROM ${owned('leads')} o) l,
         (SELECT count(*) FILTER (WHERE status = 'open')::int AS open,
                 count(*) FILTER (WHERE status <> 'open')::int AS closed FROM ${owned('deals')} o) d`)
  if (!found) throw new Error('a count has one row')
  return found
}

/** Does everybody need a second factor? */
export async function isTwoFactorRequired({ db }: Scope): Promise<boolean> {
  const [settings] = await db.query<{ required: boolean }>(
    sql`SELECT two_factor_required AS required FROM settings WHERE id = 1`,
  )
  return settings?.required ?? false
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
