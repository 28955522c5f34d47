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

/** For joining, as `n`, when the next step of the deal under the alias `d` is due: all of them at once, for an order by it. */
export const nextStepDates: Sql = sql`(
  SELECT a.deal_id, min(a.due_date) AS due_date FROM deal_activities a WHERE a.status = 'pending' AND a.due_date IS NOT NULL GROUP BY a.deal_id
  ) AS n ON n.deal_id = d.id`
