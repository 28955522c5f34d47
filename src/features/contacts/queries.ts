import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible, writable } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import type { ContactRole } from './schema.ts'

export interface ContactSummary {
  id: number
  firstName: string
  lastName: string
  name: string
  email: string | null
  phone: string | null
  mobile: string | null
  title: string | null
  department: string | null
  role: ContactRole
  isPrimary: boolean
  isActive: boolean
}

export interface Contact extends Omit<ContactSummary, 'name'> {
  clientId: number
  address: string | null
  notes: string | null
  tags: string[]
  createdBy: number | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export interface ContactDetails extends Contact {
  name: string
  archivedAt: Date | null
  /** Who put it into the Trash; null for the system, or nobody. */
  archivedByName: string | null
  client: { id: number; name: string; isActive: boolean }
  creator: { id: number; name: string } | null
  /** May this reader change it? */
  writable: boolean
}

/** A `Contact`, of contacts under `k`. */
export const contactColumns = sql`k.id, k.client_id AS "clientId", k.first_name AS "firstName", k.last_name AS "lastName", k.email, k.phone, k.mobile,
  k.title, k.department, k.role, k.is_primary AS "isPrimary", k.address, k.notes, k.tags, k.is_active AS "isActive", k.created_by AS "createdBy",
  k.version, k.created_at AS "createdAt", k.updated_at AS "updatedAt"`

const summary = sql`
  k.id, k.first_name AS "firstName", k.last_name AS "lastName", k.first_name || ' ' || k.last_name AS name, k.email, k.phone, k.mobile,
  k.title, k.department, k.role, k.is_primary AS "isPrimary", k.is_active AS "isActive"`

/** A contact as its page shows it, archived ones included. Throws NotFound. */
export async function findContact(scope: Scope, id: number): Promise<ContactDetails> {
  const [contact] = await scope.db.query<ContactDetails>(sql`
    SELECT ${contactColumns}, k.first_name || ' ' || k.last_name AS name, k.archived_at AS "archivedAt",
           (SELECT name FROM users WHERE id = k.archived_by) AS "archivedByName", json_build_object('id', p.id, 'name', p.name, 'isActive', p.is_active) AS client,
           CASE WHEN m.id IS NOT NULL THEN json_build_object('id', m.id, 'name', m.name) END AS creator,
           ${writable(scope, 'contacts', 'k')} AS writable
    FROM contacts k JOIN clients p ON p.id = k.client_id LEFT JOIN users m ON m.id = k.created_by
    WHERE k.id = ${id} AND ${visible(scope, 'contacts', 'k')}`)
  if (!contact) throw new NotFound()
  return contact
}

/** The fields of the edit form as they are stored, with the version it is opened on. Who is primary is not among them: the form can only claim it. */
export function contactForm(contact: Omit<Contact, 'role'> & { role: string }): Record<string, unknown> {
  const { firstName, lastName, email, phone, mobile, title, department, role, address, notes, tags, version } = contact
  return { firstName, lastName, email, phone, mobile, title, department, role, address, notes, tags, version }
}

/** A client's active contacts, the primary first, then by name. */
export function listClientContacts(scope: Scope, clientId: number): Promise<ContactSummary[]> {
  return contactsAt(scope, clientId, true)
}

/** A client's archived contacts, by name. */
export function listArchivedContacts(scope: Scope, clientId: number): Promise<ContactSummary[]> {
  return contactsAt(scope, clientId, false)
}

function contactsAt(scope: Scope, clientId: number, active: boolean): Promise<ContactSummary[]> {
  return scope.db.query<ContactSummary>(sql`
    SELECT ${summary} FROM contacts k
    WHERE k.client_id = ${clientId} AND k.is_active = ${active} AND ${visible(scope, 'contacts', 'k')}
    ORDER BY k.is_primary DESC, lower(k.last_name), lower(k.first_name), k.id`)
}

/** Contacts to choose from at one client, the primary first; `selectedId` even when it is archived, so that saving an old record changes nothing. */
export async function contactsOfClient(
  scope: Scope,
  clientId: number | null,
  selectedId: number | null = null,
): Promise<Option[]> {
  return clientId === null ? [] : scope.db.query<Option>(contactOptions(scope, clientId, selectedId))
}

/** What `contactsOfClient` asks, for a statement that asks for more. */
export function contactOptions(scope: Scope, clientId: number, selectedId: number | null): Sql {
  return sql`
    SELECT k.id AS value, k.first_name || ' ' || k.last_name AS label FROM contacts k
    WHERE k.client_id = ${clientId} AND (k.is_active OR k.id = ${selectedId}) AND ${visible(scope, 'contacts', 'k')}
    ORDER BY k.is_primary DESC, lower(k.last_name), lower(k.first_name), k.id`
}

export interface ContactDeal {
  id: number
  name: string
  status: 'open' | 'won' | 'lost'
  stage: string
  stageName: string | null
  value: Decimal | null
  currencyCode: string
}

/** The deals this contact stands for, as far as the reader may see them: open ones first, the newest fifty. */
export function listDealsOfContact(scope: Scope, contactId: number): Promise<ContactDeal[]> {
  return scope.db.query<ContactDeal>(sql`
    SELECT d.id, d.name, d.status, d.stage, s.name AS "stageName", d.value, d.currency_code AS "currencyCode"
    FROM contacts k JOIN deals d ON d.client_id = k.client_id AND d.contact_id = k.id
      JOIN pipeline_stages s ON s.pipeline_id = d.pipeline_id AND s.key = d.stage
    WHERE k.id = ${contactId} AND d.is_active AND ${visible(scope, 'deals', 'd')}
    ORDER BY (d.status = 'open') DESC, d.updated_at DESC, d.id DESC LIMIT 50`)
}
