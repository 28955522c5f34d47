import { Router } from 'express'
import { page } from '../../platform/http/page.ts'
import { scopeOf } from '../../platform/http/request.ts'
import { dealsWithoutNextStep, overdueDeals } from '../deals/queries.ts'
import { listUncontactedLeads } from '../leads/queries.ts'

export const todayRoutes = Router()

todayRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const [overdue, stepless, leads] = await Promise.all([
    overdueDeals(scope),
    dealsWithoutNextStep(scope),
    listUncontactedLeads(scope),
  ])
  await page(res, 'today/index', { overdue, stepless, leads })
})
