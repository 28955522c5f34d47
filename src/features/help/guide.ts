import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fromRoot } from '../../paths.ts'
import { renderPage } from './markdown.ts'
import type { Heading, Section } from './markdown.ts'

/** A page of the guide in one language, ready to be shown. */
export interface GuidePage {
  /** '' is the first page, with the contents. */
  slug: string
  /** The folder it stands in: for users, administrators or programmers. '' for the first page. */
  part: string
  title: string
  html: string
  headings: readonly Heading[]
  sections: readonly Section[]
  /** Which language it is really in: English where nobody has translated it. */
  lang: string
}

export interface Guide {
  pages: readonly GuidePage[]
  find(slug: string): GuidePage | undefined
  /** The parts and what is in them, in reading order. */
  contents: readonly { part: string; pages: readonly GuidePage[] }[]
}

const FOLDER = fromRoot('docs', 'guide')
export const IMAGES = join(FOLDER, 'images')
/** What the guide is written in; other languages stand in folders of their own. */
const ORIGINAL = 'en'

/**
 * The guide in `language`, as docs/guide has it. The first page of the English guide says by its links which pages there are, and in which order; a
 * page that is not translated is there in English.
 */
export function readGuide(language: string): Guide {
  const paths = pathsIn(textOf('README.md', ORIGINAL).text)
  const pages = ['README.md', ...paths].map((path) => pageAt(path, language))
  const parts = [...new Set(pages.map(({ part }) => part).filter((part) => part !== ''))]
  const bySlug = new Map(pages.map((page) => [page.slug, page]))
  return {
    pages,
    find: (slug) => bySlug.get(slug),
    contents: parts.map((part) => ({ part, pages: pages.filter((page) => page.part === part) })),
  }
}

/** The pages that a text links to, each once: 'user/leads.md'. */
function pathsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\]\(([a-z-]+\/[a-z-]+\.md)\)/g)].map(([, path = '']) => path))]
}

function pageAt(path: string, language: string): GuidePage {
  const { text, lang } = textOf(path, language)
  const { title, html, headings, sections } = renderPage(text, {
    link: (target) => addressOf(target, posix.dirname(path)),
    image: pictureOf,
  })
  return { slug: slugOf(path), part: partOf(path), title, html, headings, sections, lang }
}

function textOf(path: string, language: string): { text: string; lang: string } {
  if (language !== ORIGINAL && translated(language).has(path))
    return { text: readFileSync(join(FOLDER, language, path), 'utf8'), lang: language }
  return { text: readFileSync(join(FOLDER, path), 'utf8'), lang: ORIGINAL }
}

function translated(language: string): Set<string> {
  // A language is a folder's name, and never more than that.
  const folder = readdirSync(FOLDER).find((name) => name === language)
  if (!folder) return new Set()
  return new Set(
    readdirSync(join(FOLDER, folder), { recursive: true }).map((name) => String(name).replaceAll('\\', '/')),
  )
}

/** Where a link of a page in `folder` leads in the product. What is elsewhere stays as it is. */
function addressOf(target: string, folder: string): string {
  if (/^([a-z]+:|#|\/)/.test(target)) return target
  const [path = '', anchor] = target.split('#')
  const resolved = posix.normalize(posix.join(folder, path))
  const hash = anchor === undefined ? '' : `#${anchor}`
  return resolved.endsWith('.md') ? `/help${slugOf(resolved) === '' ? '' : `/${slugOf(resolved)}`}${hash}` : target
}

/** A picture at an address that changes with it, and as large as it is, so that nothing moves when it comes. */
function pictureOf(target: string): Record<string, string> {
  const name = posix.basename(target)
  const picture = readFileSync(join(IMAGES, name))
  const hash = createHash('sha256').update(picture).digest('hex').slice(0, 12)
  return {
    src: `/help/images/${name}?v=${hash}`,
    // Where a PNG has them.
    width: String(picture.readUInt32BE(16)),
    height: String(picture.readUInt32BE(20)),
    loading: 'lazy',
  }
}

function slugOf(path: string): string {
  const name = posix.basename(path, '.md')
  return name === 'README' ? '' : name
}

function partOf(path: string): string {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}
