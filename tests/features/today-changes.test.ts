import sql from 'sql-template-tag'
import { beforeEach, describe, expect, test } from 'vitest'
import { completeActivity, snoozeActivity } from '../../src/features/activities/commands.ts'
import { completeFollowUp } from '../../src/features/communications/commands.ts'
import { changeDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { moveDeal } from '../../src/features/deals/commands/moving.ts'
import { updateLead } from '../../src/features/leads/commands.ts'
import { newsSinceLastVisit } from '../../src/features/today/changes.ts'
import type { News } from '../../src/features/today/changes.ts'
import { beginVisit, markAsRead } from '../../src/features/today/commands.ts'
import { tell } from '../../src/features/today/telling.ts'
import { formatFor } from '../../src/platform/http/format.ts'
import { translator } from '../../src/platform/i18n.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

let reader: Scope
let rosa: Scope

beforeEach(async () => {
  rosa = as(await makeUser({ name: 'Rosa' }))
  reader = as(await makeUser({ name: 'Emil' }))
  await markAsRead(reader, new Date())
})

/** "Forklifts: Rosa created it", the newest first. */
function said(news: News, language = 'en'): string[] {
  const [t, fmt] = [translator(language), formatFor(language, 'Europe/Berlin')]
  return news.records.flatMap((record) =>
    record.changes.flatMap((change) => tell(t, fmt, record, change).map((sentence) => `${record.name}: ${sentence}`)),
  )
}

const told = async (scope = reader) => said(await newsSinceLastVisit(scope))

/** As if the last visit had begun so many hours ago. */
async function visitedBefore(hours: number): Promise<void> {
  await db.query(
    sql`UPDATE visits SET began_at = now() - ${`${hours} hours`}::interval WHERE user_id = ${reader.user.id} RETURNING user_id`,
  )
}

describe('what changed', () => {
  test('is what others did, record by record, in words, the newest first', async () => {
    const lead = await makeLead(rosa, { firstName: 'Ada', lastName: 'Berg' })
    const deal = await makeDeal(rosa, { name: 'Forklifts', value: '1000' })
    await moveDeal(rosa, deal.id, { stage: 'negotiation' })
    await changeDeal(rosa, deal.id, { value: '1500.5' })
    await updateLead(rosa, lead.id, { status: 'contacted' })
    await closeDeal(rosa, deal.id, { outcome: 'lost', lossReason: 'Too dear' })

    expect(await told()).toEqual([
      'Forklifts: Rosa marked it as lost: Too dear',
      'Forklifts: Rosa changed Value to €1,500.50',
      'Forklifts: Rosa moved it to Negotiation',
      'Forklifts: Rosa created it',
      'Ada Berg: Rosa set it to Contacted',
      'Ada Berg: Rosa created it',
    ])
  })

  test('tells of what was said and planned at the record it belongs to', async () => {
    const client = await makeClient(rosa, { name: 'Acme' })
    const contact = await makeContact(rosa, client.id, { firstName: 'Ada', lastName: 'Berg' })
    const call = await makeCommunication(rosa, contact.id, { subject: 'Delivery', followUpDate: '2026-01-05' })
    await completeFollowUp(rosa, call.id)
    const deal = await makeDeal(rosa, { name: 'Forklifts', clientId: client.id })
    const first = await makeActivity(rosa, 'deal', deal.id, { subject: 'Ring them' })
    await snoozeActivity(rosa, 'deal', first.id, { dueDate: '2031-02-03' })
    await completeActivity(rosa, 'deal', first.id)

    expect(await told()).toEqual([
      'Forklifts: Rosa did: Call, Ring them',
      'Forklifts: Rosa put off to Feb 3, 2031: Call, Ring them',
      'Forklifts: Rosa planned: Call, Ring them',
      'Forklifts: Rosa created it',
      'Ada Berg: Rosa completed the follow-up: Call, Delivery',
      'Ada Berg: Rosa recorded: Call, Delivery',
      'Ada Berg: Rosa created it',
      'Acme: Rosa created it',
    ])
  })

  test('names the fields of longer texts and of several at once, not what they hold', async () => {
    const lead = await makeLead(rosa, { firstName: 'Ada', lastName: 'Berg' })
    await updateLead(rosa, lead.id, { notes: 'Nobody else is to read this here', email: 'ada@example.com' })

    expect((await told())[0]).toBe('Ada Berg: Rosa changed: E-mail, Notes')
    expect(JSON.stringify(await newsSinceLastVisit(reader))).not.toMatch(/Nobody else|ada@example/)
  })

  test('is nothing of one’s own, of a card’s place in its column, of people and their passwords', async () => {
    const mine = await makeDeal(reader, { name: 'Mine' })
    const other = await makeDeal(reader, { name: 'Beside it' })
    await moveDeal(rosa, mine.id, { stage: 'prospecting', afterId: other.id })
    await makeUser({ name: 'A secret person' })

    expect(await told()).toEqual([])
    expect(JSON.stringify(await newsSinceLastVisit(reader))).not.toMatch(/argon2|password|secret/i)
  })

  test('is only of records that the reader sees', async () => {
    const own = as(await makeUser({ visibility: 'own' }))
    await makeDeal(rosa, { name: 'Hers' })
    await makeDeal(rosa, { name: 'Nobody’s', ownerId: null })
    await makeDeal(rosa, { name: 'Handed over', ownerId: own.user.id })

    expect(await told(own)).toEqual(
      expect.arrayContaining(['Handed over: Rosa created it', 'Nobody’s: Rosa created it']),
    )
    expect(await told(own)).not.toContain('Hers: Rosa created it')
  })

  test('is in the reader’s language', async () => {
    const deal = await makeDeal(rosa, { name: 'Stapler' })
    await moveDeal(rosa, deal.id, { stage: 'negotiation' })

    expect(said(await newsSinceLastVisit(reader), 'de')[0]).toBe(
      'Stapler: Rosa hat in die Phase Verhandlung verschoben',
    )
  })

  test('is bounded: twenty records, five changes of each, and that there are more', async () => {
    const deal = await makeDeal(rosa, { name: 'Often changed' })
    for (let value = 1; value <= 7; value += 1) await changeDeal(rosa, deal.id, { value: String(value) })

    const { records, more } = await newsSinceLastVisit(reader)
    expect(records.map(({ changes, others }) => [changes.length, others])).toEqual([[5, 3]])
    expect(more).toBe(false)

    for (let made = 0; made < 21; made += 1) await makeLead(rosa)
    const full = await newsSinceLastVisit(reader)
    expect(full.records).toHaveLength(20)
    expect(full.more).toBe(true)
  })

  /** In one statement, as an import does it: so many leads of Nora's, whom nobody else is to see who sees their own. */
  async function imported(nora: Scope, count: number): Promise<void> {
    await inTransaction(nora, ({ db }) =>
      db.query(sql`
        WITH made AS (
          INSERT INTO leads (first_name, last_name, currency_code, owner_id)
          SELECT 'Imported', n::text, 'EUR', ${nora.user.id}::integer FROM generate_series(1, ${count}::integer) AS n RETURNING id)
        SELECT count(*) FROM made`),
    )
  }

  test('is told to whoever has imported thousands of records since', async () => {
    const before = await makeDeal(reader, { name: 'Forklifts' })
    await imported(reader, 2_500)
    await changeDeal(rosa, before.id, { value: '5' })
    await imported(reader, 2_500)
    const deal = await makeDeal(rosa, { name: 'Cranes' })
    await imported(reader, 2_500)

    const news = await newsSinceLastVisit(reader)
    expect(said(news)).toEqual(['Cranes: Rosa created it', 'Forklifts: Rosa changed Value to €5.00'])
    expect(news).toMatchObject({ more: false, incomplete: false })
    expect(news.records[0]?.id).toBe(deal.id)
  })

  test('is told to whoever does not see the thousands of records that others imported since', async () => {
    const priya = as(await makeUser({ visibility: 'own' }))
    await markAsRead(priya, new Date())
    const hers = await makeDeal(priya, { name: 'Forklifts' })
    await changeDeal(rosa, hers.id, { value: '5' })
    await imported(reader, 2_001)

    const news = await newsSinceLastVisit(priya)
    expect(said(news)).toEqual(['Forklifts: Rosa changed Value to €5.00'])
    expect(news).toMatchObject({ more: false, incomplete: false })
  })

  test('that is out of reach behind what cannot be seen is said to be missing, however much there is', async () => {
    const priya = as(await makeUser({ visibility: 'own' }))
    await markAsRead(priya, new Date())
    const hers = await makeDeal(priya, { name: 'Forklifts' })
    await changeDeal(rosa, hers.id, { value: '5' })
    await imported(reader, 10_001)

    expect(await newsSinceLastVisit(priya)).toMatchObject({ records: [], more: false, incomplete: true })
  })

  test('with what erasure has blanked can still be told', async () => {
    const deal = await makeDeal(rosa, { name: 'Forklifts', value: '1000' })
    await changeDeal(rosa, deal.id, { value: '2000' })
    await db.transaction(async (tx) => {
      await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await tx.query(sql`SELECT redact_changes('deals', ${deal.id}, ARRAY['currency_code', 'name'])`)
    })

    expect(await told()).toEqual(['Forklifts: Rosa changed: Value', 'Forklifts: Rosa created it'])
  })
})

describe('a visit', () => {
  test('begins with the first look, and again an hour after it began; what is told is what changed since the one before', async () => {
    await makeDeal(rosa, { name: 'Before' })
    await visitedBefore(2)
    const deal = await makeDeal(rosa, { name: 'During' })

    const news = await newsSinceLastVisit(reader)
    expect(news.isNewVisit).toBe(true)
    expect(said(news)).toEqual(['During: Rosa created it', 'Before: Rosa created it'])
    await beginVisit(reader)
    const again = await newsSinceLastVisit(reader)
    expect(again.isNewVisit).toBe(false)
    expect(said(again)).toEqual(said(news))

    // This visit is over; what was there when it began has been told.
    await db.query(
      sql`UPDATE visits SET began_at = now() + interval '1 minute', seen_until = now() WHERE user_id = ${reader.user.id} RETURNING user_id`,
    )
    expect(await told()).toEqual([])
    await changeDeal(rosa, deal.id, { value: '5' })
    expect(await told()).toEqual(['During: Rosa changed Value to €5.00'])
  })

  test('is written once, however many pages begin it', async () => {
    await visitedBefore(3)
    const [before] = await db.query<{ began: Date }>(
      sql`SELECT began_at AS began FROM visits WHERE user_id = ${reader.user.id}`,
    )

    await Promise.all(Array.from({ length: 8 }, () => beginVisit(reader)))

    const [visit] = await db.query<{ began: Date; seen: Date }>(
      sql`SELECT began_at AS began, seen_until AS seen FROM visits WHERE user_id = ${reader.user.id}`,
    )
    expect(visit!.began.getTime()).toBeGreaterThan(before!.began.getTime())
    // Not what the first of the eight has written, which would hide the changes of three hours. Marked as read later than that visit began.
    expect(Date.now() - visit!.seen.getTime()).toBeLessThan(60_000)
    expect(visit!.seen.getTime()).toBeLessThan(visit!.began.getTime())
  })

  test('of somebody who never came begins a week ago', async () => {
    const stranger = as(await makeUser())
    const { since, isNewVisit } = await newsSinceLastVisit(stranger)

    expect(isNewVisit).toBe(true)
    expect(Math.round((Date.now() - since.getTime()) / 86_400_000)).toBe(7)
  })

  test('what is marked as read is told no more; what came after the page was made is', async () => {
    await makeDeal(rosa, { name: 'Seen' })
    const shown = new Date()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await makeDeal(rosa, { name: 'Not seen' })

    await markAsRead(reader, shown)
    expect(await told()).toEqual(['Not seen: Rosa created it'])
    // Neither does a mark go back, nor into what is to come.
    await markAsRead(reader, new Date(0))
    expect(await told()).toHaveLength(1)
    await markAsRead(reader, new Date('2999-01-01'))
    await makeDeal(rosa, { name: 'Later' })
    expect(await told()).toEqual(['Later: Rosa created it'])
  })

  test('costs one statement to tell of', async () => {
    expect(await queriesOf(() => newsSinceLastVisit(reader))).toHaveLength(1)
  })
})
