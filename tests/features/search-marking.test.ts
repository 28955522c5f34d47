import { describe, expect, test } from 'vitest'
import { excerpt, marker } from '../../src/features/search/marking.ts'
import { misspellings } from '../../src/features/search/misspellings.ts'

/** The text with what is marked in brackets. */
function marked(text: string, q: string, isNear = false): string {
  const words = q.split(' ')
  const mark = marker({ words }, isNear ? misspellings(words).flatMap(({ marks }) => marks) : [])
  return mark(text)
    .map((piece) => (piece.isHit ? `[${piece.text}]` : piece.text))
    .join('')
}

describe('what was looked for is marked', () => {
  test.each([
    ['Zoë Weißgärber', 'zoe', '[Zoë] Weißgärber'],
    ['Zoë Weißgärber', 'weissg', 'Zoë [Weißg]ärber'],
    ['Zoë Weißgärber', 'eis', 'Zoë W[eiß]gärber'],
    ['Łukasz Ørsted', 'orsted luk', '[Łuk]asz [Ørsted]'],
    ['Zoe\u0308 Meyer', 'zoë', '[Zoe\u0308] Meyer'],
    ['Æther & Co', 'aeth &', '[Æth]er [&] Co'],
    ['banana', 'an', 'b[an][an]a'],
    ['Acme Acme-Nord', 'acme acme-nord', '[Acme] [Acme-Nord]'],
    ['a.b (c) [d]', '(c) .', 'a[.]b [(c)] [d]'],
    ['Halle 🚚 7', '🚚', 'Halle [🚚] 7'],
    ['030 / 123 45-67', '+49 30 1234567', '0[30 / 123 45-67]'],
    ['+49 (171) 555 66 77', '0171 5556677', '+49 ([171) 555 66 77]'],
    ['مُحَمَّد علي', 'محمد', '[مُحَمَّد] علي'],
    ['עִבְרִית', 'עבר', '[עִבְרִ]ית'],
    ['Йод', 'и\u0306од', '[Йод]'],
    ['Κώστας', 'ΚΩΣ', '[Κώσ]τας'],
    ['दिल्ली', 'दिल', '[दिल]्ली'],
    ['Nothing here', 'zoe', 'Nothing here'],
    ['<b>Bold</b>', 'b', '<[b]>[B]old</[b]>'],
    ['', 'a', ''],
  ])('%s, %s', (text, q, expected) => {
    expect(marked(text, q)).toBe(expected)
  })

  test('what comes close is marked too', () => {
    expect(marked('Ingeborg Achterberg', 'achterbreg', true)).toBe('Ingeborg [Achterberg]')
    expect(marked('Ingeborg Müller', 'mullar', true)).toBe('Ingeborg [Müller]')
  })

  test('nothing of a text is lost or added', () => {
    for (const text of ['İstanbul ﬁn ǅ', 'שלום עולם', '🏳️‍🌈 flag', 'a\u0300\u0301b', '\u0301x']) {
      for (const q of ['i', 'st', 'ש', 'flag', 'ab', 'x', '🏳️‍🌈']) {
        const pieces = marker({ words: [q] })(text)
        expect(pieces.map((piece) => piece.text).join('')).toBe(text)
      }
    }
  })
})

describe('an excerpt', () => {
  const text = `${'Some words before it. '.repeat(20)}The period of notice\nis checked. ${'And words after. '.repeat(20)}`

  test('shows the first hit, on one line, and that there is more', () => {
    const shown = excerpt(text, marker({ words: ['notice'] }))!
      .map((piece) => piece.text)
      .join('')

    expect(shown).toMatch(/^….*period of notice is checked.*…$/)
    expect(shown.length).toBeLessThan(150)
  })

  test('is the beginning when the hit is there, and nothing without one', () => {
    expect(excerpt('A short note', marker({ words: ['short'] }))?.map((piece) => piece.text)).toEqual([
      'A ',
      'short',
      ' note',
    ])
    expect(excerpt(text, marker({ words: ['nobody'] }))).toBeNull()
  })
})
