import { expect, test } from 'vitest'
import sql from 'sql-template-tag'
import { markLeadLost } from '../../src/features/leads/commands.ts'
import { uncontactedLeads } from '../../src/features/today/queries.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { as, makeUser } from '../support/people.ts'
import { makeLead } from '../support/records.ts'

const rosa = as(await makeUser({ name: 'Rosa' }))
const emil = as(await makeUser({ name: 'Emil' }))

async function makeWaiting(count: number, since: string): Promise<void> {
  await inTransaction(rosa, ({ db, user }) =>
    db.query(sql`
      INSERT INTO leads (first_name, last_name, status, currency_code, owner_id, created_at)
      SELECT 'Waiting', n::text, 'new', 'EUR', ${user.id}, ${since}::timestamptz FROM generate_series(1, ${count}) AS n`),
  )
}

test("new leads of mine or nobody's wait, and no others", async () => {
  const mine = await makeLead(rosa)
  const nobodys = await makeLead(rosa, { ownerId: null })
  await makeLead(emil)
  const lost = await makeLead(rosa)
  await markLeadLost(rosa, lost.id, 'Went elsewhere')

  const { rows, total } = await uncontactedLeads(rosa, 'me')

  expect(rows.map(({ id }) => id)).toEqual([mine.id, nobodys.id])
  expect(total).toEqual({ count: 2, more: false })
})

test('of more than are counted, the longest waiting are shown first', async () => {
  await makeWaiting(1_010, '2026-03-02T08:00:00Z')
  await makeWaiting(1, '2026-03-01T08:00:00Z')

  const { rows, total } = await uncontactedLeads(rosa, 'me')

  expect(rows).toHaveLength(20)
  expect(rows[0]?.createdAt).toEqual(new Date('2026-03-01T08:00:00Z'))
  expect(total).toEqual({ count: 100, more: true })
})
