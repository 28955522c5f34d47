import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { number } from '../../platform/database/number.ts'
import { found, tellingPart } from '../../platform/list-search.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'
import type { Given } from './given.ts'
import type { Misspelling } from './misspellings.ts'
import { hasTrigrams } from './schema.ts'
import type { Asked, Kind } from './schema.ts'
import type { Source } from './sources.ts'

export const COUNT_BOUND = 50
/** How many of the newest, of each kind, tell a frequent word from a rare one, and how many of those a frequent one has. */
const SAMPLE = 200
const FREQUENT = 8
/** How far what is next newest is gone through for a frequent word, and for what no index finds within words. */
const WALKED = 4_000
const WALKED_FOR_SHORT = 1_000
/** Of the records whose name begins with what was typed: so many that the reader sees, among the first of all. */
const NAMED = 30
const ALPHABETICAL = 300
/** Of what each index finds: what a word finds beyond them is not looked at, and so not ranked. */
const GATHERED = 200
/** Of what has one of several words: gone through for the others. */
const CANDIDATES = 400
/** Of several words, those that candidates are looked for by: each costs a look into each index. */
const DRIVERS = 2
/** Comparing a text with all slips of a word costs dozens of times as much. */
const NEAR_SAMPLE = 100
const NEAR_FREQUENT = 4
const NEAR_WALKED = 1_500

/** What of a kind is looked for, through which statement. */
export interface Search {
  scope: Scope
  kind: Kind
  source: Source
  given: Given
}

/**
 * The ids of what has all the words: from the newest records, from those whose name begins with what was typed, and, unless those have plenty, from
 * wherever the indexes lead. The newest few tell how frequent the words are: only frequent ones are worth going on through the next newest, and
 * only rare ones are looked up, as an index gives all that it has before the first. Each part is bounded, so that neither costs much.
 */
export function exactly(search: Search, asked: Asked): Sql {
  const { scope, kind, source, given } = search
  const { table, alias, active } = source
  const { words, index } = asked
  const as = raw(alias)
  const every = sql`${join(found(walked(source), asked.q, given), ' AND ')} AND ${visible(scope, kind, alias)}`
  const start = sql`left(${as}.search_text, 60)`
  const whole = sql`search_fold(${words.join(' ')})`
  return sql`
    WITH ${newest(source, every, {
      sample: SAMPLE,
      frequent: index === 'anywhere' ? FREQUENT : 0,
      walked: index === 'anywhere' ? WALKED : WALKED_FOR_SHORT,
    })},
    named AS (
      SELECT ${as}.id FROM (
        SELECT * FROM ${table} ${as} WHERE ${active} AND ${start} ~>=~ ${given(whole)} AND ${start} ~<~ ${given(sql`${whole} || chr(1114111)`)}
        ORDER BY ${start} USING ~<~ LIMIT ${number(ALPHABETICAL)}) AS ${as}
      WHERE ${every} LIMIT ${number(NAMED)}),
    ${join(gathered(search, asked, every))},
    ids AS MATERIALIZED (
      SELECT id FROM sample UNION SELECT id FROM next UNION SELECT id FROM named
      UNION ${join(
        gathered(search, asked, every).map(
          (_, way) => sql`(SELECT id FROM ${raw(`gathered${way}`)} LIMIT ${number(GATHERED)})`,
        ),
        ' UNION ',
      )})`
}

/** The ids of what has all the words but for one slip in one of them. */
export function nearly({ scope, kind, source, given }: Search, slips: readonly Misspelling[]): Sql {
  const { table, alias, active, near } = source
  const ways = slips.map(({ patterns, others }) => {
    const rest = others.map((word) => sql`${near} LIKE ${given(sql`search_pattern(${word})`)}`)
    return sql`(${join([sql`${near} LIKE ANY (${given(sql`${patterns}::text[]`)}::text[])`, ...rest], ' AND ')})`
  })
  const every = sql`(${join(ways, ' OR ')}) AND ${visible(scope, kind, alias)}`
  const bounds = { sample: NEAR_SAMPLE, frequent: NEAR_FREQUENT, walked: NEAR_WALKED }
  return sql`
    WITH ${newest(source, every, bounds)},
    gathered AS MATERIALIZED (
      SELECT ${raw(`${alias}.id`)} FROM ${table} ${raw(alias)} WHERE ${isMissing} AND ${active} AND ${every}),
    ids AS MATERIALIZED (
      SELECT id FROM sample UNION SELECT id FROM next UNION (SELECT id FROM gathered LIMIT ${number(COUNT_BOUND + 1)}))`
}

