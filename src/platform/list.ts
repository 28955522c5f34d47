import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { z } from 'zod'
import type { CsvColumn } from './csv.ts'
import { databaseFailure } from './database/failure.ts'
import { pageStatement, wholeStatement } from './list-order.ts'
import type { Place, Sort, Source } from './list-order.ts'
import { phoneRuns, searchableDigits } from './phone.ts'
import { fieldFromForm } from './validation.ts'
import type { Scope } from './scope.ts'

export interface ListDefinition<Filter extends z.ZodObject, Row = unknown> {
  columns: Sql
  from: Sql
  /** `from` without the joins that neither conditions nor the number of rows depend on: for counting. */
  countFrom?: Sql
  /** The id, in SQL. */
  key: Sql
  filter: Filter
  /** The conditions, the reader's scope among them; what is false or undefined asks nothing. */
  where(filters: Partial<z.output<Filter>>, scope: Scope): readonly (Sql | false | undefined)[]
  /** Whether a row has the word that `pattern` (SQL text, escaped, with its wildcards) stands for. */
  search(pattern: Sql): Sql
  /** Whether a row has a telephone number with the digits that `pattern` (SQL text, with its wildcards) stands for. */
  phone?(pattern: Sql): Sql
  sorts: Readonly<Record<string, Sort>>
  /** "-updated" is descending. */
  defaultSort: string
  /** The columns of the list as a file; without them there is none. */
  csv?: readonly CsvColumn<Row>[]
}

/** How a row is searched. */
export interface Searchable extends Pick<ListDefinition<z.ZodObject>, 'phone'> {
  /** `word`: what `pattern` stands for, as it was typed. */
  search(pattern: Sql, word: string): Sql
}

export interface List<Row, Filter extends z.ZodObject = z.ZodObject> extends ListDefinition<Filter, Row> {
  /** What a query string asks for. Nonsense falls back to the default: every link shows a page. */
  parse(query: Readonly<Record<string, unknown>>): ListParams<z.output<Filter>>
  fetch(scope: Scope, params: ListParams<z.output<Filter>>): Promise<ListPage<Row>>
  /** Every row that `fetch` would page through, in the same order, some hundreds at a time, all as they were at one moment. */
  all(scope: Scope, params: ListParams<z.output<Filter>>): AsyncGenerator<Row[]>
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
  /** Exact up to `COUNT_BOUND`; beyond it, `more` is true. */
  total: { count: number; more: boolean }
  /** The same view with other parameters: null or '' drops one; any change but of the cursor goes back to the first page. */
  href(changes: Readonly<Record<string, string | number | null>>): string
}

interface Cursor extends Place {
  direction: 'after' | 'before'
  /** The sort it was made for. */
  sort: string
}

export const PAGE_SIZE = 50
export const COUNT_BOUND = 10_000
const LIVE_COUNT_BOUND = 1_000
const COUNT_KEPT_MS = 30_000

/** One declaration for page, CSV and API: what may be asked, what it means in SQL, what it can be sorted by. */
export function defineList<Row>() {
  return <Filter extends z.ZodObject>(definition: ListDefinition<Filter, Row>): List<Row, Filter> => ({
    ...definition,
    parse: (query) => parse(definition, query),
    fetch: (scope, params) => fetchPage<Row, Filter>(definition, scope, params),
    all: (scope, params) => {
      const source = { ...definition, where: conditions(definition, scope, params) }
      return scope.db.batches<Row>(wholeStatement(source, sortOf(definition, params.sort), params.sort.startsWith('-')))
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
    cursor: readCursor(query, list, sort),
  }
}

/** What a query string asks to search for; '' when that is nothing. */
export function searchOf(given: unknown): string {
  return typeof given === 'string' ? given.replaceAll('\0', '').toWellFormed().trim().slice(0, 200) : ''
}

/** The words that must be found, each of them. */
export function searchWords(q: string): string[] {
  return q.split(/\s+/).filter(Boolean).slice(0, 8)
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
  const where = conditions(list, scope, params)
  const [found, total] = await Promise.all([rowsAt<Row, Filter>(list, scope, params, where), count(list, scope, where)])
  const { rows, cursor } = found
  const backwards = cursor?.direction === 'before'
  const more = rows.length > PAGE_SIZE
  const shown = rows.slice(0, PAGE_SIZE)
  if (backwards) shown.reverse()
  const shownParams = { ...params, cursor }
  const href: ListPage<Row>['href'] = (changes) => hrefOf(list, shownParams, changes)
  const at = (row: Row | undefined, direction: Cursor['direction']) =>
    row ? href({ cursor: writeCursor(list, params.sort, row, direction) }) : null
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
  return { rows: await scope.db.query<Row>(pageAt(list, { ...params, cursor: null }, where)), cursor: null }
}

/** All conditions of the list but the cursor's. */
function conditions<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  params: ListParams<z.output<Filter>>,
): Sql {
  const asked = list.where(params.filters, scope).filter((condition): condition is Sql => Boolean(condition))
  const all = [...asked, ...found(list, params.q)]
  return all.length > 0 ? join(all, ' AND ') : sql`TRUE`
}

/**
 * Every word must be found. What looks like a telephone number, over several words too ("030 / 123 45"), is also looked for by its digits,
 * however the number was written.
 */
export function found({ search, phone }: Searchable, q: string): Sql[] {
  const byText = (word: string) => search(sql`search_pattern(${word})`, word)
  const byDigits = (text: string) => {
    const digits = searchableDigits(text)
    return phone && digits ? [phone(sql`${`%${digits}%`}`)] : []
  }
  return phoneRuns(searchWords(q)).map((run) => {
    const each = run.map((word) => sql`(${join([byText(word), ...(run.length === 1 ? [] : byDigits(word))], ' OR ')})`)
    return sql`(${join([sql`(${join(each, ' AND ')})`, ...byDigits(run.join(' '))], ' OR ')})`
  })
}

/** A page of rows, one more than it shows. */
function pageAt<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  params: ListParams<z.output<Filter>>,
  where: Sql,
): Sql {
  const { cursor } = params
  const source: Source = { ...list, where }
  const backwards = cursor?.direction === 'before'
  const descending = params.sort.startsWith('-') !== backwards
  return pageStatement(source, sortOf(list, params.sort), {
    place: cursor,
    descending,
    backwards,
    limit: PAGE_SIZE + 1,
  })
}

