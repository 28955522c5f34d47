import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { archiveClient } from '../../src/features/clients/commands.ts'
import {
  completeFollowUp,
  deleteCommunication,
  logCommunication,
  reopenFollowUp,
  updateCommunication,
} from '../../src/features/communications/commands.ts'
import { communicationList } from '../../src/features/communications/list.ts'
import { communicationForm, dealsOfClient, findCommunication } from '../../src/features/communications/queries.ts'
import type { CommunicationEntry, CommunicationPage } from '../../src/features/communications/queries.ts'
import { LogCommunicationInput, UpdateCommunicationInput } from '../../src/features/communications/schema.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { readTimeline } from '../../src/features/timeline/queries.ts'
import { dueItems } from '../../src/features/today/due.ts'
import { Conflict, Forbidden, NotFound, RuleViolation } from '../../src/platform/errors.ts'
import { formOf } from '../../src/platform/http/submit.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { fromForm } from '../../src/platform/validation.ts'
import { submission } from '../support/browse.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
import { makeClient, makeCommunication, makeContact, makeDeal, makeProject, makeQuote } from '../support/records.ts'

let account: Account
let rosa: Scope
let emil: Scope
let acme: number
let winter: number

beforeAll(async () => {
  account = await makeUser({ name: 'Rosa', timeZone: 'Europe/Berlin' })
  rosa = as(account)
  emil = as(await makeUser({ name: 'Emil', timeZone: 'America/New_York' }))
})

beforeEach(async () => {
  acme = (await makeClient(rosa)).id
  winter = (await makeContact(rosa, acme)).id
})

/** What the page of a record tells of what was said, the newest first. */
async function saidOn(
  subject: 'clients' | 'contacts' | 'deals',
  id: number,
  scope = rosa,
): Promise<CommunicationEntry[]> {
  const entries = await readTimeline(scope, { subject, id }, { show: 'communications', before: null }, 50)
  return entries.flatMap((entry) => (entry.source === 'communication' ? [entry.told] : []))
}

