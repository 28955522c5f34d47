import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { operations } from '../../src/api.ts'
import { VARIABLES } from '../../src/config.ts'
import { HELPED_BY } from '../../src/features/help/context.ts'
import { findInGuide } from '../../src/features/help/finding.ts'
import { IMAGES, readGuide } from '../../src/features/help/guide.ts'
import { anchorOf, renderPage } from '../../src/features/help/markdown.ts'
import { languages, translator } from '../../src/platform/i18n.ts'
import type { TranslationKey } from '../../src/platform/i18n.ts'
import { fromRoot } from '../../src/paths.ts'
import { routesOf } from '../conventions/site.ts'
import { app } from '../support/browse.ts'
import { SHOTS } from './shots.ts'

const FOLDER = fromRoot('docs', 'guide')
const files = readdirSync(FOLDER, { recursive: true })
  .map((name) => String(name).replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.md'))
const textOf = (file: string) => readFileSync(join(FOLDER, file), 'utf8')
const all = files.map(textOf).join('\n')
const guide = readGuide('en')

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '')

describe('links', () => {
  const links = files.flatMap((file) =>
    [...withoutCode(textOf(file)).matchAll(/!?\[[^\]]*\]\(([^)\s]+)\)/g)].map(
      ([, target = '']) => [file, target] as const,
    ),
  )
  const inside = links.filter(([, target]) => !/^https?:/.test(target))

  test.each(inside)('in %s, %s leads to a file that is there, and to a heading in it', (file, target) => {
    const [path = '', anchor] = target.split('#')
    const found = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path))
    expect(existsSync(join(FOLDER, found)), found).toBe(true)
    if (anchor !== undefined) {
      const headings = [...textOf(found).matchAll(/^#{2,} (.*)$/gm)].map(([, text = '']) => anchorOf(text))
      expect(headings).toContain(anchor)
    }
  })

  test('in the product, each leads to a page and a heading, or to a picture', () => {
    const wrong = guide.pages.flatMap(({ slug, html }) =>
      [...html.matchAll(/(?:href|src)="([^"]*)"/g)].flatMap(([, target = '']) => {
        if (/^https:/.test(target) || /^\/help\/images\/[\w-]+\.png\?v=[0-9a-f]{12}$/.test(target)) return []
        const [path = '', anchor] = target.split('#')
        const shown = path === '' ? guide.find(slug) : guide.find(path.replace(/^\/help\/?/, ''))
        const isThere = /^(\/help(\/[a-z-]+)?)?$/.test(path) && shown
        return isThere && (anchor === undefined || shown.headings.some(({ id }) => id === anchor))
          ? []
          : [`${slug}: ${target}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  test('every page is in the contents, in each language under the same names', () => {
    const english = files.filter((file) => !/^[a-z]{2}\//.test(file))
    expect(guide.pages).toHaveLength(english.length)
    for (const language of languages.filter((code) => code !== 'en')) {
      const translated = files.filter((file) => file.startsWith(`${language}/`)).map((file) => file.slice(3))
      expect(translated.filter((file) => !english.includes(file))).toEqual([])
      expect(english.filter((file) => /^(README|user\/)/.test(file) && !translated.includes(file))).toEqual([])
    }
  })

  test('no two pages have one name, and every screen’s page is there', () => {
    const slugs = guide.pages.map(({ slug }) => slug)
    expect(new Set(slugs).size).toBe(slugs.length)
    expect(HELPED_BY.filter((slug) => !guide.find(slug))).toEqual([])
  })
})

describe('pictures', () => {
  test('each that is shown is taken by the script, and each that is taken is shown', () => {
    const shown = [...all.matchAll(/images\/([\w-]+)\.png/g)].map(([, name]) => name)
    expect([...new Set(shown)].sort()).toEqual(Object.keys(SHOTS).sort())
    expect(readdirSync(IMAGES).sort()).toEqual(
      Object.keys(SHOTS)
        .map((name) => `${name}.png`)
        .sort(),
    )
  })

  test.each(readdirSync(IMAGES))('%s is a PNG of at most 120 kB', (name) => {
    expect(readFileSync(join(IMAGES, name)).subarray(1, 4).toString()).toBe('PNG')
    expect(statSync(join(IMAGES, name)).size).toBeLessThan(120_000)
  })

  test('each has words for who cannot see it', () => {
    expect(all.match(/!\[\]\(/g)).toBeNull()
  })
})

describe('what the guide names', () => {
  test('each npm script is one of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { scripts: object }
    const named = [...all.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name]) => name)
    const own = new Set([...Object.keys(scripts), 'ci', 'prune', 'install'])
    expect(named.filter((name) => name && !own.has(name) && !['and', 'comes'].includes(name))).toEqual([])
  })

  test('each variable is one the product reads, and each it reads is told of', () => {
    const told = [...textOf('admin/variables.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name)
    expect(told.sort()).toEqual([...VARIABLES].sort())
    const named = [...all.matchAll(/\b([A-Z]+_[A-Z_]+)\b/g)].map(([, name]) => name)
    expect([...new Set(named)].filter((name) => !VARIABLES.includes(name!))).toEqual([])
  })

  test('each operation of the API is one there is', () => {
    const offered = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    const named = [...all.matchAll(/`((?:GET|POST|PATCH|DELETE) \/[^`]*)`/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(3)
    expect(named.filter((name) => !offered.includes(name))).toEqual([])
  })

  test('each address is one that is mounted', () => {
    const mounted = routesOf(app).map(({ path }) => path)
    const named = [...all.matchAll(/`(\/[a-z][\w/.:-]*)`/g)].map(([, path = '']) => path)
    expect(named.length).toBeGreaterThan(4)
    expect([...new Set(named)].filter((path) => !mounted.includes(path) && !path.startsWith('/api/v1'))).toEqual([])
  })

  test('what is in bold for a button or a field is said somewhere in the product', () => {
    const said = new Set<string>()
    for (const words of sayings()) said.add(words)
    const bold = files
      .filter((file) => /^(user|admin)\//.test(file))
      .flatMap((file) =>
        [...withoutCode(textOf(file)).matchAll(/(?:press|choose|\bthen|Press|Choose) \*\*([^*]+)\*\*/gi)].map(
          ([, words]) => `${file}: ${words}`,
        ),
      )
    const missing = bold.filter((each) => {
      const words = each.slice(each.indexOf(': ') + 2)
      return !said.has(words)
    })
    expect(bold.length).toBeGreaterThan(15)
    expect(missing).toEqual([])
  })
})

/** Every word of the product, in English. */
function sayings(): string[] {
  const folder = fromRoot('src', 'locales', 'en')
  const inTree = (tree: unknown): string[] =>
    typeof tree === 'string' ? [tree] : Object.values(tree as object).flatMap(inTree)
  return readdirSync(folder).flatMap((file) => inTree(JSON.parse(readFileSync(join(folder, file), 'utf8'))))
}

describe('a page in the product', () => {
  const render = (text: string) => renderPage(text, { link: (target) => target, image: (src) => ({ src }) })

  test('takes nothing that is written for HTML', () => {
    const { html, title } = render('# A & B\n\n<script>alert(1)</script> <b>x</b> [x](javascript:alert(1))\n')
    expect(title).toBe('A & B')
    expect(html).not.toMatch(/<script|<b>|href="javascript/)
  })

  test('names its headings as a code host does, each once', () => {
    const { headings } = render('# T\n\n## Who sees what?\n\n## Größe & Zahl\n\n## Who sees what?\n')
    expect(headings.map(({ id }) => id)).toEqual(['who-sees-what', 'größe--zahl', 'who-sees-what-1'])
  })

  test('without a title is a mistake', () => {
    expect(() => render('Text')).toThrow('begins with its title')
  })

  test('is in the reader’s language where it is translated, and says which one it is in', () => {
    const german = readGuide('de')
    expect(german.find('leads')).toMatchObject({ lang: 'de' })
    expect(german.find('api')).toMatchObject({ lang: 'en' })
    expect(german.pages.map(({ slug }) => slug)).toEqual(guide.pages.map(({ slug }) => slug))
    expect(readGuide('../..').find('leads')).toMatchObject({ lang: 'en' })
  })

  test('every part has a name in every language', () => {
    for (const { part } of guide.contents) {
      const key = `help.guide.parts.${part}` as TranslationKey
      for (const language of languages) expect(translator(language)(key)).not.toBe(key)
    }
  })
})

describe('looking for words', () => {
  test('finds the section that has them all, whatever their case and order, headings first', () => {
    const [first] = findInGuide(guide, 'RECOVERY two-factor')
    expect(first).toMatchObject({ slug: 'profile', anchor: 'two-factor-sign-in' })
    expect(first?.excerpt.some(({ isHit }) => isHit)).toBe(true)
    expect(findInGuide(guide, 'trash')[0]).toMatchObject({ heading: 'Trash' })
  })

  test('finds nothing for nothing, nor for what is not there', () => {
    expect(findInGuide(guide, ' ')).toEqual([])
    expect(findInGuide(guide, 'zeppelin')).toEqual([])
  })
})
