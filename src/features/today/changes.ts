import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'

/** What people know a record as. What is said or planned is told at the contact, lead or deal it belongs to. */
const NOUNS = ['leads', 'deals', 'clients', 'contacts', 'projects', 'quotes'] as const
export type Noun = (typeof NOUNS)[number]

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
  /** So much was changed, little of it this reader's to see, that the search for these ended early. */
  incomplete: boolean
}

const RECORDS = 20
const CHANGES = 5
/** In one step, the newest of others' changes that are looked at, and of all, among which they are found; and how many steps there are. */
const LOOKED_AT = 500
const PASSED = 2_000
const STEPS = 20

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
  const [news] = await scope.db.frequent<{ since: Date; isNewVisit: boolean; incomplete: boolean; rows: Row[] }>(sql`
    WITH RECURSIVE mark AS MATERIALIZED (
      SELECT v.user_id IS NULL OR v.began_at < now() - ${VISIT} AS is_new,
             CASE WHEN v.user_id IS NULL THEN now() - ${AT_FIRST}
                  WHEN v.began_at < now() - ${VISIT} THEN greatest(v.seen_until, v.began_at - ${WRITING}) ELSE v.seen_until END AS since
      FROM (SELECT ${scope.user.seenBy ? null : scope.user.id}::integer AS id) AS reader LEFT JOIN visits v ON v.user_id = reader.id),
    ${steps(scope)},
    found AS (SELECT t.id, t.record FROM (SELECT * FROM steps ORDER BY step DESC LIMIT 1) AS s, unnest(s.ids, s.records) AS t (id, record)),
    placed AS (
      SELECT id, record, max(id) OVER (PARTITION BY record) AS latest, count(*) OVER (PARTITION BY record)::integer AS count,
             row_number() OVER (PARTITION BY record ORDER BY id DESC) AS place
      FROM found),
    ranked AS (
      SELECT c.*, p.latest, p.count, p.place, split_part(p.record, ' ', 1) AS noun, split_part(p.record, ' ', 2)::integer AS noun_id
      FROM (SELECT *, dense_rank() OVER (ORDER BY latest DESC) AS rank FROM placed) AS p JOIN changes c USING (id)
      WHERE p.rank <= ${RECORDS + 1} AND p.place <= ${CHANGES})
    SELECT mark.since, mark.is_new AS "isNewVisit", NOT EXISTS (SELECT FROM steps WHERE is_last OR found > ${RECORDS}) AS incomplete, ${rowsAsJson(sql`
      SELECT r.id, r.created_at AS at, u.name AS who, r.table_name AS "table", r.operation, r.noun, r.noun_id AS "recordId", r.count,
             r.place::integer,
             CASE r.noun
               WHEN 'leads' THEN (SELECT first_name || ' ' || last_name FROM leads WHERE id = r.noun_id)
               WHEN 'deals' THEN (SELECT name FROM deals WHERE id = r.noun_id)
               WHEN 'clients' THEN (SELECT name FROM clients WHERE id = r.noun_id)
               WHEN 'contacts' THEN (SELECT first_name || ' ' || last_name FROM contacts WHERE id = r.noun_id)
               WHEN 'projects' THEN (SELECT name FROM projects WHERE id = r.noun_id)
               ELSE (SELECT number || ' · ' || title FROM quotes WHERE id = r.noun_id) END AS name,
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
      ORDER BY r.latest DESC, r.id DESC`)} AS rows
    FROM mark`)
  if (!news) throw new Error('a reader has no visits')
  const records = grouped(news.rows)
  return {
    since: news.since,
    isNewVisit: news.isNewVisit,
    records: records.slice(0, RECORDS),
    more: records.length > RECORDS,
    incomplete: news.incomplete,
  }
}

/**
 * `steps`, back from the newest change to the mark, until more records are found than are told of: what the reader sees stands in the last one,
 * change by change, as `ids` and `records` ("deals 17"). The reader's own are not looked at, and not passed one by one, however many they imported:
 * where a step met few of others', the next one begins with the newest that any of the others has made before.
 */
