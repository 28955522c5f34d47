import { Router } from 'express'
import type { Response } from 'express'
import { page } from '../../platform/http/page.ts'
import { dbOf, languageOf, notice } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { currencies } from '../../platform/money.ts'
import { signInAs } from '../sessions/routes.ts'
import { findAccount, hasUsers } from '../users/queries.ts'
import { setUp } from './commands.ts'
import { createSampleData } from './sample-data.ts'
import { SetupInput } from './schema.ts'

export const setupRoutes = Router()

const TIME_ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

setupRoutes.get('/', async (req, res) => {
  if (await hasUsers(dbOf(req))) return res.redirect(303, '/login')
  const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  await showForm(res, formOf({ baseCurrency: 'EUR', timeZone: TIME_ZONES.includes(timeZone) ? timeZone : 'UTC' }))
})

setupRoutes.post('/', async (req, res) => {
  const saved = await submit(SetupInput, req.body, async ({ sampleData, ...input }) => {
    const { id } = await setUp(dbOf(req), { ...input, locale: languageOf(req) })
    const account = await findAccount(dbOf(req), id, 1)
    if (!account) throw new Error('the administrator just made is not there')
    if (sampleData) await createSampleData(dbOf(req), account)
    return account
  })
  if (!saved.ok) return showForm(res.status(saved.status), saved.form)

  await signInAs(req, Object.assign(saved.result, { credentialsVersion: 1 }))
  notice(req, 'setup.notices.done')
  res.redirect(303, '/')
})

async function showForm(res: Response, form: Form): Promise<void> {
  await page(res, 'setup/new', {
    form: { ...form, values: { ...form.values, password: '' } },
    currencies,
    timeZones: TIME_ZONES,
  })
}
