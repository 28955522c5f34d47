import sql from 'sql-template-tag'
import { isUniqueViolation } from '../../../platform/database/failure.ts'
import { Conflict, NotFound, RuleViolation } from '../../../platform/errors.ts'
import { once } from '../../../platform/once.ts'
import type { Scope } from '../../../platform/scope.ts'
import { administer } from '../administrators.ts'
import { LIFE, hashOf, newToken } from '../links.ts'
import type { Purpose } from '../links.ts'
import type { InviteUser } from '../schema.ts'

/** A link as it is handed out: its token is nowhere else, and is shown once. */
export interface IssuedLink {
  userId: number
  purpose: Purpose
  token: string
  expiresAt: Date
}

/**
 * Somebody new, without a password: they choose one at the link. Until then things can be given to them, but they cannot sign in. A repeat of the
 * form (`link` is null) made nobody and no link.
 */
export async function inviteUser(
  scope: Scope,
  { submission, ...input }: InviteUser,
): Promise<{ id: number; link: IssuedLink | null }> {
  try {
    return await administer(scope, async (scope) => {
      const { id, repeated } = await once(scope, submission, input, () => insertInvited(scope, input))
      return { id, link: repeated ? null : await issue(scope, id, 'invitation') }
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw new RuleViolation('users.errors.emailTaken', 'email')
    throw error
  }
}

async function insertInvited(scope: Scope, input: Omit<InviteUser, 'submission'>): Promise<{ id: number }> {
  await requireTeam(scope, input.teamId)
  const settings = await scope.db.records.settings.findUniqueOrThrow({ where: { id: 1 } })
  const { defaultLocale: locale, defaultTimeZone: timeZone } = settings
  return scope.db.records.user.create({ data: { ...input, locale, timeZone }, select: { id: true } })
}

/**
 * A new link, in place of any that was out: to join, or for who has joined, to choose a new password. The old password works until then. Throws
 * RuleViolation for one's own password, which is changed with the present one, and Conflict for somebody deactivated.
 */
export function issueLink(scope: Scope, id: number): Promise<IssuedLink> {
  return administer(scope, async (scope) => {
    const [user] = await scope.db.query<{ isActive: boolean; isInvited: boolean }>(sql`
      SELECT is_active AS "isActive", password_hash IS NULL AS "isInvited" FROM users WHERE id = ${id} FOR NO KEY UPDATE`)
    if (!user) throw new NotFound()
    if (!user.isActive) throw new Conflict('users.errors.inactive')
    if (id === scope.user.id) throw new Conflict('users.errors.ownPassword')
    return issue(scope, id, user.isInvited ? 'invitation' : 'reset')
  })
}

/** The link that is out works no more. */
export function withdrawLink(scope: Scope, id: number): Promise<void> {
  return administer(scope, async (scope) => {
    await lockUser(scope, id)
    await forgetLink(scope, id)
  })
}

/** Throws NotFound. */
export async function lockUser({ db }: Scope, id: number): Promise<void> {
  const found = await db.query(sql`SELECT id FROM users WHERE id = ${id} FOR NO KEY UPDATE`)
  if (found.length === 0) throw new NotFound()
}

export async function forgetLink({ db }: Scope, userId: number): Promise<void> {
  await db.query(sql`DELETE FROM account_links WHERE user_id = ${userId} RETURNING id`)
}

async function issue({ db, user }: Scope, userId: number, purpose: Purpose): Promise<IssuedLink> {
  const token = newToken()
  const expiresAt = new Date(Date.now() + LIFE[purpose])
  await db.query(sql`
    INSERT INTO account_links (user_id, purpose, token_hash, expires_at, issued_by)
    VALUES (${userId}, ${purpose}, ${hashOf(token)}, ${expiresAt}::timestamptz, ${user.id}::integer)
    ON CONFLICT (user_id) DO UPDATE SET purpose = excluded.purpose, token_hash = excluded.token_hash,
      expires_at = excluded.expires_at, issued_by = excluded.issued_by
    RETURNING id`)
  return { userId, purpose, token, expiresAt }
}

/** Throws RuleViolation at `teamId` for a team that there is not. */
export async function requireTeam({ db }: Scope, teamId: number | null | undefined): Promise<void> {
  if (teamId === null || teamId === undefined) return
  const found = await db.query(sql`SELECT id FROM teams WHERE id = ${teamId} FOR KEY SHARE`)
  if (found.length === 0) throw new RuleViolation('errors.choice', 'teamId')
}