/** `sample` and `next`, one behind the other in the order of time; the second only while it is worthwhile. */
function newest(
  { table, alias, active, newer }: Source,
  every: Sql,
  bounds: { sample: number; frequent: number; walked: number },
): Sql {
  const as = raw(alias)
  const stretch = (condition: Sql, from: number, to: number) => sql`
      SELECT ${as}.id FROM (
        SELECT * FROM ${table} ${as} WHERE ${active} AND ${condition} ORDER BY ${newer} OFFSET ${number(from)} LIMIT ${number(to - from)}) AS ${as}
      WHERE ${every}`
  const isWorthwhile = sql`(SELECT count(*) FROM sample) BETWEEN ${number(bounds.frequent)} AND ${number(COUNT_BOUND)}`
  return sql`sample AS MATERIALIZED (${stretch(sql`TRUE`, 0, bounds.sample)}),
    next AS MATERIALIZED (${stretch(isWorthwhile, bounds.sample, bounds.walked)} LIMIT ${number(COUNT_BOUND + 1)})`
}

const isMissing = sql`(SELECT count(*) FROM sample) + (SELECT count(*) FROM next) <= ${number(COUNT_BOUND)}`

/**
 * CTEs gathered0, gathered1, …: what the indexes find, each planned as if all of it were wanted (a materialized CTE is), which keeps the planner to
 * the indexes, and read only as far as it is. All words may be a record's own, or those of what it belongs to, or some of each: of the last, what
 * has one of the words is gone through for the others.
 */
function gathered(search: Search, asked: Asked, every: Sql): Sql[] {
  const { scope, kind, source, given } = search
  const { table, alias, active, parents } = source
  const as = raw(alias)
  const text = sql`${as}.search_text`
  const seen = visible(scope, kind, alias)
  const words = [...new Set(asked.words)]
  const rows = (condition: Sql) =>
    sql`SELECT ${as}.id FROM ${table} ${as} WHERE ${isMissing} AND ${active} AND ${condition}`
  if (asked.index === 'none') return [sql`gathered0 AS (SELECT NULL::int AS id WHERE FALSE)`]

  const own = {
    search: (_: Sql, word: string) =>
      asked.index === 'starts' ? startsWord(text, word, given) : contains(text, word, given),
    phone: source.phone,
  }
  const ways = [rows(sql`${join(found(own, asked.q, given), ' AND ')} AND ${seen}`)]
  if (asked.index === 'anywhere') {
    const candidates = (condition: Sql) =>
      sql`SELECT ${as}.id FROM (SELECT * FROM (${sql`SELECT ${as}.* FROM ${condition}`}) AS ${as} LIMIT ${number(CANDIDATES)}) AS ${as} WHERE ${every}`
    const through = (parent: (typeof parents)[number], of: readonly string[]) => sql`(
        SELECT id FROM ${raw(parent.table)} WHERE ${isMissing} AND ${join(
          of.map((word) => contains(sql`search_text`, word, given)),
          ' AND ',
        )} OFFSET 0) AS parents JOIN ${table} ${as} ON ${parent.column} = parents.id WHERE ${active}`
    ways.push(...parents.map((parent) => sql`SELECT ${as}.id FROM ${through(parent, words)} AND ${seen}`))
    if (words.length > 1 && parents.length > 0)
      for (const word of drivers(words)) {
        ways.push(
          candidates(sql`${table} ${as} WHERE ${isMissing} AND ${active} AND ${contains(text, word, given)}`),
          ...parents.map((parent) => candidates(through(parent, [word]))),
        )
      }
  }
  return ways.map((way, index) => sql`${raw(`gathered${index}`)} AS MATERIALIZED (${way})`)
}

/** What is likely to be rare among the words: a number, then a long one. */
function drivers(words: readonly string[]): string[] {
  const isNumber = (word: string) => Number(/\d/.test(word))
  return words
    .filter(hasTrigrams)
    .sort((a, b) => isNumber(b) - isNumber(a) || b.length - a.length)
    .slice(0, DRIVERS)
}

/** Asked row by row, of a few. OFFSET 0: of what each row itself belongs to, never of all clients ahead. */
function walked({ alias, parents, phone }: Source) {
  return {
    search: (pattern: Sql) =>
      join(
        [
          sql`${raw(alias)}.search_text LIKE ${pattern}`,
          ...parents.map(
            ({ table, column }) =>
              sql`EXISTS (SELECT FROM ${raw(table)} parent WHERE parent.id = ${column} AND parent.search_text LIKE ${pattern} OFFSET 0)`,
          ),
        ],
        ' OR ',
      ),
    phone,
  }
}

/** Asked of an index, which reads all of itself for a pattern without three letters or digits in a row. */
function contains(text: Sql, word: string, given: Given): Sql {
  const pattern = given(sql`search_pattern(${word})`)
  if (!hasTrigrams(word)) return sql`(${text} || '') LIKE ${pattern}`
  const part = tellingPart(word)
  return part
    ? sql`(${text} LIKE ${given(sql`search_pattern(${part})`)} AND (${text} || '') LIKE ${pattern})`
    : sql`${text} LIKE ${pattern}`
}

/** What has the word at the beginning of one of its own. */
export function startsWord(text: Sql, word: string, given: Given): Sql {
  const start = sql`substr(search_pattern(${word}), 2)`
  return sql`(${text} LIKE ${given(start)} OR ${text} LIKE ${given(sql`'% ' || ${start}`)})`
}
