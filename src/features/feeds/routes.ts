import { createHash } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { NotFound } from '../../platform/errors.ts'
import { formatFor } from '../../platform/http/format.ts'
import { page } from '../../platform/http/page.ts'
import { dbOf, idIn, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { translator } from '../../platform/i18n.ts'
import type { SignInLimits } from '../sessions/limits.ts'
import { calendarText } from './calendar.ts'
import { changeFeed, createFeed, noteUse, renewFeed, revokeFeed } from './commands.ts'
import type { IssuedFeed } from './commands.ts'
import { entriesOf } from './entries.ts'
import { feedsOf, findFeed, findSubscription } from './queries.ts'
import type { Subscription } from './queries.ts'
import { FEED_PATH, FeedChangeInput, FeedChoice, FeedInput } from './schema.ts'

const HOME = '/profile/feeds'

/** What calendars ask for, without a session: the secret is all the proof there is. `origin`: see userRoutes. */
export function feedFileRoutes(origin: string | null, limits: SignInLimits): Router {
  const routes = Router()
  routes.get(`${FEED_PATH}:secret.ics`, async (req, res) => {
    const subscription = await unlessUnknown(limits, req, () => findSubscription(dbOf(req), String(req.params.secret)))
    await sendCalendar(req, res, origin, subscription)
  })
  return routes
}

/** Whoever tries links that do not exist is slowed; a link that does exist works all the same, from wherever it is asked for. */
async function unlessUnknown<Result>(limits: SignInLimits, req: Request, find: () => Promise<Result>): Promise<Result> {
  try {
    return await find()
  } catch (error) {
    if (error instanceof NotFound) await limits.countUnknownFeed(req.ip ?? '')
    throw error
  }
}

async function sendCalendar(
  req: Request,
  res: Response,
  origin: string | null,
  { feed, account, installation }: Subscription,
): Promise<void> {
  const scope = { db: dbOf(req), user: account, requestId: String(req.id) }
  const entries = await entriesOf(scope, feed)
  const text = calendarText(entries, {
    name: feed.name,
    installation,
    origin: originOf(req, origin),
    zone: account.timeZone,
    t: translator(account.locale),
    money: formatFor(account.locale, account.timeZone).money,
  })
  await noteUse(scope, feed)
  res
    .type('text/calendar; charset=utf-8')
    // Kept by nobody but the calendar, and asked for again each time: a link that was revoked gives nothing more.
    .set('Cache-Control', 'private, no-cache')
    .set('ETag', `W/"${createHash('sha256').update(text).digest('base64url')}"`)
    .set('Content-Disposition', 'inline; filename="dealwright.ics"')
    .send(text)
}

function originOf(req: Request, origin: string | null): string {
  return origin ?? `${req.protocol}://${req.host}`
}

/** Under /profile/feeds: one's own, whatever one's role. */
export function feedRoutes(origin: string | null): Router {
  const routes = Router()

  // The others are where a form was posted to: a reload leads back to the list.
  for (const path of ['/', '/link', '/revoke']) {
    routes.get(path, async (req, res) => {
      await showFeeds(req, res)
    })
  }

  routes.post('/', async (req, res) => {
    const saved = await submit(FeedInput, req.body, (input) => createFeed(scopeOf(req), input))
    if (!saved.ok) return showFeeds(req, res.status(saved.status), saved.form)

    await showLink(req, res, saved.result)
  })

  routes.post('/link', async (req, res) => {
    const saved = await submit(FeedChoice, req.body, ({ feed }) => renewFeed(scopeOf(req), feed))
    if (!saved.ok) throw new NotFound()

    await showLink(req, res, saved.result)
  })

  routes.post('/revoke', async (req, res) => {
    const saved = await submit(FeedChoice, req.body, ({ feed }) => revokeFeed(scopeOf(req), feed))
    if (!saved.ok) throw new NotFound()

    notice(req, 'feeds.notices.revoked')
    res.redirect(303, HOME)
  })

  routes.get('/change', async (req, res) => {
    const id = idIn(req.query.feed)
    if (id === null) return showFeeds(req, res)
    const feed = await findFeed(scopeOf(req), id)
    await page(res, 'feeds/change', { feed, form: formOf({ ...feed }) })
  })

  routes.post('/change', async (req, res) => {
    const saved = await submit(FeedChangeInput, req.body, ({ feed, ...input }) => changeFeed(scopeOf(req), feed, input))
    if (!saved.ok) return showChange(req, res.status(saved.status), saved.form)

    notice(req, 'feeds.notices.changed')
    res.redirect(303, HOME)
  })

  /** 201, for Turbo: it shows what a form answers only when that is a redirect, an error or something new. */
  async function showLink(req: Request, res: Response, { id, secret }: IssuedFeed): Promise<void> {
    const feed = await findFeed(scopeOf(req), id)
    const href = `${originOf(req, origin)}${FEED_PATH}${secret}.ics`
    await page(res.status(201), 'feeds/link', { feed, href, subscribe: href.replace(/^https?:/, 'webcal:') })
  }

  return routes
}

async function showFeeds(req: Request, res: Response, form?: Form): Promise<void> {
  const feeds = await feedsOf(scopeOf(req))
  await page(res, 'feeds/index', { feeds, form: form ?? formOf({ followUps: true, activities: true, closes: true }) })
}

/** What was typed came back. Throws NotFound when it was for no feed of one's own. */
async function showChange(req: Request, res: Response, form: Form): Promise<void> {
  const feed = await findFeed(scopeOf(req), idIn(form.values.feed) ?? 0)
  await page(res, 'feeds/change', { feed, form })
}
