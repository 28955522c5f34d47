import { formatLocale } from '../../platform/i18n.ts'
import type { Translate } from '../../platform/i18n.ts'
import type { Decimal } from '../../platform/money.ts'

/** Says a rate in words, "1 EUR = 1.0823 USD", with every digit it is given with. */
export type SayRate = (quote: { from: string; to: string; rate: Decimal }) => string

const formats = new Map<string, Intl.NumberFormat>()

export function rateWords(language: string, t: Translate): SayRate {
  let format = formats.get(language)
  if (!format) {
    format = new Intl.NumberFormat(formatLocale(language), { minimumFractionDigits: 2, maximumFractionDigits: 10 })
    formats.set(language, format)
  }
  const { format: number } = format
  return ({ from, to, rate }) =>
    t('currencies.rate', { base: from, currency: to, rate: number(rate.toFixed() as Intl.StringNumericLiteral) })
}
