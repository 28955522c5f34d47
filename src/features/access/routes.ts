import { Router } from 'express'
import { page } from '../../platform/http/page.ts'
import { idOf, scopeOf } from '../../platform/http/request.ts'
import { accessTo } from './queries.ts'
import { ACCESS_NOUNS } from './schema.ts'

/** Who can see a record, and why: for everybody who sees it. */
export const accessRoutes = Router()

for (const noun of ACCESS_NOUNS) {
  accessRoutes.get(`/${noun}/:id`, async (req, res) => {
    await page(res, 'access/show', { noun, ...(await accessTo(scopeOf(req), noun, idOf(req))) })
  })
}
