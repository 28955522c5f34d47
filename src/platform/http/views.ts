import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ejs from 'ejs'
import { freeNames } from './free-names.ts'

type Locals = Record<string, unknown>
type Rendered = (error: unknown, html?: string) => void
interface Template {
  file: string
  print(locals: Locals): string
}

/**
 * EJS for Express, for pages of hundreds of partials. EJS's own `include` looks for the file on disk and copies all locals for each partial,
 * which is half the time of a list and most of a board. Here a name is looked up once, a partial's locals inherit its page's, and a partial
 * given the same plain values twice on a page is printed once: partials are functions of their locals. Not `cached`, files are read anew
 * for each page, and errors name their line.
 */
export function viewEngine(folder: string, cached: boolean): (file: string, locals: object, done: Rendered) => void {
  const templates = new Map<string, Template>()
  const resolved = new Map<string, Template>()

  function templateAt(file: string): Template {
    let template = templates.get(file)
    if (!template) {
      template = { file, print: compile(file, !cached) }
      if (cached) templates.set(file, template)
    }
    return template
  }

  /** Beside the page that includes it, else from the views folder. */
  function named(name: string, from: Template): Template {
    const key = `${from.file}\0${name}`
    let template = resolved.get(key)
    if (!template) {
      const beside = join(dirname(from.file), `${name}.ejs`)
      template = templateAt(existsSync(beside) ? beside : join(folder, `${name}.ejs`))
      if (cached) resolved.set(key, template)
    }
    return template
  }

  function print(template: Template, inherited: Locals | null, given: object): string {
    const locals = Object.assign(Object.create(inherited) as Locals, given)
    let printed: Map<string, string> | undefined
    // Stands before EJS's own, because templates look into their locals first.
    locals.include = (name: string, more: Readonly<Record<string, unknown>> = {}) => {
      const key = plainKey(name, more)
      const known = key === null ? undefined : printed?.get(key)
      if (known !== undefined) return known
      const html = print(named(name, template), locals, more)
      if (key !== null) (printed ??= new Map()).set(key, html)
      return html
    }
    return template.print(locals)
  }

  return (file, locals, done) => {
    let html: string
    try {
      html = print(templateAt(file), null, locals)
    } catch (error) {
      done(error)
      return
    }
    done(null, html)
  }
}

/** EJS's own class, which its types leave out. */
interface EjsTemplate {
  source: string
  generateSource(): void
  compile(): (locals: Locals) => string
}
const EjsTemplate = (ejs as unknown as { Template: new (text: string, options: object) => EjsTemplate }).Template

/**
 * EJS finds a template's locals with JavaScript's `with`, in which every name, its own included, is looked up anew each time. Here the names are
 * found once, by reading the template, and are variables: a table is printed in half the time. A name that is not given is an error at once,
 * unless the template's first line says that it may be missing: "locals: form, name, hint? (…)".
 */
function compile(file: string, debug: boolean): (locals: Locals) => string {
  const text = readFileSync(file, 'utf8')
  // Locals are made here, from null up: there is no prototype of anybody else's to fear.
  const template = new EjsTemplate(text, { filename: file, compileDebug: debug, unsafePrototypeLocals: true })
  template.generateSource()
  const optional = new Set(Array.from(text.split('\n', 1)[0]?.matchAll(/(\w+)\?/g) ?? [], ([, name]) => name))
  const names = freeNames(template.source).filter((name) => !OWN.has(name) && !(name in globalThis))
  const required = names.filter((name) => !optional.has(name) && name !== 'include')
  template.source = `
    for (const name of ${JSON.stringify(required)}) if (!(name in locals)) throw new ReferenceError(name + ' is not given to ' + ${JSON.stringify(file)})
    let __output = ''
    const __append = (text) => { if (text !== undefined && text !== null) __output += text }
    { const { ${['include', ...names.filter((name) => name !== 'include')].join(', ')} } = locals
      ${template.source}
    }
    return __output`
  return template.compile()
}

/** What EJS gives to a template beside its locals. */
const OWN = new Set(['locals', 'escapeFn', 'rethrow', '__append', '__output', '__line'])

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
