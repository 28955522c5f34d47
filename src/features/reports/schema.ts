import { z } from 'zod'
import { CalendarDate, Currency, Id } from '../../platform/validation.ts'
import { OwnerFilter } from '../users/access.ts'

/** The parts of the dashboard: each is a table, and a file. */
export const SECTIONS = [
  'pipeline',
  'closed',
  'stages',
  'funnel',
  'sources',
  'dealLosses',
  'leadLosses',
  'owners',
] as const
export type Section = (typeof SECTIONS)[number]

/** What its file is called: /reports/<name>.csv. */
export const FILE_NAMES: Readonly<Record<Section, string>> = {
  pipeline: 'pipeline',
  closed: 'won-and-lost',
  stages: 'time-in-stage',
  funnel: 'funnel',
  sources: 'sources',
  dealLosses: 'lost-deals',
  leadLosses: 'lost-leads',
  owners: 'owners',
}

export const REPORT_PERIODS = ['month', 'quarter', 'year', 'lastMonth', 'lastQuarter', 'lastYear', 'custom'] as const
export type ReportPeriod = (typeof REPORT_PERIODS)[number]
export const DEFAULT_REPORT_PERIOD: ReportPeriod = 'year'

/** What the address may ask for. Without a currency, everything is converted to the base currency. */
export const ReportFilters = z.object({
  period: z.enum(REPORT_PERIODS),
  from: CalendarDate,
  to: CalendarDate,
  owner: OwnerFilter,
  pipeline: Id,
  currency: Currency,
})
