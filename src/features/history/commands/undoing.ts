import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { databaseFailure } from '../../../platform/database/failure.ts'
import { Conflict, Forbidden, NotFound } from '../../../platform/errors.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { requireWriter } from '../../users/access.ts'
import { lastChangeOf, requireNothingNewer, requireUnreferenced, said, undone } from '../obstacles.ts'
import { reachedOnce, reaches, rootId, rootNoun } from '../reach.ts'
import { KEPT_BY_ITSELF, LOCK_ORDER, isAutomatic, isRecordTable } from '../tables.ts'
import type { RecordTable } from '../tables.ts'
import { tellUndone } from './telling-undone.ts'

/** More rows than anybody changes by hand: what so many hang on is better put right by another change. */
const MOST = 500

/** A change of one row, to be taken back. */
export interface Step {
  /** Of the change. */
  id: string
  table: RecordTable
  recordId: number
  operation: 'insert' | 'update' | 'delete'
  /** What happened by itself, and stays told. */
  automatic: boolean
  /** Of an update: what differs; of a deletion: all that the table still has. */
  columns: string[]
}

export interface Undone {
  /** The change-set of the undo: it can be undone in its turn. */
  changeSet: string
  /** What is no longer there. */
  removed: { table: RecordTable; id: number; clientId: number | null }[]
}

/**
 * Takes back everything that a change-set wrote, as one change-set of its own, or nothing. Throws NotFound and Forbidden as every write does for a
 * record that the user may not see or change, Conflict (naming what, who and when) when something newer stands on it, when it was undone
 * already, or when the database's promises would no longer hold.
 */
export async function undo(scope: Scope, changeSet: string): Promise<Undone> {
  try {
    return await inTransaction(scope, (scope) => undoWithin(scope, changeSet))
  } catch (error) {
    // A promise of the database that no longer holds as it did then: a stage is gone, another contact is primary, a number is taken.
    if (databaseFailure(error)?.code.startsWith('23')) throw new Conflict('history.errors.inTheWay')
    throw error
  }
}

async function undoWithin(scope: Scope, changeSet: string): Promise<Undone> {
  requireWriter(scope)
  // Of those who undo the same at once, one does, and the others find it done.
  await scope.db.query(sql`SELECT pg_advisory_xact_lock(hashtextextended(${changeSet}, 0))::text`)
  const steps = await stepsOf(scope, changeSet)
  await requireWritableRoots(scope, changeSet)
  await lockRows(scope, steps)
  await requireNotUndone(scope, changeSet)
  await requireNothingNewer(scope, changeSet)
  await requirePeople(scope, changeSet)

  await scope.db.query(sql`SELECT set_config('dealwright.undoes', ${changeSet}, true)`)
  const removed: Undone['removed'] = []
  let restored = 0
  for (const step of steps) {
    if (step.operation === 'update') restored += await putBack(scope, step, steps)
    else if (step.operation === 'delete') restored += await insertAgain(scope, step)
    else if (!step.automatic) removed.push(await remove(scope, step))
  }
  if (restored === 0 && removed.length === 0) throw await lastChangeOf(scope, first(steps).table, first(steps).recordId)
  await tellUndone(scope, changeSet)
  const [own] = await scope.db.query<{ changeSet: string }>(sql`
    SELECT current_setting('dealwright.change_set') AS "changeSet", set_config('dealwright.undoes', '', true)`)
  return { changeSet: own?.changeSet ?? '', removed }
}

/** The rows to take back, the last first. Throws NotFound for a change-set that there is not, Conflict for one that is not of that kind. */
async function stepsOf({ db, user }: Scope, changeSet: string): Promise<Step[]> {
  const rows = await db.query<
    Omit<Step, 'table' | 'operation'> & { table: string; operation: string; erased: boolean }
  >(sql`
    SELECT c.id::text, c.table_name AS "table", c.record_id AS "recordId", c.operation, ${isAutomatic('c')} AS automatic,
      ARRAY(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = to_regclass(c.table_name) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.old_row ? a.attname
              AND (c.operation = 'delete' OR c.old_row -> a.attname IS DISTINCT FROM c.new_row -> a.attname)) AS columns,
      EXISTS (SELECT FROM jsonb_each_text(coalesce(c.old_row, '{}') || coalesce(c.new_row, '{}')) AS value WHERE value.value = '[redacted]') AS erased
    FROM changes c WHERE c.change_set = ${changeSet}::uuid ORDER BY c.id DESC LIMIT ${MOST + 1}`)
  const isOfRecords = rows.every(({ table, operation }) => isRecordTable(table) && operation !== 'redact')
  if (rows.length === 0 || (!isOfRecords && user.role !== 'admin')) throw new NotFound()
  if (!isOfRecords) throw new Conflict('history.errors.notUndoable')
  if (rows.some(({ erased }) => erased)) throw new Conflict('history.errors.erased')
  if (rows.length > MOST) throw new Conflict('history.errors.tooMany', { most: MOST })
  return inOrder(rows as Step[])
}

