import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rarePattern } from '../../src/platform/list-trigrams.ts'
import { db } from '../support/database.ts'

describe('of a word an index is asked for its rarest letters', () => {
  test.each([
    // The rarest four of the word, with the sign that ends it.
    ['muller', '%mull%'],
    ['Müller', '%mull%'],
    ['lead501@company71.example', '%d501@%'],
    ['anna.schmidt@company.example', '%schm%'],
    ['AB-12345', '%2345%'],
    ['2026-11-30', '%2026-%'],
    // Of frequent letters twice as many.
    ['international', '%nati%onal%'],
    // An address that many might have before the @ is told by some of both.
    ['anna@gmail.com', '%anna@%gmai%'],
    ['jo@muller-bau.de', '%mull%'],
    // What becomes several letters, or depends on what is beside it, is left out.
    ['Straße', '%stra%'],
    ['markt_halle', '%mark%'],
    // No less than the word itself, or nothing that an index could be asked for.
    ['zoe', null],
    ['acme', null],
    ['ΟΔΟΣ', null],
    ['a_b', null],
    ['%', null],
    ['', null],
  ])('%s: %s', (word, pattern) => {
    expect(rarePattern(word)).toBe(pattern)
  })
})

/** Those of `words` that stand in a text which has the word, but not the letters it is looked up by. */
async function lost(words: readonly { word: string; text: string }[]): Promise<unknown[]> {
  const asked = words.flatMap(({ word, text }) => {
    const pattern = rarePattern(word)
    return pattern === null ? [] : [{ word, text, pattern }]
  })
  expect(asked.length).toBeGreaterThan(500)
  const { rows } = await db.pool.query(
    `SELECT word, text, pattern FROM jsonb_to_recordset($1) AS t (word text, text text, pattern text)
     WHERE search_fold(text) LIKE search_pattern(word) AND search_fold(text) NOT LIKE pattern`,
    [JSON.stringify(asked)],
  )
  return rows as unknown[]
}

test('whatever has the word has these letters, each letter there is among them', async () => {
  const letters = Array.from({ length: 0x30000 }, (_, code) => code).filter(
    (code) => code > 0 && (code < 0xd800 || code > 0xdfff),
  )
  const words = letters.map((code) => `xq${String.fromCodePoint(code)}jz`)

  expect(await lost(words.map((word) => ({ word, text: word })))).toEqual([])
})

test('wherever it stands, in whatever case and with whatever beside it', async () => {
  const sign = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789') },
    fc.constantFrom(...'äöüßÉçñøłİıΣςσ@.-_%\\/&+', 'e\u0301', 'ﬁ', '🚚'),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
      .filter((one) => !/[\s\0]/u.test(one) && one.isWellFormed()),
  )
  const word = fc.array(sign, { minLength: 3, maxLength: 14 }).map((signs) => signs.join(''))
  const around = fc.array(sign, { maxLength: 3 }).map((signs) => signs.join(''))
  const cases = fc
    .sample(fc.tuple(word, around, around, fc.constantFrom('typed', 'upper', 'lower')), 20_000)
    .map(([word, before, after, how]) => {
      const written = how === 'upper' ? word.toUpperCase() : how === 'lower' ? word.toLowerCase() : word
      return { word, text: `${before}${written}${after}` }
    })

  expect(await lost(cases)).toEqual([])
})
