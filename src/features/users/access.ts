import sql, { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { Forbidden, NotFound } from '../../platform/errors.ts'
import { z } from 'zod'
import type { Actor, Scope } from '../../platform/scope.ts'
import { Id } from '../../platform/validation.ts'
import {
  EVERYTHING,
  NOTHING,
  actor,
  changing,
  everyUser,
  generalRules,
  isOfClient,
  ownerRules,
  rulesOf,
  some,
} from './rights.ts'
import type { Noun } from './rights.ts'

/** The nouns whose table has another name. */
const TABLES: Partial<Record<Noun, string>> = { communications: 'contact_communications' }

/** The condition under which a row of `noun` (under `alias`) may be seen, by the rules of rights.ts. */
export function visible({ user }: Scope, noun: Noun, alias: string): Sql {
  return ofRow(noun, alias, some(rulesOf(actor(user), noun, alias)))
}

/**
 * The condition under which this user may change a row of `noun` (under `alias`): what `requireWritable` goes by, for a record's page to know
 * what to offer. Whoever sees a client through a deal sees it, and changes nothing there.
 */
export function writable({ user }: Scope, noun: Noun, alias: string): Sql {
  const reader = actor(user)
  return ofRow(noun, alias, changing(reader, rulesOf(reader, noun, alias)))
}

/** What rules say of a row, for what follows its client by way of that. */
function ofRow(noun: Noun, alias: string, condition: Sql): Sql {
  if (!isOfClient(noun) || condition === EVERYTHING || condition === NOTHING) return condition
  return sql`EXISTS (SELECT FROM clients c WHERE c.id = ${raw(`${alias}.client_id`)} AND ${condition} OFFSET 0)`
}

export function seesAll(user: Actor): boolean {
  return some(generalRules(actor(user))) === EVERYTHING
}

/**
 * `writable` the other way round, for leads and deals: the condition under which the user under `alias` may change what belongs to `owner`. For
 * finding out who can be given something to do there: who only looks could not even say that it is done.
 */
export function changedBy(alias: string, owner: Sql): Sql {
  const reader = everyUser(alias)
  return changing(reader, ownerRules(reader, owner))
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

/** What a list's owner filter takes: me, nobody, me or my team together with nobody, as Today counts what is mine or ours, or somebody's id. */
export const OwnerFilter = z.union([
  z.enum(['me', 'none', 'meOrNone', 'teamOrNone']),
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(Id),
])

export function ownedBy({ user }: Scope, owner: Sql, asked: z.output<typeof OwnerFilter>): Sql {
  switch (asked) {
    case 'none':
      return sql`${owner} IS NULL`
    case 'meOrNone':
      return sql`(${owner} = ${user.id} OR ${owner} IS NULL)`
    case 'teamOrNone':
      return sql`(${owner} IN (SELECT id FROM users WHERE team_id = ${user.teamId}) OR ${owner} IS NULL)`
    default:
      return sql`${owner} = ${asked === 'me' ? user.id : asked}`
  }
}
