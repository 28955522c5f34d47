import sql from 'sql-template-tag'
import { NotFound, RuleViolation } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { hashOf, newToken } from '../users/links.ts'
import type { Feed } from './queries.ts'
import type { FeedChange } from './schema.ts'

/** A link as it is handed out: its secret is nowhere else, and is shown once. */
export interface IssuedFeed {
  id: number
  secret: string
}

const MOST = 20

/** A new feed of one's own, whatever one's role. Throws RuleViolation for one too many, and for one that holds nothing. */
export function createFeed(scope: Scope, input: FeedChange): Promise<IssuedFeed> {
  return inTransaction(scope, async (scope) => {
    requireHolding(input)
    const { id: userId, credentialsVersion } = await lockOwner(scope)
    const count = await scope.db.records.feed.count({ where: { userId } })
    if (count >= MOST) throw new RuleViolation('feeds.errors.tooMany', 'form', { max: MOST })
    const secret = newToken()
    const { id } = await scope.db.records.feed.create({
      data: { ...input, userId, credentialsVersion, tokenHash: hashOf(secret) },
      select: { id: true },
    })
    return { id, secret }
  })
}

/** Its name, and what it holds; the link stays. Throws NotFound for a feed that is not one's own. */
export function changeFeed(scope: Scope, id: number, input: FeedChange): Promise<void> {
  return inTransaction(scope, async (scope) => {
    requireHolding(input)
    const found = await scope.db.query(sql`
      UPDATE feeds SET name = ${input.name}, follow_ups = ${input.followUps}, activities = ${input.activities}, closes = ${input.closes}
      WHERE id = ${id} AND user_id = ${scope.user.id}
        AND (name, follow_ups, activities, closes) IS DISTINCT FROM
            (${input.name}::text, ${input.followUps}::boolean, ${input.activities}::boolean, ${input.closes}::boolean)
      RETURNING id`)
    if (found.length === 0) await requireOwn(scope, id)
  })
}

/** A new link in place of the one that is out, which works no more. Throws NotFound. */
export function renewFeed(scope: Scope, id: number): Promise<IssuedFeed> {
  return inTransaction(scope, async (scope) => {
    const { id: userId, credentialsVersion } = await lockOwner(scope)
    const secret = newToken()
    const found = await scope.db.query(sql`
      UPDATE feeds SET token_hash = ${hashOf(secret)}, credentials_version = ${credentialsVersion}, last_used_at = NULL
      WHERE id = ${id} AND user_id = ${userId} RETURNING id`)
    if (found.length === 0) throw new NotFound()
    return { id, secret }
  })
}

/** The link works no more. Throws NotFound. */
export function revokeFeed(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    const { count } = await scope.db.records.feed.deleteMany({ where: { id, userId: requireSomebody(scope) } })
    if (count === 0) throw new NotFound()
  })
}

const HOUR = 3_600_000

/** That a calendar has asked, noted once an hour. */
export async function noteUse(scope: Scope, { id, lastUsedAt }: Feed, now: Date = new Date()): Promise<void> {
  if (lastUsedAt && now.getTime() - lastUsedAt.getTime() < HOUR) return
  await inTransaction(scope, ({ db }) =>
    db.query(sql`UPDATE feeds SET last_used_at = ${now} WHERE id = ${id} RETURNING id`),
  )
}

function requireHolding({ followUps, activities, closes }: FeedChange): void {
  if (!followUps && !activities && !closes) throw new RuleViolation('feeds.errors.holdsNothing', 'followUps')
}

function requireSomebody({ user }: Scope): number {
  if (user.id === null) throw new Error('the system has no calendar')
  return user.id
}

/** So that two at once do not both make the last one. Throws NotFound. */
async function lockOwner(scope: Scope): Promise<{ id: number; credentialsVersion: number }> {
  const id = requireSomebody(scope)
  const [owner] = await scope.db.query<{ id: number; credentialsVersion: number }>(sql`
    SELECT id, credentials_version AS "credentialsVersion" FROM users WHERE id = ${id} AND is_active FOR NO KEY UPDATE`)
  if (!owner) throw new NotFound()
  return owner
}

async function requireOwn({ db, user }: Scope, id: number): Promise<void> {
  const found = await db.query(sql`SELECT id FROM feeds WHERE id = ${id} AND user_id = ${user.id}`)
  if (found.length === 0) throw new NotFound()
}
