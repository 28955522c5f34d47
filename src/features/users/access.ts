import sql, { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { Forbidden, NotFound } from '../../platform/errors.ts'
import { z } from 'zod'
import type { Actor, Scope } from '../../platform/scope.ts'
import { Id } from '../../platform/validation.ts'

/**
 * Who may see and do what: the one declaration that lists, pages, search, counts and commands go by. A record's owner decides, within the
 * reader's visibility (own, team, all); a record without an owner is everybody's. What hangs on a record follows it.
 */
type Noun = 'clients' | 'leads' | 'deals' | OfClient
/** What is seen and changed by whoever sees and changes its client. */
type OfClient = 'contacts' | 'communications' | 'projects' | 'quotes'
const OF_CLIENT: readonly Noun[] = ['contacts', 'communications', 'projects', 'quotes'] satisfies OfClient[]
/** The nouns whose table has another name. */
const TABLES: Partial<Record<Noun, string>> = { communications: 'contact_communications' }

/** The condition under which a row of `noun` (under `alias`) may be changed by this user, their role aside. */
function reach(user: Actor, noun: Noun, alias: string): Sql {
  if (OF_CLIENT.includes(noun)) return throughClient(alias, reach(user, 'clients', 'c'))
  return byOwner(user, raw(`${alias}.owner_id`))
}

/** The condition under which a row of `noun` (under `alias`) may be seen. */
export function visible({ user }: Scope, noun: Noun, alias: string): Sql {
  if (seesAll(user)) return EVERYTHING
  if (OF_CLIENT.includes(noun)) return throughClient(alias, seenClients(user, 'c'))
  return noun === 'clients' ? seenClients(user, alias) : reach(user, noun, alias)
}

/**
 * The condition under which this user may change a row of `noun` (under `alias`): what `requireWritable` goes by, for a record's page to know
 * what to offer. Whoever sees a client through a deal sees it, and changes nothing there.
 */
export function writable({ user }: Scope, noun: Noun, alias: string): Sql {
  return user.role === 'viewer' ? sql`FALSE` : reach(user, noun, alias)
}

const EVERYTHING = sql`TRUE`

export function seesAll(user: Actor): boolean {
  return user.visibility === 'all' || user.role === 'admin' || user.role === 'manager'
}

function byOwner(user: Actor, owner: Sql): Sql {
  if (seesAll(user)) return EVERYTHING
  if (user.visibility === 'own' || user.teamId === null) return sql`(${owner} IS NULL OR ${owner} = ${user.id})`
  return sql`(${owner} IS NULL OR ${owner} = ${user.id} OR ${owner} IN (SELECT id FROM users WHERE team_id = ${user.teamId}))`
}

/**
 * Who sees a deal or a lead may read its client. OFFSET 0 keeps PostgreSQL from gathering all such deals and leads ahead: asked client by client,
 * a page of fifty needs a few look-ups.
 */
function seenClients(user: Actor, alias: string): Sql {
  const client = raw(`${alias}.id`)
  return sql`(${reach(user, 'clients', alias)}
    OR EXISTS (SELECT FROM deals d WHERE d.client_id = ${client} AND ${reach(user, 'deals', 'd')} OFFSET 0)
    OR EXISTS (SELECT FROM leads l WHERE l.converted_to_client_id = ${client} AND ${reach(user, 'leads', 'l')} OFFSET 0))`
}

function throughClient(alias: string, client: Sql): Sql {
  return client === EVERYTHING
    ? client
    : sql`EXISTS (SELECT FROM clients c WHERE c.id = ${raw(`${alias}.client_id`)} AND ${client} OFFSET 0)`
}

/**
 * `visible` the other way round, for leads and deals: the condition under which the user under `alias` may see what belongs to `owner`. For
 * finding out who can be given something to do there.
 */
export function seenBy(alias: string, owner: Sql): Sql {
  const user = raw(alias)
  return sql`(${user}.role IN ('admin', 'manager') OR ${user}.visibility = 'all' OR ${owner} IS NULL OR ${owner} = ${user}.id
    OR (${user}.visibility = 'team' AND ${user}.team_id = (SELECT team_id FROM users WHERE id = ${owner})))`
}

/** May this user create or change records at all, and settings? For the interface; the commands ask `requireWriter` and `requireWritable`. */
export function can(user: Actor | undefined, verb: string, noun: string): boolean {
  if (!user) return false
  if (noun === 'settings' || noun === 'users' || noun === 'teams') return user.role === 'admin'
  return verb === 'read' || user.role !== 'viewer'
}

export function requireWriter({ user }: Scope): void {
  if (user.role === 'viewer') throw new Forbidden()
}

/** Throws NotFound for a record this user may not see, Forbidden for one they may see but not change. */
export async function requireWritable(scope: Scope, noun: Noun, id: number): Promise<void> {
  const [record] = await scope.db.query<{ writable: boolean }>(sql`
    SELECT ${writable(scope, noun, 'r')} AS writable FROM ${raw(TABLES[noun] ?? noun)} r
    WHERE r.id = ${id} AND ${visible(scope, noun, 'r')}`)
  if (!record) throw new NotFound()
  if (!record.writable) throw new Forbidden()
}

/** What a list's owner filter takes: me, nobody, or somebody's id. */
export const OwnerFilter = z.union([
  z.enum(['me', 'none']),
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(Id),
])

export function ownedBy({ user }: Scope, owner: Sql, asked: z.output<typeof OwnerFilter>): Sql {
  return asked === 'none' ? sql`${owner} IS NULL` : sql`${owner} = ${asked === 'me' ? user.id : asked}`
}
