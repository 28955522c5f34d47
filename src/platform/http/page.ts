import type { Request, Response } from 'express'
import { directionOf, translator } from '../i18n.ts'
import type { Message, TranslationKey } from '../i18n.ts'
import type { Scope } from '../scope.ts'
import { longestBeginning } from '../beginning.ts'
import { formatFor } from './format.ts'
import { languageOf, scopeOf } from './request.ts'
import type { Notice } from './types.ts'
import { refuseWhatIsEverywhere } from './views.ts'

type Locals = Readonly<Record<string, unknown>>

export interface NavItem {
  href: string
  /** A translation key. */
  label: string
  /** The keys that lead there, as public/js/shortcuts.js reads them: "g l". */
  shortcut?: string
  /** Asked for each page, `isNews` when that tells of what has just happened; none is shown for 0. `label` is a key: what the link is then called, of its `name`, the `count` and how that is `shown`. */
  count?: { of(scope: Scope, isNews: boolean): Promise<NavCount>; label: TranslationKey }
}

/** `more`: there are more than `count`, and nobody went on counting. */
export interface NavCount {
  count: number
  more: boolean
}

/** What createApp() hands to every page. */
export interface PageSettings {
  /** A view as HTML. */
  print(view: string, locals: Locals): string
  nav: readonly NavItem[]
  asset(path: string): string
  importMap: string
  /** Where help for the page at `path` is found. */
  helpFor(path: string): string
  /** May this user do `verb` to `noun`? For showing or hiding what leads there; the command has the last word. */
  can(user: Request['user'], verb: string, noun: string): boolean
  /** Those of the change-sets that this user can be offered to take back. */
  undoable(scope: Scope, changeSets: readonly string[]): Promise<ReadonlySet<string>>
}

/**
 * Renders `view` and sends it inside its layout. A view sets `page.title`; `page.layout` is 'app' for people signed in, else 'bare'.
 * What all views share is gathered here, not in middleware, so that an error page has it too.
 */
export async function page(res: Response, view: string, locals: Locals = {}): Promise<void> {
  const { req } = res
  const shared = sharedLocals(req)
  const settings: { title: string; layout: string } = { title: '', layout: req.user ? 'app' : 'bare' }
  // While the page is put together, which takes no database.
  const counting = navWithCounts(res, shared.nav as readonly CurrentItem[])
  const noticing = noticesOf(res, shared.say as (message: Message) => string, hereOf(res.req))
  const body = render(res, view, shared, locals, { page: settings })
  const [nav, notices] = await Promise.all([counting, noticing])
  const html = render(res, `layouts/${settings.layout}`, shared, { nav, notices, page: settings, body })
  // Consumed only now that it is about to be shown.
  if (req.session?.notices) delete req.session.notices
  // Not `send`, which looks through the page for what is known of it already.
  const bytes = Buffer.from(html)
  res.setHeader('Content-Type', 'text/html; charset=utf-8').setHeader('Content-Length', bytes.length)
  res.end(req.method === 'HEAD' ? undefined : bytes)
}

/** A part of a page as HTML, for a script that puts it into the one that is open. Notices wait for a page. */
export function part(res: Response, view: string, locals: Locals): string {
  return render(res, view, sharedLocals(res.req), locals)
}

/** What has just happened, as HTML for a script that stays on its page (`here`): told with this answer, it waits for no page. */
export async function noticesAtOnce(res: Response, here: string): Promise<string> {
  const shared = sharedLocals(res.req)
  const notices = await noticesOf(res, shared.say as (message: Message) => string, here)
  delete res.req.session.notices
  return render(res, 'partials/notices', shared, { notices })
}

/** The later of `parts` before the earlier and what pages share. Not spread: of so many names it makes an object of a kind of its own, which V8 keeps for long. */
function render(res: Response, view: string, shared: Locals, ...parts: readonly Locals[]): string {
  const { print } = res.app.locals.page as PageSettings
  for (const part of parts) refuseWhatIsEverywhere(part)
  return print(view, Object.assign({}, shared, ...parts) as Locals)
}

