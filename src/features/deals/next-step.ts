import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { CalendarDay } from '../../platform/time.ts'
import type { DueMoment } from '../activities/due.ts'
import type { ActivityType } from '../activities/schema.ts'

/**
 * The earliest pending activity that has a due date, of a deal or of the lead it came from; on a day, those with a time come first. What is planned
 * for a lead that others own than the deal has no subject here: whoever sees the deal need not see that lead.
 */
export interface NextStep extends DueMoment {
  type: ActivityType
  subject: string | null
  dueDate: CalendarDay
}

const isPlanned = sql`a.status = 'pending' AND a.due_date IS NOT NULL`
const order = sql`ORDER BY a.due_date, a.due_time, a.id LIMIT 1`

/** The next step of the deal under the alias `d`, as JSON; NULL when there is none. */
export const nextStep: Sql = sql`(
  SELECT json_build_object('type', p.type, 'subject', p.subject, 'dueDate', p.due_date, 'dueTime', to_char(p.due_time, 'HH24:MI'),
    'zone', (SELECT u.time_zone FROM users u WHERE u.id = p.assignee_id))
  FROM (
    (SELECT a.type, a.subject, a.due_date, a.due_time, a.assignee_id FROM deal_activities a WHERE a.deal_id = d.id AND ${isPlanned} ${order})
    UNION ALL
    (SELECT a.type, (SELECT a.subject FROM leads l WHERE l.id = a.lead_id AND l.owner_id IS NOT DISTINCT FROM d.owner_id), a.due_date, a.due_time, a.assignee_id
     FROM lead_activities a WHERE a.lead_id = d.lead_id AND ${isPlanned} ${order})
  ) p ORDER BY p.due_date, p.due_time LIMIT 1)`

/** The condition that nothing is planned for the deal under the alias `d`. */
export const withoutNextStep: Sql = sql`NOT EXISTS (SELECT FROM deal_activities a WHERE a.deal_id = d.id AND ${isPlanned})
  AND NOT EXISTS (SELECT FROM lead_activities a WHERE a.lead_id = d.lead_id AND ${isPlanned})`

/** All that is planned, for deals and for leads; each under an id of its own. */
const planned = sql`(
  SELECT a.deal_id, NULL::integer AS lead_id, a.due_date, a.id FROM deal_activities a WHERE ${isPlanned}
  UNION ALL SELECT NULL, a.lead_id, a.due_date, -a.id FROM lead_activities a WHERE ${isPlanned})`

/** For joining, as `n`: what is planned for the deal under the alias `d` and is due first; of what is due on one day, one. */
export const firstPlanned: Sql = sql`${planned} n ON (n.deal_id = d.id OR n.lead_id = d.lead_id)
  AND NOT EXISTS (SELECT FROM ${planned} e WHERE (e.deal_id = d.id OR e.lead_id = d.lead_id)
    AND (e.due_date, e.id) < (n.due_date, n.id) OFFSET 0)`