/** How often a communication was written. */
async function rowsChanged(id: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM changes WHERE table_name = 'contact_communications' AND record_id = ${id}`,
  )
  return row?.count ?? 0
}

/** What the edit form sends when it is opened and saved as it is. */
function untouched(communication: CommunicationPage, zone: string): Record<string, unknown> {
  const { values } = formOf(communicationForm(communication, zone))
  return fromForm(UpdateCommunicationInput, values)
}

async function subjectsFound(scope: Scope, query: Record<string, string | number>): Promise<(string | null)[]> {
  const texts = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))
  const { rows } = await communicationList.fetch(scope, communicationList.parse(texts))
  return rows.map(({ subject }) => subject)
}

describe('a new communication', () => {
  test('keeps everything that was recorded, and who recorded it', async () => {
    const { id: relatedProjectId } = await makeProject(rosa, acme, { name: 'Hall 3' })
    const { id: relatedQuoteId } = await makeQuote(rosa, acme, { number: 'Q-77', title: 'Racks' })
    const { id: relatedDealId } = await makeDeal(rosa, { name: 'Racks for hall 3', clientId: acme })

    const { id } = await logCommunication(rosa, winter, {
      type: 'email',
      direction: 'inbound',
      subject: 'Your offer',
      content: 'Looks good.\nOne question …',
      communicationDate: '2026-03-10T14:30',
      followUpDate: '2026-03-17',
      status: 'pending',
      relatedProjectId,
      relatedQuoteId,
      relatedDealId,
    })

    expect(await findCommunication(rosa, id)).toMatchObject({
      contactId: winter,
      clientId: acme,
      type: 'email',
      direction: 'inbound',
      subject: 'Your offer',
      content: 'Looks good.\nOne question …',
      communicationDate: new Date('2026-03-10T13:30:00Z'),
      followUpDate: '2026-03-17',
      followUpCompletedAt: null,
      status: 'pending',
      project: { id: relatedProjectId, name: 'Hall 3' },
      quote: { id: relatedQuoteId, name: 'Q-77 · Racks' },
      deal: { id: relatedDealId, name: 'Racks for hall 3' },
      author: { id: account.id, name: 'Rosa' },
      contact: { id: winter, name: 'Rosa Winter', isActive: true },
      client: { id: acme, isActive: true },
      version: 1,
    })
  })

  test('is outbound, completed and of this moment unless somebody says otherwise', async () => {
    const before = Date.now()
    const { id } = await logCommunication(rosa, winter, { type: 'note' })

    const communication = await findCommunication(rosa, id)
    expect(communication).toMatchObject({
      direction: 'outbound',
      status: 'completed',
      subject: null,
      followUpDate: null,
    })
    expect(communication.communicationDate.getTime()).toBeGreaterThanOrEqual(before)
    expect(communication.communicationDate.getTime()).toBeLessThanOrEqual(Date.now())
  })

  test('sent twice at once is recorded once', async () => {
    const input = { type: 'call' as const, subject: 'Twice', submission: submission() }

    const answers = await Promise.all(Array.from({ length: 8 }, () => logCommunication(rosa, winter, input)))

    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(await saidOn('contacts', winter)).toHaveLength(1)
  })

  test('is refused with an archived contact, or the contact of an archived client', async () => {
    const archived = await makeContact(rosa, acme)
    await archiveContact(rosa, archived.id)
    await expect(logCommunication(rosa, archived.id, { type: 'call' })).rejects.toMatchObject({
      key: 'communications.errors.contactArchived',
      status: 422,
    })

    await archiveClient(rosa, acme)
    await expect(logCommunication(rosa, winter, { type: 'call' })).rejects.toMatchObject({
      key: 'communications.errors.clientArchived',
    })
    expect(await saidOn('clients', acme)).toEqual([])
  })

  test('recorded while its contact is archived is there or refused, and never after the archiving', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { id } = await makeContact(rosa, acme)
      const [archived, ...logged] = await Promise.allSettled([
        archiveContact(rosa, id),
        ...Array.from({ length: 7 }, () => logCommunication(rosa, id, { type: 'call' })),
      ])

      expect(archived.status).toBe('fulfilled')
      const refused = logged.filter((answer) => answer.status === 'rejected').map((answer) => answer.reason as unknown)
      for (const reason of refused) expect(reason).toBeInstanceOf(RuleViolation)
      expect(await saidOn('contacts', id)).toHaveLength(7 - refused.length)
    }
  })

  test.each(['relatedProjectId', 'relatedQuoteId', 'relatedDealId'] as const)(
    'is not about another client’s record: %s',
    async (field) => {
      const other = (await makeClient(rosa, { name: 'Somebody else' })).id
      const make = {
        relatedProjectId: () => makeProject(rosa, other),
        relatedQuoteId: () => makeQuote(rosa, other),
        relatedDealId: () => makeDeal(rosa, { clientId: other }),
      }[field]
      const { id } = await make()

      for (const wrong of [id, 2_147_483_647]) {
        await expect(logCommunication(rosa, winter, { type: 'call', [field]: wrong })).rejects.toMatchObject({
          key: 'communications.errors.notOfClient',
          field,
        })
      }
      expect(await saidOn('contacts', winter)).toEqual([])
    },
  )

  test('is not about an archived deal, nor one out of sight', async () => {
    const archived = await makeDeal(rosa, { clientId: acme })
    await archiveDeal(rosa, archived.id)
    const hers = await makeDeal(rosa, { clientId: acme })
    const own = await makeUser({ visibility: 'own' })
    const shared = await makeClient(rosa, { ownerId: null })
    const ofShared = await makeContact(rosa, shared.id)
    const hidden = await makeDeal(rosa, { clientId: shared.id })

    const at = { field: 'relatedDealId' }
    await expect(logCommunication(rosa, winter, { type: 'call', relatedDealId: archived.id })).rejects.toMatchObject(at)
    await expect(
      logCommunication(as(own), ofShared.id, { type: 'call', relatedDealId: hidden.id }),
    ).rejects.toMatchObject(at)
    await expect(logCommunication(rosa, winter, { type: 'call', relatedDealId: hers.id })).resolves.toBeDefined()
  })

  test('at a time the clocks pass over is refused at its field', async () => {
    await expect(
      logCommunication(rosa, winter, { type: 'call', communicationDate: '2026-03-29T02:30' }),
    ).rejects.toMatchObject({ key: 'errors.noSuchTime', field: 'communicationDate', values: { zone: 'Europe/Berlin' } })
  })

  test('in the hour there is twice happened in the one that was meant', async () => {
    const hour = { type: 'call' as const, communicationDate: '2026-10-25T02:30' }
    const first = await logCommunication(rosa, winter, { ...hour, communicationDateOffset: '+02:00' })
    const second = await logCommunication(rosa, winter, { ...hour, communicationDateOffset: '+01:00' })

    expect((await findCommunication(rosa, first.id)).communicationDate).toEqual(new Date('2026-10-25T00:30:00Z'))
    expect((await findCommunication(rosa, second.id)).communicationDate).toEqual(new Date('2026-10-25T01:30:00Z'))
  })
})

describe('opening and saving a communication', () => {
  test.each([
    ['2026-03-10T14:30', '+01:00'],
    ['2026-10-25T02:30', '+02:00'],
    ['2026-10-25T02:30', '+01:00'],
  ])('untouched changes nothing, in whichever zone: %s %s', async (communicationDate, communicationDateOffset) => {
    const deal = await makeDeal(rosa, { clientId: acme })
    const { id } = await makeCommunication(rosa, winter, {
      communicationDate,
      communicationDateOffset,
      content: 'Two\n\nparagraphs',
      followUpDate: '2026-11-01',
      relatedDealId: deal.id,
    })
    const stored = await findCommunication(rosa, id)

    for (const scope of [rosa, emil]) {
      await updateCommunication(scope, id, UpdateCommunicationInput.parse(untouched(stored, scope.user.timeZone)))
    }

    expect(await findCommunication(rosa, id)).toEqual(stored)
    expect(await rowsChanged(id)).toBe(1)
  })

  test('keeps the seconds that no form shows', async () => {
    const { id } = await logCommunication(rosa, winter, { type: 'note' })
    await updateCommunication(rosa, id, { subject: 'Now with a subject', communicationDate: undefined })
    const stored = await findCommunication(rosa, id)

    const form = untouched(stored, 'Europe/Berlin')
    await updateCommunication(rosa, id, UpdateCommunicationInput.parse(form))
    await updateCommunication(rosa, id, UpdateCommunicationInput.parse({ ...form, communicationDateOffset: null }))

    expect(await findCommunication(rosa, id)).toEqual(stored)
  })

  test('in a form that was opened before its reader moved to another zone changes nothing', async () => {
    const { id } = await makeCommunication(rosa, winter, { communicationDate: '2026-03-10T14:30' })
    const form = untouched(await findCommunication(rosa, id), 'Europe/Berlin')

    await updateCommunication(emil, id, UpdateCommunicationInput.parse(form))

    expect(await rowsChanged(id)).toBe(1)
  })

  test('with another time moves it, on the clock of whoever saves', async () => {
    const { id } = await makeCommunication(rosa, winter, { communicationDate: '2026-03-10T14:30' })
    const form = untouched(await findCommunication(rosa, id), 'America/New_York')
    expect(form.communicationDate).toBe('2026-03-10T09:30')

    await updateCommunication(
      emil,
      id,
      UpdateCommunicationInput.parse({ ...form, communicationDate: '2026-07-10T10:00' }),
    )

    expect((await findCommunication(rosa, id)).communicationDate).toEqual(new Date('2026-07-10T14:00:00Z'))
  })

  test('with the same time but the other of two hours moves it', async () => {
    const { id } = await makeCommunication(rosa, winter, {
      communicationDate: '2026-10-25T02:30',
      communicationDateOffset: '+02:00',
    })

    await updateCommunication(rosa, id, { communicationDate: '2026-10-25T02:30', communicationDateOffset: '+01:00' })

    expect((await findCommunication(rosa, id)).communicationDate).toEqual(new Date('2026-10-25T01:30:00Z'))
  })

  test('keeps what it is about, closed, archived or out of sight by now', async () => {
    const shared = await makeClient(rosa, { ownerId: null })
    const { id: contactId } = await makeContact(rosa, shared.id)
    const deal = await makeDeal(rosa, { name: 'Secret', clientId: shared.id })
    const quote = await makeQuote(rosa, shared.id, { status: 'accepted' })
    const { id } = await makeCommunication(rosa, contactId, { relatedDealId: deal.id, relatedQuoteId: quote.id })
    await closeDeal(rosa, deal.id, { outcome: 'won' })
    await archiveDeal(rosa, deal.id)
    const own = as(await makeUser({ visibility: 'own' }))

    const seen = await findCommunication(own, id)
    expect(seen).toMatchObject({ relatedDealId: deal.id, deal: null })
    expect(await dealsOfClient(own, shared.id, deal.id)).toEqual([{ value: deal.id, label: null }])
    expect(await dealsOfClient(rosa, shared.id, deal.id)).toEqual([{ value: deal.id, label: 'Secret' }])
    expect(await dealsOfClient(rosa, shared.id)).toEqual([])

    const form = UpdateCommunicationInput.parse({ ...untouched(seen, 'Europe/Berlin'), subject: 'Another subject' })
    await updateCommunication(own, id, form)
    expect(await findCommunication(rosa, id)).toMatchObject({
      subject: 'Another subject',
      relatedDealId: deal.id,
      relatedQuoteId: quote.id,
    })
  })

  test('clears what was emptied, and leaves what was not sent', async () => {
    const { id } = await makeCommunication(rosa, winter, { content: 'Something', followUpDate: '2026-05-01' })

    await updateCommunication(rosa, id, { subject: null, followUpDate: null })

    expect(await findCommunication(rosa, id)).toMatchObject({ subject: null, content: 'Something', followUpDate: null })
  })

  test('that somebody else saved meanwhile is a conflict that knows both', async () => {
    const { id } = await makeCommunication(rosa, winter)
    await updateCommunication(emil, id, { subject: 'Emil’s', version: 1 })

    const late = updateCommunication(rosa, id, { subject: 'Rosa’s', version: 1 })

    await expect(late).rejects.toBeInstanceOf(Conflict)
    await expect(late).rejects.toMatchObject({ key: 'errors.stale', stored: { subject: 'Emil’s', version: 2 } })
    expect((await findCommunication(rosa, id)).subject).toBe('Emil’s')
  })

  test('of an archived contact or client changes nothing', async () => {
    const { id } = await makeCommunication(rosa, winter)
    await archiveContact(rosa, winter)
    await expect(updateCommunication(rosa, id, { subject: 'New' })).rejects.toMatchObject({
      status: 409,
      key: 'communications.errors.contactArchived',
    })
    await archiveClient(rosa, acme)
    await expect(updateCommunication(rosa, id, { subject: 'New' })).rejects.toMatchObject({
      key: 'communications.errors.clientArchived',
    })
    expect(await rowsChanged(id)).toBe(1)
  })

  test('does not link another client’s record', async () => {
    const { id } = await makeCommunication(rosa, winter)
    const other = await makeProject(rosa, (await makeClient(rosa)).id)

    await expect(updateCommunication(rosa, id, { relatedProjectId: other.id })).rejects.toMatchObject({
      field: 'relatedProjectId',
    })
  })
})

describe('a follow-up', () => {
  test('is completed once, by whoever is first', async () => {
    const { id } = await makeCommunication(rosa, winter, { followUpDate: '2026-05-01' })

    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => completeFollowUp(rosa, id)))

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(Conflict)
    expect((await findCommunication(rosa, id)).followUpCompletedAt).toBeInstanceOf(Date)
    expect(await rowsChanged(id)).toBe(2)
  })

  test('that is none cannot be completed, and one that is open not reopened', async () => {
    const without = await makeCommunication(rosa, winter)
    const open = await makeCommunication(rosa, winter, { followUpDate: '2026-05-01' })

    await expect(completeFollowUp(rosa, without.id)).rejects.toMatchObject({ status: 409 })
    await expect(reopenFollowUp(rosa, open.id)).rejects.toMatchObject({ status: 409 })
  })

  test('is open again with the date it had', async () => {
    const { id } = await makeCommunication(rosa, winter, { followUpDate: '2026-05-01' })
    await completeFollowUp(rosa, id)
    await reopenFollowUp(rosa, id)

    expect(await findCommunication(rosa, id)).toMatchObject({ followUpDate: '2026-05-01', followUpCompletedAt: null })
  })

  test('completed stays so when other things are edited, and is a new one on another date', async () => {
    const { id } = await makeCommunication(rosa, winter, { followUpDate: '2026-05-01' })
    await completeFollowUp(rosa, id)

    await updateCommunication(rosa, id, { subject: 'Other', followUpDate: '2026-05-01' })
    expect((await findCommunication(rosa, id)).followUpCompletedAt).not.toBeNull()

    await updateCommunication(rosa, id, { followUpDate: '2026-06-01' })
    expect(await findCommunication(rosa, id)).toMatchObject({ followUpDate: '2026-06-01', followUpCompletedAt: null })

    await completeFollowUp(rosa, id)
    await updateCommunication(rosa, id, { followUpDate: null })
    expect(await findCommunication(rosa, id)).toMatchObject({ followUpDate: null, followUpCompletedAt: null })
  })
})

describe('what is due today', () => {
  let due: (scope: Scope) => Promise<(string | null)[]>
  let today: string

  beforeAll(() => {
    today = dayIn('Europe/Berlin')
    due = async (scope) => (await dueItems(scope, 'me', 'now')).rows.map(({ subject }) => subject)
  })

  test('is overdue or of the reader’s day, open, and not of somebody archived; the longest waiting first', async () => {
    const own = as(await makeUser({ timeZone: 'Europe/Berlin' }))
    const { id: clientId } = await makeClient(own)
    const { id: contactId } = await makeContact(own, clientId)
    const gone = await makeContact(own, clientId)
    const make = (subject: string, followUpDate: string | null, at = contactId) =>
      makeCommunication(own, at, { subject, followUpDate })
    await make('Today', today)
    await make('Late', addDays(today, -3))
    await make('Tomorrow', addDays(today, 1))
    await make('Never', null)
    await completeFollowUp(own, (await make('Done', today)).id)
    await make('Gone', today, gone.id)
    await archiveContact(own, gone.id)

    expect(
      (await due(own)).filter((subject) =>
        ['Today', 'Late', 'Tomorrow', 'Never', 'Done', 'Gone'].includes(subject ?? ''),
      ),
    ).toEqual(['Late', 'Today'])

    await archiveClient(own, clientId)
    expect(await due(own)).not.toContain('Late')
  })

  test('is what they promised, or a client of theirs or nobody’s was promised', async () => {
    const ines = as(await makeUser({ name: 'Ines' }))
    const hers = await makeContact(rosa, (await makeClient(rosa, { ownerId: ines.user.id })).id)
    const nobodys = await makeContact(rosa, (await makeClient(rosa, { ownerId: null })).id)
    const rosas = await makeContact(rosa, acme)
    await makeCommunication(rosa, hers.id, { subject: 'Client of Ines', followUpDate: today })
    await makeCommunication(rosa, nobodys.id, { subject: 'Nobody’s client', followUpDate: today })
    await makeCommunication(ines, rosas.id, { subject: 'Promised by Ines', followUpDate: today })
    await makeCommunication(rosa, rosas.id, { subject: 'Rosa’s alone', followUpDate: today })

    expect(await due(ines)).toEqual(expect.arrayContaining(['Client of Ines', 'Nobody’s client', 'Promised by Ines']))
    expect(await due(ines)).not.toContain('Rosa’s alone')
  })

  test('goes by the day where the reader is', async () => {
    const far = as(await makeUser({ timeZone: 'Pacific/Kiritimati' }))
    const near = as(await makeUser({ timeZone: 'Pacific/Pago_Pago' }))
    const { id } = await makeContact(rosa, (await makeClient(rosa, { ownerId: null })).id)
    // 25 hours apart: what is today there is tomorrow or later here.
    await makeCommunication(rosa, id, { subject: 'Their today', followUpDate: dayIn('Pacific/Kiritimati') })

    expect(await due(far)).toContain('Their today')
    expect(await due(near)).not.toContain('Their today')
  })

  test('is counted beyond what is shown', async () => {
    const busy = as(await makeUser())
    const { id } = await makeContact(busy, (await makeClient(busy)).id)
    for (let made = 0; made < 23; made += 1) await makeCommunication(busy, id, { followUpDate: '2026-01-01' })

    const { rows, total } = await dueItems(busy, 'me', 'now')
    expect(rows).toHaveLength(20)
    expect(total.count).toBeGreaterThanOrEqual(23)
    expect(total.more).toBe(false)
  })
})

describe('the communications of', () => {
  test('a contact and a client come newest first', async () => {
    const other = await makeContact(rosa, acme)
    for (let day = 10; day < 32; day += 1)
      await makeCommunication(rosa, winter, { subject: `Day ${day}`, communicationDate: `2026-01-${day}T09:00` })
    await makeCommunication(rosa, other.id, { subject: 'Other', communicationDate: '2025-01-01T09:00' })

    const ofContact = (await saidOn('contacts', winter)).map(({ subject }) => subject)
    expect(ofContact).toHaveLength(22)
    expect(ofContact.slice(0, 2)).toEqual(['Day 31', 'Day 30'])
    expect((await saidOn('clients', acme)).map(({ subject }) => subject)).toEqual([...ofContact, 'Other'])
    expect(await saidOn('contacts', other.id)).toMatchObject([{ subject: 'Other' }])
  })

  test('a deal are those about it', async () => {
    const deal = await makeDeal(rosa, { clientId: acme })
    const { id } = await makeCommunication(rosa, winter, { relatedDealId: deal.id })
    await makeCommunication(rosa, winter)
    const without = await makeDeal(rosa)

    expect((await saidOn('deals', deal.id)).map((row) => row.id)).toEqual([id])
    expect(await saidOn('deals', without.id)).toEqual([])
  })

  test('a page show a long content by its beginning, and say that there is more', async () => {
    await makeCommunication(rosa, winter, { content: '𝄞'.repeat(2_001) })
    await makeCommunication(rosa, winter, { content: '𝄞'.repeat(2_000) })

    const rows = await saidOn('contacts', winter)
    expect(rows.map(({ isCut }) => isCut)).toEqual([false, true])
    expect([...(rows[1]?.content ?? '')]).toHaveLength(2_000)
  })
})

describe('the list', () => {
  test('finds all words, in what was said, with whom and where, whatever their case and accents', async () => {
    const { id: clientId } = await makeClient(rosa, { name: 'Gästehaus Ölberg' })
    const { id } = await makeContact(rosa, clientId, { firstName: 'Zoë', lastName: 'Quandt' })
    await makeCommunication(rosa, id, { subject: 'Räume 100%_sicher', content: 'Über die Türen' })
    await makeCommunication(rosa, id, { subject: 'Something else' })

    for (const q of ['raume', 'TUREN zoe', 'quandt ölberg sicher', '100%_', 'gastehaus über'])
      expect(await subjectsFound(rosa, { q, contact: id })).toEqual(['Räume 100%_sicher'])
    expect(await subjectsFound(rosa, { q: 'raume nothing', contact: id })).toEqual([])
    expect(await subjectsFound(rosa, { q: '100_', contact: id })).toEqual([])
  })

  test('is narrowed by type, direction, status, contact, client and follow-up', async () => {
    const today = dayIn('Europe/Berlin')
    const make = (subject: string, overrides: Parameters<typeof makeCommunication>[2]) =>
      makeCommunication(rosa, winter, { subject, ...overrides })
    await make('Mail', { type: 'email', direction: 'inbound', status: 'pending' })
    await make('Late', { followUpDate: addDays(today, -1) })
    await make('Today', { followUpDate: today })
    await make('Later', { followUpDate: addDays(today, 1) })
    await completeFollowUp(rosa, (await make('Done', { followUpDate: addDays(today, -1) })).id)
    const other = await makeContact(rosa, acme)
    await makeCommunication(rosa, other.id, { subject: 'Other' })

    const found = (query: Record<string, string | number>) => subjectsFound(rosa, { client: acme, ...query })
    expect(await found({ type: 'email' })).toEqual(['Mail'])
    expect(await found({ direction: 'inbound' })).toEqual(['Mail'])
    expect(await found({ status: 'pending' })).toEqual(['Mail'])
    expect(await found({ contact: other.id })).toEqual(['Other'])
    expect((await found({ followUp: 'open' })).sort()).toEqual(['Late', 'Later', 'Today'])
    expect(await found({ followUp: 'overdue' })).toEqual(['Late'])
    expect(await found({ followUp: 'today' })).toEqual(['Today'])
    expect((await found({ followUp: 'none' })).sort()).toEqual(['Mail', 'Other'])
    expect(await found({ type: 'pigeon', status: 'x', contact: 'abc', followUp: 'never' })).toHaveLength(6)
  })

  test('is sorted by any of its sorts, both ways, page by page, and every row is on one page', async () => {
    const { id: clientId } = await makeClient(rosa)
    const { id } = await makeContact(rosa, clientId)
    const types = ['call', 'email', 'meeting'] as const
    for (let made = 0; made < 60; made += 1) {
      await makeCommunication(rosa, id, {
        subject: `No ${made}`,
        type: types[made % 3] ?? 'note',
        followUpDate: made % 2 ? `2026-01-${String(10 + (made % 15))}` : null,
      })
    }

    for (const sort of Object.keys(communicationList.sorts).flatMap((key) => [key, `-${key}`])) {
      const query = { client: String(clientId), sort }
      const first = await communicationList.fetch(rosa, communicationList.parse(query))
      const cursor = new URLSearchParams(first.next ?? '').get('cursor') ?? ''
      const second = await communicationList.fetch(rosa, communicationList.parse({ ...query, cursor }))

      expect(first.rows, sort).toHaveLength(50)
      expect(new Set([...first.rows, ...second.rows].map((row) => row.id)).size, sort).toBe(60)
    }
  })

  test('shows those of archived contacts, marked', async () => {
    await makeCommunication(rosa, winter)
    await archiveContact(rosa, winter)

    const { rows } = await communicationList.fetch(rosa, communicationList.parse({ contact: String(winter) }))
    expect(rows).toMatchObject([{ contactIsActive: false, clientIsActive: true }])
  })

  test('takes at most two queries, however many rows there are', async () => {
    await makeCommunication(rosa, winter)
    const queries = await queriesOf(() => communicationList.fetch(rosa, communicationList.parse({ q: 'delivery' })))

    expect(queries.length).toBeLessThanOrEqual(2)
  })
})

describe('who may what', () => {
  test('a communication follows its client', async () => {
    const own = as(await makeUser({ visibility: 'own' }))
    const { id } = await makeCommunication(rosa, winter, { followUpDate: '2026-01-01' })

    await expect(findCommunication(own, id)).rejects.toBeInstanceOf(NotFound)
    await expect(logCommunication(own, winter, { type: 'call' })).rejects.toBeInstanceOf(NotFound)
    for (const act of [updateCommunication, completeFollowUp, reopenFollowUp, deleteCommunication])
      await expect(act(own, id, { subject: 'Mine' })).rejects.toBeInstanceOf(NotFound)
    expect(await subjectsFound(own, { contact: winter })).toEqual([])
    expect(await saidOn('contacts', winter, own)).toEqual([])
    expect((await dueItems(own, 'me', 'now')).rows.map((row) => row.id)).not.toContain(id)
  })

  test('a team sees the communications of its members’ clients', async () => {
    const teamId = await makeTeam('South')
    const member = as(await makeUser({ visibility: 'team', teamId }))
    const colleague = as(await makeUser({ visibility: 'own', teamId }))
    const { id: clientId } = await makeClient(colleague)
    const contact = await makeContact(colleague, clientId)
    const { id } = await makeCommunication(colleague, contact.id)

    await updateCommunication(member, id, { subject: 'From the team' })
    expect((await findCommunication(colleague, id)).subject).toBe('From the team')
  })

  test('whoever reads a client only for its deal reads what was said, and writes nothing', async () => {
    const seller = as(await makeUser({ visibility: 'own' }))
    await makeDeal(rosa, { clientId: acme, ownerId: seller.user.id })
    const { id } = await makeCommunication(rosa, winter, { followUpDate: '2026-01-01' })

    expect((await findCommunication(seller, id)).id).toBe(id)
    await expect(logCommunication(seller, winter, { type: 'call' })).rejects.toBeInstanceOf(Forbidden)
    for (const act of [updateCommunication, completeFollowUp, reopenFollowUp, deleteCommunication])
      await expect(act(seller, id, { subject: 'Mine' })).rejects.toBeInstanceOf(Forbidden)
  })

  test('a viewer writes nothing', async () => {
    const viewer = as(await makeUser({ role: 'viewer' }))
    const { id } = await makeCommunication(rosa, winter, { followUpDate: '2026-01-01' })

    await expect(logCommunication(viewer, winter, { type: 'call' })).rejects.toBeInstanceOf(Forbidden)
    for (const act of [updateCommunication, completeFollowUp, reopenFollowUp, deleteCommunication])
      await expect(act(viewer, id, { subject: 'Mine' })).rejects.toBeInstanceOf(Forbidden)
    expect(await rowsChanged(id)).toBe(1)
  })
})

test('a communication deleted is gone, and only the audit knows what it said', async () => {
  const { id } = await makeCommunication(rosa, winter, { subject: 'Regretted' })

  expect(await deleteCommunication(rosa, id)).toEqual({ contactId: winter })

  await expect(findCommunication(rosa, id)).rejects.toBeInstanceOf(NotFound)
  await expect(deleteCommunication(rosa, id)).rejects.toBeInstanceOf(NotFound)
  const changes = await db.query<{ before: { subject: string }; after: unknown }>(sql`
    SELECT old_row AS before, new_row AS after FROM changes
    WHERE table_name = 'contact_communications' AND record_id = ${id} ORDER BY id DESC LIMIT 1`)
  expect(changes).toMatchObject([{ before: { subject: 'Regretted' }, after: null }])
})

test('the database itself holds what belongs together', async () => {
  const { id } = await makeCommunication(rosa, winter)
  const other = await makeProject(rosa, (await makeClient(rosa)).id)
  const wrong = {
    communications_project_of_client: sql`related_project_id = ${other.id}`,
    communications_follow_up_has_date: sql`follow_up_completed_at = now()`,
    contact_communications_type_check: sql`type = 'pigeon'`,
  }

  for (const [constraint, change] of Object.entries(wrong)) {
    await expect(
      inTransaction(rosa, (scope) =>
        scope.db.query(sql`UPDATE contact_communications SET ${change} WHERE id = ${id} RETURNING id`),
      ),
    ).rejects.toThrow(constraint)
  }
})

test('what comes in is refused when it is no such thing', () => {
  const wrong = [
    {},
    { type: null },
    { type: 'pigeon' },
    { type: 'call', direction: 'up' },
    { type: 'call', status: null },
    { type: 'call', subject: 'x'.repeat(501) },
    { type: 'call', subject: 'a\0b' },
    { type: 'call', content: '\ud800' },
    { type: 'call', content: ['list'] },
    { type: 'call', communicationDate: null },
    { type: 'call', communicationDate: '2026-02-30T10:00' },
    { type: 'call', communicationDate: '2026-02-03' },
    { type: 'call', followUpDate: '2026-02-30' },
    { type: 'call', relatedDealId: '7' },
    { type: 'call', relatedDealId: 0 },
    { type: 'call', relatedQuoteId: 2_147_483_648 },
    { type: 'call', relatedProjectId: 1.5 },
  ]
  expect(wrong.filter((input) => LogCommunicationInput.safeParse(input).success)).toEqual([])
  expect(LogCommunicationInput.parse({ type: 'call', subject: '𝄞'.repeat(500) }).subject).toBe('𝄞'.repeat(500))
})
