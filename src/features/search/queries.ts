import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { number } from '../../platform/database/number.ts'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import type { CommunicationType } from '../communications/schema.ts'
import type { ClientStatus } from '../clients/schema.ts'
import type { DealStatus } from '../deals/schema.ts'
import type { LeadStatus } from '../leads/schema.ts'
import { exactly, nearly } from './finding.ts'
import { givenValues } from './given.ts'
import type { Given } from './given.ts'
import { misspellings } from './misspellings.ts'
import { startsWord } from './matching.ts'
import { COUNT_BOUND, KINDS } from './schema.ts'
import type { Asked, Kind } from './schema.ts'
import { SOURCES } from './sources.ts'
import type { Search, Source } from './sources.ts'

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

/** Of each kind. All searches ask for as many, so that they are one statement to PostgreSQL, whoever shows fewer. */
export const RANKED = 10
/** Statements are kept for searches of so many words, as nearly all are; each number of them is another statement. */
const WORDS_KEPT = 3

/**
 * The best `limit` (at most ten) records of each kind that have all of the words, and how many there are. When none has them, those that have them
 * but for one slip in one word: a second statement.
 */
export async function search(scope: Scope, asked: Asked, limit: number): Promise<Found> {
  const exact = await groups(scope, asked, (search) => exactly(search, asked), limit)
  if (exact.count > 0) return { ...exact, isNear: false }
  const slips = misspellings(asked.words)
  if (slips.length === 0) return { ...exact, isNear: false }
  const near = await groups(scope, asked, (search) => nearly(search, slips), limit)
  return { ...near, isNear: near.count > 0 }
}

async function groups(
  scope: Scope,
  asked: Asked,
  idsOf: (search: Search) => Sql,
  limit: number,
): Promise<Omit<Found, 'isNear'>> {
  const given = givenValues()
  const parts = KINDS.map((kind) => {
    const source = SOURCES[kind]
    return sql`(${group(source, idsOf({ scope, kind, source, given }), rank(source, asked, given))}) AS ${raw(kind)}`
  })
  const statement = sql`WITH ${given.all()} SELECT ${join(parts)}`
  const isKept = asked.words.length <= WORDS_KEPT
  const [row] = await (isKept ? scope.db.frequent<Groups>(statement) : scope.db.query<Groups>(statement))
  if (!row) throw new Error('a SELECT without FROM has one row')
  for (const kind of KINDS) row[kind].rows.splice(limit)
  // JSON knows no dates.
  for (const hit of row.communications.rows) hit.date = new Date(hit.date)
  return { groups: row, count: KINDS.reduce((sum, kind) => sum + row[kind].count, 0) }
}

/** `ids` has a WITH that ends in `ids`. */
function group({ table, alias, columns, joins, newer }: Source, ids: Sql, rank: Sql): Sql {
  const as = raw(alias)
  const id = raw(`${alias}.id`)
  const best = sql`SELECT ${id}, ${rank} AS rank FROM ${table} ${as} WHERE ${id} = ANY (ARRAY(SELECT id FROM ids)) ORDER BY rank, ${newer} LIMIT ${number(RANKED)}`
  const rows = sql`SELECT ${columns} FROM (${best}) AS best JOIN ${table} ${as} ON ${id} = best.id ${joins} ORDER BY best.rank, ${newer}`
  return sql`${ids}
    SELECT json_build_object('count', (SELECT least(count(*), ${number(COUNT_BOUND + 1)}) FROM ids), 'rows', ${rowsAsJson(rows)})`
}

/** Exact name, beginning of the name, beginnings of words, anywhere in the record, in what it belongs to: 0 to 4. */
function rank({ alias, names }: Source, { words, names: { typed, bare } }: Asked, given: Given): Sql {
  const text = raw(`${alias}.search_text`)
  const called = [typed, bare]
  const start = join(
    words.map((word) => startsWord(text, word, given)),
    ' AND ',
  )
  const anywhere = join(
    words.map((word) => sql`${text} LIKE ${given(sql`search_pattern(${word})`)}`),
    ' AND ',
  )
  // Folding never shortens a text, and costs more than all the rest: what is too long needs none.
  const exact = join(
    called
      .map((whole) => given(sql`search_fold(${whole}::text)`))
      .flatMap((folded) =>
        names.map(
          (name) => sql`(length(${name}) <= coalesce(length(${folded}), 0) AND search_fold(${name}) = ${folded})`,
        ),
      ),
    ' OR ',
  )
  const begins = join(
    called.map((whole) => sql`${text} LIKE ${given(sql`substr(search_pattern(${whole}::text), 2)`)}`),
    ' OR ',
  )
  return sql`CASE WHEN (${start} OR ${begins}) THEN CASE WHEN ${exact} THEN 0 WHEN ${begins} THEN 1 ELSE 2 END
    WHEN ${anywhere} THEN 3 ELSE 4 END`
}
