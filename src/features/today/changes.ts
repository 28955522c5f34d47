import sql from 'sql-template-tag'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'

/** What people know a record as. What is said or planned is told at the contact, lead or deal it belongs to. */
export type Noun = 'leads' | 'deals' | 'clients' | 'contacts' | 'projects' | 'quotes'

export interface Change {
  id: number
  at: Date
  /** null is the system. */
  who: string | null
  table: Noun | 'lead_activities' | 'deal_activities' | 'contact_communications'
  operation: 'insert' | 'update' | 'delete'
  /** Of an update: the columns that differ, and before and after those whose values are told, as text. */
  changed: Readonly<Record<string, readonly [before: string | null, after: string | null] | null>>
  /** Of a communication or an activity. */
  type: string | null
  subject: string | null
  status: string | null
  /** A deal's stage after it. */
  stage: { key: string; name: string | null } | null
  /** The owner or assignee after it. */
  person: string | null
  currencyCode: string | null
}

export interface ChangedRecord {
  noun: Noun
  id: number
  name: string
  /** The newest first. */
  changes: Change[]
  /** How many there are beside these. */
  others: number
}

export interface News {
  since: Date
  /** This is the first look of a visit, which nobody has written down yet. */
  isNewVisit: boolean
  /** The last changed first. */
  records: ChangedRecord[]
  /** There are older ones than these. */
  more: boolean
}

const RECORDS = 20
const CHANGES = 5
/** The newest that are looked at, whoever made them, and those of others that are told of. */
const LOOKED_AT = 2_000
const PICKED = 300

/** A visit ends this long after it began; the next one is told of what changed since. Mirrored in `beginVisit`. */
export const VISIT = sql`interval '1 hour'`
/** What is being written while somebody looks is seen a little later, under the time at which it was begun. */
export const WRITING = sql`interval '30 seconds'`
/** How far back the first visit of all looks. */
export const AT_FIRST = sql`interval '7 days'`

// What nobody did, or would know by its name. A deal's place in its column is no news, nor is what follows from its stage.
const SILENT = sql`ARRAY['version', 'updated_at', 'board_position', 'stage_entered_at', 'closed_at', 'actual_close_date', 'probability',
  'converted_at', 'converted_by', 'lost_at', 'completed_at', 'created_at', 'created_by', 'password_hash']`
/** Whose values are told; of the others, only that they changed. */
const TOLD = sql`ARRAY['stage', 'status', 'owner_id', 'assignee_id', 'value', 'estimated_value', 'total', 'expected_close_date', 'is_active',
  'due_date', 'follow_up_date', 'follow_up_completed_at', 'is_primary', 'loss_reason', 'lost_reason', 'converted_to_client_id', 'converted_to_deal_id']`

interface Row extends Omit<Change, 'at'> {
  at: string
  noun: Noun
  recordId: number
  name: string
  place: number
  count: number
}