/** The last first; but what others were cut loose from when it was deleted is there again before they are tied to it. */
function inOrder(steps: readonly Step[]): Step[] {
  const isFirst = ({ table, operation }: Step) =>
    operation === 'delete' && ['clients', 'projects', 'quotes'].includes(table)
  const parents = steps.filter(isFirst).sort((a, b) => Number(b.table === 'clients') - Number(a.table === 'clients'))
  return [...parents, ...steps.filter((step) => !isFirst(step))]
}

/**
 * Every record that was changed must be this user's to change. Cards that moved aside for another one are nobody's work; where nothing else was
 * written, one of them was moved.
 */
async function requireWritableRoots(scope: Scope, changeSet: string): Promise<void> {
  const row = sql`coalesce(c.new_row, c.old_row)`
  const id = rootId(sql`c.table_name`, sql`c.record_id`, row)
  const may = (verb: 'visible' | 'writable') =>
    sql`coalesce(${reaches(scope, verb, sql`r.noun`, sql`r.id`)}, ${reachedOnce(scope, verb, sql`r.noun`, sql`r.was`)}, FALSE)`
  const roots = await scope.db.query<{ aside: boolean; visible: boolean; writable: boolean }>(sql`
    WITH roots AS (
      SELECT ${rootNoun(sql`c.table_name`)} AS noun, ${id} AS id, bool_and(${isOnlyMoved('c')}) AS aside
      FROM changes c WHERE c.change_set = ${changeSet}::uuid AND c.table_name <> 'external_ids' GROUP BY 1, 2)
    SELECT r.aside, ${may('visible')} AS visible, ${may('writable')} AS writable
    FROM (SELECT roots.*, (SELECT c.old_row FROM changes c WHERE c.change_set = ${changeSet}::uuid AND c.table_name = roots.noun
                             AND c.record_id = roots.id AND c.operation = 'delete' LIMIT 1) AS was FROM roots) AS r`)
  const asked = roots.filter(({ aside }) => !aside)
  const isMove = asked.length === 0
  const [visible, writable] = (['visible', 'writable'] as const).map((verb) =>
    isMove ? roots.some((root) => root[verb]) : asked.every((root) => root[verb]),
  )
  if (!visible) throw new NotFound()
  if (!writable) throw new Forbidden()
}

/** A card that changed its place in its column, and nothing else. */
function isOnlyMoved(alias: string): Sql {
  const c = raw(alias)
  return sql`(${c}.table_name = 'deals' AND ${c}.operation = 'update' AND ${c}.old_row - 'board_position' = ${c}.new_row - 'board_position')`
}

/** Until the transaction ends, so that what is found out about the rows holds. Whoever writes to a client's contacts locks the client. */
async function lockRows(scope: Scope, steps: readonly Step[]): Promise<void> {
  for (const table of LOCK_ORDER) {
    const ids = steps.filter((step) => step.table === table).map(({ recordId }) => recordId)
    if (ids.length === 0) continue
    if (table === 'contacts')
      await scope.db
        .query(sql`SELECT id FROM clients WHERE id IN (SELECT client_id FROM contacts WHERE id = ANY (${ids})) ORDER BY id
        FOR NO KEY UPDATE`)
    await scope.db.query(sql`SELECT id FROM ${raw(table)} WHERE id = ANY (${ids}) ORDER BY id FOR UPDATE`)
  }
}

async function requireNotUndone(scope: Scope, changeSet: string): Promise<void> {
  if (!(await undone(scope, [changeSet])).has(changeSet)) return
  const [by] = await scope.db.query<{ table: string; name: string | null; who: string | null; at: Date }>(sql`
    SELECT c.table_name AS "table", NULL AS name, u.name AS who, c.created_at AS at
    FROM changes c LEFT JOIN users u ON u.id = CASE WHEN c.actor <> 'system' THEN c.actor::integer END
    WHERE c.undoes = ${changeSet}::uuid ORDER BY c.id DESC LIMIT 1`)
  throw new Conflict('history.errors.undoneAlready', by && said(scope, by))
}

