import sql, { empty, join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import { found } from '../../platform/list.ts'
import type { Searchable } from '../../platform/list.ts'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import type { CommunicationType } from '../communications/schema.ts'
import type { ClientStatus } from '../clients/schema.ts'
import type { DealStatus } from '../deals/schema.ts'
import type { LeadStatus } from '../leads/schema.ts'
import { visible } from '../users/access.ts'
import { misspellings } from './misspellings.ts'
import type { Misspelling } from './misspellings.ts'
import { KINDS } from './schema.ts'
import type { Asked, Kind } from './schema.ts'
import { clientsOf, sourcesFor } from './sources.ts'
import type { Source } from './sources.ts'

export interface Hits {
  clients: {
    id: number
    name: string
    email: string | null
    phone: string | null
    website: string | null
    contactPerson: string | null
    status: ClientStatus
  }
  contacts: {
    id: number
    name: string
    clientName: string
    title: string | null
    department: string | null
    email: string | null
    phone: string | null
    mobile: string | null
  }
  leads: {
    id: number
    name: string
    companyName: string | null
    title: string | null
    email: string | null
    phone: string | null
    status: LeadStatus
  }
  deals: {
    id: number
    name: string
    clientName: string | null
    stage: string
    stageName: string | null
    status: DealStatus
    value: string | null
    currencyCode: string
    /** When it was closed, or is expected to be. */
    closeDate: CalendarDay | null
  }
  communications: {
    id: number
    /** The subject. */
    name: string | null
    type: CommunicationType
    content: string | null
    date: Date
    contactName: string
    clientName: string
  }
}

export type Groups = { [K in Kind]: Group<K> }

export interface Group<K extends Kind = Kind> {
  /** The best of them first. */
  rows: Hits[K][]
  /** Exact up to COUNT_BOUND; beyond it, one more. */
  count: number
}

export interface Found {
  groups: Groups
  /** Of all kinds; bounded as their counts are. */
  count: number
  /** Nothing has these words; what is shown has words one slip of the finger away. */
  isNear: boolean
}

export const COUNT_BOUND = 100
/** So many of the newest records are gone through, whatever is looked for: a frequent word is met among them, and needs no index. */
const WALKED = 1_000
/** Of the records whose name begins with what was typed. */
const NAMED = 30
/** Of what the indexes find: what a frequent word finds beyond them is not looked at, and so not ranked. */
const GATHERED = 500

/**
 * The best `limit` records of each kind that have all of the words, and how many there are. When none has them, those that have them but for one
 * slip in one word: a second statement.
 */
export async function search(scope: Scope, asked: Asked, limit: number): Promise<Found> {
  const exact = await groups(scope, (source, kind) => exactly(scope, source, kind, asked), asked, limit)
  if (exact.count > 0) return { ...exact, isNear: false }
  const slips = misspellings(asked.words)
  if (slips.length === 0) return { ...exact, isNear: false }
  const near = await groups(scope, (source, kind) => nearly(scope, source, kind, slips), asked, limit)
  return { ...near, isNear: near.count > 0 }
}

async function groups(
  scope: Scope,
  idsOf: (source: Source, kind: Kind) => Sql,
  asked: Asked,
  limit: number,
): Promise<Omit<Found, 'isNear'>> {
  // The same word twice is asked twice, but gathered once.
  const clients = clientsOf([...new Set(asked.words)])
  const sources = sourcesFor([...new Set(asked.words)])
  const parts = KINDS.map((kind) => {
    const source = sources[kind]
    return sql`(${group(source, idsOf(source, kind), rank(source, asked), limit)}) AS ${raw(kind)}`
  })
  const [row] = await scope.db.query<Groups>(
    sql`${clients.length > 0 ? sql`WITH ${join(clients)}` : empty} SELECT ${join(parts)}`,
  )
  if (!row) throw new Error('a SELECT without FROM has one row')
  // JSON knows no dates.
  for (const hit of row.communications.rows) hit.date = new Date(hit.date)
  return { groups: row, count: KINDS.reduce((sum, kind) => sum + row[kind].count, 0) }
}

/** `ids` has a WITH that ends in `ids`. */
function group({ table, alias, columns, joins, newer }: Source, ids: Sql, rank: Sql, limit: number): Sql {
  const as = raw(alias)
  const id = raw(`${alias}.id`)
  const best = sql`SELECT ${id}, ${rank} AS rank FROM ${table} ${as} WHERE ${id} IN (SELECT id FROM ids) ORDER BY rank, ${newer} LIMIT ${limit}`
  const rows = sql`SELECT ${columns} FROM (${best}) AS best JOIN ${table} ${as} ON ${id} = best.id ${joins} ORDER BY best.rank, ${newer}`
  return sql`${ids}
    SELECT json_build_object('count', (SELECT least(count(*), ${COUNT_BOUND + 1}) FROM ids), 'rows', ${rowsAsJson(rows)})`
}

/**
 * The ids of what has all the words: from the newest records, from those whose name begins with what was typed, and, unless the newest have
 * plenty, from wherever the indexes lead. Each part is bounded, so that a frequent word costs no more than a rare one. What is gathered is planned
 * as if all of it were wanted (a CTE is), which keeps the planner to the indexes, and read only as far as it is.
 */
function exactly(scope: Scope, source: Source, kind: Kind, { q, words, index }: Asked): Sql {
  const { table, alias, active, newer, looked, walked } = source
  const as = raw(alias)
  const id = raw(`${alias}.id`)
  const seen = visible(scope, kind, alias)
  const every = (how: Searchable) => join([...found(how, q), seen], ' AND ')
  const gathered =
    index === 'none'
      ? sql`SELECT NULL::int AS id WHERE FALSE`
      : sql`SELECT ${id} FROM ${table} ${as} WHERE (SELECT count(*) FROM newest) <= ${COUNT_BOUND} AND ${active}
          AND ${every(index === 'starts' ? beginning(source) : looked)}`
  return sql`
    WITH newest AS MATERIALIZED (
      SELECT ${id} FROM (SELECT * FROM ${table} ${as} WHERE ${active} ORDER BY ${newer} LIMIT ${WALKED}) AS ${as} WHERE ${every(walked)}),
    named AS (
      SELECT ${id} FROM ${table} ${as} WHERE ${active} AND left(${as}.search_text, 60) LIKE ${beginsWith(words)} AND ${every(walked)}
      ORDER BY left(${as}.search_text, 60) USING ~<~ LIMIT ${NAMED}),
    gathered AS MATERIALIZED (${gathered}),
    ids AS MATERIALIZED (
      SELECT id FROM newest UNION SELECT id FROM named UNION (SELECT id FROM gathered LIMIT ${GATHERED}))`
}

/** The ids of what has all the words but for one slip in one of them. */
function nearly(scope: Scope, { table, alias, active, near }: Source, kind: Kind, slips: readonly Misspelling[]): Sql {
  const ways = slips.map(({ patterns, others }) => {
    const rest = others.map((word) => sql`${near} LIKE search_pattern(${word})`)
    return sql`(${join([sql`${near} LIKE ANY (${patterns}::text[])`, ...rest], ' AND ')})`
  })
  return sql`
    WITH gathered AS MATERIALIZED (
      SELECT ${raw(`${alias}.id`)} FROM ${table} ${raw(alias)}
      WHERE ${active} AND (${join(ways, ' OR ')}) AND ${visible(scope, kind, alias)}),
    ids AS MATERIALIZED (SELECT id FROM gathered LIMIT ${COUNT_BOUND + 1})`
}

/** Exact name, beginning of the name, beginnings of words, anywhere in the record, in what it belongs to: 0 to 4. */
function rank({ alias, names }: Source, { words }: Asked): Sql {
  const text = raw(`${alias}.search_text`)
  const whole = words.join(' ')
  const start = join(
    words.map((word) => startsWord(text, sql`search_pattern(${word})`)),
    ' AND ',
  )
  const anywhere = join(
    words.map((word) => sql`${text} LIKE search_pattern(${word})`),
    ' AND ',
  )
  // Folding never shortens a text, and costs more than all the rest: what is too long needs none.
  const exact = join(
    names.map(
      (name) =>
        sql`(length(${name}) <= length(search_fold(${whole})) AND search_fold(${name}) = search_fold(${whole}))`,
    ),
    ' OR ',
  )
  return sql`CASE WHEN ${start} THEN CASE WHEN ${exact} THEN 0 WHEN ${text} LIKE ${beginsWith(words)} THEN 1 ELSE 2 END
    WHEN ${anywhere} THEN 3 ELSE 4 END`
}

/** What the own text has at the beginning of a word; the text of what a record belongs to is left to the newest. */
function beginning({ alias, looked }: Source): Searchable {
  return { ...looked, search: (pattern) => startsWord(raw(`${alias}.search_text`), pattern) }
}

function startsWord(text: Sql, pattern: Sql): Sql {
  return sql`(${text} LIKE substr(${pattern}, 2) OR ${text} LIKE '% ' || substr(${pattern}, 2))`
}

/** The pattern of a text that begins with these words, as they were typed. */
function beginsWith(words: readonly string[]): Sql {
  return sql`substr(search_pattern(${words.join(' ')}), 2)`
}
