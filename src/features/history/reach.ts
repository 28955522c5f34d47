import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { visible, writable } from '../users/access.ts'

/** The lead, deal or client that a row belongs to, and whose owner decides who sees and changes it. */
export interface Root {
  noun: 'clients' | 'leads' | 'deals'
  id: number
}

/** Of a row (jsonb) of one of the record tables: what it belongs to, in SQL. */
export function rootNoun(table: Sql): Sql {
  return sql`CASE WHEN ${table} IN ('leads', 'lead_activities') THEN 'leads' WHEN ${table} IN ('deals', 'deal_activities') THEN 'deals' ELSE 'clients' END`
}

export function rootId(table: Sql, recordId: Sql, row: Sql): Sql {
  return sql`CASE ${table} WHEN 'clients' THEN ${recordId} WHEN 'leads' THEN ${recordId} WHEN 'deals' THEN ${recordId}
    WHEN 'lead_activities' THEN (${row} ->> 'lead_id')::integer WHEN 'deal_activities' THEN (${row} ->> 'deal_id')::integer
    ELSE (${row} ->> 'client_id')::integer END`
}

/** Whether this user may see, or change, what is there under a root's noun and id; NULL where there is none (any more). */
export function reaches(scope: Scope, verb: 'visible' | 'writable', noun: Sql, id: Sql): Sql {
  const may = verb === 'visible' ? visible : writable
  return sql`CASE ${noun}
    WHEN 'leads' THEN (SELECT ${may(scope, 'leads', 'l')} FROM leads l WHERE l.id = ${id})
    WHEN 'deals' THEN (SELECT ${may(scope, 'deals', 'd')} FROM deals d WHERE d.id = ${id})
    ELSE (SELECT ${may(scope, 'clients', 'g')} FROM clients g WHERE g.id = ${id}) END`
}

/** The same for what was deleted, by what it was: `row` is the jsonb of it. */
export function reachedOnce(scope: Scope, verb: 'visible' | 'writable', noun: Sql, row: Sql): Sql {
  const may = verb === 'visible' ? visible : writable
  return sql`CASE ${noun}
    WHEN 'leads' THEN (SELECT ${may(scope, 'leads', 'l')} FROM jsonb_populate_record(NULL::leads, ${row}) l)
    WHEN 'deals' THEN (SELECT ${may(scope, 'deals', 'd')} FROM jsonb_populate_record(NULL::deals, ${row}) d)
    ELSE (SELECT ${may(scope, 'clients', 'g')} FROM jsonb_populate_record(NULL::clients, ${row}) g) END`
}
