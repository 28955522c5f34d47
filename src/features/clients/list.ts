import sql from 'sql-template-tag'
import { z } from 'zod'
import { by, defineList } from '../../platform/list.ts'
import { OwnerFilter, ownedBy, visible } from '../users/access.ts'
import { CLIENT_STATUSES } from './schema.ts'
import type { ClientStatus } from './schema.ts'

export interface ClientRow {
  id: number
  name: string
  status: ClientStatus
  email: string | null
  phone: string | null
  tags: string[]
  primaryContactId: number | null
  primaryContactName: string | null
  ownerName: string | null
  updatedAt: Date
}

export const clientList = defineList<ClientRow>()({
  columns: sql`c.id, c.name, c.status, c.email, c.phone, c.tags, p.id AS "primaryContactId",
    p.first_name || ' ' || p.last_name AS "primaryContactName", o.name AS "ownerName", c.updated_at AS "updatedAt"`,
  from: sql`clients c LEFT JOIN contacts p ON p.client_id = c.id AND p.is_primary AND p.is_active LEFT JOIN users o ON o.id = c.owner_id`,
  key: sql`c.id`,
  filter: z.object({ status: z.enum(CLIENT_STATUSES), owner: OwnerFilter }),
  where: ({ status, owner }, scope) => [
    sql`c.is_active`,
    visible(scope, 'clients', 'c'),
    status && sql`c.status = ${status}`,
    owner !== undefined && ownedBy(scope, sql`c.owner_id`, owner),
  ],
  search: (pattern) => sql`c.search_text LIKE ${pattern}`,
  sorts: {
    name: by(sql`lower(c.name)`, 'text'),
    created: by(sql`c.created_at`, 'timestamptz'),
    updated: by(sql`c.updated_at`, 'timestamptz'),
  },
  defaultSort: 'name',
})
