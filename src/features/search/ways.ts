import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { number } from '../../platform/database/number.ts'
import { found } from '../../platform/list-search.ts'
import { hasTrigrams } from '../../platform/list-trigrams.ts'
import { searchableDigits } from '../../platform/phone.ts'
import { visible } from '../users/access.ts'
import { has, lookedUp, startsWord } from './matching.ts'
import { COUNT_BOUND } from './schema.ts'
import type { Asked } from './schema.ts'
import type { Parent, Search } from './sources.ts'

/** Of what has one of several words: gone through for the others. */
const CANDIDATES = 250
/** Of several words, those that candidates are looked for by: each costs a look into each index. */
const DRIVERS = 2

/** A way that an index leads to what is looked for, under the condition that there is not plenty of it yet. */
export type Way = (isMissing: Sql) => Sql

/**
 * CTEs gathered0, gathered1, …: what the ways lead to, one after the other, until there is plenty; the first, to what has the words itself, unless `enough`
 * of such are known, since these come before whatever is found by what it belongs to, however new. Each is planned as if all of it were wanted (a
 * materialized CTE is), which keeps the planner to the indexes, and read only as far as it is.
 */
export function gathered(ways: readonly Way[], enough: number): Sql {
  const plenty = number(COUNT_BOUND + 1)
  const areFewThemselves = sql`(SELECT count(*) FROM (
      SELECT id FROM newest WHERE "isWithin" UNION SELECT id FROM named) AS themselves) < ${number(enough)}`
  const ctes = ways.flatMap((way, index) => {
    const [before, rows] = [raw(`before${index}`), raw(`gathered${index}`)]
    const until =
      index === 0
        ? sql`SELECT id FROM newest UNION SELECT id FROM named`
        : sql`SELECT id FROM ${raw(`before${index - 1}`)} UNION (SELECT id FROM ${raw(`gathered${index - 1}`)} LIMIT ${plenty})`
    const areFew = sql`(SELECT count(*) FROM ${before}) < ${plenty}`
    return [
      sql`${before} AS MATERIALIZED (${until})`,
      sql`${rows} AS MATERIALIZED (${way(index === 0 ? sql`(${areFew} OR ${areFewThemselves})` : areFew)})`,
    ]
  })
  return join(ctes)
}

/**
 * All words may be a record's own, or those of what it belongs to, or some of each: of the last, what has one of the words is gone through for the
 * others: in the order in which they are shown.
 */
export function waysTo(search: Search, asked: Asked, every: Sql): Way[] {
  const { scope, kind, source, given } = search
  const { table, alias, active, parents } = source
  if (asked.index === 'none') return [() => sql`SELECT NULL::int AS id WHERE FALSE`]

  const as = raw(alias)
  const text = sql`${as}.search_text`
  const seen = visible(scope, kind, alias)
  const words = [...new Set(asked.words)]
  // A number may be one of two columns', and where there is one beside other words, the planner would ask an index for those instead.
  const hasNumber = source.phone !== undefined && words.some(isNumber)
  const own = {
    search: (_: Sql, word: string) => {
      if (asked.index === 'starts') return startsWord(text, word, given)
      return hasNumber && !isNumber(word) ? has(text, word, given) : lookedUp(text, word, given)
    },
    phone: source.phone,
  }
  const owns = join(found(own, asked.q, given), ' AND ')
  const ways: Way[] = [
    (isMissing) => sql`SELECT ${as}.id FROM ${table} ${as} WHERE ${isMissing} AND ${active} AND ${owns} AND ${seen}`,
  ]
  if (asked.index === 'starts') return ways

  const candidates = (from: Sql) =>
    sql`SELECT ${as}.id FROM (SELECT * FROM (SELECT ${as}.* FROM ${from}) AS ${as} LIMIT ${number(CANDIDATES)}) AS ${as} WHERE ${every}`
  const through = (parent: Parent, of: readonly string[], isMissing: Sql) => sql`(
      SELECT id FROM ${raw(parent.table)} WHERE ${isMissing} AND ${join(
        of.map((word) => lookedUp(sql`search_text`, word, given)),
        ' AND ',
      )} OFFSET 0) AS parents JOIN ${table} ${as} ON ${parent.column} = parents.id WHERE ${active}`
  for (const parent of parents)
    ways.push((isMissing) => sql`SELECT ${as}.id FROM ${through(parent, words, isMissing)} AND ${seen}`)
  if (words.length === 1 || parents.length === 0) return ways

  for (const word of drivers(words)) {
    ways.push((isMissing) =>
      candidates(sql`${table} ${as} WHERE ${isMissing} AND ${active} AND ${lookedUp(text, word, given)}`),
    )
    for (const parent of parents) ways.push((isMissing) => candidates(through(parent, [word], isMissing)))
  }
  return ways
}

/** What is likely to be rare among the words: a number, then a long one. */
function drivers(words: readonly string[]): string[] {
  const hasFigure = (word: string) => Number(/\d/.test(word))
  return words
    .filter(hasTrigrams)
    .sort((a, b) => hasFigure(b) - hasFigure(a) || b.length - a.length)
    .slice(0, DRIVERS)
}

function isNumber(word: string): boolean {
  return hasTrigrams(word) && searchableDigits(word) !== null
}
