import { parse } from 'csv-parse/sync'
import type { Message } from '../../platform/i18n.ts'
import { isCurrency } from '../../platform/money.ts'
import { isCalendarDay } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'

/** What the European Central Bank's rates are of: one euro. */
export const ECB_BASE = 'EUR'

export interface FileRate {
  currency: string
  date: CalendarDay
  /** A decimal, as text. */
  rate: string
}

/** One line of the file: a day with its rates, and what of it cannot be used. */
export interface FileDay {
  line: number
  /** As it was written, when it is no day. */
  label: string
  day: CalendarDay | null
  rates: FileRate[]
  /** Currencies without a rate on that day ("N/A", or nothing). */
  without: number
  problems: Message[]
}

export interface EcbFile {
  days: FileDay[]
  /** What is wrong with the file as a whole: then it has no days. */
  problem: Message | null
  /** Columns that name no currency. */
  unknown: string[]
}

interface Line {
  record: string[]
  info: { lines: number }
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/**
 * Reads eurofxref.csv and eurofxref-hist.csv: "Date, USD, JPY, …", a day a line ("20 November 2026" or "2026-11-20"), one euro in each currency,
 * "N/A" where there is no rate, and a comma at the end of each line. What it does not understand it names.
 */
export function readEcbFile(text: string): EcbFile {
  let records: Line[]
  try {
    const options = { bom: true, trim: true, relax_column_count: true, skip_empty_lines: true, info: true }
    // Its types do not know what `info` adds.
    records = parse(text, options) as unknown as Line[]
  } catch {
    // A quote that never ends, and the like: no file of this form has any.
    return { days: [], problem: { key: 'currencies.errors.file' }, unknown: [] }
  }
  const [header, ...lines] = records
  const columns = header?.record.slice(1) ?? []
  const codes = columns.filter((name) => name !== '')
  if (header?.record[0]?.toLowerCase() !== 'date' || codes.length === 0)
    return { days: [], problem: { key: 'currencies.errors.header' }, unknown: [] }
  const twice = codes.find((code, place) => codes.indexOf(code) !== place)
  if (twice) return { days: [], problem: { key: 'currencies.errors.twice', values: { currency: twice } }, unknown: [] }

  const unknown = codes.filter((code) => !isCurrency(code) || code === ECB_BASE)
  const seen = new Set<CalendarDay>()
  const days = lines.map(({ record, info }) => {
    const entry = readDay(record, columns, new Set(unknown), info.lines)
    if (entry.day && seen.has(entry.day))
      return { ...entry, rates: [], problems: [{ key: 'currencies.errors.dayTwice' as const }] }
    if (entry.day) seen.add(entry.day)
    return entry
  })
  return { days, problem: null, unknown }
}

function readDay(
  record: readonly string[],
  columns: readonly string[],
  unknown: ReadonlySet<string>,
  line: number,
): FileDay {
  const [label = '', ...values] = record
  const day = dayOf(label)
  const entry: FileDay = { line, label, day, rates: [], without: 0, problems: [] }
  if (day === null) return { ...entry, problems: [{ key: 'currencies.errors.day' }] }
  if (values.slice(columns.length).some((value) => value !== ''))
    return { ...entry, problems: [{ key: 'currencies.errors.columns' }] }
  for (const [place, currency] of columns.entries()) {
    if (currency === '' || unknown.has(currency)) continue
    const value = values[place] ?? ''
    if (value === '' || value === 'N/A') entry.without += 1
    else if (/^\d{1,10}(\.\d{1,10})?$/.test(value) && /[1-9]/.test(value))
      entry.rates.push({ currency, date: day, rate: value })
    else entry.problems.push({ key: 'currencies.errors.value', values: { currency, value: value.slice(0, 40) } })
  }
  return entry
}

function dayOf(text: string): CalendarDay | null {
  const [, day = '', month = '', year = ''] = /^(\d{1,2}) ([A-Za-z]+) (\d{4})$/.exec(text) ?? []
  const number = MONTHS.indexOf(month) + 1
  const iso = number > 0 ? `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}` : text
  return isCalendarDay(iso) ? iso : null
}
