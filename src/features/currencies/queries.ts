import sql from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { rateSheet } from './exchange.ts'
import type { Rate, RateSheet } from './exchange.ts'
import { ECB_BASE } from './ecb.ts'
import type { FileRate } from './ecb.ts'

/** The latest rate of each pair on or before `day`. The pairs are stepped through, not read: years of rates cost what their pairs do. */
export async function ratesOn(scope: Scope, day: CalendarDay): Promise<RateSheet> {
  const [sheet] = await rateSheets(scope, [day])
  return sheet ?? rateSheet(day, [])
}

/** The same for several days, in one statement. */
export async function rateSheets({ db }: Scope, days: readonly CalendarDay[]): Promise<RateSheet[]> {
  const rates = await db.query<Rate & { day: CalendarDay }>(sql`
    WITH RECURSIVE pairs AS (
      (SELECT base_code, currency_code FROM exchange_rates ORDER BY base_code, currency_code LIMIT 1)
      UNION ALL
      SELECT following.* FROM pairs p CROSS JOIN LATERAL (
        SELECT r.base_code, r.currency_code FROM exchange_rates r
        WHERE (r.base_code, r.currency_code) > (p.base_code, p.currency_code) ORDER BY r.base_code, r.currency_code LIMIT 1) following
    )
    SELECT asked.day, latest.* FROM unnest(string_to_array(${days.join(' ')}, ' ')) AS asked(day) CROSS JOIN pairs CROSS JOIN LATERAL (
      SELECT r.base_code AS base, r.currency_code AS currency, r.date::text AS date, r.rate FROM exchange_rates r
      WHERE r.base_code = pairs.base_code AND r.currency_code = pairs.currency_code AND r.date <= asked.day::date
      ORDER BY r.date DESC LIMIT 1) latest`)
  return days.map((day) =>
    rateSheet(
      day,
      rates.filter((rate) => rate.day === day),
    ),
  )
}

export interface StoredRate extends Rate {
  id: number
  version: number
}

const columns = sql`r.id, r.base_code AS base, r.currency_code AS currency, r.date::text AS date, r.rate, r.version`

export async function findRate({ db }: Scope, id: number): Promise<StoredRate> {
  const [rate] = await db.query<StoredRate>(sql`SELECT ${columns} FROM exchange_rates r WHERE r.id = ${id}`)
  if (!rate) throw new NotFound()
  return rate
}

/** With its row locked until the transaction ends. */
export async function lockRate({ db }: Scope, id: number): Promise<StoredRate> {
  const [rate] = await db.query<StoredRate>(sql`SELECT ${columns} FROM exchange_rates r WHERE r.id = ${id} FOR UPDATE`)
  if (!rate) throw new NotFound()
  return rate
}

/** A rate as its edit form shows it: no zeros at its end. */
export function rateForm({ rate, version }: StoredRate) {
  return { rate: rate.toFixed(), version }
}

export interface BaseSettings {
  baseCurrency: string
  version: number
}

export async function baseSettings({ db }: Scope, lock = false): Promise<BaseSettings> {
  const [settings] = await db.query<BaseSettings>(
    sql`SELECT base_currency AS "baseCurrency", version FROM settings WHERE id = 1 ${lock ? sql`FOR UPDATE` : sql``}`,
  )
  if (!settings) throw new NotFound()
  return settings
}

/** Which of the file's rates are stored, and at what rate: by "USD 2026-11-20". */
export async function storedRates({ db }: Scope, rates: readonly FileRate[]): Promise<Map<string, Decimal>> {
  const rows = await db.query<{ currency: string; date: CalendarDay; rate: Decimal }>(sql`
    SELECT r.currency_code AS currency, r.date::text AS date, r.rate
    FROM jsonb_to_recordset(${JSON.stringify(rates)}::jsonb) AS f(currency text, date date)
      JOIN exchange_rates r ON r.base_code = ${ECB_BASE} AND r.currency_code = f.currency AND r.date = f.date`)
  return new Map(rows.map(({ currency, date, rate }) => [`${currency} ${date}`, rate]))
}
