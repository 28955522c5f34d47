import type { Message } from '../../platform/i18n.ts'
import { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { readEcbFile } from './ecb.ts'
import type { FileRate } from './ecb.ts'
import { storedRates } from './queries.ts'
import type { ImportRates } from './schema.ts'

/** What one import may hold: half a dozen years of all currencies. */
export const MAX_RATES = 50_000

export interface DayPlan {
  line: number
  label: string
  day: CalendarDay | null
  added: number
  changed: number
  same: number
  without: number
  problems: Message[]
}

/** What an import would do, day by day, before it does it. */
export interface ImportPlan {
  days: DayPlan[]
  rates: FileRate[]
  added: number
  changed: number
  same: number
  /** Lines with something that cannot be used. */
  faulty: number
  /** Days left out because they are before the first one wanted. */
  before: number
  unknown: string[]
  /** Why nothing can be imported. */
  problem: Message | null
}

export async function planImport(scope: Scope, { text, since }: ImportRates): Promise<ImportPlan> {
  const file = readEcbFile(text)
  const wanted = file.days.filter(({ day }) => day === null || !since || day >= since)
  const rates = wanted.flatMap((entry) => entry.rates)
  const problem =
    file.problem ??
    (rates.length > MAX_RATES
      ? ({ key: 'currencies.errors.tooManyRates', values: { max: MAX_RATES, found: rates.length } } as const)
      : null)
  const stored = problem ? new Map<string, Decimal>() : await storedRates(scope, rates)
  const days = wanted.map(({ rates: ofDay, ...entry }): DayPlan => {
    const fates = ofDay.map((rate) => fate(rate, stored))
    const count = (which: Fate) => fates.filter((each) => each === which).length
    return { ...entry, added: count('added'), changed: count('changed'), same: count('same') }
  })
  const sum = (which: Fate) => days.reduce((total, day) => total + day[which], 0)
  return {
    days,
    rates,
    added: sum('added'),
    changed: sum('changed'),
    same: sum('same'),
    faulty: days.filter(({ problems }) => problems.length > 0).length,
    before: file.days.length - wanted.length,
    unknown: file.unknown,
    problem,
  }
}

type Fate = 'added' | 'changed' | 'same'

function fate({ currency, date, rate }: FileRate, stored: ReadonlyMap<string, Decimal>): Fate {
  const known = stored.get(`${currency} ${date}`)
  return known === undefined ? 'added' : known.equals(new Decimal(rate)) ? 'same' : 'changed'
}
