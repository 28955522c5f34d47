import sql, { empty, join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { z } from 'zod'
import type { CsvColumn } from './csv.ts'
import { databaseFailure } from './database/failure.ts'
import { RuleViolation } from './errors.ts'
import { COUNT_BOUND, SEARCH_COUNT_BOUND, countedUpTo } from './list-count.ts'
import { readCursor, writeCursor } from './list-cursor.ts'
import type { Cursor } from './list-cursor.ts'
import { pageStatement, sortNamed, wholeStatement } from './list-order.ts'
import type { Sort, Source } from './list-order.ts'
import { found, searchOf, searchWords } from './list-search.ts'
import { fieldFromForm } from './validation.ts'
import type { Scope } from './scope.ts'

export interface ListDefinition<Filter extends z.ZodObject, FileRow = unknown> {
  columns: Sql
  /** What only the list as a file shows: further columns, each behind a comma. */
  fileColumns?: Sql
  from: Sql
  /** `from` without the joins that neither conditions nor the number of rows depend on: for counting. */
  countFrom?: Sql
  /** The id, in SQL. */
  key: Sql
  filter: Filter
  /** The conditions, the reader's scope among them; what is false or undefined asks nothing. */
  where(filters: Partial<z.output<Filter>>, scope: Scope): readonly (Sql | false | undefined)[]
  /**
   * Conditions of filters that very few rows may meet, which statistics cannot tell (a tag): the rows are looked up by them where they are rare, and
   * gone through in order where they are frequent.
   */
  rare?(filters: Partial<z.output<Filter>>): readonly (Sql | false | undefined)[]
  /** Whether a row has the word that `pattern` (SQL text, escaped, with its wildcards) stands for. */
  search(pattern: Sql, word: string): Sql
  /**
   * The same, asked row by row: for a list whose `search` gathers what belongs to other records ahead of the rows, which costs the more the more
   * frequent a word is.
   */
  walked?(pattern: Sql, word: string): Sql
  /**
   * The ids of the rows that have the word, for a list that is searched by several tables: each read by an index of its own, and of several words
   * only what all have found is looked up. Such a list has no `phone`.
   */
  finds?(pattern: Sql, word: string): Sql
  /** Whether a row has a telephone number with the digits that `pattern` (SQL text, with its wildcards) stands for. */
  phone?(pattern: Sql): Sql
  sorts: Readonly<Record<string, Sort>>
  /** "-updated" is descending. */
  defaultSort: string
  /** The columns of the list as a file; without them there is none. */
  csv?: readonly CsvColumn<FileRow>[]
}

export interface List<Row, Filter extends z.ZodObject = z.ZodObject, FileRow = Row> extends ListDefinition<
  Filter,
  FileRow
> {
  /** What a query string asks for. Nonsense falls back to the default: every link shows a page. */
  parse(query: Readonly<Record<string, unknown>>): ListParams<z.output<Filter>>
  fetch(scope: Scope, params: ListParams<z.output<Filter>>): Promise<ListPage<Row>>
  /** The same for programs: other columns where they are given, as many rows as asked for, and nothing counted. A cursor that was made up is refused. */
  slice(
    scope: Scope,
    params: ListParams<z.output<Filter>>,
    asked: { limit: number; columns?: Sql | undefined },
  ): Promise<Slice<Row>>
  /** Every row that `fetch` would page through, in the same order, some hundreds at a time, all as they were at one moment. */
  all(scope: Scope, params: ListParams<z.output<Filter>>): AsyncGenerator<FileRow[]>
}

export interface ListParams<Filters = Record<string, unknown>> {
  q: string
  sort: string
  filters: Partial<Filters>
  cursor: Cursor | null
}

export interface ListPage<Row> {
  rows: Row[]
  params: ListParams
  sorts: string[]
  /** The same view as a file: what follows the path of the page; null when the list has none. */
  file: string | null
  /** Where the neighbouring pages are: query strings of the same view; null where the list ends. */
  next: string | null
  previous: string | null
  /** Exact up to `COUNT_BOUND`, of a search up to `SEARCH_COUNT_BOUND`; beyond it, `more` is true. */
  total: { count: number; more: boolean }
  /** The same view with other parameters: null or '' drops one; any change but of the cursor goes back to the first page. */
  href(changes: Readonly<Record<string, string | number | null>>): string
}

export interface Slice<Row> {
  rows: Row[]
  /** The cursors of the neighbouring pages; null where the list ends. */
  next: string | null
  previous: string | null
}

export const PAGE_SIZE = 50
/** The first rows of a list tell how frequent a word is; a page of what has a frequent one is met by going through the next, too. */
const SAMPLE = 200
const FREQUENT = 4
const WALKED = 3_000

/** One declaration for page, CSV and API: what may be asked, what it means in SQL, what it can be sorted by. */
export function defineList<Row, FileRow extends Row = Row>() {
  return <Filter extends z.ZodObject>(definition: ListDefinition<Filter, FileRow>): List<Row, Filter, FileRow> => ({
    ...definition,
    parse: (query) => parse(definition, query),
    fetch: (scope, params) => fetchPage<Row, Filter>(definition, scope, params),
    slice: (scope, params, asked) => fetchSlice<Row, Filter>(definition, scope, params, asked),
    all: (scope, params) => {
      const columns = sql`${definition.columns}${definition.fileColumns ?? empty}`
      const source = { ...definition, columns, where: conditions(definition, scope, params) }
      return scope.db.batches<FileRow>(
        wholeStatement(source, sortNamed(definition.sorts, params.sort), params.sort.startsWith('-')),
      )
    },
  })
}

function parse<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  query: Readonly<Record<string, unknown>>,
): ListParams<z.output<Filter>> {
  const sort =
    typeof query.sort === 'string' && Object.hasOwn(list.sorts, query.sort.replace(/^-/, ''))
      ? query.sort
      : list.defaultSort
  return {
    q: searchOf(query.q),
    sort,
    filters: readFilters(list.filter, query),
    cursor: readCursor(query.cursor, list.sorts, sort),
  }
}

