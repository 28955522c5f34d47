import express, { Router } from 'express'
import type { Request, Response } from 'express'
import { NotFound } from '../../platform/errors.ts'
import { page } from '../../platform/http/page.ts'
import { languageOf } from '../../platform/http/request.ts'
import { findInGuide } from './finding.ts'
import { IMAGES, readGuide } from './guide.ts'
import type { Guide, GuidePage } from './guide.ts'
import { SHORTCUTS } from './shortcuts.ts'

export const helpRoutes = Router()

helpRoutes.get('/shortcuts', async (_req, res) => {
  await page(res, 'help/shortcuts', { shortcuts: SHORTCUTS })
})

helpRoutes.get('/help', async (req, res) => {
  const guide = guideFor(req)
  const asked = typeof req.query.q === 'string' ? req.query.q.trim().slice(0, 200) : ''
  if (asked) return page(res, 'help/found', { guide, asked, found: findInGuide(guide, asked) })
  await showPage(res, guide, guide.find(''))
})

helpRoutes.get('/help/:page', async (req, res) => {
  const guide = guideFor(req)
  const slug = String(req.params.page)
  await showPage(res, guide, slug === '' ? undefined : guide.find(slug))
})

helpRoutes.use(
  '/help/images',
  express.static(IMAGES, {
    index: false,
    redirect: false,
    // Another picture has another address.
    setHeaders: (res) => res.setHeader('Cache-Control', 'private, max-age=31536000, immutable'),
  }),
)

const guides = new Map<string, Guide>()

/** Read once for each language; anew for each page while views are. */
function guideFor(req: Request): Guide {
  const language = languageOf(req)
  let guide = req.app.enabled('view cache') ? guides.get(language) : undefined
  if (!guide) {
    guide = readGuide(language)
    guides.set(language, guide)
  }
  return guide
}

async function showPage(res: Response, guide: Guide, shown: GuidePage | undefined): Promise<void> {
  if (!shown) throw new NotFound()
  const order = guide.pages.filter(({ slug }) => slug !== '')
  const place = order.indexOf(shown)
  await page(res, 'help/page', { guide, shown, previous: order[place - 1] ?? null, next: order[place + 1] ?? null })
}