/** Nobody gets something back who has left since: it would wait for them for ever. */
async function requirePeople(scope: Scope, changeSet: string): Promise<void> {
  const [gone] = await scope.db.query<{ name: string }>(sql`
    SELECT u.name FROM changes c
      CROSS JOIN LATERAL (VALUES ('owner_id'), ('assignee_id')) AS of (key)
      JOIN users u ON u.id = (c.old_row ->> of.key)::integer
    WHERE c.change_set = ${changeSet}::uuid AND NOT u.is_active
      AND (c.operation = 'delete' OR (c.operation = 'update' AND c.old_row -> of.key IS DISTINCT FROM c.new_row -> of.key)) LIMIT 1`)
  if (gone) throw new Conflict('history.errors.personGone', { name: gone.name })
}

/** What an update changed, as it was before; answers how many rows that were. Throws Conflict when it is no longer as the update left it. */
async function putBack(scope: Scope, { id, table, recordId, columns }: Step, steps: readonly Step[]): Promise<number> {
  const own = columns.filter((column) => !isKeptByItself(column))
  const decisive = own.filter((column) => column !== 'board_position')
  if (own.length === 0) return 0
  // A card that moved aside goes back as long as nobody has moved it since.
  const guarded = decisive.length > 0 ? decisive : own
  const back = await scope.db.query(sql`
    UPDATE ${raw(table)} t SET (${names(own)}) = (SELECT ${join(own.map((column) => sql`was.${name(column)}`))}
      FROM jsonb_populate_record(NULL::${raw(table)}, c.old_row) AS was)
    FROM changes c
    WHERE c.id = ${id}::bigint AND t.id = ${recordId}
      AND ${join(
        guarded.map((column) => sql`to_jsonb(t) -> ${column}::text IS NOT DISTINCT FROM c.new_row -> ${column}::text`),
        ' AND ',
      )} RETURNING t.id`)
  if (back.length === 0 && decisive.length > 0) throw await lastChangeOf(scope, table, recordId)
  if (decisive.length === 0 && steps.some((step) => step.table !== table || isMore(step))) return 0
  if (table === 'deals' && columns.includes('stage')) await forgetStay(scope, id)
  return back.length
}

function isMore({ columns, operation }: Step): boolean {
  return operation !== 'update' || columns.some((column) => column !== 'board_position' && !isKeptByItself(column))
}

/** The stay that the move had ended goes on: it is not one that took until then. */
async function forgetStay({ db }: Scope, changeId: string): Promise<void> {
  await db.query(sql`
    DELETE FROM deal_stage_stays s USING changes c
    WHERE c.id = ${changeId}::bigint AND c.old_row ->> 'status' = 'open' AND s.deal_id = c.record_id AND s.stage = c.old_row ->> 'stage'
      AND s.pipeline_id = (c.old_row ->> 'pipeline_id')::integer AND s.left_at = (c.new_row ->> 'stage_entered_at')::timestamptz RETURNING s.id`)
}

async function insertAgain({ db }: Scope, { id, table, columns }: Step): Promise<number> {
  const inserted = await db.query(sql`
    INSERT INTO ${raw(table)} (${names(columns)})
    SELECT ${join(columns.map((column) => sql`was.${name(column)}`))}
    FROM changes c CROSS JOIN LATERAL jsonb_populate_record(NULL::${raw(table)}, c.old_row) AS was
    WHERE c.id = ${id}::bigint RETURNING id`)
  return inserted.length
}

/** A record that was made is no more, as long as nothing stands on it; the form that made it can be sent again. */
async function remove(scope: Scope, { table, recordId }: Step): Promise<Undone['removed'][number]> {
  await requireUnreferenced(scope, table, recordId)
  const [gone] = await scope.db.query<{ clientId: number | null }>(sql`
    DELETE FROM ${raw(table)} r WHERE id = ${recordId} RETURNING (to_jsonb(r) ->> 'client_id')::integer AS "clientId"`)
  if (!gone) throw await lastChangeOf(scope, table, recordId)
  await scope.db.query(sql`
    DELETE FROM submissions s USING changes c
    WHERE c.table_name = ${table} AND c.record_id = ${recordId} AND c.operation = 'insert' AND s.record_id = ${recordId}
      AND s.user_id::text = c.actor AND s.created_at BETWEEN c.created_at - interval '1 minute' AND c.created_at RETURNING s.id`)
  return { table, id: recordId, clientId: gone.clientId }
}

function isKeptByItself(column: string): boolean {
  return (KEPT_BY_ITSELF as readonly string[]).includes(column)
}

/** Names that the catalog has given, never a form. */
function name(column: string): Sql {
  return raw(`"${column}"`)
}

function names(columns: readonly string[]): Sql {
  return join(columns.map(name))
}

function first(steps: readonly Step[]): Step {
  const [step] = steps
  if (!step) throw new NotFound()
  return step
}
