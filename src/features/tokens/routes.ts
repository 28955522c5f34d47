import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Response } from 'express'
import { page } from '../../platform/http/page.ts'
import { idIn, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { NotFound } from '../../platform/errors.ts'
import { can } from '../users/access.ts'
import { createToken, revokeToken } from './commands.ts'
import { TOKEN_STATES, tokenList } from './list.ts'
import { AREAS, CreateTokenInput, LEVELS, LIVES, PRESETS, fieldOf } from './schema.ts'

/** Under /settings/tokens: one's own, whatever one's role; administrators find everybody's. */
export const tokenRoutes = Router()

const HOME = '/settings/tokens'

tokenRoutes.get('/', async (req, res) => {
  const scope = scopeOf(req)
  const list = await tokenList.fetch(scope, tokenList.parse(req.query))
  await page(res, 'tokens/index', { list, states: TOKEN_STATES, seesAll: can(scope.user, 'write', 'users') })
})

tokenRoutes.get('/create', async (_req, res) => {
  await showForm(res, formOf({ submission: randomUUID(), access: 'read', life: '90' }))
})

tokenRoutes.post('/create', async (req, res) => {
  const saved = await submit(CreateTokenInput, req.body, (input) => createToken(scopeOf(req), input))
  if (!saved.ok) return showForm(res.status(saved.status), saved.form)

  // The form of before, sent again: what it made was shown then, and is known to nobody now.
  if (saved.result.token === null) return res.redirect(303, HOME)
  // 201, for Turbo: it shows what a form answers only when that is a redirect, an error or something new.
  const { token } = saved.result
  await page(res.status(201), 'tokens/made', { token, command: commandWith(token, `${req.protocol}://${req.host}`) })
})

tokenRoutes.post('/revoke', async (req, res) => {
  const { token } = (req.body ?? {}) as { token?: unknown }
  const id = idIn(token)
  if (id === null) throw new NotFound()
  await revokeToken(scopeOf(req), id)
  notice(req, 'tokens.notices.revoked')
  res.redirect(303, HOME)
})

/** To try a token in a terminal; the guide goes on from these variables. */
function commandWith(token: string, origin: string): string {
  return [
    `export DEALWRIGHT='${origin}'`,
    `export TOKEN='${token}'`,
    'curl -sS "$DEALWRIGHT/api/v1/leads?limit=3" -H "Authorization: Bearer $TOKEN"',
  ].join('\n')
}

async function showForm(res: Response, form: Form): Promise<void> {
  await page(res, 'tokens/new', {
    form,
    presets: PRESETS,
    areas: AREAS.map((area) => ({ area, field: fieldOf(area) })),
    levels: LEVELS,
    lives: LIVES,
  })
}
