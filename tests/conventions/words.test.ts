import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PSEUDO_LANGUAGE, languages, wordsOf } from '../../src/platform/i18n.ts'
import { fromRoot } from '../../src/paths.ts'

type Tree = { [key: string]: string | Tree }

/** Values that say how many; "one deal" and "today" may leave them to the word. */
const COUNTED = new Set(['count', 'shown'])
const PLURAL = /_(zero|one|two|few|many|other)$/

/** Every key of a language with its words; the forms of a plural apart. */
function flat(tree: Tree, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, words]) =>
      typeof words === 'string' ? [[path + key, words] as const] : [...flat(words, `${path}${key}.`)],
    ),
  )
}

/** The key as code names it: a plural without its ending. */
function named(key: string, all: ReadonlyMap<string, string>): string {
  return PLURAL.test(key) && all.has(key.replace(PLURAL, '_other')) ? key.replace(PLURAL, '') : key
}

function placeholders(words: string): string[] {
  return [...new Set([...words.matchAll(/\{\{\s*(\w+)[^}]*\}\}/g)].map(([, name = '']) => name))].sort()
}

const english = flat(wordsOf('en'))
const keys = new Set([...english.keys()].map((key) => named(key, english)))

describe.each([...languages, PSEUDO_LANGUAGE])('the words of %s', (language) => {
  const words = flat(wordsOf(language))

  test('are those of English: none is missing, none is left over', () => {
    expect([...new Set([...words.keys()].map((key) => named(key, words)))].sort()).toEqual([...keys].sort())
  })

  test('have each form in which the language counts', () => {
    const plurals = [...words.keys()].filter((key) => key.endsWith('_other')).map((key) => key.replace(PLURAL, ''))
    const { pluralCategories } = new Intl.PluralRules(language === PSEUDO_LANGUAGE ? 'ar' : language).resolvedOptions()

    const missing = plurals.flatMap((key) =>
      pluralCategories.filter((form) => !words.has(`${key}_${form}`)).map((form) => `${key}_${form}`),
    )

    expect(plurals.length).toBeGreaterThan(0)
    expect(missing).toEqual([])
  })

  test('say the same values as the English ones, and say something', () => {
    const differing = [...words].filter(([key, said]) => {
      const base = named(key, words)
      const original = english.get(base) ?? english.get(`${base}_other`) ?? ''
      const without = (names: string[]) =>
        /_(zero|one|two)$/.test(key) ? names.filter((name) => !COUNTED.has(name)) : names
      return said.trim() === '' || without(placeholders(said)).join() !== without(placeholders(original)).join()
    })

    expect(differing).toEqual([])
  })
})

test('a language is not English under another name', () => {
  for (const language of languages.filter((code) => code !== 'en')) {
    const same = [...flat(wordsOf(language))].filter(
      ([key, said]) => /\p{L}{3,}\s+\p{L}{3,}/u.test(said) && english.get(key) === said,
    )
    expect(same).toEqual([])
  }
})

const NOUNS = Object.keys(wordsOf('en')).join('|')
const views = filesBelow('views', '.ejs')
const code = [
  ...views,
  ...filesBelow('src', '.ts').filter(([name]) => !/generated|locales/.test(name)),
  ...filesBelow('public/js', '.js'),
]

/** What the product says by key: whole keys, keys put together from parts, and beginnings that a partial completes ('leads.fields'). */
const said = code.flatMap(([file, text]) => [
  ...[...text.matchAll(new RegExp(`'((?:${NOUNS})(?:\\.\\w+)+)'`, 'g'))].map(([, key = '']) => ({
    file,
    key,
    pattern: pattern(key),
  })),
  ...[...text.matchAll(new RegExp(`\`((?:${NOUNS})\\.[^\`]*)\``, 'g'))].map(([, key = '']) => ({
    file,
    key,
    pattern: pattern(key),
  })),
])

