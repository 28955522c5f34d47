import { fold } from './marking.ts'

/** One word of a search read as misspelt, the others as they were typed. */
export interface Misspelling {
  /** LIKE patterns of words one slip away: a letter wrong, missing, too many, or two swapped. */
  patterns: string[]
  /** The same for marking them in a folded text. */
  marks: RegExp[]
  others: string[]
}

/** In shorter words nearly everything is one slip away from something. */
const SHORTEST = 4
const LONGEST = 20
/** Of a longer search, the longest words: each costs dozens of patterns. */
const WORDS_TRIED = 2

/**
 * The ways to read these words with one slip in one of them. Patterns in place of a measure of likeness: an index answers each of them, and "one
 * slip" means the same for short words and long ones. A word is compared where words begin.
 */
export function misspellings(words: readonly string[]): Misspelling[] {
  const folded = words.map(fold)
  return folded
    .map((word, index) => ({ letters: [...word], index }))
    .filter(
      ({ letters }) =>
        letters.length >= SHORTEST && letters.length <= LONGEST && letters.every((one) => /\p{L}/u.test(one)),
    )
    .sort((a, b) => b.letters.length - a.letters.length)
    .slice(0, WORDS_TRIED)
    .map(({ letters, index }) => {
      const near = slips(letters)
      return {
        patterns: near.flatMap((word) => [`${word}%`, `% ${word}%`]),
        marks: near.map((word) => new RegExp(`(?<!\\S)${word.replaceAll('_', '\\p{L}')}`, 'u')),
        others: words.filter((_, other) => other !== index),
      }
    })
}

/** "_" stands for any one letter. */
function slips(letters: readonly string[]): string[] {
  const at = (place: number, letter: string, skipped: number) =>
    [...letters.slice(0, place), letter, ...letters.slice(place + skipped)].join('')
  const found = letters.flatMap((letter, place) => [
    at(place, '_', 1),
    at(place, '', 1),
    at(place, '_', 0),
    ...(place + 1 < letters.length && letters[place + 1] !== letter
      ? [at(place, `${letters[place + 1]}${letter}`, 2)]
      : []),
  ])
  // An index needs three letters in a row, or the first two of a word.
  return [...new Set(found)].filter((word) => /[^_]{3}|^[^_]{2}/u.test(word))
}
