import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { number } from '../../platform/database/number.ts'
import { found } from '../../platform/list-search.ts'
import { hasTrigrams } from '../../platform/list-trigrams.ts'
import { visible } from '../users/access.ts'
import { lookedUp, ofItself, walked } from './matching.ts'
import type { Misspelling } from './misspellings.ts'
import { newest } from './newest.ts'
import { COUNT_BOUND } from './schema.ts'
import type { Asked } from './schema.ts'
import type { Search, Source } from './sources.ts'
import { gathered, waysTo } from './ways.ts'

/**
 * How many of the newest, of each kind, tell a frequent word from a rare one, and how many of those a frequent one has: fewer where it stands in the
 * record itself, which is gone through several times as fast as what records belong to.
 */
const SAMPLE = 100
const FREQUENT = 4
const FREQUENT_WITHIN = 2
/** How far what is next newest is gone through for a frequent word, and for what no index finds within words. */
const WALKED = 4_000
const WALKED_FOR_SHORT = 1_000
/** Those whose name begins with what was typed are looked for among the first so many of all, in the order of the alphabet: the very name, then the newest. */
const ALPHABETICAL = 150
/** Names of more words are looked for in the order in which they were typed. */
const ORDERED = 3
/** Of what each index finds: what a word finds beyond them is not looked at, and so not ranked. */
const GATHERED = 150
/** Comparing a text with all slips of a word costs dozens of times as much. */
const NEAR_SAMPLE = 100
const NEAR_FREQUENT = 4
const NEAR_WALKED = 1_500
/** Of what has the words without a slip, and of what belongs to those. */
const NEAR_PARENTS = 100
const NEAR_BELONGING = 250

/**
 * The ids of what has all the words: from the newest records, from those whose name begins with what was typed, and, unless those are plenty, from
 * wherever the indexes lead. The newest few tell how frequent the words are: only frequent ones are worth going on through the next newest, and
 * only rare ones are looked up, as an index gives all that it has before the first. Each part is bounded, so that neither costs much.
 */
export function exactly(search: Search, asked: Asked): Sql {
  const { scope, kind, source, given } = search
  const { table, alias, active, newer } = source
  const { index } = asked
  const as = raw(alias)
  const seen = visible(scope, kind, alias)
  const within = sql`${join(found(ofItself(source), asked.q, given), ' AND ')}`
  const every = sql`${join(found(walked(source), asked.q, given), ' AND ')} AND ${seen}`
  const start = sql`left(${as}.search_text, 60)`
  // Folding never shortens a text: what begins with what was typed, and is no longer, is just that.
  const isAsShort = join(
    source.names.map((name) => sql`length(${name}) <= length(called.name)`),
    ' OR ',
  )
  const called = join(namesIn(source, asked).map((name) => sql`(${given(sql`search_fold(${name}::text)`)})`))
  const ways = waysTo(search, asked, every)
  const stretches =
    index === 'anywhere'
      ? [
          {
            condition: sql`${within} AND ${seen}`,
            frequent: FREQUENT_WITHIN,
            among: sql`"isWithin"`,
            walked: WALKED,
          },
          ...(source.parents.length > 0
            ? [{ condition: every, frequent: FREQUENT, among: sql`TRUE`, walked: WALKED }]
            : []),
        ]
      : [{ condition: every, frequent: 0, among: sql`TRUE`, walked: WALKED_FOR_SHORT }]
  return sql`
    WITH ${newest(source, { every, within }, SAMPLE, stretches)},
    named AS MATERIALIZED (
      SELECT ${as}.id FROM (VALUES ${called}) AS called (name) CROSS JOIN LATERAL (
        SELECT * FROM ${table} ${as} WHERE ${active} AND ${start} ~>=~ called.name AND ${start} ~<~ (called.name || chr(1114111))
        ORDER BY ${start} USING ~<~ LIMIT ${number(ALPHABETICAL)}) AS ${as}
      WHERE ${every} ORDER BY (${isAsShort}) DESC, ${newer} LIMIT ${number(COUNT_BOUND + 1)}),
    ${gathered(ways, index === 'anywhere' ? COUNT_BOUND + 1 : FREQUENT_WITHIN)},
    ids AS MATERIALIZED (
      SELECT id FROM newest UNION SELECT id FROM named
      UNION ${join(
        ways.map((_, index) => sql`(SELECT id FROM ${raw(`gathered${index}`)} LIMIT ${number(GATHERED)})`),
        ' UNION ',
      )})`
}

/**
 * What a record's text begins with if it is called by these words. People's begins with the first name, and the last one is as likely to be typed
 * first: so their words are also taken in each order that only begins elsewhere.
 */
function namesIn({ names }: Source, { words, names: { typed, bare } }: Asked): (string | null)[] {
  const orders = names.length > 1 && words.length <= ORDERED ? words.length : 1
  const turned = Array.from({ length: orders }, (_, from) => [...words.slice(from), ...words.slice(0, from)].join(' '))
  return [typed, bare, ...turned.slice(1)]
}

/**
 * The ids of what has all the words but for one slip in one of them: in its own name, with the others there too; or, where those are words of what it
 * belongs to, among a bounded number of what belongs to such.
 */
export function nearly({ scope, kind, source, given }: Search, slips: readonly Misspelling[]): Sql {
  const { table, alias, active, near, parents } = source
  const as = raw(alias)
  const seen = visible(scope, kind, alias)
  const hasSlip = ({ patterns }: Misspelling) => sql`${near} LIKE ANY (${given(sql`${patterns}::text[]`)}::text[])`
  const inName = (word: string) => sql`${near} LIKE ${given(sql`search_pattern(${word})`)}`
  const somewhere = (word: string) => sql`(${walked(source).search(given(sql`search_pattern(${word})`))})`
  const reading = (has: (word: string) => Sql) =>
    join(
      slips.map((slip) => sql`(${join([hasSlip(slip), ...slip.others.map(has)], ' AND ')})`),
      ' OR ',
    )
  const every = sql`(${reading(somewhere)}) AND ${seen}`
  const stretch = { condition: every, frequent: NEAR_FREQUENT, among: sql`TRUE`, walked: NEAR_WALKED }
  const belonging = parents.flatMap((parent) =>
    slips.flatMap((slip) => {
      const known = slip.others.filter(hasTrigrams)
      if (known.length === 0) return []
      const named = known.map((word) => lookedUp(sql`search_text`, word, given))
      return [
        sql`(SELECT ${as}.id FROM (
          SELECT ${as}.* FROM (SELECT id FROM ${raw(parent.table)} WHERE ${join(named, ' AND ')} LIMIT ${number(NEAR_PARENTS)}) AS parents
            JOIN ${table} ${as} ON ${parent.column} = parents.id
          WHERE (SELECT count(*) FROM newest) <= ${number(COUNT_BOUND)} AND ${active} LIMIT ${number(NEAR_BELONGING)}) AS ${as}
        WHERE ${every})`,
      ]
    }),
  )
  return sql`
    WITH ${newest(source, { every, within: sql`TRUE` }, NEAR_SAMPLE, [stretch])},
    gathered AS MATERIALIZED (
      SELECT ${as}.id FROM ${table} ${as}
      WHERE (SELECT count(*) FROM newest) <= ${number(COUNT_BOUND)} AND ${active} AND (${reading(inName)}) AND ${seen}),
    ids AS MATERIALIZED (
      SELECT id FROM newest UNION (SELECT id FROM gathered LIMIT ${number(COUNT_BOUND + 1)})${join(
        [sql``, ...belonging],
        ' UNION ',
      )})`
}