function pattern(key: string): RegExp {
  const parts = key.split(/\$\{[^}]*\}/).map((part) => part.replaceAll('.', '\\.'))
  const isBeginning = [...keys].some((known) => known.startsWith(`${key}.`))
  return new RegExp(`^${parts.join('[\\w.-]+')}${isBeginning ? '\\.\\w+' : ''}$`)
}

describe('keys and code agree', () => {
  test('every key that is said exists', () => {
    const unknown = said.filter(
      ({ key, pattern }) => !isAddress(key) && ![...keys].some((known) => pattern.test(known)),
    )

    expect(said.length).toBeGreaterThan(200)
    expect(unknown.map(({ file, key }) => `${file}: ${key}`)).toEqual([])
  })

  test('every key that exists is said', () => {
    expect([...keys].filter((key) => !said.some(({ pattern }) => pattern.test(key)))).toEqual([])
  })
})

/** Files and columns (deals.client_id) are written with a point too. */
function isAddress(key: string): boolean {
  return /\.(ts|js|json|ejs)$/.test(key) || /^\w+\.[a-z]+_[a-z_]+$/.test(key)
}

/** What reaches a view as HTML, made by another view. */
const HTML = new Set(['body', 'importMap', 'cards', 'heading', 'row.html', "locals.menu ?? ''", 'shown.html'])

describe('views', () => {
  test.each(views)('%s has no literal text', (name, text) => {
    // A partial that stands inside a tag.
    const html = name.endsWith('-attributes.ejs') ? `<x ${withoutCode(text)}>` : withoutCode(text)
    const inAttributes = [
      ...html.matchAll(/\b(?:aria-label|aria-description|title|alt|placeholder|value|label)="([^"]*)"/g),
    ].map(([, value = '']) => value)
    const between = html
      .replace(/<script\b[\s\S]*?<\/script>/g, '')
      .replace(/<(?:"[^"]*"|'[^']*'|[^>"'])*>/g, '\n')
      .replace(/&#?\w+;/g, ' ')

    const literal = [...inAttributes.filter((value) => !/^([a-z][\w-]*|\/.*)$/.test(value)), ...between.split('\n')]
    expect(literal.map((line) => line.trim()).filter((line) => /\p{L}/u.test(line))).toEqual([])
  })

  test.each(views)('%s puts no words together in its code', (_, text) => {
    const literals = [...text.matchAll(/<%(?!#)([\s\S]*?)%>/g)].flatMap(([, script = '']) =>
      [...script.matchAll(/'((?:[^'\\\n]|\\.)*)'/g)].map(([, literal = '']) => literal),
    )

    expect(literals.filter((literal) => /^\p{Lu}\p{Ll}+|\p{L}{2,} \p{L}{2,} \p{L}/u.test(literal))).toEqual([])
  })

  test.each(views)('%s escapes what it shows, has no inline style and no inline script', (_, text) => {
    const raw = [...text.matchAll(/<%-([\s\S]*?)%>/g)].map(([, script = '']) => script.trim())
    const html = withoutCode(text)

    // A view may give a name to a partial that it shows more than once.
    const ownPartials = [...text.matchAll(/const (\w+) = \([^)]*\) => include\(/g)].map(([, own = '']) => own)
    const isHtml = (script: string) =>
      ['include', ...ownPartials].includes(script.split('(')[0] ?? '') || HTML.has(script)
    expect(raw.filter((script) => !isHtml(script))).toEqual([])
    expect(html).not.toMatch(/\sstyle=|<style\b|\son\w+=|javascript:/i)
    expect(
      [...html.matchAll(/<script\b(?![^>]*\bsrc=)[^>]*>/g)].filter(([tag]) => !tag.includes('type="importmap"')),
    ).toEqual([])
  })
})

function withoutCode(ejs: string): string {
  return ejs.replace(/<%[\s\S]*?%>/g, '').replace(/<!--[\s\S]*?-->/g, '')
}

function filesBelow(folder: string, ending: string): [name: string, text: string][] {
  return readdirSync(fromRoot(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => [`${folder}/${name.replaceAll('\\', '/')}`, readFileSync(fromRoot(folder, name), 'utf8')])
}
