import { readdirSync, readFileSync } from 'node:fs'
import i18next from 'i18next'
import type { Words } from '../locales/words.ts'
import { fromRoot } from '../paths.ts'

type Singular<Key extends string> = Key extends `${infer Base}_${'zero' | 'one' | 'other'}` ? Base : Key
type Path<Node> = {
  [Key in keyof Node & string]: Node[Key] extends string ? Singular<Key> : `${Key}.${Path<Node[Key]>}`
}[keyof Node & string]

/** `<noun>.<page>.<thing>`: the first part is the file in src/locales/<language>/, the rest the path inside it; without a plural's ending. */
export type TranslationKey = Path<Words>
export type Values = Readonly<Record<string, string | number | boolean | null | undefined>>
/** Something to be said later, in a language not known yet. */
export interface Message {
  key: TranslationKey
  values?: Values
}
export type Translate = (key: TranslationKey, values?: Values) => string

/** Right to left, and every word longer: shows what a layout cannot take and which words were never translated. Tests turn it on. */
export const PSEUDO_LANGUAGE = 'ar-XB'

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur'])
const LOCALES = fromRoot('src', 'locales')
type Tree = { [key: string]: string | Tree }

export const languages: readonly string[] = readdirSync(LOCALES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort((a, b) => Number(b === 'en') - Number(a === 'en') || (a < b ? -1 : 1))

/** All words of one language, as one tree: { leads: {…}, deals: {…} }. */
export function wordsOf(language: string): Tree {
  if (language === PSEUDO_LANGUAGE) return pseudo(wordsOf('en'))
  const files = readdirSync(`${LOCALES}/${language}`).filter((name) => name.endsWith('.json'))
  return Object.fromEntries(
    files.map((name) => [
      name.replace('.json', ''),
      JSON.parse(readFileSync(`${LOCALES}/${language}/${name}`, 'utf8')),
    ]),
  )
}

function pseudo(tree: Tree): Tree {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, words]) => {
      const said = typeof words === 'string' ? lengthened(words) : pseudo(words)
      // The pseudo-language counts as Arabic does, in six forms.
      return key.endsWith('_other')
        ? ARABIC_PLURALS.map((form) => [`${key.slice(0, -'other'.length)}${form}`, said] as const)
        : [[key, said] as const]
    }),
  )
}

const ARABIC_PLURALS = ['zero', 'two', 'few', 'many', 'other']

function lengthened(words: string): string {
  return words
    .split(/(\{\{.*?\}\})/)
    .map((part) =>
      part.startsWith('{{')
        ? part
        : part.replace(/[\p{L}]+/gu, (word) => `\u202e${word}${word.slice(0, Math.ceil(word.length / 2))}\u202c`),
    )
    .join('')
}

const i18n = i18next.createInstance()
await i18n.init({
  lng: 'en',
  fallbackLng: false,
  supportedLngs: [...languages, PSEUDO_LANGUAGE],
  resources: Object.fromEntries(
    [...languages, PSEUDO_LANGUAGE].map((language) => [language, { translation: wordsOf(language) }]),
  ),
  // Views escape; escaping twice would show &amp; to people.
  interpolation: { escapeValue: false },
  returnNull: false,
})

const translators = new Map<string, Translate>()

/** The words of `language`. A missing key shows as itself; a convention test makes sure that none is missing. */
export function translator(language: string): Translate {
  let translate = translators.get(language)
  if (!translate) {
    translate = remembering(i18n.getFixedT(language))
    translators.set(language, translate)
  }
  return translate
}

const REMEMBERED = 5_000

/** The same words are asked for again and again, and i18next takes microseconds to find them: a page asks for hundreds. Begins anew when full. */
function remembering(translate: Translate): Translate {
  const known = new Map<string, string>()
  return (key, values) => {
    const asked = values ? `${key} ${JSON.stringify(values)}` : key
    let words = known.get(asked)
    if (words === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      words = translate(key, values)
      known.set(asked, words)
    }
    return words
  }
}

export function isLanguage(code: string): boolean {
  return languages.includes(code) || code === PSEUDO_LANGUAGE
}

export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr'
}

/** The locale that Intl formats with: the pseudo-language writes figures as English does. */
export function formatLocale(language: string): string {
  return language === PSEUDO_LANGUAGE ? 'en' : language
}
