import sql, { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Role, Scope, Visibility } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'
import { changing, everyUser, isOfClient, ownerRules, reasonOf, rulesOf, some } from '../users/rights.ts'
import type { Reason } from '../users/rights.ts'
import type { AccessNoun } from './schema.ts'

export interface AccessRecord {
  id: number
  /** What it is called; null for a communication without a subject. */
  name: string | null
  isActive: boolean
  /** Of the record, or of its client where that decides. */
  owner: string | null
  /** Whose sight decides: null where the record has an owner of its own. */
  client: { id: number; name: string } | null
}

export interface Beholder {
  id: number
  name: string
  role: Role
  visibility: Visibility
  team: string | null
  /** null: does not see it. */
  reason: Reason | null
  changes: boolean
  /** The deal or lead through which it is seen, as far as the reader may know of it. */
  through: { id: number; name: string } | null
}

const NAMES: Record<AccessNoun, Sql> = {
  clients: sql`r.name`,
  contacts: sql`r.first_name || ' ' || r.last_name`,
  communications: sql`r.subject`,
  leads: sql`r.first_name || ' ' || r.last_name`,
  deals: sql`r.name`,
  projects: sql`r.name`,
  quotes: sql`r.number || ' · ' || r.title`,
}
const HAS_TRASH: readonly AccessNoun[] = ['clients', 'contacts', 'leads', 'deals']

/** Up to so many people; those who see the record come first. */
export const MOST_PEOPLE = 500

/** Every active user, with whether and why they see the record and may change it. Throws NotFound for what the reader may not see. */
export async function accessTo(
  scope: Scope,
  noun: AccessNoun,
  id: number,
): Promise<{ record: AccessRecord; people: Beholder[]; more: boolean }> {
  const [record, people] = await Promise.all([findRecord(scope, noun, id), beholders(scope, noun, id)])
  return { record, people: people.slice(0, MOST_PEOPLE), more: people.length > MOST_PEOPLE }
}

/** The record `r` with `c` beside it, whose owner decides: itself, or its client. */
function decided(noun: AccessNoun): Sql {
  const table = noun === 'communications' ? 'contact_communications' : noun
  return raw(`${table} r JOIN ${isOfClient(noun) ? 'clients c ON c.id = r.client_id' : `${noun} c ON c.id = r.id`}`)
}

async function findRecord(scope: Scope, noun: AccessNoun, id: number): Promise<AccessRecord> {
  const client = isOfClient(noun) ? sql`json_build_object('id', c.id, 'name', c.name)` : sql`NULL::json`
  const [record] = await scope.db.query<AccessRecord>(sql`
    SELECT r.id, ${NAMES[noun]} AS name, ${HAS_TRASH.includes(noun) ? sql`r.is_active` : sql`TRUE`} AS "isActive", o.name AS owner, ${client} AS client
    FROM ${decided(noun)} LEFT JOIN users o ON o.id = c.owner_id
    WHERE r.id = ${id} AND ${visible(scope, noun, 'r')}`)
  if (!record) throw new NotFound()
  return record
}

function beholders(scope: Scope, noun: AccessNoun, id: number): Promise<Beholder[]> {
  const reader = everyUser('u')
  const rules = rulesOf(reader, noun, 'c')
  return scope.db.query<Beholder>(sql`
    SELECT p.id, p.name, p.role, p.visibility, p.team, p.reason, p.changes, coalesce(d.named, l.named) AS through
    FROM (SELECT q.* FROM (
            SELECT u.id, u.name, u.role, u.visibility, u.team_id, t.name AS team, c.id AS root,
                   ${reasonOf(rules)} AS reason, ${changing(reader, rules)} AS changes
            FROM ${decided(noun)} CROSS JOIN users u LEFT JOIN teams t ON t.id = u.team_id
            WHERE r.id = ${id} AND u.is_active) q
          ORDER BY q.reason IS NULL, q.changes DESC, lower(q.name), q.id LIMIT ${MOST_PEOPLE + 1}) p
      LEFT JOIN LATERAL (${seenThrough(scope, 'throughDeal')}) d ON p.reason = 'throughDeal'
      LEFT JOIN LATERAL (${seenThrough(scope, 'throughLead')}) l ON p.reason = 'throughLead'
    ORDER BY p.reason IS NULL, p.changes DESC, lower(p.name), p.id`)
}

/** One deal or lead that lets `p` see the client: the first that the reader sees too, else none. */
function seenThrough(scope: Scope, reason: 'throughDeal' | 'throughLead'): Sql {
  const [noun, link, name] = {
    throughDeal: ['deals', 'client_id', sql`x.name`] as const,
    throughLead: ['leads', 'converted_to_client_id', sql`x.first_name || ' ' || x.last_name`] as const,
  }[reason]
  return sql`
    SELECT json_build_object('id', x.id, 'name', ${name}) AS named FROM ${raw(`${noun} x WHERE x.${link} = p.root`)}
      AND ${some(ownerRules(everyUser('p'), sql`x.owner_id`))} AND ${visible(scope, noun, 'x')}
    ORDER BY x.is_active DESC, x.id LIMIT 1`
}
