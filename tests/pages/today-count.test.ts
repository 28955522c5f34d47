import { describe, expect, test } from 'vitest'
import { reassignActivity } from '../../src/features/activities/commands.ts'
import { countDueLately } from '../../src/features/today/due.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { browse } from '../support/browse.ts'
import { queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeDeal } from '../support/records.ts'

const YESTERDAY = addDays(dayIn('Europe/Berlin'), -1)

function countOn(html: string): string {
  return /<span class="nav-count">([^<]*)</.exec(html)?.[1] ?? ''
}

describe('what is due, beside the navigation', () => {
  test('is counted once for several pages, and anew right after what one does oneself', async () => {
    const account = await makeUser()
    const deal = await makeDeal(as(account))
    const call = await makeActivity(as(account), 'deal', deal.id, { subject: 'Call', dueDate: YESTERDAY })
    const visitor = await browse(account)
    expect(countOn((await visitor.get('/leads')).text)).toBe('1')

    await visitor.post(`/deal-activities/${call.id}/complete`, {})

    expect(countOn((await visitor.get('/leads')).text)).toBe('')
  })

  test('asks the database once in a quarter of a minute', async () => {
    const rosa = as(await makeUser())
    const asked = async () => (await queriesOf(() => countDueLately(rosa))).length

    expect([await asked(), await asked()]).toEqual([1, 0])
    await makeDeal(rosa)
    expect([await asked(), await asked()]).toEqual([1, 0])
    expect((await queriesOf(() => countDueLately(rosa, true))).length).toBe(1)
  })

  test('that somebody else gave one is counted when there is news, whoever wrote it', async () => {
    const [rosa, emil] = [as(await makeUser()), as(await makeUser())]
    const deal = await makeDeal(emil)
    const call = await makeActivity(emil, 'deal', deal.id, { subject: 'Call', dueDate: YESTERDAY })
    expect((await countDueLately(rosa)).count).toBe(0)

    await reassignActivity(emil, 'deal', call.id, rosa.user.id)

    expect((await countDueLately(rosa)).count).toBe(0)
    expect((await countDueLately(rosa, true)).count).toBe(1)
    expect((await countDueLately(emil)).count).toBe(0)
  })

  test('is each reader’s own, and goes by what they may see by now', async () => {
    const account = await makeUser()
    const deal = await makeDeal(as(account))
    await makeActivity(as(account), 'deal', deal.id, { subject: 'Call', dueDate: YESTERDAY })
    const other = as(await makeUser())

    expect((await countDueLately(as(account))).count).toBe(1)
    expect((await countDueLately(other)).count).toBe(0)
  })
})
