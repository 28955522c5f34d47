import sql from 'sql-template-tag'
import { changedFields } from '../../platform/changed.ts'
import { Conflict, NotFound, RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { addDays, dateColumn, dayIn } from '../../platform/time.ts'
import type { LocalTime } from '../../platform/time.ts'
import { changedInstant, requireInstant } from '../../platform/typed-time.ts'
import { nextMonday } from '../activities/due.ts'
import { requireWritable, visible } from '../users/access.ts'
import { communicationForm, lockCommunication } from './queries.ts'
import type { LogCommunication, SnoozeFollowUp, Timed, UpdateCommunication } from './schema.ts'

/**
 * What was said with a contact, now unless a time is given. A follow-up date makes an open follow-up. Not for an archived contact or client; what
 * it is about belongs to the same client. The same form sent twice answers the first one.
 */
export function logCommunication(
  scope: Scope,
  contactId: number,
  { submission, ...input }: Timed<LogCommunication>,
): Promise<{ id: number; repeated: boolean }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'contacts', contactId)
    return once(scope, submission, input, async () => {
      const clientId = await requireActive(scope, contactId)
      await requireLinks(scope, clientId, input)
      const { communicationDate, communicationDateOffset, followUpDate, ...fields } = input
      return scope.db.records.communication.create({
        data: {
          ...fields,
          contactId,
          clientId,
          communicationDate: communicationDate
            ? requireInstant(scope, typedTime(communicationDate, communicationDateOffset))
            : new Date(),
          followUpDate: dateColumn(followUpDate),
          createdBy: scope.user.id,
        },
        select: { id: true },
      })
    })
  })
}

/**
 * Saves what differs from what is stored, a time by the minute, as the form shows it. Throws Conflict with what is stored when somebody else saved
 * after `version`. Another follow-up date is another follow-up, and open; none takes the follow-up away. Its contact can be named, but never
 * another one.
 */
export function updateCommunication(
  scope: Scope,
  id: number,
  {
    version,
    communicationDate,
    communicationDateOffset,
    contactId,
    ...input
  }: Timed<UpdateCommunication> & { contactId?: number },
): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'communications', id)
    const stored = await lockCommunication(scope, id)
    if (contactId !== undefined && contactId !== stored.contactId)
      throw new RuleViolation('communications.errors.otherContact', 'contactId')
    const instant = communicationDate
      ? changedInstant(scope, stored.communicationDate, typedTime(communicationDate, communicationDateOffset))
      : undefined
    const { followUpDate, ...changes } = changedFields(stored, input)
    if (!instant && followUpDate === undefined && Object.keys(changes).length === 0) return
    if (version && version !== stored.version)
      throw await stale(scope, {
        table: 'contact_communications',
        id,
        version,
        stored: communicationForm(stored, scope.user.timeZone),
      })
    requireNothingArchived(stored.contactIsActive, stored.clientIsActive)
    await requireLinks(scope, stored.clientId, changes)
    await scope.db.records.communication.update({
      where: { id },
      data: {
        ...changes,
        ...(instant ? { communicationDate: instant } : {}),
        ...(followUpDate === undefined ? {} : { followUpDate: dateColumn(followUpDate), followUpCompletedAt: null }),
      },
      select: { id: true },
    })
  })
}

/** Done, by whoever says so first; Conflict for everybody after, and where there is nothing to follow up. */
export function completeFollowUp(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'communications', id)
    const { count } = await scope.db.records.communication.updateMany({
      where: { id, followUpDate: { not: null }, followUpCompletedAt: null },
      data: { followUpCompletedAt: new Date() },
    })
    if (count === 0) throw new Conflict('communications.errors.noOpenFollowUp')
  })
}

/** Open again, with the date it had. Conflict when it is not completed. */
export function reopenFollowUp(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'communications', id)
    const { count } = await scope.db.records.communication.updateMany({
      where: { id, followUpCompletedAt: { not: null } },
      data: { followUpCompletedAt: null },
    })
    if (count === 0) throw new Conflict('communications.errors.noCompletedFollowUp')
  })
}

