import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'

/** The way of a lead, from first word to a deal that is won. Whoever came to one step came to those before it. */
export const LEAD_STEPS = ['contacted', 'qualified', 'converted', 'deal', 'won'] as const
export type LeadStep = (typeof LEAD_STEPS)[number]

/**
 * The condition that the lead under the alias `l` came so far. A lost one counts as far as it came before; what became of a deal counts for
 * whoever may see that deal.
 */
export function reached(scope: Scope, step: LeadStep): Sql {
  switch (step) {
    case 'contacted':
      return sql`(l.status IN ('contacted', 'qualified', 'converted') OR ${lostFrom(['contacted', 'qualified'])})`
    case 'qualified':
      return sql`(l.status IN ('qualified', 'converted') OR ${lostFrom(['qualified'])})`
    case 'converted':
      return sql`l.status = 'converted'`
    case 'deal':
      return ledTo(scope, sql`TRUE`)
    case 'won':
      return ledTo(scope, sql`d.status = 'won'`)
  }
}

function lostFrom(statuses: readonly string[]): Sql {
  return sql`(l.status = 'lost' AND EXISTS (
    SELECT FROM lead_activities a WHERE a.lead_id = l.id AND a.type = 'status_change' AND a.details ->> 'from' = ANY (string_to_array(${statuses.join(' ')}, ' '))))`
}

/** The condition that the lead under the alias `l` led to a deal, under `d` in `condition`, which the reader may see. */
export function ledTo(scope: Scope, condition: Sql): Sql {
  return sql`EXISTS (SELECT FROM deals d WHERE d.id = l.converted_to_deal_id AND d.is_active AND ${visible(scope, 'deals', 'd')} AND ${condition})`
}
