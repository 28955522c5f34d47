import type { Sql } from 'sql-template-tag'
import type { z } from 'zod'
import type { CsvColumn } from './csv.ts'
import type { Cursor } from './list-cursor.ts'
import type { Sort } from './list-order.ts'
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

export interface ListParams<Filters = Record<string, unknown>> {
  q: string
  sort: string
  filters: Partial<Filters>
  cursor: Cursor | null
}