/** To tomorrow, to Monday of next week, or to a day that is named and not past, by the calendar of whoever says so. Conflict where nothing is to follow. */
export function snoozeFollowUp(scope: Scope, id: number, { until, followUpDate }: SnoozeFollowUp): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'communications', id)
    const stored = await lockCommunication(scope, id)
    if (stored.followUpDate === null || stored.followUpCompletedAt)
      throw new Conflict('communications.errors.noOpenFollowUp')
    requireNothingArchived(stored.contactIsActive, stored.clientIsActive)
    const today = dayIn(scope.user.timeZone)
    const named = { tomorrow: addDays(today, 1), nextWeek: nextMonday(today) }
    const day = until ? named[until] : followUpDate
    if (!day) throw new RuleViolation('errors.required', 'followUpDate')
    if (day < today) throw new RuleViolation('activities.errors.past', 'followUpDate')
    if (day === stored.followUpDate) return
    await scope.db.records.communication.update({
      where: { id },
      data: { followUpDate: dateColumn(day) },
      select: { id: true },
    })
  })
}

/** For good; only the audit keeps it. Answers whose it was. */
export function deleteCommunication(scope: Scope, id: number): Promise<{ contactId: number }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'communications', id)
    const [deleted] = await scope.db.query<{ contactId: number }>(
      sql`DELETE FROM contact_communications WHERE id = ${id} RETURNING contact_id AS "contactId"`,
    )
    if (!deleted) throw new NotFound()
    return deleted
  })
}

/** The client of a contact, neither of them archived, nor to be until the transaction ends. */
async function requireActive(scope: Scope, contactId: number): Promise<number> {
  // Whoever archives a client or one of its contacts locks the client first: it is waited for here, and only then looked at the contact.
  const [client] = await scope.db.query<{ id: number; isActive: boolean }>(sql`
    SELECT c.id, c.is_active AS "isActive" FROM clients c
    WHERE c.id = (SELECT k.client_id FROM contacts k WHERE k.id = ${contactId}) FOR SHARE`)
  const [contact] = await scope.db.query<{ isActive: boolean }>(
    sql`SELECT is_active AS "isActive" FROM contacts WHERE id = ${contactId}`,
  )
  if (!client || !contact) throw new NotFound()
  const archived = archivedOf(contact.isActive, client.isActive)
  if (archived) throw new RuleViolation(archived)
  return client.id
}

function requireNothingArchived(contactIsActive: boolean, clientIsActive: boolean): void {
  const archived = archivedOf(contactIsActive, clientIsActive)
  if (archived) throw new Conflict(archived)
}

function archivedOf(contactIsActive: boolean, clientIsActive: boolean) {
  if (!clientIsActive) return 'communications.errors.clientArchived'
  return contactIsActive ? null : 'communications.errors.contactArchived'
}

type Links = Pick<UpdateCommunication, 'relatedProjectId' | 'relatedQuoteId' | 'relatedDealId'>

/**
 * Throws RuleViolation at the field of what is not of this client, or not the writer's to see, or archived. Only what is new is asked for: what is
 * linked stays. The records found keep their client until the transaction ends.
 */
async function requireLinks(scope: Scope, clientId: number, links: Links): Promise<void> {
  const asked = (['relatedProjectId', 'relatedQuoteId', 'relatedDealId'] as const).filter((field) => links[field])
  if (asked.length === 0) return
  const [found] = await scope.db.query<Record<keyof Links, number | null>>(sql`
    WITH project AS (SELECT p.id FROM projects p WHERE p.id = ${links.relatedProjectId} AND p.client_id = ${clientId} FOR KEY SHARE),
         quote AS (SELECT q.id FROM quotes q WHERE q.id = ${links.relatedQuoteId} AND q.client_id = ${clientId} FOR KEY SHARE),
         deal AS (SELECT d.id FROM deals d WHERE d.id = ${links.relatedDealId} AND d.client_id = ${clientId} AND d.is_active
           AND ${visible(scope, 'deals', 'd')} FOR KEY SHARE OF d)
    SELECT (SELECT id FROM project) AS "relatedProjectId", (SELECT id FROM quote) AS "relatedQuoteId", (SELECT id FROM deal) AS "relatedDealId"`)
  const missing = asked.find((field) => found?.[field] !== links[field])
  if (missing) throw new RuleViolation('communications.errors.notOfClient', missing)
}

const typedTime = (local: LocalTime | Date, offset: string | null | undefined) => ({
  local,
  offset,
  field: 'communicationDate',
})
