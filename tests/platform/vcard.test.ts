import fc from 'fast-check'
import { expect, test } from 'vitest'
import { vcard } from '../../src/platform/vcard.ts'

/** The properties of a card, read as RFC 6350 says: lines unfolded, values split and unescaped. */
function read(card: string): [string, string[]][] {
  return card
    .replace(/\r\n[ \t]/g, '')
    .split('\r\n')
    .filter(Boolean)
    .map((line) => {
      const at = line.indexOf(':')
      const parts = line.slice(at + 1).match(/(?:\\.|[^;\\])*(?:;|$)/g) ?? []
      const values = parts.slice(0, parts.at(-1) === '' && parts.length > 1 && !line.endsWith(';') ? -1 : undefined)
      return [
        line.slice(0, at),
        values.map((part) =>
          part.replace(/;$/, '').replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign)),
        ),
      ]
    })
}

test('what a card is made of, empty properties left out', () => {
  expect(
    vcard([
      ['FN', 'Zoë O’Neil'],
      ['N', ['O’Neil', 'Zoë', null, null, null]],
      ['TITLE', null],
      ['EMAIL', ''],
      ['ADR', [null, null]],
    ]),
  ).toBe('BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Zoë O’Neil\r\nN:O’Neil;Zoë;;;\r\nEND:VCARD\r\n')
})

test('signs that mean something in a card mean themselves', () => {
  expect(vcard([['NOTE', 'a,b;c\\d\r\nEND:VCARD\re\u0000\u0085f']])).toContain(
    'NOTE:a\\,b\\;c\\\\d\\nEND:VCARD\\nef\r\n',
  )
})

test('no line is longer than 75 octets, no character torn, nothing lost', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 300 })
    .map((value) => value.toWellFormed().replace(/\p{Cc}/gu, ' '))
  fc.assert(
    fc.property(text, text, (one, other) => {
      const card = vcard([
        ['NOTE', `x${one}`],
        ['N', [one, `y${other}`]],
      ])

      const lines = card.split('\r\n')
      expect(lines.every((line) => Buffer.byteLength(line) <= 75 && line.isWellFormed())).toBe(true)
      expect(Buffer.from(card, 'utf8').toString('utf8')).toBe(card)
      expect(read(card).slice(2, -1)).toEqual([
        ['NOTE', [`x${one}`]],
        ['N', [one, `y${other}`]],
      ])
    }),
  )
})
