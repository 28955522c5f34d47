import { getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max'

/** A telephone number to read and to dial. */
export interface Phone {
  text: string
  /** A tel: address (RFC 3966); null when there is nothing to dial. */
  href: string | null
}

/**
 * A number as it was typed becomes one as people write it, with its country. One that says no country ("030 12345") is read as one of
 * `region`, where it is a number in use there; what is no number, or says more than a number, stays as it was typed.
 */
export function phoneOf(typed: string, region: CountryCode | null): Phone {
  const whole = parse(typed, region, false)
  if (whole) return { text: whole.formatInternational(), href: whole.getURI() }
  const within = parse(typed, region, true)
  if (within) return { text: typed, href: within.getURI() }
  const digits = typed.replace(/[^+\d]/g, '').replace(/(?<!^)\+/g, '')
  return { text: typed, href: /\d{3}/.test(digits) ? `tel:${digits}` : null }
}

function parse(typed: string, region: CountryCode | null, extract: boolean): PhoneNumber | null {
  // Without a region nobody knows what is dialled to get abroad; 00 nearly everywhere.
  const text = region ? typed : typed.replace(/^\s*00(?=[1-9])/, '+')
  const number = parsePhoneNumberFromString(text, { extract, ...(region ? { defaultCountry: region } : {}) })
  if (!number) return null
  const saysCountry = /^[\s(]*\+/.test(text)
  // Of a number without its country only one that is given out there is taken for one of the region: the rest may be from anywhere.
  return (saysCountry ? number.isPossible() : number.isValid()) ? number : null
}

let regions: Map<string, CountryCode> | null = null

/** The country of a time zone; null for one that is no country's, as UTC. */
export function regionOf(timeZone: string): CountryCode | null {
  regions ??= new Map(getCountries().flatMap((country) => zonesOf(country).map((zone) => [zone, country] as const)))
  return regions.get(timeZone) ?? regions.get(canonicalZone(timeZone)) ?? null
}

/** Once a property, since then a method: which of them there is depends on the version of Node. */
type LocaleWithZones = Intl.Locale & { timeZones?: string[]; getTimeZones?: () => string[] | undefined }

function zonesOf(country: CountryCode): readonly string[] {
  const locale: LocaleWithZones = new Intl.Locale(`und-${country}`)
  return locale.getTimeZones?.() ?? locale.timeZones ?? []
}

function canonicalZone(timeZone: string): string {
  return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone
}

/**
 * What a search for a number looks for: its digits, without what stands before them at home or abroad (0, 00, +49); null when too few, and of what
 * has letters in it: an e-mail address or the number of an order is no telephone number.
 */
export function searchableDigits(typed: string): string | null {
  const number = typed.replace(/^(tel|fax)[.:]/i, '')
  if (/\p{L}/u.test(number)) return null
  const abroad = parsePhoneNumberFromString(number.replace(/^\s*00(?=[1-9])/, '+'))
  const national = abroad?.nationalNumber ?? ''
  const digits = national.length >= 6 ? national : number.replace(/\D/g, '').replace(/^0+/, '')
  return digits.length >= 3 ? digits : null
}

/** The words in order, those that follow one another and may be parts of one telephone number kept together. */
export function phoneRuns(words: readonly string[]): string[][] {
  const runs: string[][] = []
  let inNumber = false
  for (const word of words) {
    const isPart = /^\+?[\d().\-/]+$/.test(word)
    if (isPart && inNumber) runs.at(-1)?.push(word)
    else runs.push([word])
    inNumber = isPart
  }
  return runs
}
