import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idOf, localPath, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { requireWritable } from '../users/access.ts'
import {
  cancelActivity,
  completeActivity,
  createActivity,
  deleteActivity,
  reassignActivity,
  reopenActivity,
  snoozeActivity,
  updateActivity,
} from './commands.ts'
import { dueAt } from './due.ts'
import { KINDS, kinds } from './kinds.ts'
import type { Kind } from './kinds.ts'
import { activityList } from './list.ts'
import { blank } from './present.ts'
import { activityForm, findActivity, listAssignees, recordOf, requireWritableActivity } from './queries.ts'
import type { ActivityPage } from './queries.ts'
import {
  ACTIVITY_STATUSES,
  ACTIVITY_TYPES,
  CreateActivityInput,
  DUES,
  ReassignInput,
  SnoozeInput,
  UpdateActivityInput,
} from './schema.ts'

export const activityRoutes = Router()

/** The list as a file: GET /activities.csv, with the query string of the page. */
export const activityFileRoutes = Router()

activityFileRoutes.get('/activities.csv', (req, res) => sendCsv(req, res, activityList, 'activities'))

activityRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const list = await activityList.fetch(scope, activityList.parse(req.query))
  await page(res, 'activities/index', {
    list,
    kinds: KINDS,
    types: ACTIVITY_TYPES,
    statuses: ACTIVITY_STATUSES,
    dues: DUES,
    due: dueAt(scope.user.timeZone),
  })
})

/** What is added to one record: under /leads and /deals. */
function recordRoutes(kind: Kind): Router {
  const routes = Router()

  routes.get('/:id/activities/create', async (req, res) => {
    const status = req.query.status === 'pending' ? 'pending' : 'completed'
    const form = formOf({ ...blank(scopeOf(req)), type: 'call', status })
    await showNew(req, res, kind, form)
  })

  routes.post('/:id/activities/create', async (req, res) => {
    const [scope, id] = [scopeOf(req), idOf(req)]
    const saved = await submit(CreateActivityInput, req.body, (input) => createActivity(scope, kind, id, input), {
      keepsTyped: true,
    })
    if (!saved.ok) return showNew(req, res.status(saved.status), kind, saved.form)

    notice(req, 'activities.notices.created')
    res.redirect(303, `/${kinds[kind].parent}/${id}#${kind}-activity-${saved.result.id}`)
  })

  return routes
}

