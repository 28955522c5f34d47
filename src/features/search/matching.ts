import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { hasTrigrams, rarePattern } from '../../platform/list-trigrams.ts'
import type { Given } from './given.ts'
import type { Source } from './sources.ts'

/** Asked row by row, of what stands in it alone. */
export function ofItself({ alias, phone }: Source) {
  return { search: (pattern: Sql) => sql`${raw(alias)}.search_text LIKE ${pattern}`, phone }
}

/** Asked row by row, of a few. OFFSET 0: of what each row itself belongs to, never of all clients ahead. */
export function walked({ alias, parents, phone }: Source) {
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

/**
 * Asked of an index, which reads all of itself for a pattern without three letters or digits in a row. As `containing`, but in the same form for all
 * words: each other form of a search is another statement to be planned and kept.
 */
export function lookedUp(text: Sql, word: string, given: Given): Sql {
  if (!hasTrigrams(word)) return has(text, word, given)
  const rare = sql`coalesce(${rarePattern(word)}::text, search_pattern(${word}))`
  return sql`(${text} LIKE ${given(rare)} AND ${has(text, word, given)})`
}

/** Asked of each row. */
export function has(text: Sql, word: string, given: Given): Sql {
  return sql`(${text} || '') LIKE ${given(sql`search_pattern(${word})`)}`
}

/** What has the word at the beginning of one of its own. */
export function startsWord(text: Sql, word: string, given: Given): Sql {
  const start = sql`substr(search_pattern(${word}), 2)`
  return sql`(${text} LIKE ${given(start)} OR ${text} LIKE ${given(sql`'% ' || ${start}`)})`
}
