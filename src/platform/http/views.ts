import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ejs from 'ejs'
import { freeNames } from './free-names.ts'

type Locals = Readonly<Record<string, unknown>>
type Rendered = (error: unknown, html?: string) => void
type Include = (name: string, given?: Locals) => string
interface Template {
  file: string
  /** Those it includes, by the names it calls them. */
  included: Map<string, Template>
  print(frame: Frame): string
}

/** What a template sees: what it was given by the one that includes it, or that by its own, before what the whole page has. */
interface Frame {
  own: Locals
  page: Locals
  include: Include
}

/**
 * EJS for Express, for pages of hundreds of partials. EJS's own `include` looks for the file on disk and copies all locals for each partial,
 * which is half the time of a list and most of a board. Here a name is looked up once, a partial's locals are laid over its page's, and a
 * partial given the same plain values twice on a page is printed once: partials are functions of their locals. Not `cached`, files are read
 * anew for each page, and errors name their line.
 */
export function viewEngine(folder: string, cached: boolean): (file: string, locals: object, done: Rendered) => void {
  const templates = new Map<string, Template>()

  function templateAt(file: string): Template {
    let template = templates.get(file)
    if (!template) {
      template = { file, included: new Map(), print: compile(file, !cached) }
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
    let printed: Map<string, string> | undefined
    const include: Include = (name, given = NOTHING) => {
      const key = plainKey(name, given)
      const known = key === null ? undefined : printed?.get(key)
      if (known !== undefined) return known
      const html = print(named(name, template), page, own === NOTHING ? given : Object.assign({}, own, given))
      if (key !== null) (printed ??= new Map()).set(key, html)
      return html
    }
    return template.print({ own, page, include })
  }

  return (file, locals, done) => {
    let html: string
    try {
      html = print(templateAt(file), locals as Locals, NOTHING)
    } catch (error) {
      done(error)
      return
    }
    done(null, html)
  }
}

const NOTHING: Locals = {}

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
function compile(file: string, debug: boolean): (frame: Frame) => string {
  const text = readFileSync(file, 'utf8')
  // A frame is made here: there is no prototype of anybody else's to fear.
  const template = new EjsTemplate(text, { filename: file, compileDebug: debug, unsafePrototypeLocals: true })
  template.generateSource()
  const optional = new Set(Array.from(text.split('\n', 1)[0]?.matchAll(/(\w+)\?/g) ?? [], ([, name]) => name))
  const names = freeNames(template.source).filter((name) => !OWN.has(name) && !(name in globalThis))
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
  return template.compile()
}

/** What EJS gives to a template beside its locals. */
const OWN = new Set(['locals', 'include', 'escapeFn', 'rethrow', '__append', '__output', '__line'])

/** What a partial prints depends on, when that is plain values; null when there are objects among them, which could change. */
function plainKey(name: string, given: Readonly<Record<string, unknown>>): string | null {
  let key = name
  for (const local in given) {
    const value = given[local]
    if (typeof value === 'object' ? value !== null : typeof value === 'function') return null
    key += `\0${local}\0${typeof value}${String(value)}`
  }
  return key
}
