import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { csvRecord, csvWriter, isoTime } from '../../src/platform/csv.ts'
import type { CsvColumn, CsvReader } from '../../src/platform/csv.ts'
import { translator } from '../../src/platform/i18n.ts'

const reader: CsvReader = { t: translator('de'), timeZone: 'Europe/Berlin' }
type Row = (string | number | null)[]
const columns: CsvColumn<Row>[] = [0, 1, 2].map((index) => ({
  header: 'leads.fields.firstName',
  value: (row) => row[index] ?? null,
}))

async function write(rows: readonly Row[]): Promise<string> {
  const records = Readable.from(rows.map((row) => csvRecord(columns, row, reader)))
  // Not as text: that would take the mark at its beginning away.
  return (await buffer(records.pipe(csvWriter(columns, reader)))).toString('utf8')
}

test('begins with a byte order mark and the header in the words of the reader, ends each line with CRLF', async () => {
  expect(await write([['a', 1, null]])).toBe('\ufeffVorname,Vorname,Vorname\r\na,1,\r\n')
})

test('of no rows is its header', async () => {
  expect(await write([])).toBe('\ufeffVorname,Vorname,Vorname\r\n')
})

describe('a cell that a spreadsheet would calculate is made text', () => {
  test.each(['=1+1', '+49 30 1', '-5', '@SUM(A1)', '\t=1', '\r=1', '＝1+1', '＋1', '－1', '＠a'])(
    '%j',
    async (cell) => {
      const [, [first] = []] = parse(await write([[cell, 'x', 'y']]), { bom: true })

      expect(first).toBe(`'${cell}`)
    },
  )

  test('but a number stays one', async () => {
    expect(await write([[-5, 1.5, 0]])).toContain('\r\n-5,1.5,0\r\n')
  })
})

test('whatever is written is read again as it was, but for the apostrophe', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', ' ', '=', "'", '\t', 'a', '\ufeff') }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }), async (rows) => {
      const [, ...read] = parse(await write(rows), { bom: true, record_delimiter: '\r\n', skip_empty_lines: false })

      expect(read).toEqual(
        rows.map((row) => row.map((text) => (/^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text))),
      )
    }),
  )
})

test('a moment is written as the hour it was for the reader, with its offset', () => {
  const before = new Date('2026-10-25T00:30:00Z')
  const after = new Date('2026-10-25T01:30:00Z')

  expect([isoTime(before, reader), isoTime(after, reader)]).toEqual([
    '2026-10-25T02:30:00+02:00',
    '2026-10-25T02:30:00+01:00',
  ])
})
