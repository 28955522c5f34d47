import sql from 'sql-template-tag'
import { Forbidden, RuleViolation } from '../../platform/errors.ts'
import { Decimal } from '../../platform/money.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { can } from '../users/access.ts'
import { ECB_BASE } from './ecb.ts'
import { planImport } from './importing.ts'
import { baseSettings, lockRate, rateForm } from './queries.ts'
import type { BaseCurrencyChange, CreateRate, ImportRates, UpdateRate } from './schema.ts'

/** Rates and the base currency are everybody's: only administrators change them. */
export function requireSettings({ user }: Scope): void {
  if (!can(user, 'write', 'settings')) throw new Forbidden()
}

/** What sums are converted to, and what a new record's currency is. Throws Conflict with what is stored when somebody else saved after `version`. */
export async function changeBaseCurrency(scope: Scope, { baseCurrency, version }: BaseCurrencyChange): Promise<void> {
  requireSettings(scope)
  return inTransaction(scope, async (scope) => {
    const stored = await baseSettings(scope, true)
    if (stored.baseCurrency === baseCurrency) return
    if (version && version !== stored.version)
      throw await stale(scope, { table: 'settings', id: 1, version, stored: { ...stored } })
    await scope.db.records.settings.update({ where: { id: 1 }, data: { baseCurrency }, select: { id: true } })
  })
}

/** A rate for one pair and day; refused when there is one already, which can be changed. */
export async function createRate(
  scope: Scope,
  { submission, baseCode, currencyCode, date, rate }: CreateRate,
): Promise<{ id: number; repeated: boolean }> {
  requireSettings(scope)
  if (baseCode === currencyCode) throw new RuleViolation('currencies.errors.sameCurrency', 'currencyCode')
  return inTransaction(scope, (scope) =>
    once(scope, submission, { baseCode, currencyCode, date, rate }, async () => {
      const [created] = await scope.db.query<{ id: number }>(sql`
        INSERT INTO exchange_rates (base_code, currency_code, date, rate)
        VALUES (${baseCode}, ${currencyCode}, ${date}::date, ${rate}::numeric) ON CONFLICT DO NOTHING RETURNING id`)
      if (!created)
        throw new RuleViolation('currencies.errors.exists', 'date', { base: baseCode, currency: currencyCode })
      return created
    }),
  )
}

/** Throws Conflict with what is stored when somebody else saved after `version`. */
export async function updateRate(scope: Scope, id: number, { rate, version }: UpdateRate): Promise<void> {
  requireSettings(scope)
  return inTransaction(scope, async (scope) => {
    const stored = await lockRate(scope, id)
    if (rate === undefined || stored.rate.equals(new Decimal(rate))) return
    if (version && version !== stored.version)
      throw await stale(scope, { table: 'exchange_rates', id, version, stored: rateForm(stored) })
    await scope.db.records.exchangeRate.update({ where: { id }, data: { rate }, select: { id: true } })
  })
}

export async function deleteRate(scope: Scope, id: number): Promise<void> {
  requireSettings(scope)
  return inTransaction(scope, async (scope) => {
    await lockRate(scope, id)
    await scope.db.records.exchangeRate.delete({ where: { id }, select: { id: true } })
  })
}

export interface Imported {
  added: number
  changed: number
  same: number
}

/**
 * Stores the rates of a file: new ones are added, other ones corrected, equal ones left alone; what was counted is what was written. Importing
 * it again changes nothing.
 */
export async function importRates(scope: Scope, input: ImportRates): Promise<Imported> {
  requireSettings(scope)
  return inTransaction(scope, async (scope) => {
    const { rates, problem } = await planImport(scope, input)
    if (problem) throw new RuleViolation(problem.key, 'text', problem.values)
    // In one order, so that two imports at a time wait for each other instead of for ever.
    const written = await scope.db.query<{ added: boolean }>(sql`
      INSERT INTO exchange_rates (base_code, currency_code, date, rate)
      SELECT ${ECB_BASE}, f.currency, f.date, f.rate
      FROM jsonb_to_recordset(${JSON.stringify(rates)}::jsonb) AS f(currency text, date date, rate numeric(20, 10))
      ORDER BY f.currency, f.date
      ON CONFLICT (base_code, currency_code, date) DO UPDATE SET rate = excluded.rate WHERE exchange_rates.rate <> excluded.rate
      RETURNING xmax = 0 AS added`)
    const added = written.filter((row) => row.added).length
    return { added, changed: written.length - added, same: rates.length - written.length }
  })
}
