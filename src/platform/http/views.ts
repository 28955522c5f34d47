import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ejs from 'ejs'

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
      // Locals are made here, from null up: there is no prototype of anybody else's to fear.
      const options: ejs.Options & { unsafePrototypeLocals: boolean } = {
        filename: file,
        compileDebug: !cached,
        unsafePrototypeLocals: true,
      }
      template = { file, print: ejs.compile(readFileSync(file, 'utf8'), options) as Template['print'] }
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
    const printed = new Map<string, string>()
    // Stands before EJS's own, because templates look into their locals first.
    locals.include = (name: string, more: Readonly<Record<string, unknown>> = {}) => {
      const key = plainKey(name, more)
      const known = key === null ? undefined : printed.get(key)
      if (known !== undefined) return known
      const html = print(named(name, template), locals, more)
      if (key !== null) printed.set(key, html)
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
