import pgSession from 'connect-pg-simple'
import type { Request } from 'express'
import session from 'express-session'
import type { Session, SessionData } from 'express-session'
import type pg from 'pg'
import type { Account } from '../../platform/http/types.ts'
import { together } from '../../platform/together.ts'
import { sessionUpdate } from './commands.ts'
import { sessionsAt } from './queries.ts'

const PgStore = pgSession(session)

type Seen = Pick<Account, 'id' | 'name' | 'email' | 'role' | 'visibility' | 'teamId'>
type Row = { nth: number; sess: SessionData; seen: Seen | null } & (Account | Record<keyof Account, null>)
type Done = (error: unknown, session?: SessionData | null) => void

const owners = new WeakMap<object, Account | null>()
/** Sessions that were read, and not begun by the request that has them. */
const stored = new WeakSet<object>()

/** Who this request's session belongs to, as it was when the session was read; undefined when none was. */
export function ownerOf(req: Request): Account | null | undefined {
  return owners.get(req)
}

/** Whom every page and list takes them for; language, zone and looks stay their own. */
function withRightsOf(seen: Seen | null, account: Account): Account {
  return seen ? { ...account, ...seen, seenBy: { id: account.id, name: account.name } } : account
}

export class SessionStore extends PgStore {
  readonly #pool: pg.Pool
  readonly #pruned: () => void
  readonly #find: (sid: string) => Promise<Row | null>

  /** `pruned`: what else is to end when sessions have. */
  constructor(pool: pg.Pool, pruned: () => void) {
    super({
      pool,
      tableName: 'sessions',
      // A write for every page read would be the most frequent write of the product; `keepSignedIn` prolongs instead.
      disableTouch: true,
      pruneSessionInterval: 15 * 60,
    })
    this.#pool = pool
    this.#pruned = pruned
    this.#find = together(async (sids) => {
      const { text, values } = sessionsAt(sids)
      const found: (Row | null)[] = sids.map(() => null)
      // Named: it is planned once a connection.
      for (const row of (await pool.query<Row>({ name: 'sessions', text, values })).rows) found[row.nth - 1] = row
      return found
    })
    // Told to touch nothing, the store still has the method, and express-session then sends every page in two pieces, to wait for it in between.
    Object.assign(this, { touch: undefined })
  }

  override pruneSessions(done?: (error: Error) => void): void {
    super.pruneSessions(done)
    this.#pruned()
  }

  override get(sid: string, done: Done): void {
    this.#find(sid).then((row) => {
      if (!row) return done(null, null)
      const { sess, seen, nth: _, ...account } = row
      owners.set(sess, account.id === null ? null : withRightsOf(seen, account))
      done(null, sess)
    }, done)
  }

  /** Called with what `get` found, for the request that asked. */
  override createSession(req: Request, sess: SessionData): Session & SessionData {
    const owner = owners.get(sess)
    if (owner !== undefined) owners.set(req, owner)
    const created = super.createSession(req, sess)
    stored.add(created)
    return created
  }

  /** The store's own would bring a session back that somebody has ended since this request read it. */
  override set(sid: string, sess: SessionData, done: (error?: unknown) => void): void {
    const { expires } = sess.cookie
    if (!stored.has(sess) || !expires) return super.set(sid, sess, done)
    const { text, values } = sessionUpdate(sid, JSON.stringify(sess), new Date(expires))
    this.#pool.query(text, values).then(() => done(), done)
  }
}
