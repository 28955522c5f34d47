import sql, { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import { difference } from '../history/values.ts'
import { visible } from '../users/access.ts'
import { FIELDS } from './fields.ts'
import type { Subject } from './fields.ts'
import { SOURCES } from './schema.ts'
import type { Place, SourceName } from './schema.ts'

/**
 * Where the entries of a timeline come from. Each source is read in the order of an index of its own and no further than a page; the record it
 * is about is "subject", one row where the reader may see it and none where not. Of other records, what is archived or hidden is passed over.
 */
interface Source {
  name: SourceName
  from: Sql
  where: Sql
  at: Sql
  id: Sql
  /** What differs, of a change. */
  told?: Sql
  /** Further records whose entries are read record by record: "deals d", and which of them. */
  each?: { from: Sql; where: Sql }
}

/** The order of sources at one moment. */
export function rankOf(source: SourceName): number {
  return SOURCES.indexOf(source)
}

export function sourcesOf(scope: Scope, subject: Subject): Source[] {
  return [beginning(), changes(subject), ...OTHERS[subject](scope)]
}

const OTHERS: Readonly<Record<Subject, (scope: Scope) => Source[]>> = {
  clients: (scope) => [
    communications(scope, sql`m.client_id = (SELECT id FROM subject)`),
    dealActivities(scope, sql`d.client_id = (SELECT id FROM subject)`),
    {
      ...activities('leadActivity', sql`a.lead_id = l.id`),
      each: {
        from: sql`leads l`,
        where: sql`l.converted_to_client_id = (SELECT id FROM subject) AND l.is_active AND ${visible(scope, 'leads', 'l')}`,
      },
    },
  ],
  contacts: (scope) => [
    communications(scope, sql`m.contact_id = (SELECT id FROM subject)`),
    // By the client as well: the index begins with it.
    dealActivities(
      scope,
      sql`d.client_id = (SELECT client_id FROM subject) AND d.contact_id = (SELECT id FROM subject)`,
    ),
  ],
  leads: () => [activities('leadActivity', sql`a.lead_id = (SELECT id FROM subject)`)],
  deals: (scope) => [
    communications(
      scope,
      sql`m.client_id = (SELECT client_id FROM subject) AND m.related_deal_id = (SELECT id FROM subject)`,
    ),
    activities('dealActivity', sql`a.deal_id = (SELECT id FROM subject)`),
    activities(
      'leadActivity',
      sql`a.lead_id = (SELECT l.id FROM leads l WHERE l.id = (SELECT lead_id FROM subject) AND ${visible(scope, 'leads', 'l')})`,
    ),
  ],
}

function beginning(): Source {
  return { name: 'beginning', from: sql`subject s`, where: sql`TRUE`, at: sql`s.created_at`, id: sql`s.id` }
}

function communications(scope: Scope, condition: Sql): Source {
  return {
    name: 'communication',
    from: sql`contact_communications m`,
    where: sql`${condition} AND ${visible(scope, 'communications', 'm')}`,
    at: sql`m.communication_date`,
    id: sql`m.id`,
  }
}

/** What is still planned is no part of what was. */
function activities(name: 'leadActivity' | 'dealActivity', condition: Sql): Source {
  return {
    name,
    from: sql`${raw(name === 'leadActivity' ? 'lead_activities' : 'deal_activities')} a`,
    where: sql`${condition} AND a.status <> 'pending'`,
    at: sql`a.activity_date`,
    id: sql`a.id`,
  }
}

function dealActivities(scope: Scope, deals: Sql): Source {
  return {
    ...activities('dealActivity', sql`a.deal_id = d.id`),
    each: { from: sql`deals d`, where: sql`${deals} AND d.is_active AND ${visible(scope, 'deals', 'd')}` },
  }
}

// A card's place in its column leaves the version alone. A deal that is moved about every day is not compared field by field each time.
const onlyMoved = sql`(c.old_row ->> 'board_position' IS DISTINCT FROM c.new_row ->> 'board_position' AND c.old_row ->> 'version' = c.new_row ->> 'version')`

function changes(subject: Subject): Source {
  return {
    name: 'change',
    from: sql`changes c CROSS JOIN LATERAL (${difference(FIELDS[subject])}) AS difference`,
    where: sql`c.table_name = ${subject} AND c.record_id = (SELECT id FROM subject) AND c.operation = 'update'${subject === 'deals' ? sql` AND NOT ${onlyMoved}` : sql``} AND told IS NOT NULL`,
    at: sql`c.created_at`,
    id: sql`c.id`,
    told: sql`told`,
  }
}

/** The newest `limit` of a source behind a place, as rows of (at, rank, id, told). */
export function newestOf(source: Source, place: Place | null, limit: number): Sql {
  const { name, from, where, at, id, told = sql`NULL::jsonb`, each } = source
  const rows = sql`SELECT ${at} AS at, ${rankOf(name)}::integer AS rank, ${id}::bigint AS id, ${told} AS told FROM ${from}
      WHERE ${where} AND ${behind(source, place)} ORDER BY ${at} DESC, ${id} DESC LIMIT ${limit}`
  if (!each) return sql`(${rows})`
  return sql`(SELECT entry.* FROM ${each.from} CROSS JOIN LATERAL (${rows}) AS entry WHERE ${each.where}
      ORDER BY entry.at DESC, entry.id DESC LIMIT ${limit})`
}

function behind({ name, at, id }: Source, place: Place | null): Sql {
  if (!place) return sql`TRUE`
  const time = sql`${place.at}::timestamptz`
  if (name === place.source) return sql`(${at}, ${id}) < (${time}, ${place.id}::bigint)`
  return rankOf(name) < rankOf(place.source) ? sql`${at} <= ${time}` : sql`${at} < ${time}`
}