/** What others changed in records that this reader sees, since their last visit: at most the last 20 records, of each the last few changes. */
export async function newsSinceLastVisit(scope: Scope): Promise<News> {
  const me = String(scope.user.id)
  const [news] = await scope.db.frequent<{ since: Date; isNewVisit: boolean; rows: Row[] }>(sql`
    WITH mark AS MATERIALIZED (
      SELECT v.user_id IS NULL OR v.began_at < now() - ${VISIT} AS is_new,
             CASE WHEN v.user_id IS NULL THEN now() - ${AT_FIRST}
                  WHEN v.began_at < now() - ${VISIT} THEN greatest(v.seen_until, v.began_at - ${WRITING}) ELSE v.seen_until END AS since
      FROM (SELECT ${scope.user.seenBy ? null : scope.user.id}::integer AS id) AS reader LEFT JOIN visits v ON v.user_id = reader.id),
    newest AS MATERIALIZED (
      SELECT id, actor, table_name FROM changes WHERE created_at > (SELECT since FROM mark) ORDER BY created_at DESC, id DESC LIMIT ${LOOKED_AT}),
    picked AS MATERIALIZED (
      SELECT c.*, CASE c.table_name WHEN 'lead_activities' THEN 'leads' WHEN 'deal_activities' THEN 'deals'
                    WHEN 'contact_communications' THEN 'contacts' ELSE c.table_name END AS noun,
             CASE c.table_name WHEN 'lead_activities' THEN (coalesce(c.new_row, c.old_row) ->> 'lead_id')::integer
                    WHEN 'deal_activities' THEN (coalesce(c.new_row, c.old_row) ->> 'deal_id')::integer
                    WHEN 'contact_communications' THEN (coalesce(c.new_row, c.old_row) ->> 'contact_id')::integer ELSE c.record_id END AS noun_id
      FROM (SELECT id FROM newest
            WHERE actor <> ${me} AND table_name IN ('leads', 'deals', 'clients', 'contacts', 'projects', 'quotes', 'lead_activities',
                                                    'deal_activities', 'contact_communications')
            ORDER BY id DESC LIMIT ${PICKED}) AS n JOIN changes c USING (id)
      WHERE c.operation <> 'redact' AND c.new_row - ${SILENT} IS DISTINCT FROM c.old_row - ${SILENT}
        AND (c.table_name NOT IN ('lead_activities', 'deal_activities')
             OR coalesce(c.new_row, c.old_row) ->> 'type' IN ('call', 'email', 'meeting', 'note', 'task'))),
    known AS (
      SELECT p.*, coalesce(l.first_name || ' ' || l.last_name, d.name, g.name, k.first_name || ' ' || k.last_name, j.name,
                           q.number || ' · ' || q.title) AS name
      FROM picked p
        LEFT JOIN leads l ON p.noun = 'leads' AND l.id = p.noun_id AND ${visible(scope, 'leads', 'l')}
        LEFT JOIN deals d ON p.noun = 'deals' AND d.id = p.noun_id AND ${visible(scope, 'deals', 'd')}
        LEFT JOIN clients g ON p.noun = 'clients' AND g.id = p.noun_id AND ${visible(scope, 'clients', 'g')}
        LEFT JOIN contacts k ON p.noun = 'contacts' AND k.id = p.noun_id AND ${visible(scope, 'contacts', 'k')}
        LEFT JOIN projects j ON p.noun = 'projects' AND j.id = p.noun_id AND ${visible(scope, 'projects', 'j')}
        LEFT JOIN quotes q ON p.noun = 'quotes' AND q.id = p.noun_id AND ${visible(scope, 'quotes', 'q')}
      WHERE coalesce(l.id, d.id, g.id, k.id, j.id, q.id) IS NOT NULL),
    placed AS (
      SELECT *, max(id) OVER (PARTITION BY noun, noun_id) AS latest, count(*) OVER (PARTITION BY noun, noun_id)::integer AS count,
             row_number() OVER (PARTITION BY noun, noun_id ORDER BY id DESC) AS place
      FROM known),
    ranked AS (SELECT *, dense_rank() OVER (ORDER BY latest DESC) AS rank FROM placed)
    SELECT mark.since, mark.is_new AS "isNewVisit", ${rowsAsJson(sql`
      SELECT r.id, r.created_at AS at, u.name AS who, r.table_name AS "table", r.operation, r.noun, r.noun_id AS "recordId", r.name, r.count,
             r.place::integer,
             CASE WHEN r.operation = 'update' THEN (
               SELECT coalesce(jsonb_object_agg(key, CASE WHEN key = ANY (${TOLD}) THEN jsonb_build_array(r.old_row ->> key, r.new_row ->> key) END), '{}')
               FROM jsonb_each(r.new_row) WHERE value IS DISTINCT FROM r.old_row -> key AND key <> ALL (${SILENT})) ELSE '{}' END AS changed,
             coalesce(r.new_row, r.old_row) ->> 'type' AS type, coalesce(r.new_row, r.old_row) ->> 'subject' AS subject,
             coalesce(r.new_row, r.old_row) ->> 'status' AS status, r.new_row ->> 'currency_code' AS "currencyCode",
             CASE WHEN s.id IS NOT NULL THEN json_build_object('key', s.key, 'name', s.name) END AS stage, o.name AS person
      FROM ranked r
        LEFT JOIN users u ON r.actor <> 'system' AND u.id = CASE WHEN r.actor <> 'system' THEN r.actor::integer END
        LEFT JOIN pipeline_stages s ON r.table_name = 'deals' AND s.pipeline_id = (r.new_row ->> 'pipeline_id')::integer AND s.key = r.new_row ->> 'stage'
        LEFT JOIN users o ON o.id = coalesce(r.new_row ->> 'assignee_id', r.new_row ->> 'owner_id')::integer
      WHERE r.rank <= ${RECORDS + 1} AND r.place <= ${CHANGES}
      ORDER BY r.latest DESC, r.id DESC`)} AS rows
    FROM mark`)
  if (!news) throw new Error('a reader has no visits')
  const records = grouped(news.rows)
  return {
    since: news.since,
    isNewVisit: news.isNewVisit,
    records: records.slice(0, RECORDS),
    more: records.length > RECORDS,
  }
}

/** The rows of a record stand together. */
function grouped(rows: readonly Row[]): ChangedRecord[] {
  const records = new Map<string, ChangedRecord>()
  for (const { noun, recordId, name, count, place: _, at, ...change } of rows) {
    const record = records.get(`${noun} ${recordId}`) ?? { noun, id: recordId, name, changes: [], others: count }
    records.set(`${noun} ${recordId}`, record)
    record.changes.push({ ...change, at: new Date(at) })
    record.others -= 1
  }
  return [...records.values()]
}
