import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Actor, Role, Visibility } from '../../platform/scope.ts'

/**
 * Who may see and change what, and why: the one declaration. What a list filters by, what a page of reasons says, and who can be given something to
 * do are all made of these rules; none is written down a second time.
 */
export type Noun = 'clients' | 'leads' | 'deals' | OfClient
/** What is seen and changed by whoever sees and changes its client. */
type OfClient = 'contacts' | 'communications' | 'projects' | 'quotes'

/** Why somebody sees a record, in the order in which it is said: the first that holds is the reason. */
export type Reason =
  'administrator' | 'manager' | 'everything' | 'unowned' | 'owner' | 'team' | 'throughDeal' | 'throughLead'

interface Rule {
  reason: Reason
  /** Known beforehand, or to be asked of each row. */
  holds: Sql | boolean
  /** By whom it is seen for this reason, it is changed too, unless they are viewers. */
  changes: boolean
}

/** Whoever is asked about: somebody we know, or each row of `users`. */
export interface Reader {
  has(rights: { role: Role } | { visibility: Visibility }): Sql | boolean
  owns(owner: Sql): Sql
  /** Of the same team as `owner`. False for who has no team. */
  sharesTeamWith(owner: Sql): Sql | false
}

export function actor(user: Actor): Reader {
  return {
    has: (rights) => ('role' in rights ? user.role === rights.role : user.visibility === rights.visibility),
    owns: (owner) => sql`${owner} = ${user.id}`,
    sharesTeamWith: (owner) =>
      user.teamId !== null && sql`${owner} IN (SELECT id FROM users WHERE team_id = ${user.teamId})`,
  }
}

/** Each user under `alias`. */
export function everyUser(alias: string): Reader {
  const user = raw(alias)
  return {
    has: (rights) =>
      'role' in rights ? sql`${user}.role = ${rights.role}` : sql`${user}.visibility = ${rights.visibility}`,
    owns: (owner) => sql`${owner} = ${user}.id`,
    sharesTeamWith: (owner) => sql`(${user}.team_id = (SELECT team_id FROM users WHERE id = ${owner})) IS TRUE`,
  }
}

/** What holds whatever the record. */
export function generalRules(reader: Reader): Rule[] {
  return [
    { reason: 'administrator', holds: reader.has({ role: 'admin' }), changes: true },
    { reason: 'manager', holds: reader.has({ role: 'manager' }), changes: true },
    { reason: 'everything', holds: reader.has({ visibility: 'all' }), changes: true },
  ]
}

/** What hangs on the record's owner: clients, leads and deals have one. */
export function ownerRules(reader: Reader, owner: Sql): Rule[] {
  return [
    ...generalRules(reader),
    { reason: 'unowned', holds: sql`${owner} IS NULL`, changes: true },
    { reason: 'owner', holds: reader.owns(owner), changes: true },
    { reason: 'team', holds: every(reader.has({ visibility: 'team' }), reader.sharesTeamWith(owner)), changes: true },
  ]
}

/**
 * Who sees a deal or a lead may read its client. OFFSET 0 keeps PostgreSQL from gathering all such deals and leads ahead: asked client by client,
 * a page of fifty needs a few look-ups.
 */
function clientRules(reader: Reader, alias: string): Rule[] {
  const through = (table: string, row: string, column: string) =>
    sql`EXISTS (SELECT FROM ${raw(`${table} ${row} WHERE ${row}.${column} = ${alias}.id`)} AND ${some(ownerRules(reader, ownerOf(row)))} OFFSET 0)`
  return [
    ...ownerRules(reader, ownerOf(alias)),
    { reason: 'throughDeal', holds: through('deals', 'd', 'client_id'), changes: false },
    { reason: 'throughLead', holds: through('leads', 'l', 'converted_to_client_id'), changes: false },
  ]
}

export const isOfClient = (noun: Noun): noun is OfClient =>
  noun === 'contacts' || noun === 'communications' || noun === 'projects' || noun === 'quotes'

/** The rules for a row of `noun` under `alias`; for what follows its client, those of the client, under the alias `c` there. */
export function rulesOf(reader: Reader, noun: Noun, alias: string): Rule[] {
  if (isOfClient(noun)) return clientRules(reader, 'c')
  return noun === 'clients' ? clientRules(reader, alias) : ownerRules(reader, ownerOf(alias))
}

/** That one of them holds. */
export function some(rules: readonly Rule[]): Sql {
  const conditions = rules.map(({ holds }) => holds)
  if (conditions.includes(true)) return EVERYTHING
  const asked = conditions.filter((condition) => typeof condition !== 'boolean')
  return asked.length === 0 ? NOTHING : sql`(${join(asked, ' OR ')})`
}

/** That one of them holds which lets change the row, for whoever changes anything at all. */
export function changing(reader: Reader, rules: readonly Rule[]): Sql {
  const may = every(not(reader.has({ role: 'viewer' })), some(rules.filter(({ changes }) => changes)))
  if (typeof may !== 'boolean') return may
  return may ? EVERYTHING : NOTHING
}

/** The reason for which a row is seen; NULL when it is not. */
export function reasonOf(rules: readonly Rule[]): Sql {
  return sql`CASE ${join(
    rules.map(
      ({ reason, holds }) => sql`WHEN ${typeof holds === 'boolean' ? raw(String(holds)) : holds} THEN ${reason}`,
    ),
    ' ',
  )} END`
}

/** What is always so, and never: one object each, to be known again. */
export const EVERYTHING = sql`TRUE`
export const NOTHING = sql`FALSE`

function ownerOf(alias: string): Sql {
  return raw(`${alias}.owner_id`)
}

function not(condition: Sql | boolean): Sql | boolean {
  return typeof condition === 'boolean' ? !condition : sql`NOT (${condition})`
}

function every(...conditions: (Sql | boolean)[]): Sql | boolean {
  if (conditions.includes(false)) return false
  const [first, ...more] = conditions.filter((condition) => typeof condition !== 'boolean')
  if (first === undefined) return true
  return more.length === 0 ? first : sql`(${join([first, ...more], ' AND ')})`
}
