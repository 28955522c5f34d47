import { describe, expect, test } from 'vitest'
import { countDue, dueItems } from '../../src/features/today/due.ts'
import type { Whose } from '../../src/features/today/schema.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal } from '../support/records.ts'

async function livingIn(timeZone: string): Promise<Scope> {
  return as(await makeUser({ timeZone }))
}

async function subjects(scope: Scope, whose: Whose, range: 'now' | 'week', now: Date) {
  return (await dueItems(scope, whose, range, now)).rows.map(({ subject }) => subject)
}

async function makeFollowUp(scope: Scope, subject: string, followUpDate: string) {
  const contact = await makeContact(scope, (await makeClient(scope)).id)
  return makeCommunication(scope, contact.id, { subject, followUpDate })
}

describe('a day', () => {
  // 11 in the morning of 10 March in UTC: after midnight of the 11th in Auckland, still the small hours of the 10th in Los Angeles.
  const NOW = new Date('2026-03-10T11:30:00Z')

  test('is that of whoever is to do it: one person’s today is another’s tomorrow', async () => {
    const auckland = await livingIn('Pacific/Auckland')
    const angeles = await livingIn('America/Los_Angeles')
    for (const scope of [auckland, angeles]) {
      const deal = await makeDeal(scope)
      for (const dueDate of ['2026-03-10', '2026-03-11', '2026-03-12'])
        await makeActivity(scope, 'deal', deal.id, { subject: `${scope.user.timeZone} ${dueDate}`, dueDate })
      await makeFollowUp(scope, `${scope.user.timeZone} follow-up`, '2026-03-11')
    }

    expect((await subjects(auckland, 'me', 'now', NOW)).sort()).toEqual([
      'Pacific/Auckland 2026-03-10',
      'Pacific/Auckland 2026-03-11',
      'Pacific/Auckland follow-up',
    ])
    expect(await subjects(angeles, 'me', 'now', NOW)).toEqual(['America/Los_Angeles 2026-03-10'])
    expect(await countDue(auckland, NOW)).toEqual({ count: 3, more: false })
    expect(await countDue(angeles, NOW)).toEqual({ count: 1, more: false })

    // Whoever looks at everybody's sees each activity by its assignee's clock.
    const berlin = await livingIn('Europe/Berlin')
    const all = await subjects(berlin, 'all', 'now', NOW)
    expect(all).toEqual(expect.arrayContaining(['Pacific/Auckland 2026-03-11', 'America/Los_Angeles 2026-03-10']))
    expect(all).not.toContain('America/Los_Angeles 2026-03-11')
    expect(await subjects(berlin, 'all', 'week', NOW)).toEqual(
      expect.arrayContaining(['Pacific/Auckland 2026-03-12', 'America/Los_Angeles 2026-03-11']),
    )
  })

  test('changes at midnight where the clocks go forward, too', async () => {
    // Berlin, 29 March 2026: the day has 23 hours, from 23:00 to 22:00 UTC.
    const berlin = await livingIn('Europe/Berlin')
    const deal = await makeDeal(berlin)
    await makeActivity(berlin, 'deal', deal.id, { subject: 'Sunday', dueDate: '2026-03-29' })
    await makeActivity(berlin, 'deal', deal.id, { subject: 'Monday', dueDate: '2026-03-30' })

    for (const whose of ['me', 'all'] as const) {
      const due = async (instant: string) =>
        (await subjects(berlin, whose, 'now', new Date(instant))).filter((said) => said?.endsWith('day'))
      expect(await due('2026-03-28T22:59:00Z')).toEqual([])
      expect(await due('2026-03-28T23:00:00Z')).toEqual(['Sunday'])
      expect(await due('2026-03-29T21:59:00Z')).toEqual(['Sunday'])
      expect(await due('2026-03-29T22:00:00Z')).toEqual(['Sunday', 'Monday'])
    }
  })
})
