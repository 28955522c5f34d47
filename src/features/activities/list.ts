import sql from 'sql-template-tag'
import { z } from 'zod'
import { isoTime } from '../../platform/csv.ts'
import { defineList } from '../../platform/list.ts'
import { containing } from '../../platform/list-search.ts'
import type { List } from '../../platform/list.ts'
import { by, byGroup } from '../../platform/list-order.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { Id } from '../../platform/validation.ts'
import { OwnerFilter, ownedBy, visible } from '../users/access.ts'
import { dueCondition } from './due.ts'
import { KINDS, byPeople } from './kinds.ts'
import type { Kind } from './kinds.ts'
import { ACTIVITY_STATUSES, ACTIVITY_TYPES, DUES } from './schema.ts'
import type { ActivityStatus, ActivityType } from './schema.ts'

export interface ActivityRow {
  /** Of the list: negative for a lead's. */
  id: number
  kind: Kind
  activityId: number
  recordId: number
  recordName: string
  recordIsActive: boolean
  type: ActivityType
  status: ActivityStatus
  subject: string | null
  activityDate: Date
  dueDate: CalendarDay | null
  dueTime: string | null
  /** The assignee's. */
  zone: string | null
  assigneeName: string | null
  authorName: string | null
  updatedAt: Date
}

// Two plain halves without joins or conditions: only then does each use its own indexes, and the rows are merged as they are read. What happened by
// itself is left out: it belongs to the story of its record, and moved cards would bury what people said and did.
const activities = sql`(
    SELECT 'lead' AS kind, -id AS key, id AS activity_id, lead_id, NULL::integer AS deal_id, type, status, subject, activity_date, due_date,
           due_time, assignee_id, created_by, updated_at, search_text, description, completed_at, version, created_at FROM lead_activities
    UNION ALL
    SELECT 'deal', id, id, NULL::integer, deal_id, type, status, subject, activity_date, due_date,
           due_time, assignee_id, created_by, updated_at, search_text, description, completed_at, version, created_at FROM deal_activities
  ) a
  LEFT JOIN leads l ON l.id = a.lead_id
  LEFT JOIN deals d ON d.id = a.deal_id
  LEFT JOIN users u ON u.id = a.assignee_id
  LEFT JOIN users c ON c.id = a.created_by`

