import sql from 'sql-template-tag'
import type { Db } from '../../platform/database/database.ts'
import { NotFound } from '../../platform/errors.ts'
import type { Account } from '../../platform/http/types.ts'
import type { Scope } from '../../platform/scope.ts'
import { hashOf } from '../users/links.ts'
import { accountColumns, accountFrom } from '../users/queries.ts'
import type { Holding } from './schema.ts'

export interface Feed extends Readonly<Record<Holding, boolean>> {
  id: number
  name: string
  /** Its link was ended by a new password, or by signing out everywhere. */
  isEnded: boolean
  /** To the hour; null while no calendar has asked. */
  lastUsedAt: Date | null
  createdAt: Date
}

/** A feed that a calendar asks for: whose it is, and what its entries are known by. */
export interface Subscription {
  feed: Feed
  account: Account
  /** Of this installation and no other. */
  installation: string
}

const rest = sql`f.follow_ups AS "followUps", f.activities, f.closes, f.credentials_version <> u.credentials_version AS "isEnded",
  f.last_used_at AS "lastUsedAt", f.created_at AS "createdAt"`
const columns = sql`f.id, f.name, ${rest}`

/** One's own, in the order in which they were made. */
export function feedsOf({ db, user }: Scope): Promise<Feed[]> {
  return db.query<Feed>(
    sql`SELECT ${columns} FROM feeds f JOIN users u ON u.id = f.user_id WHERE f.user_id = ${user.id} ORDER BY f.id`,
  )
}

/** One of one's own. Throws NotFound. */
export async function findFeed({ db, user }: Scope, id: number): Promise<Feed> {
  const [feed] = await db.query<Feed>(
    sql`SELECT ${columns} FROM feeds f JOIN users u ON u.id = f.user_id WHERE f.id = ${id} AND f.user_id = ${user.id}`,
  )
  if (!feed) throw new NotFound()
  return feed
}

/**
 * What stands behind a link. Throws NotFound for one that was revoked, ended by a new password, or made up, and alike for one of somebody
 * deactivated, or of whom a second factor is demanded before anything else.
 */
export async function findSubscription(db: Db, secret: string): Promise<Subscription> {
  const [row] = await db.query<
    Account & Omit<Feed, 'id' | 'name'> & { feedId: number; feedName: string; installation: string }
  >(sql`
    SELECT ${accountColumns}, i.installation, f.id AS "feedId", f.name AS "feedName", ${rest}
    FROM ${accountFrom} JOIN feeds f ON f.user_id = u.id WHERE f.token_hash = ${hashOf(secret)} AND u.is_active
      AND f.credentials_version = u.credentials_version`)
  if (!row || row.mustEnrol) throw new NotFound()
  const {
    feedId: id,
    feedName: name,
    installation,
    followUps,
    activities,
    closes,
    isEnded,
    lastUsedAt,
    createdAt,
    ...account
  } = row
  return { feed: { id, name, followUps, activities, closes, isEnded, lastUsedAt, createdAt }, account, installation }
}
