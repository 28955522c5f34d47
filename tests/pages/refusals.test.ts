import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findDeal } from '../../src/features/deals/queries.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { browse } from '../support/browse.ts'
import type { Visitor } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeDeal, makeLead } from '../support/records.ts'

/** Forms that are wrong in themselves: who may not send them at all is told that, and nothing of what is wrong with them. */
const WRONG: [path: string, fields: Record<string, string>][] = [
  ['/leads/create', {}],
  ['/leads/create', { step: 'client' }],
  ['/leads/:lead/edit', { score: '101' }],
  ['/leads/:lead/mark-lost', {}],
  ['/leads/:lead/convert-to-client', { email: 'nobody' }],
  ['/leads/:lead/convert-to-deal', { value: 'NaN' }],
  ['/leads/:lead/convert-to-deal', { step: 'client' }],
  ['/leads/:lead/activities/create', {}],
  ['/deals/create', {}],
  ['/deals/create', { step: 'client' }],
  ['/deals/:deal/edit', { value: '-1' }],
  ['/deals/:deal/edit', { step: 'client' }],
  ['/deals/:deal/move', {}],
  ['/deals/:deal/close-won', { actualCloseDate: '2026-02-30' }],
  ['/deals/:deal/close-lost', {}],
  ['/deals/:deal/activities/create', {}],
  ['/deal-activities/:activity/edit', { type: 'stage_change' }],
  ['/deal-activities/:activity/snooze', {}],
  ['/deal-activities/:activity/reassign', { assigneeId: 'x' }],
]

let rosa: Account
let ids: Record<string, number>

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa', role: 'admin' })
})

beforeEach(async () => {
  const [lead, deal] = [await makeLead(as(rosa)), await makeDeal(as(rosa))]
  ids = { lead: lead.id, deal: deal.id, activity: (await makeActivity(as(rosa), 'deal', deal.id)).id }
})

const addressOf = (path: string) => path.replace(/:(\w+)/, (_, noun: string) => String(ids[noun]))

describe.each(['text/html', 'application/json'])('a bad form, answered as %s', (accept) => {
  let viewer: Visitor
  let stranger: Visitor

  beforeAll(async () => {
    viewer = await browse(await makeUser({ role: 'viewer' }))
    stranger = await browse(await makeUser({ role: 'member', visibility: 'own' }))
  })

  test.each(WRONG)('to %s %o is forbidden to a viewer', async (path, fields) => {
    expect((await viewer.post(addressOf(path), fields, { accept })).status).toBe(403)
  })

  test.each(WRONG.filter(([path]) => path.includes(':')))(
    'to %s %o finds nothing for whoever may not see the record',
    async (path, fields) => {
      expect((await stranger.post(addressOf(path), fields, { accept })).status).toBe(404)
    },
  )
})

test('beside a card that one cannot see there is no place: where it is stays untold', async () => {
  const emil = as(await makeUser({ role: 'member', visibility: 'own' }))
  const hidden = await makeDeal(as(rosa), { stage: 'proposal' })
  const own = await makeDeal(emil)

  await expect(moveDeal(emil, own.id, { stage: 'proposal', afterId: hidden.id })).rejects.toMatchObject({
    key: 'deals.errors.neighbourGone',
  })
  expect((await findDeal(emil, own.id)).stage).toBe('prospecting')
})
