import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'

export interface Heading {
  level: number
  id: string
  text: string
}

/** What stands under one heading, as plain text: for the search. */
export interface Section {
  /** '' before the first heading. */
  id: string
  heading: string
  text: string
}

/** Where what a page refers to is found in the product. */
export interface Addresses {
  link(target: string): string
  /** The attributes of its picture. */
  image(target: string): Readonly<Record<string, string>>
}

export interface RenderedPage {
  title: string
  /** Without the title. */
  html: string
  headings: Heading[]
  sections: Section[]
}

// Nothing of a page is taken for HTML: what looks like a tag is shown.
const markdown = new MarkdownIt({ html: false, linkify: false })
const { rules } = markdown.renderer
// What is wider than a phone scrolls by itself, and can be scrolled by keyboard.
rules.table_open = () => '<div class="prose-table" tabindex="0">\n<table>\n'
rules.table_close = () => '</table>\n</div>\n'
rules.fence = (tokens, index) =>
  `<pre tabindex="0" translate="no"><code>${markdown.utils.escapeHtml(tokens[index]?.content ?? '')}</code></pre>\n`

/** Throws for a page without a title. */
export function renderPage(text: string, addresses: Addresses): RenderedPage {
  const tokens = markdown.parse(text, {})
  const title = takeTitle(tokens)
  const headings = nameHeadings(tokens)
  for (const token of tokens.flatMap(({ children }) => children ?? [])) lead(token, addresses)
  return { title, html: markdown.renderer.render(tokens, markdown.options, {}), headings, sections: sectionsOf(tokens) }
}

/** As a code host names them, so that links to them work there too. */
export function anchorOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

function takeTitle(tokens: Token[]): string {
  const [open, inline] = tokens
  if (open?.tag !== 'h1' || !inline) throw new Error('a page of the guide begins with its title')
  tokens.splice(0, 3)
  return plainText(inline)
}

function nameHeadings(tokens: readonly Token[]): Heading[] {
  const headings: Heading[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue
    const inline = tokens[index + 1]
    const text = inline ? plainText(inline) : ''
    const id = freeOf(
      anchorOf(text),
      headings.map((heading) => heading.id),
    )
    token.attrSet('id', id)
    headings.push({ level: Number(token.tag.slice(1)), id, text })
  }
  return headings
}

function freeOf(id: string, taken: readonly string[]): string {
  if (!taken.includes(id)) return id
  for (let number = 1; ; number += 1) if (!taken.includes(`${id}-${number}`)) return `${id}-${number}`
}

function lead(token: Token, { link, image }: Addresses): void {
  if (token.type === 'link_open') {
    const target = link(String(token.attrGet('href')))
    token.attrSet('href', target)
    if (/^https?:/.test(target)) token.attrSet('rel', 'noreferrer')
  }
  if (token.type === 'image')
    for (const [name, value] of Object.entries(image(String(token.attrGet('src'))))) token.attrSet(name, value)
}

function plainText(inline: Token): string {
  return (inline.children ?? []).map(({ type, content }) => (/break$/.test(type) ? ' ' : content)).join('')
}

function sectionsOf(tokens: readonly Token[]): Section[] {
  const sections: Section[] = [{ id: '', heading: '', text: '' }]
  let isHeading = false
  for (const token of tokens) {
    if (token.type === 'heading_open') {
      sections.push({ id: String(token.attrGet('id')), heading: '', text: '' })
      isHeading = true
    }
    if (token.type === 'heading_close') isHeading = false
    const section = sections.at(-1)
    if (!section) continue
    const text = token.type === 'inline' ? plainText(token) : token.type === 'fence' ? token.content : ''
    if (isHeading && text) section.heading = text
    else if (text) section.text += `${section.text ? ' ' : ''}${text}`
  }
  return sections.filter(({ heading, text }) => heading || text)
}
