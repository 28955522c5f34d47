import { Refusal } from './problem.ts'

/** Values that a body may hold: of what is no bulk request, and of one with a thousand items. */
export const FEW_VALUES = 2_000
export const MANY_VALUES = 100_000

/** More fields than any record has, and more entries than any list takes: nobody looks at each of them. */
export const MOST_FIELDS = 200
export const MOST_ENTRIES = 1_000
const DEEPEST = 32

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const OPENING = [0x5b, 0x7b]
const CLOSING = [0x5d, 0x7d]

/**
 * Throws Refusal for JSON with more than `most` values, or that is nested deeper than anything here. Before it is parsed: a megabyte of brackets
 * becomes thirty of objects, which are in the process's memory before any schema sees them. What is no JSON is the parser's to refuse.
 */
export function requireBounded(body: Buffer, most: number): void {
  let values = 1
  let depth = 0
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] as number
    if (byte === QUOTE) at = endOfText(body, at)
    else if (byte === COMMA) values += 1
    else if (byte === OPENING[0] || byte === OPENING[1]) {
      values += 1
      depth += 1
    } else if (byte === CLOSING[0] || byte === CLOSING[1]) depth -= 1
    if (values > most || depth > DEEPEST) throw new Refusal(413, 'api.errors.tooManyValues')
  }
}

/** Where the text that begins at `start` ends. */
function endOfText(body: Buffer, start: number): number {
  let at = start + 1
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1
  return at
}
