import sql, { empty, join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { number } from './database/number.ts'

export type SortType = 'text' | 'timestamptz' | 'numeric' | 'integer' | 'date' | 'time'

/**
 * What a list can be ordered by, most significant first; the id is always the last key. Only the first expression can be empty; empty
 * values come last in both directions.
 */
export interface Sort {
  by: readonly Sql[]
  /** The type of each of `by`. */
  types: readonly SortType[]
  /** null when the first of them is never empty. */
  empty: Empty | null
  /** The first of them comes from a table that the list joins. */
  joined: boolean
  /** A join that only this sort needs, without its first word: "deal_activities n ON …". */
  join: Sql | null
  group: Group | null
}

interface Empty {
  condition: Sql
  column: Sql | undefined
}

/** The few rows (users, stages) under which the list's rows are gone through, group by group. */
export interface Group {
  from: Sql
  /** Further columns of `from` that `link` asks for, each behind a comma. */
  columns: Sql
  /** The condition that a row of the list belongs to the group in hand, "group"."key". */
  link: Sql
}

/** "-updated" is "updated", descending. */
export function sortNamed(sorts: Readonly<Record<string, Sort>>, name: string): Sort {
  const sort = sorts[name.replace(/^-/, '')]
  if (!sort) throw new Error(`the list has no sort "${name}"`)
  return sort
}

interface SortOptions {
  nullable?: boolean
  /** The column of the list's own table that is null when the expression is: for one that is `joined`. */
  emptyWithout?: Sql
  /** The condition that the expression is empty, where no column says so. */
  emptyWhen?: Sql
  joined?: boolean
  join?: Sql
}

/** An order by columns or expressions of the list. One index `(by…, id)`, or of the joined table where it is `joined`, serves both directions. */
export function by(
  expressions: Sql | readonly Sql[],
  type: SortType | readonly SortType[],
  { nullable = false, emptyWithout, emptyWhen, joined = false, join: joins }: SortOptions = {},
): Sort {
  const list = Array.isArray(expressions) ? (expressions as readonly Sql[]) : [expressions as Sql]
  const types = typeof type === 'string' ? list.map(() => type) : type
  if (types.length !== list.length) throw new Error('a sort has a type for each of its expressions')
  return {
    by: list,
    types,
    empty: emptyWhen
      ? { condition: emptyWhen, column: undefined }
      : emptyBy(emptyWithout ?? (nullable ? list[0] : undefined)),
    joined,
    join: joins ?? null,
    group: null,
  }
}

function emptyBy(column: Sql | undefined): Empty | null {
  return column ? { condition: sql`${column} IS NULL`, column } : null
}

interface GroupSort extends Omit<Group, 'columns'> {
  columns?: Sql
  /** What the groups are ordered by, said of a table that has the same alias in `from` and in the list's own FROM. */
  name: Sql
  type: SortType
  /** An integer that tells groups of the same name apart. */
  key: Sql
  /** The order within a group: what the index on the list's table goes on with. */
  then: Sql
  thenType: SortType
  /** The column that is null in rows without a group. */
  emptyWithout?: Sql
}

/**
 * An order by something that few values of a joined table stand for, as an owner's name: sorting every row of a large list by it would cost
 * more than the rest of the page, whereas each group on its own is ordered by an index already.
 */
export function byGroup({ name, type, key, then, thenType, emptyWithout, from, columns, link }: GroupSort): Sort {
  return {
    by: [name, key, then],
    types: [type, 'integer', thenType],
    empty: emptyBy(emptyWithout),
    joined: true,
    join: null,
    group: { from, columns: columns ?? empty, link },
  }
}

/** What a statement is made of, whatever its order. */
export interface Source {
  columns: Sql
  from: Sql
  /** The id, in SQL. */
  key: Sql
  where: Sql
}

/** A place in the order: the sort expressions of a row, as text, null where empty, and its id. */
export interface Place {
  values: readonly (string | null)[]
  id: number
}

/**
 * At most `limit` rows behind a place, or from the start, each with its own place in "cursor0", "cursor1", …. What can be empty is two
 * ordered branches, filled and empty, because "after this value, or empty" is a condition no index can start at.
 */
export function pageStatement(source: Source, sort: Sort, order: PageOrder): Sql {
  const { place, backwards } = order
  const atEmpty = sort.empty !== null && place !== null && place.values[0] === null
  const branches: Branch[] = [
    ...(atEmpty ? [] : filledBranches(source, sort, order, place)),
    ...(sort.empty && (atEmpty || !backwards)
      ? [emptyBranch(source, sort, sort.empty, order, atEmpty ? place : null)]
      : []),
    ...(atEmpty && backwards ? filledBranches(source, sort, order, null) : []),
  ]
  const [only] = branches
  if (only && branches.length === 1) return only(empty)
  const parts = branches.map((_, index) => raw(`part${index}`))
  return sql`
    WITH ${join(
      branches.map((branch, index) => {
        const rows = branch(index === 0 ? empty : stillMissing(parts.slice(0, index), order.limit))
        return sql`${parts[index]} AS MATERIALIZED (SELECT *, row_number() OVER () AS "nth" FROM (${rows}) AS "rows")`
      }),
    )}
    SELECT * FROM (
      ${join(
        parts.map((part, index) => sql`SELECT *, ${raw(String(index))} AS "branch" FROM ${part}`),
        ' UNION ALL ',
      )}
    ) AS parts ORDER BY "branch", "nth" LIMIT ${number(order.limit)}`
}

/** One ordered stretch of a list, under a further condition. */
type Branch = (condition: Sql) => Sql

/** Known before a branch begins: one that nothing is missing for is not even looked at. */
function stillMissing(parts: readonly Sql[], limit: number): Sql {
  return sql` AND (${join(
    parts.map((part) => sql`(SELECT count(*) FROM ${part})`),
    ' + ',
  )}) < ${number(limit)}`
}

export interface PageOrder {
  place: Place | null
  descending: boolean
  /** Rows before the place rather than after it; `descending` is turned round already. */
  backwards: boolean
  limit: number
}

/** All rows in order, in one statement, for reading from end to end. */
export function wholeStatement({ columns, from, key, where }: Source, sort: Sort, descending: boolean): Sql {
  const direction = raw(descending ? 'DESC NULLS LAST' : 'ASC NULLS LAST')
  return sql`
    SELECT ${columns} FROM ${from} ${sort.join ? sql`LEFT JOIN ${sort.join}` : empty} WHERE ${where}
    ORDER BY ${join([...sort.by, key].map((expression) => sql`${expression} ${direction}`))}`
}

function filledBranches(source: Source, sort: Sort, order: PageOrder, place: Place | null): Branch[] {
  if (sort.group) return groupBranches(source, sort, sort.group, order, place)
  const filled = sort.empty ? sql` AND ${sort.by[0]} IS NOT NULL` : empty
  // The comparison of rows that follows spans two tables, where no index can start at it.
  const start =
    sort.joined && place
      ? sql` AND ${sort.by[0]} ${raw(order.descending ? '<=' : '>=')} ${cast(place.values[0], sort.types[0])}`
      : empty
  const from = sort.join ? sql`${source.from} JOIN ${sort.join}` : source.from
  const stretch = { order, keys: sort.by, skipped: 0, place }
  return [(condition) => stretchOf({ ...source, from }, sort, sql`${filled}${start}${condition}`, stretch)]
}

function emptyBranch(source: Source, sort: Sort, whenEmpty: Empty, order: PageOrder, place: Place | null): Branch {
  // Without its group, a row has neither the group's name nor its key.
  const skipped = sort.group ? 2 : 1
  // The tables that the first of them come from may have no row here to take them from.
  const places = [...Array.from({ length: skipped }, () => sql`NULL`), ...sort.by.slice(skipped)]
  const stretch = { order, keys: sort.by.slice(skipped), skipped, place, places, first: whenEmpty.column }
  return (condition) => stretchOf(source, sort, sql` AND ${whenEmpty.condition}${condition}`, stretch)
}

interface Stretch {
  order: PageOrder
  /** What this branch is ordered by: `sort.by` without its first `skipped`. */
  keys: readonly Sql[]
  skipped: number
  place: Place | null
  /** What tells the place of each row; other than `sort.by` where those cannot be asked. */
  places?: readonly Sql[]
  /** A column that is null in all of these rows, for an index that begins with it. */
  first?: Sql | undefined
}

function stretchOf(
  source: Source,
  sort: Sort,
  condition: Sql,
  { order, keys, skipped, place, places = sort.by, first }: Stretch,
): Sql {
  const direction = raw(order.descending ? 'DESC' : 'ASC')
  // "From the next id on" rather than "after this id": the planner judges a comparison of rows by its first column alone, and takes "more
  // than the largest value" for no rows at all, however many of them share it.
  const behind = place
    ? sql` AND (${join([...keys, source.key])}) ${raw(order.descending ? '<=' : '>=')} (${join([
        ...keys.map((_, index) => cast(place.values[index + skipped], sort.types[index + skipped])),
        cast(place.id + (order.descending ? -1 : 1), 'integer'),
      ])})`
    : empty
  // Text hides the order of what it was made from; the order of groups is put together outside.
  const within = sort.group ? sql`, ${sort.by[2]} AS "within"` : empty
  return sql`
    SELECT ${source.columns}, ${join(places.map((expression, index) => sql`(${expression})::text AS ${raw(`"cursor${index}"`)}`))}${within}
    FROM ${source.from} WHERE ${source.where}${condition}${behind}
    ORDER BY ${join([...(first ? [first] : []), ...keys, source.key].map((key) => sql`${key} ${direction}`))}
    LIMIT ${number(order.limit)}`
}

/** The rest of the group that the place is in, then the groups behind it; without a place all groups. */
function groupBranches(source: Source, sort: Sort, group: Group, order: PageOrder, place: Place | null): Branch[] {
  if (!place) return [groupBranch(source, sort, group, order, sql`TRUE`, null)]
  const [name, key] = [sort.by[0] as Sql, sort.by[1] as Sql]
  const [atName, atKey] = [cast(place.values[0], sort.types[0]), cast(place.values[1], 'integer')]
  const behind = sql`(${name}, ${key}) ${raw(order.descending ? '<' : '>')} (${atName}, ${atKey})`
  return [
    groupBranch(source, sort, group, order, sql`${key} = ${atKey}`, place),
    groupBranch(source, sort, group, order, behind, null),
  ]
}

function groupBranch(
  source: Source,
  sort: Sort,
  group: Group,
  order: PageOrder,
  among: Sql,
  place: Place | null,
): Branch {
  const direction = raw(order.descending ? 'DESC' : 'ASC')
  const keys = sort.by.slice(2)
  const places = [sql`"group"."name"`, sql`"group"."key"`, ...keys]
  const rows = stretchOf(source, sort, sql` AND ${group.link}`, { order, keys, skipped: 2, place, places })
  return (condition) => sql`
    SELECT "row".* FROM (
      SELECT ${sort.by[0]} AS "name", ${sort.by[1]} AS "key" ${group.columns} FROM ${group.from} WHERE ${among}${condition}
      ORDER BY ${sort.by[0]} ${direction}, ${sort.by[1]} ${direction}
    ) AS "group" CROSS JOIN LATERAL (${rows}) AS "row"
    ORDER BY "group"."name" ${direction}, "group"."key" ${direction}, "row"."within" ${direction}, "row".id ${direction}
    LIMIT ${number(order.limit)}`
}

function cast(value: unknown, type: SortType | undefined): Sql {
  return sql`${value}::${raw(type ?? 'text')}`
}
