import sql from 'sql-template-tag'
import { beforeEach, describe, expect, test } from 'vitest'
import { completeActivity } from '../../src/features/activities/commands.ts'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { completeFollowUp } from '../../src/features/communications/commands.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { changeFeed, createFeed, noteUse, renewFeed, revokeFeed } from '../../src/features/feeds/commands.ts'
import { WINDOW, entriesOf } from '../../src/features/feeds/entries.ts'
import { feedsOf, findSubscription } from '../../src/features/feeds/queries.ts'
import { changePassword } from '../../src/features/users/commands/passwords.ts'
import { deactivateUser, reactivateUser } from '../../src/features/users/commands/roles.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { db, queriesOf } from '../support/database.ts'
import { PASSWORD, as, makeTeam, makeUser, system } from '../support/people.ts'
import { makeActivity, makeClient, makeCommunication, makeContact, makeDeal, makeLead } from '../support/records.ts'

const ALL = { followUps: true, activities: true, closes: true }
const today = dayIn('Europe/Berlin')
const tomorrow = addDays(today, 1)

let rosa: Account
let emil: Account

beforeEach(async () => {
  rosa = await makeUser()
  emil = await makeUser()
})

const entries = async (scope: Scope, holds = ALL) =>
  (await entriesOf(scope, holds)).map(({ kind, subject, recordName }) => `${kind} ${subject ?? recordName}`)

/** A client of somebody's, with a contact. */
async function makePlace(owner: Account | null) {
  const client = await makeClient(system, { ownerId: owner?.id ?? null })
  const contact = await makeContact(system, client.id)
  return { clientId: client.id, contactId: contact.id }
}

