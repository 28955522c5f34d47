import { phoneRuns, searchableDigits } from '../../platform/phone.ts'
import type { Asked } from './schema.ts'

/** A piece of a text; marked where it is what was looked for. */
export interface Piece {
  text: string
  isHit: boolean
}
export type Mark = (text: string) => Piece[]

/** Letters that are no other letter with an accent, and how the database's search writes them. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
  ŧ: 't',
  ς: 'σ',
}
/** Accents and vowel signs: those that search_fold() of the database leaves out, and no others. */
const MARKS =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]/gu

/** A text as the search compares it: without case and accents. */
export function fold(text: string): string {
  return isAscii(text) ? text.toLowerCase() : [...text].map(foldSign).join('')
}

function isAscii(text: string): boolean {
  return !/[^\p{ASCII}]/u.test(text)
}

function foldSign(sign: string): string {
  if (sign < '\x80') return sign.toLowerCase()
  const plain = sign.normalize('NFD').replace(MARKS, '').toLowerCase().replace(MARKS, '')
  return [...plain.normalize('NFC')].map((letter) => LETTERS[letter] ?? letter).join('')
}

/** Splits texts at what was looked for; `slips` are patterns (of misspellings.ts) that count as it too. */
export function marker({ words }: Pick<Asked, 'words'>, slips: readonly RegExp[] = []): Mark {
  const wanted = [...words]
    .map(fold)
    .filter(Boolean)
    .sort((a, b) => b.length - a.length)
    .map(escaped)
  // A number however it was written: its digits, with whatever stands between them.
  const numbers = phoneRuns(words)
    .map((run) => searchableDigits(run.join(' ')))
    .filter((digits) => digits !== null && digits !== '')
    .map((digits) => [...(digits ?? '')].join('[\\s().\\-/]*'))
  const sources = [...numbers, ...wanted, ...slips.map(({ source }) => source)]
  if (sources.length === 0) return (text) => [{ text, isHit: false }]
  const pattern = new RegExp(sources.join('|'), 'gu')
  return (text) => split(text, pattern)
}

/** A text folded, and where in it each sign of that comes from: folding can lengthen (ß) and shorten (accents of their own). */
function traced(text: string): { folded: string; from(index: number): number | undefined } {
  if (isAscii(text)) return { folded: text.toLowerCase(), from: (index) => index }
  const places: number[] = []
  let folded = ''
  let at = 0
  for (const sign of text) {
    const plain = foldSign(sign)
    for (let index = 0; index < plain.length; index += 1) places.push(at)
    folded += plain
    at += sign.length
  }
  places.push(text.length)
  return { folded, from: (index) => places[index] }
}

function split(text: string, pattern: RegExp): Piece[] {
  const { folded, from } = traced(text)
  const pieces: Piece[] = []
  let done = 0
  for (const match of folded.matchAll(pattern)) {
    const begin = from(match.index) ?? done
    const last = match.index + match[0].length
    // Up to the next sign: what folds to nothing belongs to the letter before it.
    let end = from(last) ?? text.length
    if (end === from(last - 1)) end += [...text.slice(end)][0]?.length ?? 0
    if (match[0] === '' || begin < done || end <= begin) continue
    if (begin > done) pieces.push({ text: text.slice(done, begin), isHit: false })
    pieces.push({ text: text.slice(begin, end), isHit: true })
    done = end
  }
  if (done < text.length) pieces.push({ text: text.slice(done), isHit: false })
  return pieces
}

const EXCERPT = 140

/** The part of a long text around the first hit, on one line; null when there is none. */
export function excerpt(text: string, mark: Mark): Piece[] | null {
  const line = text.replace(/\s+/g, ' ').trim()
  const pieces = mark(line)
  const first = pieces.findIndex(({ isHit }) => isHit)
  if (first === -1) return null
  const before = pieces
    .slice(0, first)
    .map(({ text }) => text)
    .join('')
  // From the beginning of a word.
  const start = before.length <= 40 ? 0 : before.indexOf(' ', before.length - 40) + 1 || before.length
  const shown = line.slice(start, start + EXCERPT).toWellFormed()
  const cut = mark(shown)
  const ending = start + EXCERPT < line.length ? [{ text: '…', isHit: false }] : []
  return [...(start > 0 ? [{ text: '…', isHit: false }] : []), ...cut, ...ending]
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
