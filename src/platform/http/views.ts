import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ejs from 'ejs'
import { freeNames } from './free-names.ts'

type Locals = Readonly<Record<string, unknown>>
type Include = (name: string, given?: Locals) => string
interface Template {
  file: string
  /** What it asks of what it is given, by name. */
  asks: readonly string[]
  /** Those it includes, by the names it calls them. */
  included: Map<string, Template>
  /** What it has printed for all pages, by language, and how often it did. */
  kept: Map<unknown, Printed>
  count: number
  print(frame: Frame): string
}

/** What a template sees: what it was given by the one that includes it, or that by its own, before what the whole page has. */
interface Frame {
  own: Locals
  page: Locals
  include: Include
}

/**
 * EJS, for pages of hundreds of partials. Its own `include` looks for the file on disk and copies all locals for each partial, which is half the time
 * of a list and most of a board, and Express copies those of each page. Here a name is looked up once, a partial's locals are laid over its page's, and a
 * partial given the same plain values twice on a page is printed once: partials are functions of their locals. One that asks for nothing but those
 * values and the words of a language (a badge, an icon) is printed once for all pages. Not `cached`, files are read anew for each page, and errors
 * name their line. A view is named by its path in `folder`, without the ending.
 */
export function viewPrinter(folder: string, cached: boolean): (view: string, locals: Locals) => string {
  const templates = new Map<string, Template>()
  /** Something has been printed that asks for more than it was given and `EVERYWHERE` has. */
  let hasAskedPage = false

  function templateAt(file: string): Template {
    let template = templates.get(file)
    if (!template) {
      template = { file, included: new Map(), kept: new Map(), count: 0, ...compile(file, !cached) }
      if (cached) templates.set(file, template)
    }
    return template
  }

  /** Beside the page that includes it, else from the views folder. */
  function named(name: string, from: Template): Template {
    let template = from.included.get(name)
    if (!template) {
      const beside = join(dirname(from.file), `${name}.ejs`)
      template = templateAt(existsSync(beside) ? beside : join(folder, `${name}.ejs`))
      if (cached) from.included.set(name, template)
    }
    return template
  }

  function print(template: Template, page: Locals, own: Locals): string {
    let printed: Map<unknown, Printed> | undefined
    const include: Include = (name, given = NOTHING) => {
      const isReusable = isPlain(given)
      const again = isReusable ? printedFor(printed?.get(name), given) : undefined
      if (again !== undefined) return again
      const partial = named(name, template)
      const known = isReusable && cached ? printedFor(partial.kept.get(page.lang), given) : undefined
      if (known !== undefined) return known
      refuseWhatIsEverywhere(given)
      const before = hasAskedPage
      hasAskedPage = !isReusable || partial.asks.some((asked) => !(asked in given) && !EVERYWHERE.has(asked))
      const html = print(partial, page, own === NOTHING ? given : Object.assign({}, own, given))
      if (isReusable) {
        if (cached && !hasAskedPage) keepForAll(partial, page.lang, given, html)
        else keep((printed ??= new Map<unknown, Printed>()), name, given, html)
      }
      hasAskedPage ||= before
      return html
    }
    return template.print({ own, page, include })
  }

  return (view, locals) => {
    hasAskedPage = false
    return print(templateAt(join(folder, `${view}.ejs`)), locals, NOTHING)
  }
}

const NOTHING: Locals = {}
/** Of each partial, until it begins anew: what people type can be among what it is given. */
const KEPT = 500
/** What is the same on all pages in one language: nobody may give another. */
const EVERYWHERE: ReadonlySet<string> = new Set(['t', 'lang', 'dir', 'everyPlace', 'asset', 'importMap'])

/** What was kept for all pages would otherwise be told on one of them only. Throws for the name of what is the same everywhere. */
export function refuseWhatIsEverywhere(given: Locals): void {
  for (const local in given)
    if (EVERYWHERE.has(local)) throw new Error(`"${local}" is the same on all pages, and cannot be given to one`)
}

/** What has been printed, found again by one after the other of the names and values that it was given. */
interface Printed {
  html: string | undefined
  under: Map<unknown, Printed> | undefined
}

