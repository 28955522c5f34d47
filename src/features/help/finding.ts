import { excerpt, fold, marker } from '../search/marking.ts'
import type { Piece } from '../search/marking.ts'
import type { Guide } from './guide.ts'

/** A place in the guide that has what was asked for. */
export interface Found {
  slug: string
  title: string
  /** '' is the beginning of the page. */
  anchor: string
  heading: string
  lang: string
  /** The text around the first word that was found, or its beginning. */
  excerpt: readonly Piece[]
}

const MOST = 20
const BEGINNING = 140
/** Of a word in the heading, the title, the text. */
const WEIGHTS = [5, 2, 1]

/** Sections that have all the words, in any order, whatever their case and accents; those first that have them in their headings. */
export function findInGuide({ pages }: Guide, asked: string): Found[] {
  const words = asked.split(/\s+/).filter(Boolean)
  const folded = words.map(fold)
  if (folded.length === 0) return []
  const mark = marker({ words })
  return pages
    .filter(({ slug }) => slug !== '')
    .flatMap(({ slug, title, lang, sections }) =>
      sections.map(({ id, heading, text }) => ({
        place: { slug, title, lang, anchor: id, heading },
        text,
        rank: rankOf(folded, [fold(heading), fold(title), fold(text)]),
      })),
    )
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, MOST)
    .map(({ place, text }) => ({
      ...place,
      excerpt: excerpt(text, mark) ?? [{ text: text.slice(0, BEGINNING), isHit: false }],
    }))
}

/** 0: not here. A word weighs most in the section's heading, then in the page's title, then in the text. */
function rankOf(words: readonly string[], places: readonly string[]): number {
  const ranks = words.map((word) => {
    const place = places.findIndex((text) => text.includes(word))
    return place < 0 ? 0 : (WEIGHTS[place] ?? 0)
  })
  return ranks.includes(0) ? 0 : ranks.reduce((sum, rank) => sum + rank, 0)
}
