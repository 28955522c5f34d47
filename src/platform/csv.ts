import { DateTime } from 'luxon'
import { stringify } from 'csv-stringify'
import type { Stringifier } from 'csv-stringify'
import type { Translate, TranslationKey } from './i18n.ts'

/** One column of a list as a file; the header is a translation key. Numbers and amounts come plain, as a program reads them. */
export interface CsvColumn<Row> {
  header: TranslationKey
  value(row: Row, reader: CsvReader): string | number | null
}

/** In whose words and hours the file is written. */
export interface CsvReader {
  t: Translate
  timeZone: string
}

/**
 * Rows in, CSV out (RFC 4180; UTF-8, said by a byte order mark, without which spreadsheets guess). A cell that a spreadsheet would take for a
 * formula is made text by an apostrophe: docs/decisions/csv.md.
 */
export function csvWriter<Row>(columns: readonly CsvColumn<Row>[], reader: CsvReader): Stringifier {
  return stringify({
    bom: true,
    header: true,
    // By place: two columns may have the same header.
    columns: columns.map(({ header }, index) => ({ key: String(index), header: reader.t(header) })),
    record_delimiter: 'windows',
    escape_formulas: true,
    // A lone line end inside a cell is one all the same.
    quoted_match: /[\r\n]/,
  })
}

export function csvRecord<Row>(
  columns: readonly CsvColumn<Row>[],
  row: Row,
  reader: CsvReader,
): (string | number | null)[] {
  return columns.map(({ value }) => value(row, reader))
}

/** A moment as ISO 8601 in the reader's zone, with its offset: "2026-03-29T14:30:00+02:00". */
export function isoTime(instant: Date, { timeZone }: CsvReader): string {
  return DateTime.fromJSDate(instant, { zone: timeZone }).startOf('second').toISO({ suppressMilliseconds: true }) ?? ''
}
