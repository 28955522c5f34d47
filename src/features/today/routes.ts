import { Router } from 'express'
import { page } from '../../platform/http/page.ts'
import { scopeOf } from '../../platform/http/request.ts'
import { listFollowUpsDue } from '../communications/queries.ts'
import { dealsWithoutNextStep, overdueDeals } from '../deals/queries.ts'
import { listUncontactedLeads } from '../leads/queries.ts'

export const todayRoutes = Router()

todayRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const [followUps, overdue, stepless, leads] = await Promise.all([
    listFollowUpsDue(scope),
    overdueDeals(scope),
    dealsWithoutNextStep(scope),
    listUncontactedLeads(scope),
  ])
  await page(res, 'today/index', { followUps, overdue, stepless, leads })
})
