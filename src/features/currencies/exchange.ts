import { Decimal, minorUnitDigits } from '../../platform/money.ts'
import type { CalendarDay } from '../../platform/time.ts'

/** "1 base = rate currency", as it was entered for that day. */
export interface Rate {
  base: string
  currency: string
  date: CalendarDay
  rate: Decimal
}

/** How one unit of `from` becomes `to`: over one rate that was entered, forwards or backwards, or over two that share a currency. */
export interface Quote {
  from: string
  to: string
  /** The rate to look at: rounded to six significant digits, while amounts are converted exactly. */
  rate: Decimal
  /** The day of the rate; of two, the older one. */
  date: CalendarDay
  /** The currency the two rates share; null for a rate as it was entered. */
  via: string | null
}

/** An amount as a fraction of whole numbers: dividing by a rate loses nothing until it is rounded, once. */
interface Fraction {
  over: bigint
  under: bigint
}

interface Path {
  quote: Quote
  factor: Fraction
}

/** The latest rate of each pair on or before a day. */
export interface RateSheet {
  day: CalendarDay
  /** What there are rates of, by letter. */
  currencies: readonly string[]
  /** The most recent way from one currency to another; of equally recent ones the most direct. Null: there is no rate. */
  quote(from: string, to: string): Quote | null
  /** Exact; what is to be rounded is rounded by whoever adds it up. Null: there is no rate. */
  exact(amount: Decimal, from: string, to: string): Fraction | null
}

export interface Amount {
  currencyCode: string
  /** Null: nothing that has a value. */
  amount: Decimal | null
}

/** What amounts in several currencies come to in one. */
export interface ConvertedTotal {
  currencyCode: string
  /** Rounded half up to the minor unit, once; without what has no rate. Null when nothing could be counted. */
  amount: Decimal | null
  /** The rates that were used, as "1 euro is … of the other". */
  quotes: Quote[]
  /** What is not in `amount`, for there is no rate. */
  missing: { currencyCode: string; amount: Decimal }[]
  /** What there was, each currency rounded by itself. */
  parts: { currencyCode: string; amount: Decimal }[]
}

const ONE: Fraction = { over: 1n, under: 1n }

export function rateSheet(day: CalendarDay, rates: readonly Rate[]): RateSheet {
  const legs = new Map<string, Map<string, Path>>()
  for (const rate of rates) {
    const factor = fractionOf(rate.rate)
    addLeg(legs, rate.base, rate.currency, rate.date, factor)
    addLeg(legs, rate.currency, rate.base, rate.date, { over: factor.under, under: factor.over })
  }
  const known = new Map<string, Path | null>()
  function path(from: string, to: string): Path | null {
    const key = `${from} ${to}`
    let found = known.get(key)
    if (found === undefined) {
      // Looked for in one direction only, so that there and back go the same way.
      found = from < to ? bestPath(legs, from, to) : backwards(path(to, from))
      known.set(key, found)
    }
    return found
  }
  return {
    day,
    currencies: [...legs.keys()].sort(),
    quote: (from, to) => (from === to ? null : (path(from, to)?.quote ?? null)),
    exact: (amount, from, to) => {
      const factor = from === to ? ONE : path(from, to)?.factor
      return factor ? times(fractionOf(amount), factor) : null
    },
  }
}

/** `amount` in `to`, rounded half up once; null when there is no rate: never a guess. */
export function convert(sheet: RateSheet, amount: Decimal, from: string, to: string): Decimal | null {
  const exact = sheet.exact(amount, from, to)
  return exact && rounded(exact, to)
}

/** Adds up what can be converted, exactly, and rounds the sum once. What has no rate is named, not guessed. */
export function convertedTotal(totals: readonly Amount[], sheet: RateSheet, to: string): ConvertedTotal {
  const sums = new Map<string, Fraction>()
  for (const { currencyCode, amount } of totals) {
    if (amount === null) continue
    const before = sums.get(currencyCode)
    sums.set(currencyCode, before ? plus(before, fractionOf(amount)) : fractionOf(amount))
  }
  const result: ConvertedTotal = { currencyCode: to, amount: null, quotes: [], missing: [], parts: [] }
  let sum: Fraction | null = null
  for (const [currencyCode, exact] of sums) {
    const part = { currencyCode, amount: rounded(exact, currencyCode) }
    result.parts.push(part)
    const factor = sheet.exact(new Decimal(1), currencyCode, to)
    if (!factor) {
      result.missing.push(part)
      continue
    }
    const quote = sheet.quote(to, currencyCode)
    if (quote) result.quotes.push(quote)
    const converted = times(exact, factor)
    sum = sum ? plus(sum, converted) : converted
  }
  return { ...result, amount: sum && rounded(sum, to) }
}

function addLeg(
  legs: Map<string, Map<string, Path>>,
  from: string,
  to: string,
  date: CalendarDay,
  factor: Fraction,
): void {
  const known = legs.get(from) ?? new Map<string, Path>()
  legs.set(from, known)
  const leg = pathOf(from, to, date, null, factor)
  // Both "1 EUR = … USD" and "1 USD = … EUR" may have been entered: the more recent one counts.
  if ((known.get(to)?.quote.date ?? '') < date) known.set(to, leg)
}

function bestPath(legs: Map<string, Map<string, Path>>, from: string, to: string): Path | null {
  let best = legs.get(from)?.get(to) ?? null
  for (const [via, first] of legs.get(from) ?? []) {
    const second = legs.get(via)?.get(to)
    if (!second) continue
    const date = first.quote.date < second.quote.date ? first.quote.date : second.quote.date
    if (date > (best?.quote.date ?? '')) best = pathOf(from, to, date, via, times(first.factor, second.factor))
  }
  return best
}

function backwards(path: Path | null): Path | null {
  if (!path) return null
  const { quote, factor } = path
  return pathOf(quote.to, quote.from, quote.date, quote.via, { over: factor.under, under: factor.over })
}

function pathOf(from: string, to: string, date: CalendarDay, via: string | null, factor: Fraction): Path {
  const rate = new Decimal(factor.over.toString()).dividedBy(factor.under.toString()).toSignificantDigits(6)
  return { quote: { from, to, rate, date, via }, factor }
}

/** A decimal as it is, every digit of it. */
function fractionOf(value: Decimal): Fraction {
  const places = Math.max(0, value.decimalPlaces())
  return { over: BigInt(value.toFixed(places).replace('.', '')), under: 10n ** BigInt(places) }
}

function times(a: Fraction, b: Fraction): Fraction {
  return reduced({ over: a.over * b.over, under: a.under * b.under })
}

function plus(a: Fraction, b: Fraction): Fraction {
  return reduced({ over: a.over * b.under + b.over * a.under, under: a.under * b.under })
}

/** Sums over many currencies would else carry ever longer numbers. */
function reduced({ over, under }: Fraction): Fraction {
  let [a, b] = [over < 0n ? -over : over, under]
  while (b !== 0n) [a, b] = [b, a % b]
  return a <= 1n ? { over, under } : { over: over / a, under: under / a }
}

/** Half up, away from nought, in whole minor units. */
function rounded({ over, under }: Fraction, currency: string): Decimal {
  const digits = minorUnitDigits(currency)
  const scaled = 2n * (over < 0n ? -over : over) * 10n ** BigInt(digits) + under
  const units = (scaled / (2n * under)).toString().padStart(digits + 1, '0')
  const text = digits === 0 ? units : `${units.slice(0, -digits)}.${units.slice(-digits)}`
  return new Decimal(over < 0n ? `-${text}` : text)
}