function printedFor(printed: Printed | undefined, given: Locals): string | undefined {
  let at = printed
  for (const local in given) at = at?.under?.get(local)?.under?.get(given[local])
  return at?.html
}

function keep(printed: Map<unknown, Printed>, first: unknown, given: Locals, html: string): void {
  let at = step(printed, first)
  for (const local in given) {
    at = step((at.under ??= new Map<unknown, Printed>()), local)
    at = step((at.under ??= new Map<unknown, Printed>()), given[local])
  }
  at.html = html
}

function keepForAll(partial: Template, language: unknown, given: Locals, html: string): void {
  if (partial.count++ % KEPT === 0) partial.kept.clear()
  // In one piece: what a template prints is a chain of its parts, which each page that it stands on would go along again.
  keep(partial.kept, language, given, Buffer.from(html).toString())
}

function step(under: Map<unknown, Printed>, to: unknown): Printed {
  let next = under.get(to)
  if (!next) under.set(to, (next = { html: undefined, under: undefined }))
  return next
}

/** No objects among them, which could change. */
function isPlain(given: Locals): boolean {
  for (const local in given) {
    const value = given[local]
    if (typeof value === 'object' ? value !== null : typeof value === 'function') return false
  }
  return true
}

/** EJS's own class, which its types leave out. */
interface EjsTemplate {
  source: string
  generateSource(): void
  compile(): (frame: Frame) => string
}
const EjsTemplate = (ejs as unknown as { Template: new (text: string, options: object) => EjsTemplate }).Template

/**
 * EJS finds a template's locals with JavaScript's `with`, in which every name, its own included, is looked up anew each time. Here the names are
 * found once, by reading the template, and are variables: a table is printed in half the time. A name that is not given is an error at once,
 * unless the template's first line says that it may be missing: "locals: form, name, hint? (…)". Of `locals` there is what the template asks for by name.
 */
function compile(file: string, debug: boolean): Pick<Template, 'asks' | 'print'> {
  const text = readFileSync(file, 'utf8')
  // A frame is made here: there is no prototype of anybody else's to fear.
  const template = new EjsTemplate(text, { filename: file, compileDebug: debug, unsafePrototypeLocals: true, escape })
  template.generateSource()
  const optional = new Set(Array.from(text.split('\n', 1)[0]?.matchAll(/(\w+)\?/g) ?? [], ([, name]) => name))
  const free = freeNames(template.source).filter((name) => !OWN.has(name))
  const names = free.filter((name) => !(name in globalThis))
  const asked = new Set(Array.from(template.source.matchAll(/\blocals\.([A-Za-z_]\w*)/g), ([, name]) => name ?? ''))
  const find = (name: string, otherwise: string) =>
    `'${name}' in own__ ? own__.${name} : '${name}' in page__ ? page__.${name} : ${otherwise}`
  const variables = names.map(
    (name) => `${name} = ${find(name, optional.has(name) ? 'undefined' : `missing__('${name}')`)}`,
  )
  template.source = `
    const { own: own__, page: page__, include: include__ } = locals
    const missing__ = (name) => { throw new ReferenceError(name + ' is not given to ' + ${JSON.stringify(file)}) }
    let __output = ''
    const __append = (text) => { if (text !== undefined && text !== null) __output += text }
    { const ${['include = include__', ...variables].join(',\n      ')}
      const locals = { ${[...asked].map((name) => `${name}: ${find(name, 'undefined')}`).join(',\n        ')} }
      ${template.source}
    }
    return __output`
  return { asks: [...free.filter((name) => !TIMELESS.has(name)), ...asked], print: template.compile() }
}

/** What JavaScript has that answers the same each time. */
const TIMELESS: ReadonlySet<string> = new Set([
  'Array',
  'Boolean',
  'Math',
  'Number',
  'Object',
  'String',
  'encodeURIComponent',
  'undefined',
])

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

/** As EJS's own, which puts each text together anew: most have nothing in them to escape. */
function escape(shown: unknown): string {
  if (shown === undefined || shown === null) return ''
  const text = String(shown)
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string) : text
}

/** What EJS gives to a template beside its locals. */
const OWN = new Set(['locals', 'include', 'escapeFn', 'rethrow', '__append', '__output', '__line'])