interface KnownCount {
  count: number
  at: number
}
const counts = new Map<string, KnownCount>()

/**
 * Up to a thousand rows are counted each time. Beyond that the count is for orientation, and may be half a minute old: counting ten thousand
 * rows for every page shown would cost more than the page.
 */
async function count<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  where: Sql,
): Promise<{ count: number; more: boolean }> {
  const counted = sql`SELECT count(*)::int AS count FROM (SELECT FROM ${list.countFrom ?? list.from} WHERE ${where} LIMIT ${COUNT_BOUND + 1}) AS counted`
  const key = JSON.stringify([counted.text, counted.values])
  const known = counts.get(key)
  if (known && Date.now() - known.at < COUNT_KEPT_MS) return bounded(known.count)
  counts.delete(key)
  const [row] = await scope.db.query<{ count: number }>(counted)
  const found = row?.count ?? 0
  if (found > LIVE_COUNT_BOUND) {
    if (counts.size >= 1_000) counts.delete(counts.keys().next().value as string)
    counts.set(key, { count: found, at: Date.now() })
  }
  return bounded(found)
}

function bounded(found: number): { count: number; more: boolean } {
  return found > COUNT_BOUND ? { count: COUNT_BOUND, more: true } : { count: found, more: false }
}

function sortOf<Filter extends z.ZodObject>(list: ListDefinition<Filter>, name: string): Sort {
  const sort = list.sorts[name.replace(/^-/, '')]
  if (!sort) throw new Error(`the list has no sort "${name}"`)
  return sort
}

function writeCursor<Row, Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  sort: string,
  row: Row,
  direction: Cursor['direction'],
): string {
  const record = row as Record<string, unknown>
  const values = sortOf(list, sort).by.map((_, index) => record[`cursor${index}`] ?? null)
  return Buffer.from(JSON.stringify([direction === 'after' ? 1 : 0, record.id, ...values])).toString('base64url')
}

function readCursor<Filter extends z.ZodObject>(
  query: Readonly<Record<string, unknown>>,
  list: ListDefinition<Filter>,
  sort: string,
): Cursor | null {
  if (typeof query.cursor !== 'string' || query.cursor.length > 2_000) return null
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(query.cursor, 'base64url').toString('utf8'))
  } catch {
    // Not one of ours: the first page.
    return null
  }
  if (!Array.isArray(parts)) return null
  const [direction, id, ...values] = parts as unknown[]
  const { by: expressions, empty } = sortOf(list, sort)
  const isValue = (value: unknown) =>
    (typeof value === 'string' && !value.includes('\0')) || (empty !== null && value === null)
  if (values.length !== expressions.length || !values.every(isValue)) return null
  if (!Number.isSafeInteger(id) || Math.abs(id as number) > 2_147_483_647) return null
  return {
    direction: direction === 1 ? 'after' : 'before',
    sort,
    values: values as (string | null)[],
    id: id as number,
  }
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
