import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { CalendarDay } from '../../platform/time.ts'
import type { DueMoment } from '../activities/due.ts'
import type { ActivityType } from '../activities/schema.ts'

/** The earliest pending activity of a deal that has a due date; on a day, those with a time come first. */
export interface NextStep extends DueMoment {
  type: ActivityType
  subject: string | null
  dueDate: CalendarDay
}

/** The next step of the deal under the alias `d`, as JSON; NULL when there is none. */
export const nextStep: Sql = sql`(
  SELECT json_build_object('type', a.type, 'subject', a.subject, 'dueDate', a.due_date, 'dueTime', to_char(a.due_time, 'HH24:MI'),
    'zone', (SELECT u.time_zone FROM users u WHERE u.id = a.assignee_id)) FROM deal_activities a
  WHERE a.deal_id = d.id AND a.status = 'pending' AND a.due_date IS NOT NULL ORDER BY a.due_date, a.due_time, a.id LIMIT 1)`

/** The condition that nothing is planned for the deal under the alias `d`. */
export const withoutNextStep: Sql = sql`NOT EXISTS (
  SELECT FROM deal_activities a WHERE a.deal_id = d.id AND a.status = 'pending' AND a.due_date IS NOT NULL)`

/** For joining, as `n`: the planned activity of the deal under the alias `d` that is due first; of those due on one day, one. */
export const firstPlanned: Sql = sql`deal_activities n ON n.deal_id = d.id AND n.status = 'pending' AND n.due_date IS NOT NULL
  AND NOT EXISTS (SELECT FROM deal_activities e WHERE e.deal_id = n.deal_id AND e.status = 'pending' AND e.due_date IS NOT NULL
    AND (e.due_date, e.id) < (n.due_date, n.id) OFFSET 0)`
