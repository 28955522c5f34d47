import sql, { join, raw } from 'sql-template-tag'
import { Conflict } from '../../platform/errors.ts'
import { formatLocale, translator } from '../../platform/i18n.ts'
import type { TranslationKey } from '../../platform/i18n.ts'
import type { Scope } from '../../platform/scope.ts'
import { KEPT_BY_ITSELF, REFERENCES, isAutomatic, nameOf } from './tables.ts'
import type { RecordTable } from './tables.ts'

/** A later change that stands in the way of an undo. */
interface Obstacle {
  changeSet: string
  table: string
  name: string | null
  /** null is the system, and somebody who is gone. */
  who: string | null
  at: Date
}

/**
 * Throws Conflict, naming what, who and when, as soon as something newer stands on what a change-set wrote: a column that would be put back was
 * changed since, or a row it made was. What was itself undone since stands on nothing, and neither does the undoing of it.
 */
export async function requireNothingNewer(scope: Scope, changeSet: string): Promise<void> {
  const later = await scope.db.query<Obstacle & { undoes: string | null }>(sql`
    WITH mine AS (SELECT * FROM changes c WHERE c.change_set = ${changeSet}::uuid AND NOT ${isAutomatic('c')})
    SELECT DISTINCT ON (n.change_set) n.change_set AS "changeSet", n.undoes, n.table_name AS "table", n.created_at AS at,
           u.name AS who, coalesce(n.new_row, n.old_row) ->> 'name' AS name
    FROM mine m
      JOIN changes n ON n.table_name = m.table_name AND n.record_id = m.record_id AND n.id > m.id AND n.change_set <> m.change_set
      LEFT JOIN users u ON u.id = CASE WHEN n.actor <> 'system' THEN n.actor::integer END
    WHERE n.operation IN ('delete', 'redact') OR EXISTS (
      SELECT FROM jsonb_object_keys(n.new_row) AS key
      WHERE n.operation = 'update' AND n.old_row -> key IS DISTINCT FROM n.new_row -> key AND key <> ALL (${unimportant()})
        AND (m.operation = 'insert' OR m.old_row -> key IS DISTINCT FROM m.new_row -> key))
    ORDER BY n.change_set, n.id DESC`)
  if (later.length === 0) return
  const isUndone = await undone(
    scope,
    later.map((one) => one.changeSet),
  )
  const standing = later.filter((one) => !isUndone.has(one.changeSet) && one.undoes === null)
  standing.sort((a, b) => b.at.getTime() - a.at.getTime())
  if (standing[0]) throw changedSince(scope, standing[0])
}

/** A card's place in its column is not something two people can disagree about. */
function unimportant() {
  return sql`ARRAY[${join([...KEPT_BY_ITSELF, 'board_position'])}]::text[]`
}

/** Those of the change-sets that were undone, and not redone since. */
export async function undone({ db }: Pick<Scope, 'db'>, changeSets: readonly string[]): Promise<Set<string>> {
  const links = await db.query<{ by: string; of: string }>(sql`
    WITH RECURSIVE chain AS (
      SELECT DISTINCT change_set AS by, undoes AS of FROM changes WHERE undoes = ANY (${[...changeSets]}::uuid[])
      UNION SELECT DISTINCT c.change_set, c.undoes FROM chain JOIN changes c ON c.undoes = chain.by)
    SELECT by::text, of::text FROM chain`)
  const stands = (changeSet: string): boolean => !links.some(({ by, of }) => of === changeSet && stands(by))
  return new Set(changeSets.filter((changeSet) => !stands(changeSet)))
}

/** Whatever has come between since nobody looked: for a row that is not as the change-set left it. */
export async function lastChangeOf(scope: Scope, table: RecordTable, id: number): Promise<Conflict> {
  const [last] = await scope.db.query<Obstacle>(sql`
    SELECT c.change_set AS "changeSet", c.table_name AS "table", coalesce(c.new_row, c.old_row) ->> 'name' AS name, u.name AS who, c.created_at AS at
    FROM changes c LEFT JOIN users u ON u.id = CASE WHEN c.actor <> 'system' THEN c.actor::integer END
    WHERE c.table_name = ${table} AND c.record_id = ${id} ORDER BY c.created_at DESC, c.id DESC LIMIT 1`)
  return last ? changedSince(scope, last) : new Conflict('history.errors.inTheWay')
}

/** Throws Conflict when anything still points at a row that an undo would remove. Asked after what the change-set itself wrote is gone. */
export async function requireUnreferenced(scope: Scope, table: RecordTable, id: number): Promise<void> {
  const references = REFERENCES[table] ?? []
  if (references.length === 0) return
  const pointing = references.map(
    (
      reference,
    ) => sql`(SELECT ${reference.table} AS "table", r.id, ${nameOf(reference.table, 'r')} AS name FROM ${raw(reference.table)} r
      WHERE r.${raw(reference.column)} = ${id}${reference.ofOneClient ? sql` AND r.client_id = (SELECT o.client_id FROM ${raw(table)} o WHERE o.id = ${id})` : sql``}
        ${reference.where ? sql`AND ${reference.where}` : sql``} ORDER BY r.id DESC LIMIT 1)`,
  )
  const [first] = await scope.db.query<Obstacle>(sql`
    SELECT p."table", p.name, last.at, last.who, last.change_set AS "changeSet"
    FROM (${join(pointing, ' UNION ALL ')}) AS p CROSS JOIN LATERAL (
      SELECT c.created_at AS at, c.change_set, u.name AS who
      FROM changes c LEFT JOIN users u ON u.id = CASE WHEN c.actor <> 'system' THEN c.actor::integer END
      WHERE c.table_name = p."table" AND c.record_id = p.id ORDER BY c.created_at DESC, c.id DESC LIMIT 1) AS last
    ORDER BY last.at DESC LIMIT 1`)
  if (first) throw new Conflict('history.errors.referred', said(scope, first))
}

export function changedSince(scope: Scope, obstacle: Obstacle): Conflict {
  return new Conflict('history.errors.changedSince', said(scope, obstacle))
}

/** Who and when, for a message: a time is one of the reader's zone. */
export function said({ user }: Scope, { table, name, who, at }: Omit<Obstacle, 'changeSet'>) {
  const t = translator(user.locale)
  const kind = t(`history.things.${table}` as TranslationKey)
  const format = new Intl.DateTimeFormat(formatLocale(user.locale), {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: user.timeZone,
  })
  return {
    what: name ? t('history.thing', { kind, name }) : kind,
    who: who ?? t('history.somebody'),
    when: format.format(at),
  }
}