/** The filters that a query string sets to something they can be. */
export function readFilters<Filter extends z.ZodObject>(
  filter: Filter,
  query: Readonly<Record<string, unknown>>,
): Partial<z.output<Filter>> {
  const filters: Record<string, unknown> = {}
  for (const [name, type] of Object.entries(filter.shape)) {
    const given = query[name]
    if (typeof given !== 'string' || given === '') continue
    const checked = (type as z.ZodType).safeParse(fieldFromForm(type as z.ZodType, given))
    if (checked.success && checked.data !== undefined) filters[name] = checked.data
  }
  return filters as Partial<z.output<Filter>>
}

async function fetchPage<Row, Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  params: ListParams<z.output<Filter>>,
): Promise<ListPage<Row>> {
  const where = filtered(list, scope, params)
  const [found, total] = await Promise.all([
    rowsAt<Row, Filter>(list, scope, params, where),
    count(list, scope, params, where),
  ])
  const { rows, cursor } = found
  const backwards = cursor?.direction === 'before'
  const more = rows.length > PAGE_SIZE
  const shown = rows.slice(0, PAGE_SIZE)
  if (backwards) shown.reverse()
  const shownParams = { ...params, cursor }
  const href: ListPage<Row>['href'] = (changes) => hrefOf(list, shownParams, changes)
  const at = (row: Row | undefined, direction: Cursor['direction']) =>
    row ? href({ cursor: writeCursor(list.sorts, params.sort, row, direction) }) : null
  return {
    rows: shown,
    params: shownParams,
    sorts: Object.keys(list.sorts),
    file: list.csv ? `.csv${href({})}` : null,
    next: backwards || more ? at(shown.at(-1), 'after') : null,
    previous: (backwards ? more : cursor !== null) ? at(shown[0], 'before') : null,
    total,
    href,
  }
}

