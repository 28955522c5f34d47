import { Router } from 'express'
import { page } from '../../platform/http/page.ts'
import { scopeOf } from '../../platform/http/request.ts'
import { dayIn } from '../../platform/time.ts'
import { dueAt } from '../activities/due.ts'
import { newsSinceLastVisit } from './changes.ts'
import { beginVisit, markAsRead } from './commands.ts'
import { dueItems } from './due.ts'
import { dealsWithoutNextStep, overdueDeals, uncontactedLeads } from './queries.ts'
import { SeenInput } from './schema.ts'
import { tell } from './telling.ts'
import { choicesOf, whoseIn } from './whose.ts'

export const todayRoutes = Router()

todayRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const { user } = scope
  const whose = whoseIn(user, req.query.for)
  const now = new Date()
  const [due, upcoming, overdue, stepless, leads, news] = await Promise.all([
    dueItems(scope, whose, 'now', now),
    dueItems(scope, whose, 'week', now),
    overdueDeals(scope, whose, now),
    dealsWithoutNextStep(scope, whose),
    uncontactedLeads(scope, whose),
    newsSinceLastVisit(scope),
  ])
  // Whose visits they are, only they make.
  if (news.isNewVisit && !user.seenBy) await beginVisit(scope)
  await page(res, 'today/index', {
    ...{ due, upcoming, overdue, stepless, leads, news, whose, now, tell },
    choices: choicesOf(user),
    today: dayIn(user.timeZone, now),
    stateOf: dueAt(user.timeZone, now),
    here: whose === 'me' ? '/' : `/?for=${whose}`,
  })
})

/** The changes told of need not be told again. */
todayRoutes.post('/today/seen', async (req, res) => {
  const scope = scopeOf(req)
  const sent = SeenInput.safeParse(req.body)
  await markAsRead(scope, sent.success ? new Date(sent.data.until) : new Date())
  res.redirect(
    303,
    `/?for=${whoseIn(scope.user, (req.body as { for?: unknown } | undefined)?.for)}`.replace('?for=me', ''),
  )
})
