import { addDays, dayIn } from '../../../platform/time.ts'
import { createRate } from '../../currencies/commands.ts'
import { storedRates } from '../../currencies/queries.ts'
import type { Cast } from './cast.ts'
import { submissionOf, told } from './once-told.ts'

/** Days from today, and what one euro was worth then: so far back that the oldest deal of the story can be converted, and now. */
const SAMPLE_RATES = [
  { days: -730, rates: { USD: '1.0842', GBP: '0.8531', CHF: '0.9402', JPY: '163.2', SEK: '11.42' } },
  { days: -1, rates: { USD: '1.0915', GBP: '0.8604', CHF: '0.9368', JPY: '171.45', SEK: '11.08' } },
]

/** A rate that somebody has entered for the same day stays as it is. */
export async function tellRates({ admin }: Cast): Promise<void> {
  const today = dayIn(admin.user.timeZone)
  for (const { days, rates } of SAMPLE_RATES) {
    const date = addDays(today, days)
    const entries = Object.entries(rates)
    const stored = await storedRates(
      admin,
      entries.map(([currency, rate]) => ({ currency, date, rate })),
    )
    for (const [currencyCode, rate] of entries) {
      if (stored.has(`${currencyCode} ${date}`)) continue
      const submission = submissionOf(admin, `rate of ${currencyCode}, ${days}`)
      await told(createRate(admin, { baseCode: 'EUR', currencyCode, date, rate, submission }))
    }
  }
}