async function fetchSlice<Row, Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  params: ListParams<z.output<Filter>>,
  { limit, columns = list.columns }: { limit: number; columns?: Sql | undefined },
): Promise<Slice<Row>> {
  const where = filtered(list, scope, params)
  const found = await scope.db
    .query<Row>(pageAt({ ...list, columns }, params, where, limit))
    .catch((error: unknown): never => {
      // Class 22: a value in the cursor is none of its type.
      if (params.cursor && databaseFailure(error)?.code.startsWith('22'))
        throw new RuleViolation('errors.cursor', 'cursor')
      throw error
    })
  const backwards = params.cursor?.direction === 'before'
  const more = found.length > limit
  const rows = found.slice(0, limit)
  if (backwards) rows.reverse()
  const at = (row: Row | undefined, direction: Cursor['direction']) =>
    row ? writeCursor(list.sorts, params.sort, row, direction) : null
  return {
    rows,
    next: backwards || more ? at(rows.at(-1), 'after') : null,
    previous: (backwards ? more : params.cursor !== null) ? at(rows[0], 'before') : null,
  }
}

/** A cursor that leads nowhere (its rows are gone, or someone made it up) shows the first page. */
async function rowsAt<Row, Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  params: ListParams<z.output<Filter>>,
  where: Sql,
): Promise<{ rows: Row[]; cursor: Cursor | null }> {
  if (params.cursor) {
    try {
      const rows = await scope.db.query<Row>(pageAt(list, params, where))
      if (rows.length > 0) return { rows, cursor: params.cursor }
    } catch (error) {
      // Class 22: a value in the cursor is none of its type.
      if (!databaseFailure(error)?.code.startsWith('22')) throw error
    }
  }
  const first = pageAt(list, { ...params, cursor: null }, where)
  // The bare list, asked by somebody who sees all of it, has no values: nothing in it could ask for another plan the next time.
  return {
    rows: await (first.values.length === 0 ? scope.db.frequent<Row>(first) : scope.db.query<Row>(first)),
    cursor: null,
  }
}

/** All conditions of the list but the cursor's. */
function conditions<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  params: ListParams<z.output<Filter>>,
): Sql {
  const search = searched(list, params)
  return search ? sql`${filtered(list, scope, params)} AND ${search.gathered}` : filtered(list, scope, params)
}

/** All conditions but the cursor's, and what is searched for or rare. */
function filtered<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  { filters }: ListParams<z.output<Filter>>,
): Sql {
  const conditions = asked(list.where(filters, scope))
  return conditions.length > 0 ? join(conditions, ' AND ') : sql`TRUE`
}

/** A page of rows, one more than are shown. `where`: all conditions but what is searched for. */
function pageAt<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  params: ListParams<z.output<Filter>>,
  where: Sql,
  shown: number = PAGE_SIZE,
): Sql {
  const { cursor } = params
  const sort = sortNamed(list.sorts, params.sort)
  const backwards = cursor?.direction === 'before'
  const descending = params.sort.startsWith('-') !== backwards
  const page = (source: Source, limit: number) =>
    pageStatement(source, sort, { place: cursor, descending, backwards, limit })
  const search = searched(list, params)
  if (!search) return page({ ...list, where }, shown + 1)

  // Groups are each gone through by themselves: a walk through them would be as many.
  const walk = (limit: number, condition: Sql) =>
    sort.group
      ? sql`SELECT NULL::integer AS id, FALSE AS "hit" WHERE FALSE`
      : page(
          { ...list, columns: sql`${list.key} AS id, (${search.walked}) AS "hit"`, where: sql`${where}${condition}` },
          limit,
        )
  const candidates = sql`${list.key} = ANY (ARRAY(SELECT id FROM candidates))`
  return sql`
    WITH sample AS MATERIALIZED (SELECT count(*) FROM (${walk(SAMPLE, empty)}) AS sampled WHERE "hit"),
    walked AS MATERIALIZED (
      SELECT id FROM (${walk(WALKED, sql` AND (SELECT count FROM sample) >= ${FREQUENT}`)}) AS walked WHERE "hit" LIMIT ${shown + 1}),
    candidates AS (
      SELECT id FROM walked
      UNION SELECT ${list.key} FROM ${list.countFrom ?? list.from} WHERE (SELECT count(*) FROM walked) <= ${shown} AND ${where} AND ${search.gathered})
    SELECT * FROM (${page({ ...list, where: candidates }, shown + 1)}) AS page`
}

