import type { Request, Response } from 'express'
import { directionOf, translator } from '../i18n.ts'
import type { Message } from '../i18n.ts'
import { formatFor } from './format.ts'
import { languageOf } from './request.ts'
import type { Notice } from './types.ts'

export interface NavItem {
  href: string
  /** A translation key. */
  label: string
}

/** What createApp() hands to every page. */
export interface PageSettings {
  nav: readonly NavItem[]
  asset(path: string): string
  importMap: string
  /** May this user do `verb` to `noun`? For showing or hiding what leads there; the command has the last word. */
  can(user: Request['user'], verb: string, noun: string): boolean
}

type Locals = Readonly<Record<string, unknown>>

/**
 * Renders `view` and sends it inside its layout. A view sets `page.title`; `page.layout` is 'app' for people signed in, else 'bare'.
 * What all views share is gathered here, not in middleware, so that an error page has it too.
 */
export async function page(res: Response, view: string, locals: Locals = {}): Promise<void> {
  const { req } = res
  const shared = sharedLocals(req)
  const settings: { title: string; layout: string } = { title: '', layout: req.user ? 'app' : 'bare' }
  const body = await render(res, view, { ...shared, ...locals, page: settings })
  const html = await render(res, `layouts/${settings.layout}`, { ...shared, page: settings, body })
  // Consumed only now that it is about to be shown.
  if (req.session?.notices) delete req.session.notices
  res.type('html').set('Content-Length', String(Buffer.byteLength(html)))
  // Not `send`, which makes a copy of the page in bytes: as text it goes out in one piece with its head.
  res.end(req.method === 'HEAD' ? undefined : html)
}

function render(res: Response, view: string, locals: Locals): Promise<string> {
  return new Promise((resolve, reject) => {
    res.app.render(view, locals, (error: Error | null, html: string) => {
      if (error) reject(error)
      else resolve(html)
    })
  })
}

function sharedLocals(req: Request): Locals {
  const { nav, asset, importMap, can } = req.app.locals.page as PageSettings
  const lang = languageOf(req)
  const t = translator(lang)
  const say = (message: Message) => t(message.key, message.values)
  const path = `${req.baseUrl}${req.path}`.replace(/(.)\/$/, '$1')
  return {
    t,
    say,
    fmt: formatFor(lang, req.user?.timeZone ?? 'UTC', req.user?.homeTimeZone),
    user: req.user ?? null,
    can: (verb: string, noun: string) => can(req.user, verb, noun),
    // csurf puts it there; an error before it leaves pages without forms that change anything.
    csrf: 'csrfToken' in req && req.session ? req.csrfToken() : '',
    notices: (req.session?.notices ?? []).map((note) => sayNotice(note, say)),
    nav: nav.map((item) => ({ ...item, current: item === currentItem(nav, path) })),
    asset,
    importMap,
    lang,
    dir: directionOf(lang),
    theme: req.user?.theme ?? 'system',
    path,
    query: req.query,
  }
}

/** The item whose address the path begins with, the longest of them: /deals/pipeline is not /deals. */
function currentItem(nav: readonly NavItem[], path: string): NavItem | undefined {
  return nav
    .filter(({ href }) => path === href || (href !== '/' && path.startsWith(`${href}/`)))
    .sort((a, b) => b.href.length - a.href.length)[0]
}

function sayNotice(note: Notice, say: (message: Message) => string) {
  return {
    kind: note.kind,
    text: say(note),
    ...(note.link ? { link: { href: note.link.href, label: say(note.link.label) } } : {}),
  }
}