describe('what a calendar shows', () => {
  test('follow-ups, activities and closes, with what there is to say of each', async () => {
    const { clientId, contactId } = await makePlace(rosa)
    const deal = await makeDeal(as(rosa), { clientId, ownerId: rosa.id, expectedCloseDate: addDays(today, 3) })
    await makeCommunication(as(rosa), contactId, { subject: 'Delivery', content: 'In May', followUpDate: tomorrow })
    await makeActivity(as(rosa), 'deal', deal.id, {
      subject: 'Visit',
      dueDate: addDays(today, 2),
      dueTime: '14:30',
      assigneeId: rosa.id,
    })

    expect(await entriesOf(as(rosa), ALL)).toMatchObject([
      {
        kind: 'followUp',
        recordId: contactId,
        recordName: 'Rosa Winter',
        company: 'Acme Forklifts',
        day: tomorrow,
        time: null,
        text: 'In May',
      },
      { kind: 'deal', recordId: deal.id, day: addDays(today, 2), time: '14:30', zone: 'Europe/Berlin', type: 'call' },
      { kind: 'close', recordId: deal.id, company: 'Acme Forklifts', currencyCode: 'EUR', day: addDays(today, 3) },
    ])
  })

  test('only what was chosen', async () => {
    const { clientId, contactId } = await makePlace(rosa)
    const deal = await makeDeal(as(rosa), { clientId, ownerId: rosa.id, expectedCloseDate: tomorrow })
    await makeCommunication(as(rosa), contactId, { subject: 'Delivery', followUpDate: tomorrow })
    await makeActivity(as(rosa), 'deal', deal.id, { subject: 'Visit', dueDate: tomorrow })

    const only = (holding: Partial<typeof ALL>) =>
      entries(as(rosa), { followUps: false, activities: false, closes: false, ...holding })

    expect(await only({ followUps: true })).toEqual(['followUp Delivery'])
    expect(await only({ activities: true })).toEqual(['deal Visit'])
    expect(await only({ closes: true })).toEqual(['close Forklifts for Acme'])
  })

  test('one’s own, and what nobody has to do for what is one’s own; not what others have to do', async () => {
    const mine = await makePlace(rosa)
    const theirs = await makePlace(emil)
    const lead = await makeLead(as(rosa), { ownerId: rosa.id })
    const emilsDeal = await makeDeal(as(emil), { ownerId: emil.id, expectedCloseDate: tomorrow })
    await makeCommunication(as(emil), mine.contactId, { subject: 'For my client', followUpDate: tomorrow })
    await makeCommunication(as(rosa), theirs.contactId, { subject: 'I promised', followUpDate: tomorrow })
    await makeCommunication(as(emil), theirs.contactId, { subject: 'His', followUpDate: tomorrow })
    await makeActivity(as(rosa), 'lead', lead.id, { subject: 'Nobody’s', dueDate: tomorrow, assigneeId: null })
    await makeActivity(as(rosa), 'lead', lead.id, { subject: 'For him', dueDate: tomorrow, assigneeId: emil.id })
    await makeActivity(as(emil), 'deal', emilsDeal.id, { subject: 'For me', dueDate: tomorrow, assigneeId: rosa.id })

    expect((await entries(as(rosa))).sort()).toEqual(
      ['deal For me', 'followUp For my client', 'followUp I promised', 'lead Nobody’s'].sort(),
    )
  })

  test('what is done, closed, or in the Trash leaves it', async () => {
    const { clientId, contactId } = await makePlace(rosa)
    const other = await makePlace(rosa)
    const deal = await makeDeal(as(rosa), { clientId, ownerId: rosa.id, expectedCloseDate: tomorrow })
    const followUp = await makeCommunication(as(rosa), contactId, { followUpDate: tomorrow })
    await makeCommunication(as(rosa), other.contactId, { followUpDate: tomorrow })
    const activity = await makeActivity(as(rosa), 'deal', deal.id, { dueDate: tomorrow })
    expect(await entries(as(rosa))).toHaveLength(4)

    await completeFollowUp(as(rosa), followUp.id)
    await completeActivity(as(rosa), 'deal', activity.id)
    await closeDeal(as(rosa), deal.id, { outcome: 'won' })
    await archiveClient(as(rosa), other.clientId)

    expect(await entries(as(rosa))).toEqual([])
  })

  test('what somebody may no longer see leaves it too', async () => {
    const team = await makeTeam('North')
    const ben = await makeUser({ visibility: 'own', teamId: team })
    const lead = await makeLead(system, { ownerId: ben.id })
    await makeActivity(system, 'lead', lead.id, { subject: 'Call', dueDate: tomorrow, assigneeId: ben.id })
    expect(await entries(as(ben))).toEqual(['lead Call'])

    await db.transaction(async (tx) => {
      await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
      await tx.query(sql`UPDATE leads SET owner_id = ${emil.id} WHERE id = ${lead.id} RETURNING id`)
    })

    expect(await entries(as(ben))).toEqual([])
    expect(await entries({ db, user: { ...ben, visibility: 'all' } })).toEqual(['lead Call'])
  })

  test('from three months back to two years ahead', async () => {
    const lead = await makeLead(as(rosa), { ownerId: rosa.id })
    for (const days of [-WINDOW.back - 1, -WINDOW.back, WINDOW.ahead, WINDOW.ahead + 1])
      await makeActivity(as(rosa), 'lead', lead.id, { subject: String(days), dueDate: addDays(today, days) })

    expect(await entries(as(rosa))).toEqual([`lead ${-WINDOW.back}`, `lead ${WINDOW.ahead}`])
  })

  test('costs one statement, whatever is in it', async () => {
    const lead = await makeLead(as(rosa), { ownerId: rosa.id })
    for (let count = 0; count < 12; count += 1)
      await makeActivity(as(rosa), 'lead', lead.id, { dueDate: addDays(today, count) })

    expect(await queriesOf(() => entriesOf(as(rosa), ALL))).toHaveLength(1)
  })
})

