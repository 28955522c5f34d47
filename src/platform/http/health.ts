import { Router } from 'express'
import type { RequestHandler } from 'express'
import sql from 'sql-template-tag'
import type { Db } from '../database/database.ts'

/** For supervisors, before sessions: /healthz says the process answers, /readyz that the database does too, /metrics what it has been doing. */
export function healthRoutes(db: Db, report: RequestHandler): Router {
  const routes = Router()
  routes.get('/healthz', (_req, res) => {
    res.type('text').send('ok')
  })
  routes.get('/readyz', async (req, res) => {
    try {
      await db.query(sql`SELECT 1`)
      res.type('text').send('ok')
    } catch (error) {
      req.log.warn({ err: error }, 'the database does not answer')
      res.status(503).type('text').send('the database does not answer')
    }
  })
  routes.get('/metrics', report)
  return routes
}
