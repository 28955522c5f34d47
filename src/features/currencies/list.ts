import sql from 'sql-template-tag'
import { z } from 'zod'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import type { Decimal } from '../../platform/money.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { Currency } from '../../platform/validation.ts'

export interface RateRow {
  id: number
  base: string
  currency: string
  date: CalendarDay
  rate: Decimal
  updatedAt: Date
}

/** Rates are nobody's in particular: whoever reads a converted sum may read the rate behind it. */
export const rateList = defineList<RateRow>()({
  columns: sql`r.id, r.base_code AS base, r.currency_code AS currency, r.date::text AS date, r.rate, r.updated_at AS "updatedAt"`,
  from: sql`exchange_rates r`,
  key: sql`r.id`,
  filter: z.object({ currency: Currency }),
  where: ({ currency }) => [currency !== undefined && sql`${currency} IN (r.base_code, r.currency_code)`],
  search: (pattern) => sql`lower(r.base_code || ' ' || r.currency_code || ' ' || r.date::text) LIKE ${pattern}`,
  sorts: { date: by(sql`r.date`, 'date') },
  defaultSort: '-date',
  csv: [
    { header: 'currencies.fields.date', value: ({ date }) => date },
    { header: 'currencies.fields.baseCode', value: ({ base }) => base },
    { header: 'currencies.fields.currencyCode', value: ({ currency }) => currency },
    { header: 'currencies.fields.rate', value: ({ rate }) => rate.toFixed() },
  ],
})
