import sql, { join } from 'sql-template-tag'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { projectsOnClientPage } from '../projects/queries.ts'
import type { ClientProject } from '../projects/queries.ts'
import { quotesOnClientPage } from '../quotes/queries.ts'
import type { ClientQuote } from '../quotes/queries.ts'
import { visible, writable } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import type { ClientStatus } from './schema.ts'

interface Person {
  id: number
  name: string
}

export interface Client {
  id: number
  name: string
  description: string | null
  website: string | null
  email: string | null
  phone: string | null
  address: string | null
  contactPerson: string | null
  status: ClientStatus
  currencyCode: string
  ownerId: number | null
  tags: string[]
  isActive: boolean
  createdBy: number | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export interface ClientDetails extends Client {
  archivedAt: Date | null
  /** Who put it into the Trash; null for the system, or nobody. */
  archivedByName: string | null
  owner: Person | null
  creator: Person | null
  /** May this reader change it? */
  writable: boolean
}

/** A `Client`, of clients under `c`. */
export const clientColumns = sql`c.id, c.name, c.description, c.website, c.email, c.phone, c.address, c.contact_person AS "contactPerson", c.status,
  c.currency_code AS "currencyCode", c.owner_id AS "ownerId", c.tags, c.is_active AS "isActive", c.created_by AS "createdBy", c.version,
  c.created_at AS "createdAt", c.updated_at AS "updatedAt"`

/** A client as its page shows it, archived ones included. Throws NotFound. */
export async function findClient(scope: Scope, id: number): Promise<ClientDetails> {
  const [client] = await scope.db.query<ClientDetails>(sql`
    SELECT ${clientColumns}, c.archived_at AS "archivedAt", (SELECT name FROM users WHERE id = c.archived_by) AS "archivedByName",
           CASE WHEN o.id IS NOT NULL THEN json_build_object('id', o.id, 'name', o.name) END AS owner,
           CASE WHEN m.id IS NOT NULL THEN json_build_object('id', m.id, 'name', m.name) END AS creator,
           ${writable(scope, 'clients', 'c')} AS writable
    FROM clients c LEFT JOIN users o ON o.id = c.owner_id LEFT JOIN users m ON m.id = c.created_by
    WHERE c.id = ${id} AND ${visible(scope, 'clients', 'c')}`)
  if (!client) throw new NotFound()
  return client
}

/** A client as whoever has just saved it left it, also where they gave it away and out of their own sight. Throws NotFound. */
export async function savedClient({ db }: Scope, id: number): Promise<Client> {
  const [client] = await db.query<Client>(sql`SELECT ${clientColumns} FROM clients c WHERE c.id = ${id}`)
  if (!client) throw new NotFound()
  return client
}

/** Is it still this reader's to see? Handing a client over can take it out of one's own sight. */
export async function canSeeClient(scope: Scope, id: number): Promise<boolean> {
  const found = await scope.db.query(
    sql`SELECT c.id FROM clients c WHERE c.id = ${id} AND ${visible(scope, 'clients', 'c')}`,
  )
  return found.length > 0
}

/** The fields of the edit form as they are stored, with the version it is opened on. */
export function clientForm(client: Omit<Client, 'status'> & { status: string }): Record<string, unknown> {
  const {
    name,
    description,
    website,
    email,
    phone,
    address,
    contactPerson,
    status,
    currencyCode,
    ownerId,
    tags,
    version,
  } = client
  return {
    name,
    description,
    website,
    email,
    phone,
    address,
    contactPerson,
    status,
    currencyCode,
    ownerId,
    tags,
    version,
  }
}

export interface OriginLead {
  id: number
  name: string
  source: string | null
  convertedAt: Date
  convertedByName: string | null
}

export interface Surroundings {
  /** The leads this client came from, the latest first. */
  leads: OriginLead[]
  projects: ClientProject[]
  quotes: ClientQuote[]
}

/** What stands on a client's page beside people and deals, in one query. */
export async function surroundingsOf(scope: Scope, clientId: number): Promise<Surroundings> {
  const originLeads = sql`
    SELECT l.id, l.first_name || ' ' || l.last_name AS name, l.source, l.converted_at AS "convertedAt", u.name AS "convertedByName"
    FROM leads l LEFT JOIN users u ON u.id = l.converted_by
    WHERE l.converted_to_client_id = ${clientId} AND ${visible(scope, 'leads', 'l')}
    ORDER BY l.converted_at DESC, l.id DESC`
  const [found] = await scope.db.query<Surroundings & { leads: { convertedAt: string | Date }[] }>(sql`
    SELECT ${rowsAsJson(originLeads)} AS leads, ${rowsAsJson(projectsOnClientPage(scope, clientId))} AS projects,
           ${rowsAsJson(quotesOnClientPage(scope, clientId))} AS quotes`)
  if (!found) return { leads: [], projects: [], quotes: [] }
  // JSON knows no dates.
  return { ...found, leads: found.leads.map((lead) => ({ ...lead, convertedAt: new Date(lead.convertedAt) })) }
}

export const CLIENT_OPTIONS = 200

/**
 * Clients to choose from: the first `limit` active ones, by name, and `selectedId` even when it is inactive or archived, so that saving an old
 * record changes nothing. With `q` those that have all its words, the one of that name first, then those whose names begin with it.
 */
export async function clientOptions(
  scope: Scope,
  selectedId: number | null = null,
  q = '',
  limit = CLIENT_OPTIONS,
): Promise<Option[]> {
  const seen = visible(scope, 'clients', 'c')
  const words = q.replaceAll('\0', '').toWellFormed().split(/\s+/).filter(Boolean).slice(0, 8)
  const found = join([sql`TRUE`, ...words.map((word) => sql`c.search_text LIKE search_pattern(${word})`)], ' AND ')
  const asked = words.join(' ')
  const nearness =
    words.length === 0
      ? sql`0`
      : sql`CASE WHEN search_fold(c.name) = search_fold(${asked}) THEN 0
                 WHEN search_fold(c.name) LIKE substr(search_pattern(${asked}), 2) THEN 1 ELSE 2 END`
  // Without words the order is an index's, and must stay it.
  const order = words.length === 0 ? sql`lower(c.name), c.id` : sql`${nearness}, lower(c.name), c.id`
  const rows = await scope.db.query<Option & { nearness: number }>(sql`
    SELECT value, label, min(nearness) AS nearness FROM (
      (SELECT c.id AS value, c.name AS label, ${nearness} AS nearness FROM clients c
       WHERE c.is_active AND c.status = 'active' AND ${found} AND ${seen} ORDER BY ${order} LIMIT ${limit})
      UNION ALL
      (SELECT c.id, c.name, ${nearness} FROM clients c WHERE c.id = ${selectedId} AND ${seen})
    ) AS options
    GROUP BY value, label ORDER BY min(nearness), lower(label), value`)
  return rows.map(({ value, label }) => ({ value, label }))
}

export interface ClientSuggestion {
  id: number
  name: string
  /** Why it is suggested: its name is the company's, or somebody there has an address like this one. */
  reason: 'name' | 'email'
}

// What many strangers share says nothing about where somebody works.
const PUBLIC_MAIL = new Set([
  'aol.com',
  'gmail.com',
  'gmx.at',
  'gmx.ch',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hotmail.com',
  'hotmail.de',
  'icloud.com',
  'live.com',
  'mac.com',
  'mail.com',
  'mail.ru',
  'me.com',
  'msn.com',
  'outlook.com',
  'outlook.de',
  'posteo.de',
  'proton.me',
  'protonmail.com',
  'qq.com',
  't-online.de',
  'web.de',
  'yahoo.com',
  'yahoo.de',
  'yandex.ru',
  'ymail.com',
  'zoho.com',
])

/**
 * At most ten clients that somebody may already work for: of that name (case aside), or with an e-mail address, their own or a contact's, of
 * the same domain (of the same whole address where the domain is a public mail service). Those of that name come first.
 */
export async function suggestClients(
  scope: Scope,
  { companyName, email }: { companyName?: string | null; email?: string | null },
): Promise<ClientSuggestion[]> {
  const address = (email ?? '').trim().toLowerCase()
  const domain = address.slice(address.lastIndexOf('@') + 1)
  // LIKE by the trigram index finds candidates; the exact comparison behind it has the last word.
  const like = PUBLIC_MAIL.has(domain) ? address : `@${domain}`
  const sameAddress = (column: ReturnType<typeof sql>) =>
    PUBLIC_MAIL.has(domain)
      ? sql`lower(${column}) = ${address}`
      : sql`right(lower(${column}), ${like.length}::int) = ${like}`
  const byEmail =
    !address.includes('@') || domain === ''
      ? sql`SELECT NULL::int AS id, 'email' AS reason WHERE FALSE`
      : sql`
      SELECT c.id, 'email' AS reason FROM clients c
      WHERE c.is_active AND c.search_text LIKE search_pattern(${like}) AND ${sameAddress(sql`c.email`)}
      UNION
      SELECT k.client_id, 'email' FROM contacts k
      WHERE k.is_active AND k.search_text LIKE search_pattern(${like}) AND ${sameAddress(sql`k.email`)}`
  return scope.db.query<ClientSuggestion>(sql`
    SELECT c.id, c.name, CASE WHEN bool_or(found.reason = 'name') THEN 'name' ELSE 'email' END AS reason
    FROM (
      SELECT c.id, 'name' AS reason FROM clients c WHERE c.is_active AND lower(c.name) = lower(${(companyName ?? '').trim()})
      UNION ALL
      SELECT * FROM (${byEmail}) AS by_email
    ) AS found JOIN clients c ON c.id = found.id
    WHERE c.is_active AND ${visible(scope, 'clients', 'c')}
    GROUP BY c.id
    ORDER BY bool_or(found.reason = 'name') DESC, lower(c.name), c.id
    LIMIT 10`)
}

/** How many open deals this client has, whoever may see them: archiving it hides them all. */
export async function countOpenDeals({ db }: Scope, clientId: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM deals WHERE client_id = ${clientId} AND is_active AND status = 'open'`)
  return row?.count ?? 0
}