/** What is done with one activity: under /lead-activities and /deal-activities. */
function verbRoutes(kind: Kind): Router {
  const routes = Router()
  const { parent, path } = kinds[kind]

  routes.get('/:id', async (req, res) => {
    const scope = scopeOf(req)
    const activity = await findActivity(scope, kind, idOf(req))
    await page(res, 'activities/show', { activity, due: dueAt(scope.user.timeZone) })
  })

  routes.get('/:id/edit', async (req, res) => {
    await showForm(req, res, kind, 'activities/edit')
  })

  routes.post('/:id/edit', async (req, res) => {
    const [scope, id] = [scopeOf(req), idOf(req)]
    const saved = await submit(UpdateActivityInput, req.body, (input) => updateActivity(scope, kind, id, input), {
      keepsTyped: true,
    })
    if (!saved.ok) return showForm(req, res.status(saved.status), kind, 'activities/edit', saved.form)

    notice(req, 'activities.notices.saved')
    back(req, res, `/${parent}/${saved.result.recordId}#${kind}-activity-${id}`)
  })

  routes.get('/:id/snooze', async (req, res) => {
    await showForm(req, res, kind, 'activities/snooze')
  })

  routes.post('/:id/snooze', async (req, res) => {
    const [scope, id] = [scopeOf(req), idOf(req)]
    const saved = await submit(SnoozeInput, req.body, (input) => snoozeActivity(scope, kind, id, input))
    if (!saved.ok) return showForm(req, res.status(saved.status), kind, 'activities/snooze', saved.form)

    notice(req, 'activities.notices.snoozed')
    back(req, res, `/${parent}/${saved.result.recordId}#${kind}-activity-${id}`)
  })

  routes.get('/:id/reassign', async (req, res) => {
    await showForm(req, res, kind, 'activities/reassign')
  })

  routes.post('/:id/reassign', async (req, res) => {
    const [scope, id] = [scopeOf(req), idOf(req)]
    const saved = await submit(ReassignInput, req.body, ({ assigneeId }) =>
      reassignActivity(scope, kind, id, assigneeId),
    )
    if (!saved.ok) return showForm(req, res.status(saved.status), kind, 'activities/reassign', saved.form)

    notice(req, 'activities.notices.reassigned')
    back(req, res, `/${parent}/${saved.result.recordId}#${kind}-activity-${id}`)
  })

  routes.post('/:id/complete', async (req, res) => {
    const id = idOf(req)
    const { recordId } = await completeActivity(scopeOf(req), kind, id)
    const place = returnTo(req) ?? `/${parent}/${recordId}#${kind}-activity-${id}`
    notice(req, 'activities.notices.completed', {
      link: { href: `/${path}/${id}`, label: { key: 'activities.notices.show' } },
    })
    res.redirect(303, place)
  })

  routes.post('/:id/reopen', async (req, res) => {
    const id = idOf(req)
    const { recordId } = await reopenActivity(scopeOf(req), kind, id)
    notice(req, 'activities.notices.reopened')
    back(req, res, `/${parent}/${recordId}#${kind}-activity-${id}`)
  })

  routes.post('/:id/cancel', async (req, res) => {
    const id = idOf(req)
    const { recordId } = await cancelActivity(scopeOf(req), kind, id)
    notice(req, 'activities.notices.cancelled')
    back(req, res, `/${parent}/${recordId}#${kind}-activity-${id}`)
  })

  routes.post('/:id/delete', async (req, res) => {
    const { recordId } = await deleteActivity(scopeOf(req), kind, idOf(req))
    notice(req, 'activities.notices.deleted')
    back(req, res, `/${parent}/${recordId}`)
  })

  return routes
}

export const leadRecordActivityRoutes = recordRoutes('lead')
export const dealRecordActivityRoutes = recordRoutes('deal')
export const leadActivityRoutes = verbRoutes('lead')
export const dealActivityRoutes = verbRoutes('deal')

/** For whoever may add something to the record. */
async function showNew(req: Request, res: Response, kind: Kind, form: Form): Promise<void> {
  const [scope, id] = [scopeOf(req), idOf(req)]
  await requireWritable(scope, kinds[kind].parent, id)
  const [record, assignees] = await Promise.all([recordOf(scope, kind, id), listAssignees(scope, kind, id)])
  await page(res, 'activities/new', { form, kind, record, assignees, types: ACTIVITY_TYPES })
}

/** The activity in a form of its own: as it is, or as it was sent and refused. */
async function showForm(req: Request, res: Response, kind: Kind, view: string, sent?: Form): Promise<void> {
  const [scope, id] = [scopeOf(req), idOf(req)]
  await requireWritableActivity(scope, kind, id)
  const activity = await findActivity(scope, kind, id)
  const assignees = await listAssignees(scope, kind, activity.recordId, activity.assigneeId)
  await page(res, view, {
    form: sent ?? openedForm(req, activity),
    activity,
    assignees,
    types: ACTIVITY_TYPES,
    returnTo: returnTo(req),
  })
}

function openedForm(req: Request, activity: ActivityPage): Form {
  return formOf(activityForm(activity, scopeOf(req).user.timeZone))
}

/** Where the reader came from: a page names itself in a link's query, a form in a field. */
function returnTo(req: Request): string | null {
  const given = ((req.body ?? {}) as { returnTo?: unknown }).returnTo ?? req.query.returnTo
  return typeof given === 'string' && given !== '' ? localPath(given) : null
}

/** To the page whose button was pressed, else to `place`. */
function back(req: Request, res: Response, place: string): void {
  res.redirect(303, returnTo(req) ?? place)
}
