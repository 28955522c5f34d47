import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { TranslationKey } from '../../platform/i18n.ts'

/** Whose activity it is. Leads and deals keep theirs in tables of the same shape. */
export const KINDS = ['lead', 'deal'] as const
export type Kind = (typeof KINDS)[number]

interface Declaration {
  table: Sql
  /** The noun and the table of the records, and the first part of their addresses. */
  parent: 'leads' | 'deals'
  parentTable: Sql
  parentColumn: Sql
  /** What a record is called, under the alias `p`. */
  parentName: Sql
  /** The first part of the addresses of their activities. */
  path: 'lead-activities' | 'deal-activities'
  archived: TranslationKey
}

/** All that the two differ in. */
export const kinds: Readonly<Record<Kind, Declaration>> = {
  lead: {
    table: sql`lead_activities`,
    parent: 'leads',
    parentTable: sql`leads`,
    parentColumn: sql`lead_id`,
    parentName: sql`p.first_name || ' ' || p.last_name`,
    path: 'lead-activities',
    archived: 'leads.errors.archived',
  },
  deal: {
    table: sql`deal_activities`,
    parent: 'deals',
    parentTable: sql`deals`,
    parentColumn: sql`deal_id`,
    parentName: sql`p.name`,
    path: 'deal-activities',
    archived: 'deals.errors.archived',
  },
}

/** What people enter, as the indexes of both tables have it: written out, because a parameter proves nothing to a partial index. */
export const byPeople = (alias: Sql): Sql => sql`${alias}.type IN ('call', 'email', 'meeting', 'note', 'task')`
