import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { rarePattern } from './list-trigrams.ts'
import { phoneRuns, searchableDigits } from './phone.ts'

/** How a row is searched. */
export interface Searchable {
  /** `word`: what `pattern` stands for, as it was typed. */
  search(pattern: Sql, word: string): Sql
  phone?: ((pattern: Sql) => Sql) | undefined
}

/** What a query string asks to search for; '' when that is nothing. */
export function searchOf(given: unknown): string {
  return typeof given === 'string' ? given.replaceAll('\0', '').toWellFormed().trim().slice(0, 200) : ''
}

/** The words that must be found, each of them. */
export function searchWords(q: string): string[] {
  return q.split(/\s+/).filter(Boolean).slice(0, 8)
}

/**
 * Every word must be found. What looks like a telephone number, over several words too ("030 / 123 45"), is also looked for by its digits,
 * however the number was written. `given` says how the statement is told of each pattern, which it makes once.
 */
export function found(
  { search, phone }: Searchable,
  q: string,
  given: (pattern: Sql) => Sql = (pattern) => pattern,
): Sql[] {
  const byText = (word: string) => search(given(sql`search_pattern(${word})`), word)
  const byDigits = (text: string) => {
    const digits = searchableDigits(text)
    return phone && digits ? [phone(given(sql`${`%${digits}%`}::text`))] : []
  }
  return phoneRuns(searchWords(q)).map((run) => {
    const each = run.map((word) => sql`(${join([byText(word), ...(run.length === 1 ? [] : byDigits(word))], ' OR ')})`)
    return sql`(${join([sql`(${join(each, ' AND ')})`, ...byDigits(run.join(' '))], ' OR ')})`
  })
}

/**
 * Whether `text` has the word that `pattern` stands for, for an index of trigrams to look up: it is asked for the rarest letters of the word alone, and
 * only what has these is compared with all of it.
 */
export function containing(text: Sql, pattern: Sql, word: string): Sql {
  const rare = rarePattern(word)
  return rare ? sql`(${text} LIKE ${rare}::text AND (${text} || '') LIKE ${pattern})` : sql`${text} LIKE ${pattern}`
}
