import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { RuleViolation } from '../../platform/errors.ts'
import { sendCsv } from '../../platform/http/csv.ts'
import { page } from '../../platform/http/page.ts'
import { idOf, languageOf, notice, scopeOf } from '../../platform/http/request.ts'
import { formOf, submit } from '../../platform/http/submit.ts'
import type { Form } from '../../platform/http/submit.ts'
import { translator } from '../../platform/i18n.ts'
import { currencies } from '../../platform/money.ts'
import { addDays, dayIn } from '../../platform/time.ts'
import { changeBaseCurrency, createRate, deleteRate, importRates, requireSettings, updateRate } from './commands.ts'
import { MAX_RATES, planImport } from './importing.ts'
import type { ImportPlan } from './importing.ts'
import { rateList } from './list.ts'
import { rateWords } from './present.ts'
import { baseSettings, findRate, rateForm, ratesOn } from './queries.ts'
import { BaseCurrencyInput, CreateRateInput, ImportInput, UpdateRateInput } from './schema.ts'

/** Under /settings/currencies: everybody may read what sums are converted at, administrators change it. */
export const currencyRoutes = Router()
export const currencyFileRoutes = Router()

const HOME = '/settings/currencies'

currencyFileRoutes.get(`${HOME}.csv`, (req, res) => sendCsv(req, res, rateList, 'exchange-rates'))

currencyRoutes.get('/', async (req, res) => {
  await showCurrencies(req, res)
})

currencyRoutes.post('/base', async (req, res) => {
  const saved = await submit(BaseCurrencyInput, req.body, async (input) => changeBaseCurrency(scopeOf(req), input))
  if (!saved.ok) {
    requireSettings(scopeOf(req))
    return showCurrencies(req, res.status(saved.status), saved.form)
  }

  notice(req, 'currencies.notices.base')
  res.redirect(303, HOME)
})

currencyRoutes.get('/create', async (req, res) => {
  requireSettings(scopeOf(req))
  const { baseCurrency } = await baseSettings(scopeOf(req))
  const today = dayIn(scopeOf(req).user.timeZone)
  const form = formOf({ submission: randomUUID(), baseCode: baseCurrency, date: today })
  await page(res, 'currencies/new', { form, currencies })
})

currencyRoutes.post('/create', async (req, res) => {
  requireSettings(scopeOf(req))
  const saved = await submit(CreateRateInput, req.body, (input) => createRate(scopeOf(req), input))
  if (!saved.ok) return page(res.status(saved.status), 'currencies/new', { form: saved.form, currencies })

  if (!saved.result.repeated) notice(req, 'currencies.notices.created')
  res.redirect(303, HOME)
})

currencyRoutes.get('/import', async (req, res) => {
  requireSettings(scopeOf(req))
  const since = addDays(dayIn(scopeOf(req).user.timeZone), -365)
  await showImport(res, formOf({ since }), null)
})

currencyRoutes.post('/import', async (req, res) => {
  requireSettings(scopeOf(req))
  let plan: ImportPlan | null = null
  const saved = await submit(ImportInput, req.body, async (input) => {
    if (input.step === 'import') return importRates(scopeOf(req), input)
    plan = await planImport(scopeOf(req), input)
    if (plan.problem) throw new RuleViolation(plan.problem.key, 'text', plan.problem.values)
    return null
  })
  if (!saved.ok) return showImport(res.status(saved.status), saved.form, null)
  // 422: the form comes back with what it would do; nothing has been stored.
  if (saved.result === null) return showImport(res.status(422), formOf(bodyOf(req)), plan)

  notice(req, 'currencies.notices.imported', { values: { ...saved.result } })
  res.redirect(303, HOME)
})

currencyRoutes.get('/:id/edit', async (req, res) => {
  requireSettings(scopeOf(req))
  const rate = await findRate(scopeOf(req), idOf(req))
  await page(res, 'currencies/edit', { rate, form: formOf(rateForm(rate)) })
})

currencyRoutes.post('/:id/edit', async (req, res) => {
  requireSettings(scopeOf(req))
  const id = idOf(req)
  const saved = await submit(UpdateRateInput, req.body, (input) => updateRate(scopeOf(req), id, input))
  if (!saved.ok) {
    const rate = await findRate(scopeOf(req), id)
    return page(res.status(saved.status), 'currencies/edit', { rate, form: saved.form })
  }

  notice(req, 'currencies.notices.saved')
  res.redirect(303, HOME)
})

currencyRoutes.post('/:id/delete', async (req, res) => {
  await deleteRate(scopeOf(req), idOf(req))
  notice(req, 'currencies.notices.deleted')
  res.redirect(303, HOME)
})

/** `form`: a change of the base currency that was refused. */
async function showCurrencies(req: Request, res: Response, form?: Form): Promise<void> {
  const scope = scopeOf(req)
  const [base, sheet, list] = await Promise.all([
    baseSettings(scope),
    ratesOn(scope, dayIn(scope.user.timeZone)),
    rateList.fetch(scope, rateList.parse(req.query)),
  ])
  const { baseCurrency } = base
  const language = languageOf(req)
  await page(res, 'currencies/index', {
    form: form ?? formOf({ ...base }),
    baseCurrency,
    currencies,
    quotes: sheet.currencies
      .filter((code) => code !== baseCurrency)
      .map((code) => ({ code, quote: sheet.quote(baseCurrency, code) })),
    known: sheet.currencies,
    list,
    rateWords: rateWords(language, translator(language)),
  })
}

/** How many days of a preview are listed one by one; those with something wrong come first. */
const DAYS_SHOWN = 60

async function showImport(res: Response, form: Form, plan: ImportPlan | null): Promise<void> {
  const days = [...(plan?.days ?? [])].sort((a, b) => Number(b.problems.length > 0) - Number(a.problems.length > 0))
  await page(res, 'currencies/import', { form, plan, days: days.slice(0, DAYS_SHOWN), max: MAX_RATES })
}

function bodyOf(req: Request): Readonly<Record<string, unknown>> {
  const { text, since } = (req.body ?? {}) as Readonly<Record<string, unknown>>
  return { text, since }
}
