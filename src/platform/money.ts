import { Prisma } from './database/generated/client.ts'

/** Exact decimal arithmetic; a float never holds money. */
export type Decimal = Prisma.Decimal
export const Decimal = Prisma.Decimal

// ISO 4217 codes that name no money one can owe: metals, bonds, funds, testing.
const NOT_MONEY = new Set(['XAG', 'XAU', 'XBA', 'XBB', 'XBC', 'XBD', 'XDR', 'XPD', 'XPT', 'XSU', 'XTS', 'XUA', 'XXX'])
const COMMON = ['EUR', 'USD', 'GBP', 'CHF', 'JPY', 'CAD', 'AUD', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK']

/** ISO 4217 codes one can bill in, those most in use first, then by letter. */
export const currencies: readonly string[] = [
  ...COMMON,
  ...Intl.supportedValuesOf('currency').filter((code) => !NOT_MONEY.has(code) && !COMMON.includes(code)),
]
const known = new Set(currencies)

export function isCurrency(code: string): boolean {
  return known.has(code)
}

const digits = new Map<string, number>()

/** Decimals of the currency's minor unit: 2 for EUR, 0 for JPY, 3 for BHD. */
export function minorUnitDigits(currency: string): number {
  let count = digits.get(currency)
  if (count === undefined) {
    count = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    digits.set(currency, count)
  }
  return count
}

/** Rounds half up to `currency`'s minor unit. */
export function roundMoney(amount: Decimal, currency: string): Decimal {
  return amount.toDecimalPlaces(minorUnitDigits(currency), Decimal.ROUND_HALF_UP)
}

/** Weighted value in `currency`'s minor unit precision: value × probability / 100, rounded half up once, at the end. */
export function weighted(value: Decimal, probability: number, currency: string): Decimal {
  return roundMoney(value.times(probability).dividedBy(100), currency)
}

/** As a person edits it: at least the currency's decimals, no grouping, "1200.50". Decimals stored beyond them are kept. */
export function plainAmount(amount: Decimal | null, currency: string): string {
  if (amount === null) return ''
  return amount.toFixed(Math.max(minorUnitDigits(currency), amount.decimalPlaces()))
}
