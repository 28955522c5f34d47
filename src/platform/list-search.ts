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

/**
 * The words that must be found, each of them, without the marks that people set between words and around them: "Berg, Jean" and (forklifts) are
 * searched for as their words. Marks within a word are its own, as in O'Brien, 1,5 or a@b.example; a search for marks alone means them.
 */
export function searchWords(q: string): string[] {
  const typed = q.split(/\s+/).filter(Boolean)
  const words = typed.flatMap((word) => word.split(BETWEEN)).map((word) => word.replace(AROUND, ''))
  const known = words.filter(Boolean)
  return (known.length > 0 ? known : typed).slice(0, 8)
}

/** A comma between figures is a number's. */
const BETWEEN = /(?<!\p{N})[,;]|[,;](?!\p{N})|[،؛、，；]/u
/** Brackets, quotation marks, and what ends a sentence but the full stop, which ends "Inc." and "S.A." too. */
const MARKS = String.raw`[\p{Ps}\p{Pe}\p{Pi}\p{Pf}"',;:!?¡¿؟。：！？]+`
const AROUND = new RegExp(`^${MARKS}|${MARKS}$`, 'gu')

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