export const activityList = defineList<ActivityRow>()({
  columns: sql`a.key AS id, a.kind, a.activity_id AS "activityId", coalesce(a.lead_id, a.deal_id) AS "recordId",
    coalesce(l.first_name || ' ' || l.last_name, d.name) AS "recordName", coalesce(l.is_active, d.is_active) AS "recordIsActive", a.type, a.status,
    a.subject, a.activity_date AS "activityDate", a.due_date::text AS "dueDate", to_char(a.due_time, 'HH24:MI') AS "dueTime",
    u.time_zone AS zone, u.name AS "assigneeName", c.name AS "authorName", a.updated_at AS "updatedAt"`,
  from: activities,
  key: sql`a.key`,
  filter: z.object({
    kind: z.enum(KINDS),
    type: z.enum(ACTIVITY_TYPES),
    status: z.enum(ACTIVITY_STATUSES),
    assignee: OwnerFilter,
    due: z.enum(DUES),
    lead: Id,
    /** With what its lead brought along. */
    deal: Id,
  }),
  where: ({ kind, type, status, assignee, due, lead, deal }, scope) => [
    byPeople(sql`a`),
    sql`(a.lead_id IS NULL OR ${visible(scope, 'leads', 'l')})`,
    sql`(a.deal_id IS NULL OR ${visible(scope, 'deals', 'd')})`,
    kind && sql`a.kind = ${kind}`,
    type && sql`a.type = ${type}`,
    status && sql`a.status = ${status}`,
    assignee !== undefined && ownedBy(scope, sql`a.assignee_id`, assignee),
    due && dueCondition(due, scope.user.timeZone),
    lead !== undefined && sql`a.lead_id = ${lead}`,
    deal !== undefined &&
      sql`((a.kind = 'deal' AND a.deal_id = ${deal}) OR (a.kind = 'lead' AND a.lead_id = (SELECT lead_id FROM deals WHERE id = ${deal})))`,
  ],
  search: (pattern) => sql`a.search_text LIKE ${pattern}
    OR EXISTS (SELECT FROM leads own WHERE own.id = a.lead_id AND own.search_text LIKE ${pattern} OFFSET 0)
    OR EXISTS (SELECT FROM deals own WHERE own.id = a.deal_id AND own.search_text LIKE ${pattern} OFFSET 0)`,
  // The indexes of texts hold what people enter only.
  finds: (pattern, word) => {
    const its = sql`${containing(sql`h.search_text`, pattern, word)} AND ${byPeople(sql`h`)}`
    const own = containing(sql`own.search_text`, pattern, word)
    return sql`
    SELECT -h.id FROM lead_activities h WHERE ${its}
    UNION ALL SELECT h.id FROM deal_activities h WHERE ${its}
    UNION ALL SELECT -h.id FROM leads own JOIN lead_activities h ON h.lead_id = own.id WHERE ${own}
    UNION ALL SELECT h.id FROM deals own JOIN deal_activities h ON h.deal_id = own.id WHERE ${own}`
  },
  sorts: {
    date: by(sql`a.activity_date`, 'timestamptz'),
    due: by([sql`a.due_date`, sql`coalesce(a.due_time, '24:00'::time)`], ['date', 'time'], { nullable: true }),
    subject: by(sql`lower(a.subject)`, 'text', { nullable: true }),
    type: by([sql`a.type`, sql`a.activity_date`], ['text', 'timestamptz']),
    status: by([sql`a.status`, sql`a.activity_date`], ['text', 'timestamptz']),
    assignee: byGroup({
      name: sql`lower(u.name)`,
      type: 'text',
      key: sql`u.id`,
      then: sql`a.activity_date`,
      thenType: 'timestamptz',
      from: sql`users u`,
      link: sql`a.assignee_id = "group"."key"`,
      emptyWithout: sql`a.assignee_id`,
    }),
  },
  defaultSort: '-date',
  csv: [
    { header: 'activities.fields.kind', value: ({ kind }, { t }) => t(`activities.kinds.${kind}`) },
    { header: 'activities.fields.record', value: ({ recordName }) => recordName },
    { header: 'activities.fields.type', value: ({ type }, { t }) => t(`activities.types.${type}`) },
    { header: 'activities.fields.status', value: ({ status }, { t }) => t(`activities.statuses.${status}`) },
    { header: 'activities.fields.subject', value: ({ subject }) => subject },
    { header: 'activities.fields.activityDate', value: ({ activityDate }, reader) => isoTime(activityDate, reader) },
    { header: 'activities.fields.dueDate', value: ({ dueDate }) => dueDate },
    { header: 'activities.fields.dueTime', value: ({ dueTime }) => dueTime },
    { header: 'activities.fields.assigneeId', value: ({ assigneeName }) => assigneeName },
    { header: 'activities.fields.author', value: ({ authorName }) => authorName },
    { header: 'activities.fields.updatedAt', value: ({ updatedAt }, reader) => isoTime(updatedAt, reader) },
  ],
})

/** The activities of leads, and those of deals, for programs: each has an address of its own. */
export const leadActivityList = narrowed('lead', activityList.filter.omit({ kind: true, deal: true }))
export const dealActivityList = narrowed('deal', activityList.filter.omit({ kind: true, lead: true }))

function narrowed<Filter extends z.ZodObject>(kind: Kind, filter: Filter): List<ActivityRow, Filter> {
  return defineList<ActivityRow>()({
    ...activityList,
    filter,
    where: (filters, scope) => activityList.where({ ...filters, kind }, scope),
  })
}