/**
 * What is searched for (and what is `rare`), as a condition for indexes and as one for going through rows; null when there is nothing. No plan is good
 * for both: the rows with a rare word are few, and looked up and sorted; a page of those with a frequent one is soon met in any order. How frequent a
 * word is cannot be told from statistics where it may be another record's.
 */
function searched<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  { q, filters }: ListParams<z.output<Filter>>,
): { gathered: Sql; walked: Sql } | null {
  const rare = asked(list.rare?.(filters) ?? [])
  const gathered = [...rare, ...gatheredBy(list, q)]
  if (gathered.length === 0) return null
  const walked = [...rare, ...found({ search: list.walked ?? list.search, phone: list.phone }, q)]
  return { gathered: join(gathered, ' AND '), walked: join(walked, ' AND ') }
}

function gatheredBy<Filter extends z.ZodObject>({ finds, ...list }: ListDefinition<Filter>, q: string): Sql[] {
  const words = searchWords(q)
  if (!finds || words.length === 0) return found(list, q)
  // Fewer letters are in no index: what they ask of a table is all of it, where another word finds a few rows to ask it of.
  const indexed = words.filter((word) => /[\p{L}\p{N}]{3}/u.test(word))
  const sets = indexed.length > 0 ? indexed : words
  const ids = sets.map((word) => sql`(${finds(sql`search_pattern(${word})`, word)})`)
  const others = words.filter((word) => !sets.includes(word))
  return [sql`${list.key} = ANY (ARRAY(${join(ids, ' INTERSECT ')}))`, ...found(list, others.join(' '))]
}

function asked(conditions: readonly (Sql | false | undefined)[]): Sql[] {
  return conditions.filter((condition): condition is Sql => Boolean(condition))
}

function count<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  params: ListParams<z.output<Filter>>,
  where: Sql,
): Promise<{ count: number; more: boolean }> {
  const search = searched(list, params)
  const bound = search ? SEARCH_COUNT_BOUND : COUNT_BOUND
  const from = list.countFrom ?? list.from
  const upTo = (condition: Sql) =>
    sql`SELECT count(*)::int AS count FROM (SELECT FROM ${from} WHERE ${condition} LIMIT ${bound + 1}) AS counted`
  if (!search) return countedUpTo(scope, upTo(where), bound)

  const sample = sql`SELECT (${search.walked}) AS "hit" FROM ${from} WHERE ${where} LIMIT ${SAMPLE}`
  const either = sql`SELECT CASE WHEN (SELECT count(*) FROM (${sample}) AS sample WHERE "hit") >= ${FREQUENT}
    THEN (${upTo(sql`${where} AND ${search.walked}`)}) ELSE (${upTo(sql`${where} AND ${search.gathered}`)}) END AS count`
  return countedUpTo(scope, either, bound)
}

function hrefOf<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  params: ListParams,
  changes: Readonly<Record<string, string | number | null>>,
): string {
  const query = new URLSearchParams()
  const asked: Record<string, unknown> = {
    q: params.q,
    ...params.filters,
    sort: params.sort === list.defaultSort ? '' : params.sort,
    ...changes,
  }
  for (const [name, value] of Object.entries(asked)) {
    if (value !== null && value !== undefined && value !== '' && value !== false) query.set(name, String(value))
  }
  return `?${query.toString()}`
}
