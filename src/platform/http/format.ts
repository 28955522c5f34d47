import { formatLocale } from '../i18n.ts'
import { Decimal, minorUnitDigits } from '../money.ts'
import { phoneOf, regionOf } from '../phone.ts'
import type { Phone } from '../phone.ts'
import type { CalendarDay } from '../time.ts'

/** How figures and times look to one reader. Empty stays empty: '' for null and undefined. */
export interface Format {
  date(day: CalendarDay | null | undefined): string
  dateTime(instant: Date | null | undefined): string
  time(instant: Date | null | undefined): string
  /** A time of day without a zone, 'HH:mm'. */
  clock(time: string | null | undefined): string
  /** "3 days ago", "in 2 hours". */
  relative(instant: Date | null | undefined): string
  number(value: number | null | undefined): string
  percent(value: number | null | undefined): string
  /** With the currency's decimals, or more where the amount has them. */
  money(amount: Decimal | string | number | null | undefined, currency: string): string
  /** An amount out of a form. What is no plain figure stays as it was typed. */
  typedMoney(text: string, currency: string): string
  /** A number that names no country is read as one of the installation's. */
  phone(typed: string): Phone
}

const formats = new Map<string, Format>()

/** `homeZone` is the time zone of the installation, and so of the country whose telephone numbers are written without their country. */
export function formatFor(language: string, timeZone: string, homeZone = 'UTC'): Format {
  const key = `${language} ${timeZone} ${homeZone}`
  let format = formats.get(key)
  if (!format) {
    format = createFormat(formatLocale(language), timeZone, homeZone)
    formats.set(key, format)
  }
  return format
}

function createFormat(locale: string, timeZone: string, homeZone: string): Format {
  // A calendar day has no zone: it is formatted where it is midnight UTC.
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone })
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone })
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' })
  const number = new Intl.NumberFormat(locale)
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const relative = new Intl.RelativeTimeFormat(locale)
  const region = regionOf(homeZone)
  const moneys = new Map<string, Intl.NumberFormat>()

  const days = remembering((value: CalendarDay) => day.format(new Date(`${value}T00:00:00Z`)))
  // A style without seconds says the same all through a minute.
  const minutes = remembering((minute: number) => dateTime.format(minute * 60_000))
  const numbers = remembering((value: number) => number.format(value))
  const phones = remembering((typed: string) => phoneOf(typed, region))
  const amounts = remembering((key: string) => {
    const [value = '', currency = ''] = key.split(' ')
    return formatMoney(value, currency)
  })

  function formatMoney(value: string, currency: string): string {
    const amount = new Decimal(value)
    const decimals = Math.max(minorUnitDigits(currency), amount.decimalPlaces())
    const key = `${currency} ${decimals}`
    let money = moneys.get(key)
    if (!money) {
      money = new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      })
      moneys.set(key, money)
    }
    // A string keeps every digit: Intl formats decimal strings exactly.
    return money.format(amount.toFixed(decimals) as Intl.StringNumericLiteral)
  }

  return {
    date: (value) => (value ? days(value) : ''),
    dateTime: (value) => (value ? minutes(Math.floor(value.getTime() / 60_000)) : ''),
    time: (value) => (value ? time.format(value) : ''),
    clock: (value) => (value ? clock.format(new Date(`1970-01-01T${value}Z`)) : ''),
    relative: (value) => (value ? relative.format(...distance(value, new Date())) : ''),
    number: (value) => (value === null || value === undefined ? '' : numbers(value)),
    percent: (value) => (value === null || value === undefined ? '' : percent.format(value / 100)),
    typedMoney: (text, currency) => (/^\d+(\.\d+)?$/.test(text) && currency ? amounts(`${text} ${currency}`) : text),
    phone: phones,
    money: (value, currency) =>
      value === null || value === undefined || value === '' ? '' : amounts(`${value.toString()} ${currency}`),
  }
}

const DAY = 86_400_000

/** From `now`, in full ones of the largest unit that there is one of; negative where it has gone by. */
function distance(instant: Date, now: Date): [number, Intl.RelativeTimeFormatUnit] {
  const [earlier, later] = instant < now ? [instant, now] : [now, instant]
  const sign = instant < now ? -1 : 1
  const gone = later.getTime() - earlier.getTime()
  const months = gone < 28 * DAY ? 0 : fullMonths(earlier, later)
  if (months >= 12) return [sign * Math.trunc(months / 12), 'year']
  if (months > 0) return [sign * months, 'month']
  if (gone >= DAY) return [sign * Math.trunc(gone / DAY), 'day']
  if (gone >= 3_600_000) return [sign * Math.trunc(gone / 3_600_000), 'hour']
  if (gone >= 60_000) return [sign * Math.trunc(gone / 60_000), 'minute']
  return [sign * Math.trunc(gone / 1_000), 'second']
}

/** From the 31st it is a month to the last day of a shorter one. */
function fullMonths(earlier: Date, later: Date): number {
  const months = 12 * (later.getUTCFullYear() - earlier.getUTCFullYear()) + later.getUTCMonth() - earlier.getUTCMonth()
  const lastDay = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth() + 1, 0)).getUTCDate()
  const then = new Date(earlier)
  then.setUTCFullYear(later.getUTCFullYear(), later.getUTCMonth(), Math.min(earlier.getUTCDate(), lastDay))
  return then > later ? months - 1 : months
}

const REMEMBERED = 5_000

/** The same days, minutes and amounts are shown again and again, and Intl takes microseconds for each. Begins anew when full. */
function remembering<Key, Said>(say: (key: Key) => Said): (key: Key) => Said {
  const known = new Map<Key, Said>()
  return (key) => {
    let said = known.get(key)
    if (said === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      said = say(key)
      known.set(key, said)
    }
    return said
  }
}
