import sql from 'sql-template-tag'
import { z } from 'zod'
import { isoTime } from '../../platform/csv.ts'
import { defineList } from '../../platform/list.ts'
import { containing } from '../../platform/list-search.ts'
import { by, byGroup } from '../../platform/list-order.ts'
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

interface ClientFileRow extends ClientRow {
  website: string | null
  currencyCode: string
  createdAt: Date
}

export const clientList = defineList<ClientRow, ClientFileRow>()({
  columns: sql`c.id, c.name, c.status, c.email, c.phone, c.tags, p.id AS "primaryContactId",
    p.first_name || ' ' || p.last_name AS "primaryContactName", o.name AS "ownerName", c.updated_at AS "updatedAt"`,
  fileColumns: sql`, c.website, c.currency_code AS "currencyCode", c.created_at AS "createdAt"`,
  from: sql`clients c LEFT JOIN contacts p ON p.client_id = c.id AND p.is_primary AND p.is_active LEFT JOIN users o ON o.id = c.owner_id`,
  countFrom: sql`clients c`,
  key: sql`c.id`,
  filter: z.object({ status: z.enum(CLIENT_STATUSES), owner: OwnerFilter }),
  where: ({ status, owner }, scope) => [
    sql`c.is_active`,
    visible(scope, 'clients', 'c'),
    status && sql`c.status = ${status}`,
    owner !== undefined && ownedBy(scope, sql`c.owner_id`, owner),
  ],
  search: (pattern, word) => containing(sql`c.search_text`, pattern, word),
  phone: (pattern) => sql`c.phone_digits LIKE ${pattern}`,
  sorts: {
    name: by(sql`lower(c.name)`, 'text'),
    contact: by(sql`lower(p.last_name || ' ' || p.first_name)`, 'text', {
      emptyWhen: sql`p.id IS NULL`,
      joined: true,
    }),
    email: by(sql`lower(c.email)`, 'text', { nullable: true }),
    status: by([sql`c.status`, sql`c.updated_at`], ['text', 'timestamptz']),
    owner: byGroup({
      name: sql`lower(o.name)`,
      type: 'text',
      key: sql`o.id`,
      then: sql`c.updated_at`,
      thenType: 'timestamptz',
      from: sql`users o`,
      link: sql`c.owner_id = "group"."key"`,
      emptyWithout: sql`c.owner_id`,
    }),
    created: by(sql`c.created_at`, 'timestamptz'),
    updated: by(sql`c.updated_at`, 'timestamptz'),
  },
  defaultSort: 'name',
  csv: [
    { header: 'clients.fields.name', value: ({ name }) => name },
    { header: 'clients.fields.primaryContact', value: ({ primaryContactName }) => primaryContactName },
    { header: 'clients.fields.email', value: ({ email }) => email },
    { header: 'clients.fields.phone', value: ({ phone }) => phone },
    { header: 'clients.fields.website', value: ({ website }) => website },
    { header: 'clients.fields.status', value: ({ status }, { t }) => t(`clients.statuses.${status}`) },
    { header: 'clients.fields.currencyCode', value: ({ currencyCode }) => currencyCode },
    { header: 'clients.fields.ownerId', value: ({ ownerName }) => ownerName },
    { header: 'clients.fields.tags', value: ({ tags }) => tags.join(', ') },
    { header: 'clients.fields.createdAt', value: ({ createdAt }, reader) => isoTime(createdAt, reader) },
    { header: 'clients.fields.updatedAt', value: ({ updatedAt }, reader) => isoTime(updatedAt, reader) },
  ],
})
