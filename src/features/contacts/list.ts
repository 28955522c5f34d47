import sql from 'sql-template-tag'
import { z } from 'zod'
import { isoTime } from '../../platform/csv.ts'
import { defineList } from '../../platform/list.ts'
import { containing } from '../../platform/list-search.ts'
import { by } from '../../platform/list-order.ts'
import { Id } from '../../platform/validation.ts'
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

interface ContactFileRow extends ContactRow {
  firstName: string
  lastName: string
  department: string | null
  tags: string[]
  createdAt: Date
}

export const contactList = defineList<ContactRow, ContactFileRow>()({
  columns: sql`k.id, k.first_name || ' ' || k.last_name AS name, k.client_id AS "clientId", p.name AS "clientName",
    p.is_active AS "clientIsActive", k.email, k.phone, k.mobile, k.title, k.role, k.is_primary AS "isPrimary", k.updated_at AS "updatedAt"`,
  fileColumns: sql`, k.first_name AS "firstName", k.last_name AS "lastName", k.department, k.tags, k.created_at AS "createdAt"`,
  from: sql`contacts k JOIN clients p ON p.id = k.client_id`,
  countFrom: sql`contacts k`,
  key: sql`k.id`,
  filter: z.object({ role: z.enum(CONTACT_ROLES), primary: z.enum(['yes']), client: Id }),
  where: ({ role, primary, client }, scope) => [
    sql`k.is_active`,
    visible(scope, 'contacts', 'k'),
    role && sql`k.role = ${role}`,
    primary && sql`k.is_primary`,
    client !== undefined && sql`k.client_id = ${client}`,
  ],
  // People are remembered by where they work. The clients are looked up once, ahead of the contacts, so that both halves can use an index.
  search: (pattern, word) => sql`${containing(sql`k.search_text`, pattern, word)}
    OR k.client_id = ANY (ARRAY(SELECT c.id FROM clients c WHERE ${containing(sql`c.search_text`, pattern, word)}))`,
  walked: (pattern) => sql`k.search_text LIKE ${pattern}
    OR EXISTS (SELECT FROM clients own WHERE own.id = k.client_id AND own.search_text LIKE ${pattern} OFFSET 0)`,
  phone: (pattern) => sql`k.phone_digits LIKE ${pattern}`,
  sorts: {
    name: by([sql`lower(k.last_name)`, sql`lower(k.first_name)`], 'text'),
    client: by(sql`lower(p.name)`, 'text', { joined: true }),
    role: by([sql`k.role`, sql`k.updated_at`], ['text', 'timestamptz']),
    email: by(sql`lower(k.email)`, 'text', { nullable: true }),
    phone: by(sql`coalesce(k.phone, k.mobile)`, 'text', { nullable: true }),
    updated: by(sql`k.updated_at`, 'timestamptz'),
  },
  defaultSort: 'name',
  csv: [
    { header: 'contacts.fields.firstName', value: ({ firstName }) => firstName },
    { header: 'contacts.fields.lastName', value: ({ lastName }) => lastName },
    { header: 'contacts.fields.client', value: ({ clientName }) => clientName },
    { header: 'contacts.fields.title', value: ({ title }) => title },
    { header: 'contacts.fields.department', value: ({ department }) => department },
    { header: 'contacts.fields.role', value: ({ role }, { t }) => t(`contacts.roles.${role}`) },
    { header: 'contacts.fields.isPrimary', value: ({ isPrimary }, { t }) => t(isPrimary ? 'ui.yes' : 'ui.no') },
    { header: 'contacts.fields.email', value: ({ email }) => email },
    { header: 'contacts.fields.phone', value: ({ phone }) => phone },
    { header: 'contacts.fields.mobile', value: ({ mobile }) => mobile },
    { header: 'contacts.fields.tags', value: ({ tags }) => tags.join(', ') },
    { header: 'contacts.fields.createdAt', value: ({ createdAt }, reader) => isoTime(createdAt, reader) },
    { header: 'contacts.fields.updatedAt', value: ({ updatedAt }, reader) => isoTime(updatedAt, reader) },
  ],
})
