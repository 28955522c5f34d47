import { formatLocale } from '../../platform/i18n.ts'
import type { Decimal } from '../../platform/money.ts'
import type { CalendarDay } from '../../platform/time.ts'
import type { ConvertedTotal } from '../currencies/exchange.ts'
import type { Question } from './question.ts'

/** How the reader sees amounts: `fmt.money`. */
type Money = (amount: Decimal, currency: string) => string

export interface TotalWords {
  /** The sum; '' when there is none. */
  sum: string
  /** What is not in it, for there is no rate. */
  beside: string[]
  /** What it was converted from, currency by currency; empty when nothing was. */
  parts: string[]
}

export function totalWords(money: Money): (total: ConvertedTotal) => TotalWords {
  const say = (amounts: ConvertedTotal['parts']) => amounts.map((part) => money(part.amount, part.currencyCode))
  return ({ amount, currencyCode, missing, parts, quotes }) => ({
    sum: amount === null ? '' : money(amount, currencyCode),
    beside: say(missing),
    parts: quotes.length === 0 ? [] : say(parts.filter((part) => !missing.includes(part))),
  })
}

export interface BucketWords {
  /** "Mar", or the year where one begins. */
  short: string
  /** "March 2026". */
  long: string
}

/** What the months, or years, are called. */
export function bucketWords(language: string, { unit }: Question): (day: CalendarDay) => BucketWords {
  const locale = formatLocale(language)
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
  const year = format({ year: 'numeric' })
  const [short, long] =
    unit === 'year' ? [year, year] : [format({ month: 'short' }), format({ month: 'long', year: 'numeric' })]
  return (day) => {
    const date = new Date(`${day}T00:00:00Z`)
    return { short: short.format(date), long: long.format(date) }
  }
}
