import type { Sql } from 'sql-template-tag'
import { z } from 'zod'
import { RuleViolation } from '../errors.ts'
import type { List } from '../list.ts'
import { CURSOR_LENGTH } from '../list-cursor.ts'
import type { Scope } from '../scope.ts'
import { operation } from './operation.ts'
import type { Operation } from './operation.ts'

const LIMIT = 50
const MOST = 200

/** A page of records, and where its neighbours are. `name` is the document's for it: "LeadPage". */
export function pageOf<Record extends z.ZodObject>(record: Record, name: string) {
  return z
    .object({
      data: z.array(record),
      next: z.string().nullable().meta({ description: 'The `cursor` of the next page; null on the last.' }),
      previous: z.string().nullable().meta({ description: 'The `cursor` of the page before; null on the first.' }),
    })
    .meta({ title: name })
}

interface Listing<Row, Filter extends z.ZodObject, Record extends z.ZodObject> {
  path: string
  id: string
  area: string
  summary: string
  description?: string
  list: Pick<List<Row, Filter>, 'filter' | 'sorts' | 'defaultSort' | 'parse' | 'slice'>
  /** The columns that `present` needs, under the aliases of the list's FROM; the list's own unless given. */
  columns?: Sql
  /** The schema of one record, and the name of a page of them. */
  record: Record
  name: string
  /** A row as it is read, in `record`'s shape. */
  present(row: never, scope: Scope): z.input<Record>
}

/**
 * A list as the page has it: its filters, its search, its sorts, its keyset cursor, its reader's scope. Where the page takes nonsense for nothing
 * asked, a program is told.
 */
export function listing<Row, Filter extends z.ZodObject, Record extends z.ZodObject>({
  list,
  columns,
  record,
  name,
  present,
  ...declared
}: Listing<Row, Filter, Record>): Operation {
  const sorts = Object.keys(list.sorts).flatMap((sort) => [sort, `-${sort}`])
  return operation({
    ...declared,
    method: 'get',
    query: list.filter.partial().extend({
      q: z.string().max(200).optional().meta({ description: 'Text to find: every word of it.' }),
      sort: z
        .enum(sorts as [string, ...string[]])
        .optional()
        .meta({
          description: `What to sort by; with a minus in front descending. \`${list.defaultSort}\` unless given.`,
        }),
      limit: z
        .int()
        .min(1)
        .max(MOST)
        .optional()
        .meta({ description: `How many at most; ${LIMIT} unless given.` }),
      cursor: z
        .string()
        .max(CURSOR_LENGTH)
        .optional()
        .meta({ description: '`next` or `previous` of a page of the same list.' }),
    }),
    answer: pageOf(record, name),
    run: async (scope, { query }) => {
      const { q, sort, limit, cursor, ...filters } = query as { [name: string]: unknown } & {
        limit?: number
        sort?: string
      }
      const place = list.parse({ sort, cursor }).cursor
      if (cursor !== undefined && place === null) throw new RuleViolation('errors.cursor', 'cursor')
      const params = list.parse({ q, sort })
      const asked = { ...params, filters: filters as typeof params.filters, cursor: place }
      const { rows, next, previous } = await list.slice(scope, asked, { limit: limit ?? LIMIT, columns })
      return { data: rows.map((row) => present(row as never, scope)), next, previous }
    },
  })
}
