/**
 * How often a hundred letters of names, addresses and prose in the languages of Europe are this one, roughly; figures are rarer than any, as
 * each stands in few numbers.
 */
const FREQUENCIES: Readonly<Record<string, number>> = {
  ...{
    a: 8,
    b: 2,
    c: 4,
    d: 4,
    e: 13,
    f: 1.5,
    g: 3,
    h: 3,
    i: 8,
    j: 0.6,
    k: 2.5,
    l: 5,
    m: 3.5,
    n: 9,
    o: 7,
    p: 2.5,
    q: 0.2,
    r: 8,
    s: 7,
  },
  ...{ t: 7, u: 4, v: 1.5, w: 1, x: 0.4, y: 1, z: 1 },
}
const OF_FIGURES = 0.8

/** Two trigrams: with one, what is looked up is too much; each further one costs as much as the first. */
const LENGTH = 4
/** Letters that are met more often than this, by what was said above, are looked up together with others of the word. */
const FREQUENT = Math.log(1e-5)

interface Letters {
  text: string
  at: number
  /** The logarithm of how often they are met. */
  weight: number
}

/**
 * A LIKE pattern that whatever has `word` meets, with as little in it as tells the word from others: up to four letters in a row, or twice four. An
 * index of trigrams reads the list of each three letters in a row, and those of most letters are long: of a million leads whose addresses begin
 * with "lead…", "lead501" is found by "d501" in an eighth of the time. null when the word has no such letters, or no more of them than all.
 */
export function rarePattern(word: string): string | null {
  let pattern = known.get(word)
  if (pattern === undefined) {
    if (known.size >= KNOWN) known.clear()
    known.set(word, (pattern = patternOf(word)))
  }
  return pattern
}

/** A search asks for each of its words dozens of times. Begins anew when full. */
const KNOWN = 500
const known = new Map<string, string | null>()

/** Whether an index of trigrams knows anything of the word: it has three letters or figures in a row. */
export function hasTrigrams(word: string): boolean {
  return /[\p{L}\p{N}]{3}/u.test(word)
}

function patternOf(word: string): string | null {
  const parts = (addressParts(word) ?? partsOf(word)).map(({ text }) => text)
  return parts.length === 0 || parts[0] === word.toLowerCase() ? null : `%${parts.join('%')}%`
}

/** Of an address that can be told by what stands before the @, only that is asked for: its domain is many people's. Of others, some of both. */
function addressParts(word: string): Letters[] | null {
  const [, name, domain] = /^([^@]+)@([^@]{4,})$/.exec(word) ?? []
  if (name === undefined || domain === undefined) return null
  const ofName = `${name}@`
  return isTelling(name) ? partsOf(ofName) : [...windowsOf(ofName).slice(0, 1), ...windowsOf(domain).slice(0, 1)]
}

/** Whether few are likely to be called this before the @, as nobody's "info" or "anna". */
function isTelling(name: string): boolean {
  return hasTrigrams(name) && (/\d/.test(name) || (name.length >= 8 && /[._-]/.test(name)))
}

/** The rarest letters in a row, and with them, where they are frequent, the rarest beside them; as they stand in the word. */
function partsOf(word: string): Letters[] {
  const [rarest, ...others] = windowsOf(word)
  if (!rarest) return []
  const second =
    rarest.weight > FREQUENT &&
    others.find(({ at, text }) => at >= rarest.at + rarest.text.length || at + text.length <= rarest.at)
  return [rarest, ...(second ? [second] : [])].sort((a, b) => a.at - b.at)
}

/** All letters in a row, the rarest first. */
function windowsOf(word: string): Letters[] {
  const windows = plainRuns(word).flatMap(({ text, at, ending }) => {
    const length = Math.min(LENGTH, text.length)
    return Array.from({ length: text.length - length + 1 }, (_, start) => {
      const letters = text.slice(start, start + length)
      const isLast = start + length === text.length
      return { text: isLast ? letters + ending : letters, at: at + start, weight: weightOf(letters) }
    })
  })
  return windows.sort((a, b) => a.weight - b.weight || b.at - a.at)
}

function weightOf(letters: string): number {
  return [...letters].reduce((sum, letter) => sum + Math.log((FREQUENCIES[letter] ?? OF_FIGURES) / 100), 0)
}

interface Run {
  text: string
  at: number
  /** The sign behind it, when that ends a word: an index knows what words end with. */
  ending: string
}

/**
 * Three and more letters in a row of which it is certain what the database makes of them, wherever they stand: those of ASCII, and those with
 * accents that belong to one letter. Others (ß, Σ) become several, or depend on what is around them.
 */
function plainRuns(word: string): Run[] {
  const signs = [...word]
  const plain = signs.map((sign, index) => (/\p{M}/u.test(signs[index + 1] ?? '') ? ' ' : plainLetter(sign))).join('')
  return Array.from(plain.matchAll(/[a-z0-9]{3,}/g), ({ 0: text, index }) => {
    const next = signs[index + text.length] ?? ''
    return { text, at: index, ending: /[@.,:;/&+-]/.test(next) ? next : '' }
  })
}

function plainLetter(sign: string): string {
  // A sign that is another one by its nature (the Ångström sign is Å) is not folded by each version of the database.
  if (sign.normalize('NFC') !== sign) return ' '
  const [letter = ' ', ...accents] = sign.normalize('NFD').toLowerCase()
  return /^[a-z0-9]$/.test(letter) && accents.every((accent) => /\p{M}/u.test(accent)) ? letter : ' '
}
