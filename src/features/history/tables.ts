import sql, { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'

/** The records whose history can be read, by the first part of their addresses. */
export const NOUNS = ['clients', 'contacts', 'communications', 'leads', 'deals', 'projects', 'quotes'] as const
export type Noun = (typeof NOUNS)[number]

/** The tables whose changes can be taken back. Everything else that is audited is an administrator's: settings, people, teams, pipelines. */
export const RECORD_TABLES = [
  'clients',
  'contacts',
  'contact_communications',
  'leads',
  'lead_activities',
  'deals',
  'deal_activities',
  'projects',
  'quotes',
  'external_ids',
] as const
export type RecordTable = (typeof RECORD_TABLES)[number]

/** Whose rows are locked first; it is the order in which the commands lock them. */
export const LOCK_ORDER: readonly RecordTable[] = [
  'leads',
  'deals',
  'clients',
  'contacts',
  'projects',
  'quotes',
  'contact_communications',
  'lead_activities',
  'deal_activities',
  'external_ids',
]

export const TABLE_OF: Readonly<Record<Noun, RecordTable>> = {
  clients: 'clients',
  contacts: 'contacts',
  communications: 'contact_communications',
  leads: 'leads',
  deals: 'deals',
  projects: 'projects',
  quotes: 'quotes',
}

export function isRecordTable(table: string): table is RecordTable {
  return (RECORD_TABLES as readonly string[]).includes(table)
}

/** What the database keeps by itself: it differs after every write, and puts nobody's back. */
export const KEPT_BY_ITSELF = ['version', 'updated_at'] as const

/** What happened by itself is a record's story: nobody takes it back, and it does not stand in the way of its record. */
const BY_PEOPLE = sql`IN ('call', 'email', 'meeting', 'note', 'task')`

/** Of a row of `changes` under `alias`. */
export function isAutomatic(alias: string): Sql {
  const row = sql`coalesce(${raw(alias)}.new_row, ${raw(alias)}.old_row)`
  return sql`(${raw(alias)}.table_name IN ('lead_activities', 'deal_activities') AND NOT (${row} ->> 'type' ${BY_PEOPLE}))`
}

interface Reference {
  table: RecordTable
  column: string
  /** Both are of one client, and the index begins with it. */
  ofOneClient?: true
  where?: Sql
}

/** What can point at a row, and so stands on it. */
export const REFERENCES: Readonly<Partial<Record<RecordTable, readonly Reference[]>>> = {
  clients: [
    { table: 'contacts', column: 'client_id' },
    { table: 'deals', column: 'client_id' },
    { table: 'projects', column: 'client_id' },
    { table: 'quotes', column: 'client_id' },
    { table: 'contact_communications', column: 'client_id' },
    { table: 'leads', column: 'converted_to_client_id' },
  ],
  contacts: [
    { table: 'contact_communications', column: 'contact_id' },
    { table: 'deals', column: 'contact_id', ofOneClient: true },
  ],
  leads: [
    { table: 'lead_activities', column: 'lead_id', where: sql`r.type ${BY_PEOPLE}` },
    { table: 'deals', column: 'lead_id' },
  ],
  deals: [
    { table: 'deal_activities', column: 'deal_id', where: sql`r.type ${BY_PEOPLE}` },
    { table: 'contact_communications', column: 'related_deal_id', ofOneClient: true },
    { table: 'leads', column: 'converted_to_deal_id' },
  ],
  projects: [
    { table: 'deals', column: 'related_project_id', ofOneClient: true },
    { table: 'contact_communications', column: 'related_project_id', ofOneClient: true },
  ],
  quotes: [
    { table: 'deals', column: 'related_quote_id', ofOneClient: true },
    { table: 'contact_communications', column: 'related_quote_id', ofOneClient: true },
  ],
}

/** What a row of a table is called, under `alias`: in a message, and in a list. */
export function nameOf(table: RecordTable, alias: string): Sql {
  const a = raw(alias)
  switch (table) {
    case 'contacts':
    case 'leads':
      return sql`${a}.first_name || ' ' || ${a}.last_name`
    case 'quotes':
      return sql`${a}.number || ' · ' || ${a}.title`
    case 'contact_communications':
    case 'lead_activities':
    case 'deal_activities':
      return sql`${a}.subject`
    case 'external_ids':
      return sql`${a}.external_id`
    default:
      return sql`${a}.name`
  }
}
