import { Router } from 'express'
import type { Request } from 'express'
import { page, part } from '../../platform/http/page.ts'
import { scopeOf } from '../../platform/http/request.ts'
import { stageName } from '../pipelines/words.ts'
import { excerpt, marker } from './marking.ts'
import { misspellings } from './misspellings.ts'
import { search } from './queries.ts'
import { COUNT_BOUND, KINDS, readAsked } from './schema.ts'

/** Of each kind. */
const ON_THE_PAGE = 10
const IN_THE_BOX = 4

export const searchRoutes = Router()

searchRoutes.get('/', async (req, res) => {
  await page(res, 'search/index', await answer(req, ON_THE_PAGE))
})

/** For the box in the header, while one types: the answer as a list to choose from. */
searchRoutes.get('/options', async (req, res) => {
  res.type('html').send(part(res, 'search/options', await answer(req, IN_THE_BOX)))
})

async function answer(req: Request, limit: number) {
  const asked = readAsked(req.query.q)
  if (!asked) return { q: '', found: null }

  const found = await search(scopeOf(req), asked, limit)
  const mark = marker(asked, found.isNear ? misspellings(asked.words).flatMap(({ marks }) => marks) : [])
  const kinds = KINDS.filter((kind) => found.groups[kind].count > 0)
  return { q: asked.q, found, kinds, bound: COUNT_BOUND, mark, excerpt, stageName }
}