function sharedLocals(req: Request): Locals {
  const { nav, asset, importMap, helpFor, can } = req.app.locals.page as PageSettings
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
    nav: navAt(nav, path),
    everyPlace: nav,
    asset,
    importMap,
    help: helpFor(path),
    lang,
    dir: directionOf(lang),
    theme: req.user?.theme ?? 'system',
    path,
    query: req.query,
  }
}

type CurrentItem = NavItem & { current: boolean }
type Count = NonNullable<NavItem['count']>

/** The navigation with what is counted beside its items. A page whose counts cannot be had is a page all the same. */
async function navWithCounts(res: Response, nav: readonly CurrentItem[]): Promise<readonly unknown[]> {
  const { req } = res
  // What failed already, for want of a database perhaps, is not to wait for it once more.
  if (!req.user || res.statusCode >= 500) return nav
  const isNews = (req.session?.notices?.length ?? 0) > 0
  const counted = await Promise.all(nav.flatMap((item) => (item.count ? [countOf(req, item, item.count, isNews)] : [])))
  return nav.map((item) => counted.find(({ href }) => href === item.href) ?? item)
}

async function countOf(req: Request, item: CurrentItem, { of, label }: Count, isNews: boolean) {
  try {
    return { ...item, counted: { ...(await of(scopeOf(req), isNews)), label } }
  } catch (error) {
    req.log.warn({ err: error }, 'what stands beside the navigation could not be counted')
    return item
  }
}

const navs = new WeakMap<readonly NavItem[], Map<string, readonly CurrentItem[]>>()

/** The navigation as it looks on the page at `path`. */
function navAt(nav: readonly NavItem[], path: string): readonly CurrentItem[] {
  const current = longestBeginning(path, (start) => nav.some(({ href }) => href === start)) ?? ''
  const known = navs.get(nav) ?? new Map<string, readonly CurrentItem[]>()
  navs.set(nav, known)
  let found = known.get(current)
  if (!found) known.set(current, (found = nav.map((item) => ({ ...item, current: item.href === current }))))
  return found
}

/** What has just happened, in words, with what takes it back: once, however many notices tell of it. */
async function noticesOf(res: Response, say: (message: Message) => string, here: string) {
  const { req } = res
  const notices = req.session?.notices ?? []
  if (notices.length === 0) return []
  const changeSets = await undoableSets(res, notices)
  return notices.map((note, place) => ({
    kind: note.kind,
    text: say(note),
    ...(note.link ? { link: { href: note.link.href, label: say(note.link.label) } } : {}),
    ...(note.changeSet && changeSets.has(note.changeSet) && isLastOf(notices, place)
      ? { undo: { href: `/history/${note.changeSet}/undo`, fields: { returnTo: here } } }
      : {}),
  }))
}

/** A page whose notices cannot be looked into is a page all the same. */
async function undoableSets(res: Response, notices: readonly Notice[]): Promise<ReadonlySet<string>> {
  const { req } = res
  const { undoable } = req.app.locals.page as PageSettings
  const sets = notices.flatMap(({ changeSet }) => (changeSet ? [changeSet] : []))
  if (!req.user || sets.length === 0 || res.statusCode >= 500) return new Set()
  try {
    return await undoable(scopeOf(req), sets)
  } catch (error) {
    req.log.warn({ err: error }, 'whether a change can be taken back could not be found out')
    return new Set()
  }
}

function isLastOf(notices: readonly Notice[], place: number): boolean {
  return !notices.slice(place + 1).some(({ changeSet }) => changeSet === notices[place]?.changeSet)
}

/** The page to come back to: one that was asked for, not what a form was answered with. */
function hereOf(req: Request): string {
  return req.method === 'GET' ? req.originalUrl : ''
}
