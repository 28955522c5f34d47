import { formatLocale } from '../../platform/i18n.ts'
import type { Translate, TranslationKey } from '../../platform/i18n.ts'
import { isCalendarDay } from '../../platform/time.ts'
import { stageName } from '../pipelines/words.ts'
import { fieldsOf } from './fields.ts'
import type { Field } from './fields.ts'
import type { Told } from './values.ts'

/** How the reader's figures look; what a page's `fmt` can do. */
export interface Figures {
  date(day: string): string
  percent(value: number): string
  money(amount: string, currency: string): string
  dateTime(instant: Date): string
  clock(time: string): string
}

export interface Telling {
  t: Translate
  fmt: Figures
  /** Of the reader. */
  lang: string
}

/** Who changed what of a record: of each column that differs, before and after. */
interface Change {
  /** null is the system, and somebody who is gone. */
  who: string | null
  bySystem: boolean
  fields: Readonly<Record<string, readonly [Told, Told]>>
}

/** What of a record's change is told, in words. */
export interface ToldField {
  label: string
  /** Both are null where they begin alike, and are told no further. */
  from: string | null
  to: string | null
}

/** As much of a text as stands in a sentence. */
const SAID = 80

// First Strong Isolate … Pop Directional Isolate: what people typed keeps its own direction inside a sentence, and the sentence keeps its own.
const [ISOLATE, POP] = ['\u2068', '\u2069']

/**
 * A change of a record in one sentence: "Rosa changed Value from €1,000 to €2,000 and Owner from – to Emil". What is somebody's own text stands in
 * Unicode isolates; `partsOf` finds it again, for markup.
 */
export function tellChange(
  telling: Telling,
  subject: 'clients' | 'contacts' | 'leads' | 'deals',
  { who, bySystem, fields }: Change,
): string {
  const { t, lang } = telling
  const name = isolated(who ?? t(bySystem ? 'timeline.system' : 'timeline.somebody'))
  const { is_active: archiving, ...others } = fields
  const parts = tellFields(telling, subject, others).map(({ label, from, to }) =>
    from === null || to === null
      ? t('timeline.change.only', { field: label })
      : t('timeline.change.fromTo', { field: label, from: isolated(from), to: isolated(to) }),
  )
  const what = new Intl.ListFormat(formatLocale(lang), { type: 'conjunction' }).format(parts)
  const sentences = [
    ...(archiving ? [t(`timeline.${archiving[1] === true ? 'restored' : 'archived'}.${subject}`, { who: name })] : []),
    ...(parts.length > 0 ? [t('timeline.change.sentence', { who: name, what })] : []),
  ]
  return sentences.join(' · ')
}

/** Field by field, in the order in which forms have them. */
export function tellFields(
  telling: Telling,
  table: string,
  values: Readonly<Record<string, readonly [Told, Told]>>,
): ToldField[] {
  return Object.entries(fieldsOf(table)).flatMap(([column, field]) => {
    const change = values[column]
    if (!change) return []
    const [from, to] = change.map((value) => tellValue(telling, field, value)) as [string, string]
    return [{ label: telling.t(field.label), ...(from === to ? { from: null, to: null } : { from, to }) }]
  })
}

/** A value in words. What does not look as it should (erased data, an old row) is said as it stands. */
function tellValue({ t, fmt, lang }: Telling, field: Field, value: Told): string {
  if (value === null || value === '') return t('timeline.change.nothing')
  if (field.as === 'money') {
    const [amount, currency] = value as [string | null, string]
    return amount === null
      ? t('timeline.change.nothing')
      : /^\d+(\.\d+)?$/.test(amount)
        ? fmt.money(amount, currency)
        : amount
  }
  if (Array.isArray(value))
    return value.length === 0
      ? t('timeline.change.nothing')
      : new Intl.ListFormat(formatLocale(lang), { type: 'unit' }).format(value as string[])
  if (typeof value === 'object')
    return value.key ? stageName(t, { key: value.key, name: value.name }) : (value.name ?? t('timeline.change.hidden'))
  if (typeof value === 'boolean') return t(value ? 'ui.yes' : 'ui.no')
  if (field.as === 'date' && isCalendarDay(value)) return fmt.date(value)
  if (field.as === 'moment' && !Number.isNaN(Date.parse(value))) return fmt.dateTime(new Date(value))
  if (field.as === 'clock' && /^\d\d:\d\d/.test(value)) return fmt.clock(value.slice(0, 5))
  if (field.as === 'percent' && /^\d+$/.test(value)) return fmt.percent(Number(value))
  if (field.words && /^[a-z_]+$/.test(value)) return t(`${field.words}.${value}` as TranslationKey)
  return shortened(value)
}

/** On one line, cut between words where that is not far off, and never inside what reads as one character. */
function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment)
  if (characters.length <= SAID) return line
  const cut = characters.slice(0, SAID).join('')
  const space = cut.lastIndexOf(' ')
  return `${(space > SAID / 2 ? cut.slice(0, space) : cut).trimEnd()}…`
}

function isolated(text: string): string {
  return `${ISOLATE}${text.replaceAll(/[\u2066-\u2069\u202a-\u202e]/g, '')}${POP}`
}

/** A sentence in pieces: the product's own words, and what people typed (`own`). */
export function partsOf(sentence: string): { text: string; own: boolean }[] {
  return sentence
    .split(/(\u2068[^\u2069]*\u2069)/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(ISOLATE) ? { text: part.slice(1, -1), own: true } : { text: part, own: false }))
}
