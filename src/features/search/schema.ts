import { searchOf, searchWords } from '../../platform/list-search.ts'
import { hasTrigrams } from '../../platform/list-trigrams.ts'

/** What is searched, in the order in which it is shown. Each is also the address of its list. */
export const KINDS = ['clients', 'contacts', 'leads', 'deals', 'communications'] as const
export type Kind = (typeof KINDS)[number]

/** Of each kind, so many are counted. */
export const COUNT_BOUND = 50

/** What somebody looks for. */
export interface Asked {
  q: string
  words: readonly string[]
  /** What a record may be called that is looked for: what was typed, and, where marks were left out of that, the words alone. */
  names: { typed: string; bare: string | null }
  /**
   * What an index can do for these words. Trigrams need three letters or digits in a row: of a shorter word an index knows only what begins with
   * it (`starts`), of signs alone nothing (`none`).
   */
  index: 'anywhere' | 'starts' | 'none'
}

/** Reads `?q=`; null when there is nothing to look for. */
export function readAsked(given: unknown): Asked | null {
  const q = searchOf(given)
  const words = searchWords(q)
  if (words.length === 0) return null
  const index = words.some(hasTrigrams)
    ? 'anywhere'
    : words.some((word) => /[\p{L}\p{N}]/u.test(word))
      ? 'starts'
      : 'none'
  const [typed, bare] = [q.replace(/\s+/g, ' '), words.join(' ')]
  return { q, words, names: { typed, bare: bare === typed ? null : bare }, index }
}
