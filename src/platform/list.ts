import sql, { empty } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { z } from 'zod'
import { databaseFailure } from './database/failure.ts'
import { RuleViolation } from './errors.ts'
import { SEARCH_COUNT_BOUND, upToBound } from './list-count.ts'
import { readCursor, writeCursor } from './list-cursor.ts'
import type { Cursor } from './list-cursor.ts'
import type { ListDefinition, ListParams } from './list-definition.ts'
import { sortNamed, wholeStatement } from './list-order.ts'
import { searchOf } from './list-search.ts'
import { conditions, count, filtered, pageAt, searched } from './list-statements.ts'
import { fieldFromForm } from './validation.ts'
import type { Statement } from './database/database.ts'
import type { Scope } from './scope.ts'

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
  const search = searched(list, params)
  const rowsOf = () => rowsAt<Row, Filter>(list, scope, params, where)
  const countOf = () => count(list, scope, where, search)
  // What is gathered for the page is counted with it; only of what is frequent there may be more.
  const [{ rows, cursor, gathered }, counted] = search
    ? [await rowsOf(), null]
    : await Promise.all([rowsOf(), countOf()])
  const total = counted ?? (gathered === null ? await countOf() : upToBound(gathered, SEARCH_COUNT_BOUND))
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

interface Found<Row> {
  rows: Row[]
  cursor: Cursor | null
  /** How many rows there are on all pages, where all of them were looked up. */
  gathered: number | null
}

/** A cursor that leads nowhere (its rows are gone, or someone made it up) shows the first page. */
async function rowsAt<Row, Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  params: ListParams<z.output<Filter>>,
  where: Sql,
): Promise<Found<Row>> {
  type Counted = Row & { gathered?: number | null }
  const gatheredIn = (rows: readonly Counted[]) => (rows[0] ? (rows[0].gathered ?? null) : 0)
  if (params.cursor) {
    try {
      const rows = await scope.db.query<Counted>(pageAt(list, params, where, PAGE_SIZE))
      if (rows.length > 0) return { rows, cursor: params.cursor, gathered: gatheredIn(rows) }
    } catch (error) {
      // Class 22: a value in the cursor is none of its type.
      if (!databaseFailure(error)?.code.startsWith('22')) throw error
    }
  }
  const bare = bareStatement(list, params, where)
  const rows = await (bare
    ? scope.db.frequent<Counted>(bare)
    : scope.db.query<Counted>(pageAt(list, { ...params, cursor: null }, where, PAGE_SIZE)))
  return { rows, cursor: null, gathered: gatheredIn(rows) }
}

const bareStatements = new WeakMap<object, Map<string, Statement>>()

/**
 * The bare list, asked by somebody who sees all of it: it has no values, so that nothing in it could ask for another plan the next time, and is put together
 * once. null for any other.
 */
function bareStatement<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  params: ListParams<z.output<Filter>>,
  where: Sql,
): Statement | null {
  if (where.values.length > 0 || params.q !== '' || Object.keys(params.filters).length > 0) return null
  const known = bareStatements.get(list) ?? new Map<string, Statement>()
  bareStatements.set(list, known)
  const key = `${params.sort} ${where.text}`
  let statement = known.get(key)
  if (!statement) {
    const { text, values } = pageAt(list, { ...params, cursor: null }, where, PAGE_SIZE)
    if (values.length > 0) return null
    known.set(key, (statement = { text, values }))
  }
  return statement
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
