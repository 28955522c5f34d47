import { Router } from 'express'
import { page } from '../http/page.ts'
import { documentationOf } from './docs.ts'
import { documentOf } from './openapi.ts'
import type { Operation } from './operation.ts'

/** GET /api/openapi.json, for anybody: it says what the product can do, and nothing of what is in it. */
export function documentRoutes(operations: readonly Operation[]): Router {
  const routes = Router()
  const document = JSON.stringify(documentOf(operations))
  routes.get('/api/openapi.json', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=300').type('application/json').send(document)
  })
  return routes
}

/** GET /api/docs, the same to read. `origin`: where the product is found from outside; null: where it was asked at. */
export function docsRoutes(operations: readonly Operation[], origin: string | null): Router {
  const routes = Router()
  const document = documentOf(operations)
  routes.get('/api/docs', async (req, res) => {
    await page(res, 'api/docs', { docs: documentationOf(document, origin ?? `${req.protocol}://${req.host}`) })
  })
  return routes
}
