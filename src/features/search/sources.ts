import sql, { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Searchable } from '../../platform/list.ts'
import { clientList } from '../clients/list.ts'
import { contactList } from '../contacts/list.ts'
import { leadList } from '../leads/list.ts'
import { hasTrigrams } from './schema.ts'
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
  /** What the list finds, asked row by row: for going through a few hundred of them. */
  walked: Searchable
  /** The same, so that indexes find it. */
  looked: Searchable
  /** Where a misspelt word is looked for: in names, not in prose. */
  near: Sql
  /** What is shown of a hit, and the joins it takes. */
  columns: Sql
  joins: Sql
}

export type Sources = Readonly<Record<Kind, Source>>

/**
 * The clients that have each of the words, as CTEs for the whole statement: three kinds ask for what is theirs. None for words that would be looked
 * for in every client.
 */
export function clientsOf(words: readonly string[]): Sql[] {
  return words
    .filter(hasTrigrams)
    .map(
      (word) =>
        sql`${nameOf(words, word)} AS MATERIALIZED (SELECT id FROM clients WHERE search_text LIKE search_pattern(${word}))`,
    )
}

function nameOf(words: readonly string[], word: string): Sql {
  return raw(`clients_${words.indexOf(word)}`)
}

/** Where the statement begins with the CTEs of `clientsOf(words)`. */
export function sourcesFor(words: readonly string[]): Sources {
  const ofClients = (clientId: Sql, pattern: Sql, word: string) =>
    hasTrigrams(word)
      ? sql`${clientId} = ANY (ARRAY(SELECT id FROM ${nameOf(words, word)}))`
      : clientLike(clientId, pattern)
  return {
    clients: {
      table: sql`clients`,
      alias: 'c',
      active: sql`c.is_active`,
      newer: sql`c.updated_at DESC, c.id DESC`,
      names: [sql`c.name`],
      walked: clientList,
      looked: clientList,
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
      walked: {
        search: (pattern) => sql`k.search_text LIKE ${pattern} OR ${clientLike(sql`k.client_id`, pattern)}`,
        phone: contactList.phone,
      },
      looked: {
        search: (pattern, word) => sql`k.search_text LIKE ${pattern} OR ${ofClients(sql`k.client_id`, pattern, word)}`,
        phone: contactList.phone,
      },
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
      walked: leadList,
      looked: leadList,
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
      walked: {
        search: (pattern) => sql`d.search_text LIKE ${pattern} OR ${clientLike(sql`d.client_id`, pattern)}`,
      },
      looked: {
        search: (pattern, word) => sql`d.search_text LIKE ${pattern} OR ${ofClients(sql`d.client_id`, pattern, word)}`,
      },
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
      walked: {
        search: (pattern) => sql`m.search_text LIKE ${pattern} OR ${clientLike(sql`m.client_id`, pattern)}
        OR ${contactLike(pattern)}`,
      },
      looked: {
        search: (pattern, word) => sql`m.search_text LIKE ${pattern} OR ${ofClients(sql`m.client_id`, pattern, word)}
        OR ${hasTrigrams(word) ? sql`m.contact_id = ANY (ARRAY(SELECT id FROM contacts WHERE search_text LIKE ${pattern}))` : contactLike(pattern)}`,
      },
      near: sql`left(m.search_text, 60)`,
      columns: sql`m.id, m.subject AS name, m.type, left(m.content, 5000) AS content, m.communication_date AS date,
      k.first_name || ' ' || k.last_name AS "contactName", p.name AS "clientName"`,
      joins: sql`JOIN contacts k ON k.id = m.contact_id JOIN clients p ON p.id = m.client_id`,
    },
  }
}

/** OFFSET 0: asked of each row's own client, never of all clients ahead. */
function clientLike(clientId: Sql, pattern: Sql): Sql {
  return sql`EXISTS (SELECT FROM clients c WHERE c.id = ${clientId} AND c.search_text LIKE ${pattern} OFFSET 0)`
}

function contactLike(pattern: Sql): Sql {
  return sql`EXISTS (SELECT FROM contacts k WHERE k.id = m.contact_id AND k.search_text LIKE ${pattern} OFFSET 0)`
}
