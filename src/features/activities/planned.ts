import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'
import { kinds } from './kinds.ts'
import type { Kind } from './kinds.ts'
import { entryColumns, people, textShown } from './queries.ts'
import type { ActivityEntry } from './queries.ts'

/** What is to be done for a record, the earliest first. What was done is told by its timeline. */
export interface NextSteps {
  planned: ActivityEntry[]
  /** There are later ones than these. */
  more: boolean
}

const SHOWN = 100

export function plannedForLead(scope: Scope, leadId: number): Promise<NextSteps> {
  return read(scope, planned('lead', sql`a.lead_id = ${leadId}`))
}

/** A deal's, and those of the lead it came from, as far as the reader sees that lead. */
export function plannedForDeal(scope: Scope, dealId: number): Promise<NextSteps> {
  const lead = sql`(SELECT l.id FROM deals d JOIN leads l ON l.id = d.lead_id WHERE d.id = ${dealId} AND ${visible(scope, 'leads', 'l')})`
  return read(
    scope,
    sql`${planned('deal', sql`a.deal_id = ${dealId}`)} UNION ALL ${planned('lead', sql`a.lead_id = ${lead}`)}`,
  )
}

/** Read in the order of an index, and no further than they are shown. */
function planned(kind: Kind, condition: Sql): Sql {
  return sql`(
    SELECT ${entryColumns(kind)}, ${textShown}
    FROM ${kinds[kind].table} a ${people} WHERE ${condition} AND a.status = 'pending'
    ORDER BY a.due_date, a.due_time, a.id LIMIT ${SHOWN + 1})`
}

async function read({ db }: Scope, planned: Sql): Promise<NextSteps> {
  const rows = await db.query<ActivityEntry>(sql`
    SELECT * FROM (${planned}) AS entries ORDER BY "dueDate", "dueTime", kind = 'lead', id`)
  return { planned: rows.slice(0, SHOWN), more: rows.length > SHOWN }
}
