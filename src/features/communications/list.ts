import sql from 'sql-template-tag'
import { z } from 'zod'
import { isoTime } from '../../platform/csv.ts'
import { defineList } from '../../platform/list.ts'
import { containing } from '../../platform/list-search.ts'
import { by, byGroup } from '../../platform/list-order.ts'
import { dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { Id } from '../../platform/validation.ts'
import { visible } from '../users/access.ts'
import { COMMUNICATION_STATUSES, COMMUNICATION_TYPES, DIRECTIONS, FOLLOW_UPS } from './schema.ts'
import type { CommunicationStatus, CommunicationType, Direction } from './schema.ts'

export interface CommunicationRow {
  id: number
  type: CommunicationType
  direction: Direction
  status: CommunicationStatus
  subject: string | null
  communicationDate: Date
  followUpDate: CalendarDay | null
  followUpCompletedAt: Date | null
  contactId: number
  contactName: string
  contactIsActive: boolean
  clientId: number
  clientName: string
  clientIsActive: boolean
  authorName: string | null
  updatedAt: Date
}

export const communicationList = defineList<CommunicationRow>()({
  columns: sql`m.id, m.type, m.direction, m.status, m.subject, m.communication_date AS "communicationDate",
    m.follow_up_date::text AS "followUpDate", m.follow_up_completed_at AS "followUpCompletedAt", m.contact_id AS "contactId",
    k.first_name || ' ' || k.last_name AS "contactName", k.is_active AS "contactIsActive", m.client_id AS "clientId",
    p.name AS "clientName", p.is_active AS "clientIsActive", u.name AS "authorName", m.updated_at AS "updatedAt"`,
  from: sql`contact_communications m
    JOIN contacts k ON k.id = m.contact_id
    JOIN clients p ON p.id = m.client_id
    LEFT JOIN users u ON u.id = m.created_by`,
  key: sql`m.id`,
  filter: z.object({
    type: z.enum(COMMUNICATION_TYPES),
    direction: z.enum(DIRECTIONS),
    status: z.enum(COMMUNICATION_STATUSES),
    followUp: z.enum(FOLLOW_UPS),
    contact: Id,
    client: Id,
  }),
  where: ({ type, direction, status, followUp, contact, client }, scope) => [
    visible(scope, 'communications', 'm'),
    type && sql`m.type = ${type}`,
    direction && sql`m.direction = ${direction}`,
    status && sql`m.status = ${status}`,
    followUp === 'none' && sql`m.follow_up_date IS NULL`,
    followUp !== undefined &&
      followUp !== 'none' &&
      sql`m.follow_up_date IS NOT NULL AND m.follow_up_completed_at IS NULL`,
    followUp === 'overdue' && sql`m.follow_up_date < ${dayIn(scope.user.timeZone)}::date`,
    followUp === 'today' && sql`m.follow_up_date = ${dayIn(scope.user.timeZone)}::date`,
    contact !== undefined && sql`m.contact_id = ${contact}`,
    client !== undefined && sql`m.client_id = ${client}`,
  ],
  // What was said is remembered by who said it, and where.
  search: (pattern) => sql`m.search_text LIKE ${pattern}
    OR EXISTS (SELECT FROM contacts own WHERE own.id = m.contact_id AND own.search_text LIKE ${pattern} OFFSET 0)
    OR EXISTS (SELECT FROM clients own WHERE own.id = m.client_id AND own.search_text LIKE ${pattern} OFFSET 0)`,
  finds: (pattern, word) => {
    const own = containing(sql`own.search_text`, pattern, word)
    return sql`
    SELECT id FROM contact_communications WHERE ${containing(sql`search_text`, pattern, word)}
    UNION ALL SELECT h.id FROM contacts own JOIN contact_communications h ON h.contact_id = own.id WHERE ${own}
    UNION ALL SELECT h.id FROM clients own JOIN contact_communications h ON h.client_id = own.id WHERE ${own}`
  },
  sorts: {
    date: by(sql`m.communication_date`, 'timestamptz'),
    followUp: by(sql`m.follow_up_date`, 'date', { nullable: true }),
    subject: by(sql`lower(m.subject)`, 'text', { nullable: true }),
    type: by([sql`m.type`, sql`m.communication_date`], ['text', 'timestamptz']),
    status: by([sql`m.status`, sql`m.communication_date`], ['text', 'timestamptz']),
    author: byGroup({
      name: sql`lower(u.name)`,
      type: 'text',
      key: sql`u.id`,
      then: sql`m.communication_date`,
      thenType: 'timestamptz',
      from: sql`users u`,
      link: sql`m.created_by = "group"."key"`,
      emptyWithout: sql`m.created_by`,
    }),
    updated: by(sql`m.updated_at`, 'timestamptz'),
  },
  defaultSort: '-date',
  csv: [
    {
      header: 'communications.fields.communicationDate',
      value: ({ communicationDate }, reader) => isoTime(communicationDate, reader),
    },
    { header: 'communications.fields.type', value: ({ type }, { t }) => t(`communications.types.${type}`) },
    {
      header: 'communications.fields.direction',
      value: ({ direction }, { t }) => t(`communications.directions.${direction}`),
    },
    { header: 'communications.fields.status', value: ({ status }, { t }) => t(`communications.statuses.${status}`) },
    { header: 'communications.fields.subject', value: ({ subject }) => subject },
    { header: 'communications.fields.contact', value: ({ contactName }) => contactName },
    { header: 'communications.fields.client', value: ({ clientName }) => clientName },
    { header: 'communications.fields.followUpDate', value: ({ followUpDate }) => followUpDate },
    {
      header: 'communications.fields.followUpCompletedAt',
      value: ({ followUpCompletedAt }, reader) => followUpCompletedAt && isoTime(followUpCompletedAt, reader),
    },
    { header: 'communications.fields.author', value: ({ authorName }) => authorName },
    { header: 'communications.fields.updatedAt', value: ({ updatedAt }, reader) => isoTime(updatedAt, reader) },
  ],
})
