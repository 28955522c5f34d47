import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'
import { page } from '../../platform/http/page.ts'
import { idOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import type { TranslationKey } from '../../platform/i18n.ts'
import type { Guard } from '../../platform/outgoing/addresses.ts'
import type { Post } from '../../platform/outgoing/post.ts'
import type { Scope } from '../../platform/scope.ts'
import { startOfDay } from '../../platform/time.ts'
import { requireAdministrator } from '../users/administrators.ts'
import { sendTest } from './commands/delivering.ts'
import { replayDelivery, replayFailed } from './commands/log.ts'
import {
  createWebhook,
  deleteWebhook,
  pauseWebhook,
  resumeWebhook,
  rotateSecret,
  updateWebhook,
} from './commands/subscriptions.ts'
import { EVENTS } from './events.ts'
import { deliveryList } from './list.ts'
import { bodyOf, headOf } from './present.ts'
import { COUNTED, findDelivery, findWebhook, listWebhooks, webhookForm } from './queries.ts'
import type { Webhook } from './queries.ts'
import { CreateWebhookInput, DELIVERY_STATUSES, ReplayInput, UpdateWebhookInput } from './schema.ts'
import { stateOf } from './state.ts'

const HOME = '/settings/webhooks'
const LOG = '/settings/webhook-deliveries'

const administrators: RequestHandler = (req, _res, next) => {
  requireAdministrator(scopeOf(req))
  next()
}

/** Under /settings/webhooks, for administrators. */
export function webhookRoutes(guard: Guard, post: Post): Router {
  const routes = Router()
  routes.use(administrators)

  routes.get('/', async (req, res) => {
    const webhooks = await listWebhooks(scopeOf(req))
    await page(res, 'webhooks/index', {
      webhooks: webhooks.map((webhook) => ({ ...webhook, state: stateOf(webhook) })),
    })
  })

  routes.get('/create', async (_req, res) => {
    await page(res, 'webhooks/new', { form: formOf({ submission: randomUUID(), scope: 'all' }), events: EVENTS })
  })

  routes.post('/create', async (req, res) => {
    const saved = await submit(CreateWebhookInput, req.body, (input) => createWebhook(scopeOf(req), guard, input))
    if (!saved.ok) return page(res.status(saved.status), 'webhooks/new', { form: saved.form, events: EVENTS })

    const { id, secret } = saved.result
    if (secret === null) return res.redirect(303, `${HOME}/${id}`)
    await showSecret(req, res, id, secret)
  })

  routes.get('/:id', async (req, res) => {
    await showWebhook(req, res, formOf())
  })

  routes.get('/:id/edit', async (req, res) => {
    const webhook = await findWebhook(scopeOf(req), idOf(req))
    await showEdit(res, webhook, formOf(webhookForm(webhook)))
  })

  routes.post('/:id/edit', async (req, res) => {
    const id = idOf(req)
    const saved = await submit(UpdateWebhookInput, req.body, (input) => updateWebhook(scopeOf(req), guard, id, input))
    if (!saved.ok) return showEdit(res.status(saved.status), await findWebhook(scopeOf(req), id), saved.form)

    notice(req, 'webhooks.notices.saved')
    res.redirect(303, `${HOME}/${id}`)
  })

  // The secret is shown once, in answer to the form that asked for it. A reload leads back.
  routes.get('/:id/rotate', async (req, res) => {
    const { id } = await findWebhook(scopeOf(req), idOf(req))
    res.redirect(303, `${HOME}/${id}`)
  })

  routes.post('/:id/rotate', async (req, res) => {
    const id = idOf(req)
    await showSecret(req, res, id, await rotateSecret(scopeOf(req), id))
  })

  routes.post('/:id/test', async (req, res) => {
    const id = await sendTest(scopeOf(req), post, idOf(req))
    const { status } = await findDelivery(scopeOf(req), id)
    if (status === 'delivered') notice(req, 'webhooks.notices.tested')
    else notice(req, 'webhooks.notices.testFailed', { kind: 'error' })
    res.redirect(303, `${LOG}/${id}`)
  })

  routes.post('/:id/replay', async (req, res) => {
    const scope = scopeOf(req)
    const id = idOf(req)
    const saved = await submit(ReplayInput, req.body, ({ since }) =>
      replayFailed(scope, id, since ? startOfDay(since, scope.user.timeZone) : null),
    )
    if (!saved.ok) return showWebhook(req, res.status(saved.status), saved.form)

    notice(req, 'webhooks.notices.replayedAll', { values: { count: saved.result } })
    res.redirect(303, `${HOME}/${id}`)
  })

  routes.post('/:id/pause', verb(pauseWebhook, 'webhooks.notices.paused'))
  routes.post('/:id/resume', verb(resumeWebhook, 'webhooks.notices.resumed'))

  routes.get('/:id/delete', async (req, res) => {
    await page(res, 'webhooks/delete', { webhook: await findWebhook(scopeOf(req), idOf(req)) })
  })

  routes.post('/:id/delete', async (req, res) => {
    await deleteWebhook(scopeOf(req), idOf(req))
    notice(req, 'webhooks.notices.deleted')
    res.redirect(303, HOME)
  })

  return routes
}

/** Under /settings/webhook-deliveries, for administrators. */
export const webhookDeliveryRoutes = Router()

webhookDeliveryRoutes.use(administrators)

webhookDeliveryRoutes.get('/:id', async (req, res) => {
  const delivery = await findDelivery(scopeOf(req), idOf(req))
  const body = JSON.stringify(JSON.parse(bodyOf(delivery)), null, 2)
  await page(res, 'webhooks/delivery', { delivery, head: headOf(delivery), body })
})

webhookDeliveryRoutes.post('/:id/replay', async (req, res) => {
  const id = idOf(req)
  await replayDelivery(scopeOf(req), id)
  notice(req, 'webhooks.notices.replayed')
  res.redirect(303, `${LOG}/${id}`)
})

/** A button on a webhook's page. */
function verb(act: (scope: Scope, id: number) => Promise<void>, done: TranslationKey): RequestHandler {
  return async (req, res) => {
    const id = idOf(req)
    await act(scopeOf(req), id)
    notice(req, done)
    res.redirect(303, `${HOME}/${id}`)
  }
}

/** `form`: what to send again. */
async function showWebhook(req: Request, res: Response, form: Form): Promise<void> {
  const scope = scopeOf(req)
  const id = idOf(req)
  const params = deliveryList.parse(req.query)
  const [webhook, list] = await Promise.all([
    findWebhook(scope, id),
    deliveryList.fetch(scope, { ...params, filters: { ...params.filters, webhook: id } }),
  ])
  await page(res, 'webhooks/show', {
    webhook,
    state: stateOf(webhook),
    list,
    form,
    statuses: DELIVERY_STATUSES,
    counted: COUNTED,
  })
}

async function showEdit(res: Response, webhook: Webhook, form: Form): Promise<void> {
  await page(res, 'webhooks/edit', { webhook, form, events: EVENTS })
}

async function showSecret(req: Request, res: Response, id: number, secret: string): Promise<void> {
  const webhook = await findWebhook(scopeOf(req), id)
  // 201, for Turbo: it shows what a form answers only when that is a redirect, an error or something new.
  await page(res.status(201), 'webhooks/secret', { webhook, secret })
}
