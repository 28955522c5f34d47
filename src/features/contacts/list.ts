import sql from 'sql-template-tag'
import { z } from 'zod'
import { by, defineList } from '../../platform/list.ts'
import { visible } from '../users/access.ts'
import { CONTACT_ROLES } from './schema.ts'
import type { ContactRole } from './schema.ts'

export interface ContactRow {
  id: number
  name: string
  clientId: number
  clientName: string
  clientIsActive: boolean
  email: string | null
  phone: string | null
  mobile: string | null
  title: string | null
  role: ContactRole
  isPrimary: boolean
  updatedAt: Date
}

export const contactList = defineList<ContactRow>()({
  columns: sql`k.id, k.first_name || ' ' || k.last_name AS name, k.client_id AS "clientId", p.name AS "clientName",
    p.is_active AS "clientIsActive", k.email, k.phone, k.mobile, k.title, k.role, k.is_primary AS "isPrimary", k.updated_at AS "updatedAt"`,
  from: sql`contacts k JOIN clients p ON p.id = k.client_id`,
  key: sql`k.id`,
  filter: z.object({ role: z.enum(CONTACT_ROLES), primary: z.enum(['yes']) }),
  where: ({ role, primary }, scope) => [
    sql`k.is_active`,
    visible(scope, 'contacts', 'k'),
    role && sql`k.role = ${role}`,
    primary && sql`k.is_primary`,
  ],
  // People are remembered by where they work. The clients are looked up once, ahead of the contacts, so that both halves can use an index.
  search: (pattern) => sql`k.search_text LIKE ${pattern}
    OR k.client_id = ANY (ARRAY(SELECT c.id FROM clients c WHERE c.search_text LIKE ${pattern}))`,
  sorts: {
    name: by([sql`lower(k.last_name)`, sql`lower(k.first_name)`], 'text'),
    updated: by(sql`k.updated_at`, 'timestamptz'),
  },
  defaultSort: 'name',
})
