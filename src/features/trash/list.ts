import sql, { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { z } from 'zod'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import type { Sort } from '../../platform/list-order.ts'
import { visible } from '../users/access.ts'
import type { TrashNoun } from './nouns.ts'

export interface TrashRow {
  id: number
  name: string
  archivedAt: Date
  /** null: the system, or somebody who is gone. */
  archivedByName: string | null
  ownerName: string | null
  /** The client of a contact or a deal. */
  clientId: number | null
  clientName: string | null
  clientIsActive: boolean | null
  /** What a lead calls its company: no record of its own. */
  companyName: string | null
}

interface Kind {
  alias: string
  name: Sql
  byName: Sort
  /** The client it belongs to. */
  client: Sql
  owner: Sql
  companyName?: Sql
  phone: boolean
}

const KINDS: Readonly<Record<TrashNoun, Kind>> = {
  clients: {
    alias: 'c',
    name: sql`c.name`,
    byName: by(sql`lower(c.name)`, 'text'),
    client: sql`NULL::integer`,
    owner: sql`c.owner_id`,
    phone: true,
  },
  contacts: {
    alias: 'k',
    name: sql`k.first_name || ' ' || k.last_name`,
    byName: by([sql`lower(k.last_name)`, sql`lower(k.first_name)`], 'text'),
    client: sql`k.client_id`,
    // Whoever has the client has its contacts.
    owner: sql`p.owner_id`,
    phone: true,
  },
  leads: {
    alias: 'l',
    name: sql`l.first_name || ' ' || l.last_name`,
    byName: by([sql`lower(l.last_name)`, sql`lower(l.first_name)`], 'text'),
    client: sql`NULL::integer`,
    owner: sql`l.owner_id`,
    companyName: sql`l.company_name`,
    phone: true,
  },
  deals: {
    alias: 'd',
    name: sql`d.name`,
    byName: by(sql`lower(d.name)`, 'text'),
    client: sql`d.client_id`,
    owner: sql`d.owner_id`,
    phone: false,
  },
}

/** What is archived of one noun, the latest first. Whoever sees a record sees it here too. */
export const trashLists = {
  clients: trashOf('clients'),
  contacts: trashOf('contacts'),
  leads: trashOf('leads'),
  deals: trashOf('deals'),
} as const

function trashOf(noun: TrashNoun) {
  const { alias, name, byName, client, owner, companyName, phone } = KINDS[noun]
  const column = (of: string) => raw(`${alias}.${of}`)
  const table = raw(`${noun} ${alias}`)
  return defineList<TrashRow>()({
    columns: sql`${column('id')}, ${name} AS name, ${column('archived_at')} AS "archivedAt", a.name AS "archivedByName", o.name AS "ownerName",
      p.id AS "clientId", p.name AS "clientName", p.is_active AS "clientIsActive", ${companyName ?? sql`NULL`} AS "companyName"`,
    from: sql`${table} LEFT JOIN clients p ON p.id = ${client} LEFT JOIN users o ON o.id = ${owner} LEFT JOIN users a ON a.id = ${column('archived_by')}`,
    countFrom: table,
    key: column('id'),
    filter: z.object({}),
    where: (_filters, scope) => [sql`NOT ${column('is_active')}`, visible(scope, noun, alias)],
    search: (pattern) => sql`${column('search_text')} LIKE ${pattern}`,
    ...(phone && { phone: (pattern: Sql) => sql`${column('phone_digits')} LIKE ${pattern}` }),
    sorts: { archived: by(column('archived_at'), 'timestamptz'), name: byName },
    defaultSort: '-archived',
  })
}
