import sql from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import type { ClientStatus } from './schema.ts'

interface Person {
  id: number
  name: string
}

export interface ClientDetails {
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
  version: number
  createdAt: Date
  updatedAt: Date
  owner: Person | null
  creator: Person | null
}

/** A client as its page shows it, archived ones included. Throws NotFound. */
export async function findClient(scope: Scope, id: number): Promise<ClientDetails> {
  const [client] = await scope.db.query<ClientDetails>(sql`
    SELECT c.id, c.name, c.description, c.website, c.email, c.phone, c.address, c.contact_person AS "contactPerson", c.status,
           c.currency_code AS "currencyCode", c.owner_id AS "ownerId", c.tags, c.is_active AS "isActive", c.version,
           c.created_at AS "createdAt", c.updated_at AS "updatedAt",
           CASE WHEN o.id IS NOT NULL THEN json_build_object('id', o.id, 'name', o.name) END AS owner,
           CASE WHEN m.id IS NOT NULL THEN json_build_object('id', m.id, 'name', m.name) END AS creator
    FROM clients c LEFT JOIN users o ON o.id = c.owner_id LEFT JOIN users m ON m.id = c.created_by
    WHERE c.id = ${id} AND ${visible(scope, 'clients', 'c')}`)
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
export function clientForm(
  client: Omit<ClientDetails, 'owner' | 'creator' | 'status'> & { status: string },
): Record<string, unknown> {
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

/** The leads this client came from, the latest first. */
export function listOriginLeads(scope: Scope, clientId: number): Promise<OriginLead[]> {
  return scope.db.query<OriginLead>(sql`
    SELECT l.id, l.first_name || ' ' || l.last_name AS name, l.source, l.converted_at AS "convertedAt", u.name AS "convertedByName"
    FROM leads l LEFT JOIN users u ON u.id = l.converted_by
    WHERE l.converted_to_client_id = ${clientId} AND ${visible(scope, 'leads', 'l')}
    ORDER BY l.converted_at DESC, l.id DESC`)
}

export const CLIENT_OPTIONS = 200

/**
 * Clients to choose from, by name: the first `CLIENT_OPTIONS` active ones (of those that `q` finds), and `selectedId` even when it is
 * inactive or archived, so that saving an old record changes nothing.
 */
export function clientOptions(scope: Scope, selectedId: number | null = null, q = ''): Promise<Option[]> {
  const seen = visible(scope, 'clients', 'c')
  const found = q.trim() === '' ? sql`TRUE` : sql`c.search_text LIKE search_pattern(${q.trim()})`
  return scope.db.query<Option>(sql`
    SELECT value, label FROM (
      (SELECT c.id AS value, c.name AS label FROM clients c
       WHERE c.is_active AND c.status = 'active' AND ${found} AND ${seen} ORDER BY lower(c.name), c.id LIMIT ${CLIENT_OPTIONS})
      UNION
      (SELECT c.id, c.name FROM clients c WHERE c.id = ${selectedId} AND ${seen})
    ) AS options
    ORDER BY lower(label), value`)
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
