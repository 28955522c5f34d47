import sql from 'sql-template-tag'
import { beforeEach, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { markLeadLost } from '../../src/features/leads/commands.ts'
import { handOver } from '../../src/features/users/commands/leaving.ts'
import { deactivateUser } from '../../src/features/users/commands/roles.ts'
import { belongingsOf } from '../../src/features/users/queries.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeDeal, makeLead } from '../support/records.ts'

let nora: Account
let leaver: Account
let heir: Account

beforeEach(async () => {
  nora = await makeUser({ role: 'admin', name: 'Nora' })
  leaver = await makeUser({ name: 'Leaver' })
  heir = await makeUser({ name: 'Heir' })
})

/** One of each kind, open, closed and archived, in the hands of whoever leaves. */
async function makeBelongings() {
  const scope = as(leaver)
  const client = await makeClient(scope)
  const archived = await makeClient(scope, { name: 'Archived' })
  await archiveClient(scope, archived.id)
  const lead = await makeLead(scope)
  const lost = await makeLead(scope)
  await markLeadLost(scope, lost.id, 'No budget')
  const deal = await makeDeal(scope)
  const won = await makeDeal(scope)
  await closeDeal(scope, won.id, { outcome: 'won' })
  const trashed = await makeDeal(scope)
  await archiveDeal(scope, trashed.id)
  const ofLead = await makeActivity(scope, 'lead', lead.id, { dueDate: '2026-01-15' })
  const ofDeal = await makeActivity(scope, 'deal', deal.id)
  await makeActivity(scope, 'deal', deal.id, { status: 'completed', assigneeId: leaver.id })
  return { client, archived, lead, lost, deal, won, trashed, ofLead, ofDeal }
}

const NOTHING = { clients: 0, openLeads: 0, closedLeads: 0, openDeals: 0, closedDeals: 0, activities: 0 }
const ownerOf = async (dealId: number) =>
  (await db.query<{ id: number | null }>(sql`SELECT owner_id AS id FROM deals WHERE id = ${dealId}`))[0]?.id
const toldOn = async (dealId: number) =>
  db.query<{ details: unknown; by: number }>(
    sql`SELECT details, created_by AS by FROM deal_activities WHERE deal_id = ${dealId} AND type = 'owner_change' ORDER BY id`,
  )

test('everything goes to the new owner, what is archived or finished too, and each deal tells of it', async () => {
  const { deal, won, trashed } = await makeBelongings()
  expect(await belongingsOf(as(nora), leaver.id)).toEqual({
    clients: 2,
    openLeads: 1,
    closedLeads: 1,
    openDeals: 2,
    closedDeals: 1,
    activities: 2,
  })

  const moved = await handOver(as(nora), leaver.id, { to: heir.id, closed: true })

  expect(moved).toEqual({ clients: 2, leads: 2, deals: 3, activities: 2, left: 0 })
  expect(await belongingsOf(as(nora), leaver.id)).toEqual(NOTHING)
  expect(await belongingsOf(as(nora), heir.id)).toMatchObject({
    clients: 2,
    openDeals: 2,
    closedDeals: 1,
    activities: 2,
  })
  for (const { id } of [deal, won, trashed])
    expect(await toldOn(id)).toEqual([
      { details: { from: { id: leaver.id, name: 'Leaver' }, to: { id: heir.id, name: 'Heir' } }, by: nora.id },
    ])
  const [audit] = await db.query<{ rows: number; sets: number }>(sql`
    SELECT count(*)::int AS rows, count(DISTINCT change_set)::int AS sets FROM changes
    WHERE actor = ${String(nora.id)} AND (new_row ->> 'owner_id')::int = ${heir.id} AND (old_row ->> 'owner_id')::int = ${leaver.id}`)
  expect(audit, 'one change set').toEqual({ rows: 7, sets: 1 })
})

test('what is finished can stay with whoever did it', async () => {
  const { won, deal } = await makeBelongings()

  expect(await handOver(as(nora), leaver.id, { to: heir.id })).toMatchObject({ clients: 2, leads: 1, deals: 2 })
  expect([await ownerOf(won.id), await ownerOf(deal.id)]).toEqual([leaver.id, heir.id])
  expect(await toldOn(won.id)).toEqual([])
})

test("it can become nobody's", async () => {
  const { deal } = await makeBelongings()

  expect(await handOver(as(nora), leaver.id, { to: null, closed: true })).toMatchObject({
    deals: 3,
    activities: 2,
    left: 0,
  })
  expect(await ownerOf(deal.id)).toBeNull()
  expect(await toldOn(deal.id)).toMatchObject([{ details: { to: null } }])
  expect(await belongingsOf(as(nora), leaver.id)).toEqual(NOTHING)
})

test.each([
  ['see', { visibility: 'own' }],
  ['change', { role: 'viewer' }],
] as const)(
  "a planned activity on a record that the new owner may not %s becomes nobody's, and is counted",
  async (_, rights) => {
    const own = await makeUser(rights)
    const deal = await makeDeal(as(nora), { ownerId: nora.id })
    const planned = await makeActivity(as(nora), 'deal', deal.id, { assigneeId: leaver.id })

    expect(await handOver(as(nora), leaver.id, { to: own.id })).toMatchObject({ activities: 0, left: 1 })
    const [row] = await db.query(sql`SELECT assignee_id FROM deal_activities WHERE id = ${planned.id}`)
    expect(row).toEqual({ assignee_id: null })
  },
)

test('eight at once move everything once, and every deal tells of one change', async () => {
  const { deal, won } = await makeBelongings()
  const heirs = [heir, ...(await Promise.all(Array.from({ length: 7 }, () => makeUser())))]

  const answers = await Promise.all(heirs.map(({ id }) => handOver(as(nora), leaver.id, { to: id, closed: true })))

  expect(answers.map(({ deals }) => deals).filter((count) => count > 0)).toEqual([3])
  for (const { id } of [deal, won]) expect(await toldOn(id)).toHaveLength(1)
})

test('nobody who is deactivated, not there, or leaves takes it over; and only administrators hand over', async () => {
  await makeBelongings()
  const gone = await makeUser()
  await deactivateUser(as(nora), gone.id)
  const before = await belongingsOf(as(nora), leaver.id)

  for (const to of [gone.id, 2_147_483_647])
    await expect(handOver(as(nora), leaver.id, { to })).rejects.toMatchObject({
      field: 'to',
      key: 'errors.unknownOwner',
    })
  await expect(handOver(as(nora), leaver.id, { to: leaver.id })).rejects.toMatchObject({ field: 'to' })
  await expect(handOver(as(nora), 2_147_483_647, { to: heir.id })).rejects.toMatchObject({ status: 404 })
  await expect(handOver(as(heir), leaver.id, { to: heir.id })).rejects.toMatchObject({ status: 403 })
  expect(await belongingsOf(as(nora), leaver.id)).toEqual(before)
})
