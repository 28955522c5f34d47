import sql from 'sql-template-tag'
import type { CalendarDay } from '../../src/platform/time.ts'
import type { Scope } from '../../src/platform/scope.ts'

export interface ToldActivity {
  id: number
  type: string
  subject: string | null
  description: string | null
  /** What an automatic activity tells. */
  details: Record<string, unknown> | null
  activityDate: Date
  dueDate: CalendarDay | null
  status: 'completed' | 'pending' | 'cancelled'
  creatorName: string | null
}

/** All activities of a lead or deal, the newest first, straight from their table. */
export function activitiesOf({ db }: Scope, kind: 'lead' | 'deal', id: number): Promise<ToldActivity[]> {
  const [table, column] = kind === 'lead' ? [sql`lead_activities`, sql`lead_id`] : [sql`deal_activities`, sql`deal_id`]
  return db.query<ToldActivity>(sql`
    SELECT a.id, a.type, a.subject, a.description, a.details, a.activity_date AS "activityDate", a.due_date::text AS "dueDate", a.status,
           u.name AS "creatorName"
    FROM ${table} a LEFT JOIN users u ON u.id = a.created_by
    WHERE a.${column} = ${id} ORDER BY a.activity_date DESC, a.id DESC`)
}

export function listDealActivities(scope: Scope, dealId: number): Promise<ToldActivity[]> {
  return activitiesOf(scope, 'deal', dealId)
}

export function listLeadActivities(scope: Scope, leadId: number): Promise<ToldActivity[]> {
  return activitiesOf(scope, 'lead', leadId)
}
