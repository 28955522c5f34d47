import sql, { empty, join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { z } from 'zod'
import { COUNT_BOUND, SEARCH_COUNT_BOUND, countedUpTo } from './list-count.ts'
import type { ListDefinition, ListParams } from './list-definition.ts'
import { pageStatement, sortNamed } from './list-order.ts'
import type { Source } from './list-order.ts'
import { found, searchWords } from './list-search.ts'
import { hasTrigrams } from './list-trigrams.ts'
import type { Scope } from './scope.ts'

/** The first rows of a list tell how frequent a word is; a page of what has a frequent one is met by going through the next, too. */
const SAMPLE = 200
const FREQUENT = 4
const WALKED = 3_000

/** All conditions of the list but the cursor's. */
export function conditions<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  params: ListParams<z.output<Filter>>,
): Sql {
  const search = searched(list, params)
  return search ? sql`${filtered(list, scope, params)} AND ${search.gathered}` : filtered(list, scope, params)
}

/** All conditions but the cursor's, and what is searched for or rare. */
export function filtered<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  { filters }: ListParams<z.output<Filter>>,
): Sql {
  const conditions = asked(list.where(filters, scope))
  return conditions.length > 0 ? join(conditions, ' AND ') : sql`TRUE`
}

/** A page of rows, one more than are shown, of a search with what it has `gathered`. `where`: all conditions but what is searched for. */
export function pageAt<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  params: ListParams<z.output<Filter>>,
  where: Sql,
  shown: number,
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
    is_rare AS MATERIALIZED (SELECT (SELECT count(*) FROM walked) <= ${shown} AS yes),
    candidates AS MATERIALIZED (
      SELECT id FROM walked
      UNION SELECT ${list.key} FROM ${list.countFrom ?? list.from} WHERE (SELECT yes FROM is_rare) AND ${where} AND ${search.gathered})
    SELECT *, (SELECT CASE WHEN yes THEN (SELECT count(*)::int FROM candidates) END FROM is_rare) AS gathered
    FROM (${page({ ...list, where: candidates }, shown + 1)}) AS page`
}

interface Searched {
  gathered: Sql
  walked: Sql
}

/**
 * What is searched for (and what is `rare`), as a condition for indexes and as one for going through rows; null when there is nothing. No plan is good
 * for both: the rows with a rare word are few, and looked up and sorted; a page of those with a frequent one is soon met in any order. How frequent a
 * word is cannot be told from statistics where it may be another record's.
 */
export function searched<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  { q, filters }: ListParams<z.output<Filter>>,
): Searched | null {
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
  const indexed = words.filter(hasTrigrams)
  const sets = indexed.length > 0 ? indexed : words
  const ids = sets.map((word) => sql`(${finds(sql`search_pattern(${word})`, word)})`)
  const others = words.filter((word) => !sets.includes(word))
  return [sql`${list.key} = ANY (ARRAY(${join(ids, ' INTERSECT ')}))`, ...found(list, others.join(' '))]
}

function asked(conditions: readonly (Sql | false | undefined)[]): Sql[] {
  return conditions.filter((condition): condition is Sql => Boolean(condition))
}

/** How many rows there are on all pages, as far as that is told; asked apart from the page. */
export function count<Filter extends z.ZodObject>(
  list: ListDefinition<Filter>,
  scope: Scope,
  where: Sql,
  search: Searched | null,
): Promise<{ count: number; more: boolean }> {
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