describe('a link', () => {
  const feed = { name: 'Phone', ...ALL }

  test('leads to whose it is; only a hash of it is kept, and no history tells it', async () => {
    const { id, secret } = await createFeed(as(rosa), feed)

    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(await findSubscription(db, secret)).toMatchObject({ feed: { id, name: 'Phone' }, account: { id: rosa.id } })
    const rows = await db.query(sql`
      SELECT to_jsonb(f)::text AS text FROM feeds f UNION ALL SELECT coalesce(new_row::text, '') FROM changes WHERE table_name = 'feeds'`)
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(JSON.stringify(await db.query(sql`SELECT new_row FROM changes WHERE table_name = 'feeds'`))).not.toContain(
      'token',
    )
  })

  test('works no more when it was revoked, and when there is a new one', async () => {
    const first = await createFeed(as(rosa), feed)
    const second = await createFeed(as(rosa), feed)
    await revokeFeed(as(rosa), first.id)
    const { secret } = await renewFeed(as(rosa), second.id)

    await expect(findSubscription(db, first.secret)).rejects.toThrow('errors.notFound')
    await expect(findSubscription(db, second.secret)).rejects.toThrow('errors.notFound')
    expect((await findSubscription(db, secret)).feed.id).toBe(second.id)
  })

  test('works no more once its owner was deactivated, nor when they are back', async () => {
    const admin = await makeUser({ role: 'admin' })
    const { secret } = await createFeed(as(rosa), feed)
    await deactivateUser(as(admin), rosa.id)
    await expect(findSubscription(db, secret)).rejects.toThrow('errors.notFound')

    await reactivateUser(as(admin), rosa.id)
    await expect(findSubscription(db, secret)).rejects.toThrow('errors.notFound')
  })

  test('ends with the password it was made under, until there is a new one', async () => {
    const { id, secret } = await createFeed(as(rosa), feed)
    await changePassword(as(rosa), { currentPassword: PASSWORD, password: 'another horse battery' })

    await expect(findSubscription(db, secret)).rejects.toThrow('errors.notFound')
    expect(await feedsOf(as(rosa))).toMatchObject([{ id, isEnded: true }])

    const renewed = await renewFeed(as(rosa), id)
    expect((await findSubscription(db, renewed.secret)).feed).toMatchObject({ id, isEnded: false })
  })

  test('waits while a second factor is demanded that its owner does not have', async () => {
    const { secret } = await createFeed(as(rosa), feed)
    const demand = (isDemanded: boolean) =>
      db.transaction(async (tx) => {
        await tx.query(sql`SELECT set_config('dealwright.actor', 'system', true)`)
        await tx.query(sql`UPDATE settings SET two_factor_required = ${isDemanded} RETURNING id`)
      })
    await demand(true)
    await expect(findSubscription(db, secret)).rejects.toThrow('errors.notFound')

    await demand(false)
    expect((await findSubscription(db, secret)).account.id).toBe(rosa.id)
  })

  test('is its owner’s alone to change, renew and revoke', async () => {
    const { id, secret } = await createFeed(as(rosa), feed)

    await expect(changeFeed(as(emil), id, feed)).rejects.toThrow('errors.notFound')
    await expect(renewFeed(as(emil), id)).rejects.toThrow('errors.notFound')
    await expect(revokeFeed(as(emil), id)).rejects.toThrow('errors.notFound')
    expect(await feedsOf(as(emil))).toEqual([])
    expect((await findSubscription(db, secret)).feed.name).toBe('Phone')
  })

  test('holds something', async () => {
    const nothing = { name: 'Phone', followUps: false, activities: false, closes: false }
    const { id } = await createFeed(as(rosa), feed)

    await expect(createFeed(as(rosa), nothing)).rejects.toThrow('feeds.errors.holdsNothing')
    await expect(changeFeed(as(rosa), id, nothing)).rejects.toThrow('feeds.errors.holdsNothing')
  })

  test('stays as it is while its feed is changed, and an untouched save writes nothing', async () => {
    const { id, secret } = await createFeed(as(rosa), feed)
    await changeFeed(as(rosa), id, { ...feed, name: 'Laptop', closes: false })
    expect((await findSubscription(db, secret)).feed).toMatchObject({ name: 'Laptop', closes: false })

    const before = await db.query(sql`SELECT version, updated_at FROM feeds WHERE id = ${id}`)
    await changeFeed(as(rosa), id, { ...feed, name: 'Laptop', closes: false })
    expect(await db.query(sql`SELECT version, updated_at FROM feeds WHERE id = ${id}`)).toEqual(before)
  })

  test('is one of twenty at most, eight of them made at once too', async () => {
    for (let count = 0; count < 16; count += 1) await createFeed(as(rosa), feed)

    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => createFeed(as(rosa), feed)))

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
    expect(await feedsOf(as(rosa))).toHaveLength(20)
  })

  test('renewed eight times at once, one of the eight works', async () => {
    const { id } = await createFeed(as(rosa), feed)

    const links = await Promise.all(Array.from({ length: 8 }, () => renewFeed(as(rosa), id)))

    const found = await Promise.allSettled(links.map(({ secret }) => findSubscription(db, secret)))
    expect(found.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('says when it was last asked for, to the hour, and no history is made of that', async () => {
    const { id, secret } = await createFeed(as(rosa), feed)
    const count = async () =>
      (await db.query(sql`SELECT id FROM changes WHERE table_name = 'feeds' AND record_id = ${id}`)).length
    const ask = async (at: string) => noteUse(as(rosa), (await findSubscription(db, secret)).feed, new Date(at))
    const before = await count()

    await ask('2026-06-10T10:00:00Z')
    await ask('2026-06-10T10:59:00Z')
    expect((await feedsOf(as(rosa)))[0]?.lastUsedAt).toEqual(new Date('2026-06-10T10:00:00Z'))
    await ask('2026-06-10T11:00:00Z')
    expect((await feedsOf(as(rosa)))[0]?.lastUsedAt).toEqual(new Date('2026-06-10T11:00:00Z'))
    expect(await count()).toBe(before)
  })
})