function steps(scope: Scope): Sql {
  const me = String(scope.user.id)
  const sees = (noun: Noun) =>
    sql`WHEN ${raw(`'${noun}'`)} THEN EXISTS (SELECT FROM ${raw(noun)} r WHERE r.id = c.noun_id AND ${visible(scope, noun, 'r')})`
  return sql`
    others AS MATERIALIZED (SELECT id::text AS actor FROM users WHERE id::text <> ${me} UNION ALL SELECT 'system'),
    steps AS (
      SELECT 0 AS step, 'infinity'::timestamptz AS at, 0::bigint AS id, FALSE AS was_sparse, FALSE AS is_last, 0 AS found,
             '{}'::bigint[] AS ids, '{}'::text[] AS records
      UNION ALL
      SELECT s.step + 1, n.at, n.id, n.is_sparse, n.is_last, (SELECT count(DISTINCT record)::integer FROM unnest(s.records || n.records) AS record),
             s.ids || n.ids, s.records || n.records
      FROM steps s CROSS JOIN LATERAL (
        WITH behind AS MATERIALIZED (
          SELECT s.at, s.id WHERE NOT s.was_sparse
          UNION ALL (
            SELECT c.created_at, c.id + 1 FROM others o CROSS JOIN LATERAL (
              SELECT created_at, id FROM changes WHERE actor = o.actor AND (created_at, id) < (s.at, s.id) AND created_at > (SELECT since FROM mark)
              ORDER BY created_at DESC, id DESC LIMIT 1) AS c
            WHERE s.was_sparse ORDER BY c.created_at DESC, c.id DESC LIMIT 1)),
        passed AS MATERIALIZED (
          SELECT c.* FROM behind b CROSS JOIN LATERAL (
            SELECT created_at, id, actor, table_name FROM changes
            WHERE (created_at, id) < (b.at, b.id) AND created_at > (SELECT since FROM mark)
            ORDER BY created_at DESC, id DESC LIMIT ${PASSED}) AS c),
        theirs AS MATERIALIZED (
          SELECT * FROM passed
          WHERE actor <> ${me} AND table_name IN ('leads', 'deals', 'clients', 'contacts', 'projects', 'quotes', 'lead_activities',
                                                  'deal_activities', 'contact_communications')
          ORDER BY created_at DESC, id DESC LIMIT ${LOOKED_AT}),
        told AS (
          SELECT c.id, c.noun || ' ' || c.noun_id AS record
          FROM theirs t CROSS JOIN LATERAL (
            SELECT c.id, CASE c.table_name WHEN 'lead_activities' THEN 'leads' WHEN 'deal_activities' THEN 'deals'
                           WHEN 'contact_communications' THEN 'contacts' ELSE c.table_name END AS noun,
                   CASE c.table_name WHEN 'lead_activities' THEN (coalesce(c.new_row, c.old_row) ->> 'lead_id')::integer
                     WHEN 'deal_activities' THEN (coalesce(c.new_row, c.old_row) ->> 'deal_id')::integer
                     WHEN 'contact_communications' THEN (coalesce(c.new_row, c.old_row) ->> 'contact_id')::integer ELSE c.record_id END AS noun_id
            FROM changes c
            WHERE c.id = t.id AND c.operation <> 'redact'
              AND (c.operation <> 'update' OR c.new_row - ${SILENT} IS DISTINCT FROM c.old_row - ${SILENT})
              AND (c.table_name NOT IN ('lead_activities', 'deal_activities')
                   OR coalesce(c.new_row, c.old_row) ->> 'type' IN ('call', 'email', 'meeting', 'note', 'task')) OFFSET 0) AS c
          WHERE CASE c.noun ${join(NOUNS.map(sees), ' ')} END),
        counted AS (SELECT (SELECT count(*) FROM passed) = ${PASSED} AS is_full, (SELECT count(*) FROM theirs) = ${LOOKED_AT} AS is_dense),
        last AS (
          SELECT created_at, id FROM (
            (SELECT created_at, id FROM theirs, counted WHERE is_dense ORDER BY created_at, id LIMIT 1)
            UNION ALL (SELECT created_at, id FROM passed, counted WHERE NOT is_dense ORDER BY created_at, id LIMIT 1)) AS ends)
        SELECT last.created_at AS at, last.id, NOT is_dense AS is_sparse, NOT is_dense AND NOT is_full AS is_last,
               coalesce((SELECT array_agg(told.id) FROM told), '{}') AS ids, coalesce((SELECT array_agg(told.record) FROM told), '{}') AS records
        FROM counted LEFT JOIN last ON TRUE) AS n
      WHERE NOT s.is_last AND s.step < ${STEPS} AND s.found <= ${RECORDS})`
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
