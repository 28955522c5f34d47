import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { clientList } from '../clients/list.ts'
import { contactList } from '../contacts/list.ts'
import { leadList } from '../leads/list.ts'
import type { Scope } from '../../platform/scope.ts'
import type { Given } from './given.ts'
import type { Kind } from './schema.ts'

/** How a kind of record is searched: what its list finds, in a bounded number of steps. */
export interface Source {
  table: Sql
  alias: string
  /** Archived records are left out, as in the list. */
  active: Sql
  /** The order "newer first", in which an index can be walked. */
  newer: Sql
  /** What a record is called, as one may type it. */
  names: readonly Sql[]
  /** Whether it has a telephone number with these digits. */
  phone?: ((pattern: Sql) => Sql) | undefined
  /** What else a record is found by: what it belongs to, and the column that says so. */
  parents: readonly Parent[]
  /** Where a misspelt word is looked for: in names, not in prose. */
  near: Sql
  /** What is shown of a hit, and the joins it takes. */
  columns: Sql
  joins: Sql
}

/** What of a kind is looked for, through which statement. */
export interface Search {
  scope: Scope
  kind: Kind
  source: Source
  given: Given
}

export interface Parent {
  table: 'clients' | 'contacts'
  column: Sql
}

export const SOURCES: Readonly<Record<Kind, Source>> = {
  clients: {
    table: sql`clients`,
    alias: 'c',
    active: sql`c.is_active`,
    newer: sql`c.updated_at DESC, c.id DESC`,
    names: [sql`c.name`],
    phone: clientList.phone,
    parents: [],
    near: sql`c.search_text`,
    columns: sql`c.id, c.name, c.email, c.phone, c.website, c.contact_person AS "contactPerson", c.status`,
    joins: sql``,
  },
  contacts: {
    table: sql`contacts`,
    alias: 'k',
    active: sql`k.is_active`,
    newer: sql`k.updated_at DESC, k.id DESC`,
    names: [sql`k.first_name || ' ' || k.last_name`, sql`k.last_name || ' ' || k.first_name`],
    phone: contactList.phone,
    parents: [{ table: 'clients', column: sql`k.client_id` }],
    near: sql`k.search_text`,
    columns: sql`k.id, k.first_name || ' ' || k.last_name AS name, p.name AS "clientName", k.title, k.department, k.email, k.phone, k.mobile`,
    joins: sql`JOIN clients p ON p.id = k.client_id`,
  },
  leads: {
    table: sql`leads`,
    alias: 'l',
    active: sql`l.is_active`,
    newer: sql`l.updated_at DESC, l.id DESC`,
    names: [sql`l.first_name || ' ' || l.last_name`, sql`l.last_name || ' ' || l.first_name`],
    phone: leadList.phone,
    parents: [],
    near: sql`l.search_text`,
    columns: sql`l.id, l.first_name || ' ' || l.last_name AS name, l.company_name AS "companyName", l.title, l.email, l.phone, l.status`,
    joins: sql``,
  },
  deals: {
    table: sql`deals`,
    alias: 'd',
    active: sql`d.is_active`,
    newer: sql`d.updated_at DESC, d.id DESC`,
    names: [sql`d.name`],
    parents: [{ table: 'clients', column: sql`d.client_id` }],
    near: sql`left(d.search_text, 60)`,
    columns: sql`d.id, d.name, p.name AS "clientName", d.stage, s.name AS "stageName", d.status, d.value::text AS value,
      d.currency_code AS "currencyCode", coalesce(d.actual_close_date, d.expected_close_date)::text AS "closeDate"`,
    joins: sql`LEFT JOIN clients p ON p.id = d.client_id
      LEFT JOIN pipeline_stages s ON s.pipeline_id = d.pipeline_id AND s.key = d.stage`,
  },
  communications: {
    table: sql`contact_communications`,
    alias: 'm',
    active: sql`TRUE`,
    newer: sql`m.communication_date DESC, m.id DESC`,
    names: [sql`m.subject`],
    parents: [
      { table: 'clients', column: sql`m.client_id` },
      { table: 'contacts', column: sql`m.contact_id` },
    ],
    near: sql`left(m.search_text, 60)`,
    columns: sql`m.id, m.subject AS name, m.type, left(m.content, 5000) AS content, m.communication_date AS date,
      k.first_name || ' ' || k.last_name AS "contactName", p.name AS "clientName"`,
    joins: sql`JOIN contacts k ON k.id = m.contact_id JOIN clients p ON p.id = m.client_id`,
  },
}
