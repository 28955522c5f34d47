import sql, { join } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { changedFields } from '../../platform/changed.ts'
import { Conflict, RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { addDays } from '../../platform/time.ts'
import type { CalendarDay, LocalTime } from '../../platform/time.ts'
import { changedInstant, requireInstant } from '../../platform/typed-time.ts'
import { requireWritable } from '../users/access.ts'
import { dayFor, nextMonday } from './due.ts'
import { kinds } from './kinds.ts'
import type { Kind } from './kinds.ts'
import { activityForm, lockActivity, lockRecord, requireWritableActivity } from './queries.ts'
import type { Activity, LockedActivity } from './queries.ts'
import type { ActivityStatus, CreateActivity, Snooze, Timed, UpdateActivity } from './schema.ts'

/**
 * What happened with a lead or deal, now unless a time is given; or what is planned, for whoever plans it unless somebody else is named. A due
 * date without a word on the status is a plan. Not for an archived record. The same form sent twice answers the first one.
 */
export function createActivity(
  scope: Scope,
  kind: Kind,
  recordId: number,
  { submission, ...input }: Timed<CreateActivity>,
): Promise<{ id: number; repeated: boolean }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, kinds[kind].parent, recordId)
    return once(scope, submission, input, () => insertActivity(scope, kind, recordId, input))
  })
}

async function insertActivity(
  scope: Scope,
  kind: Kind,
  recordId: number,
  input: Omit<Timed<CreateActivity>, 'submission'>,
): Promise<{ id: number }> {
  const { table, parentColumn, archived } = kinds[kind]
  const isPlanned = (input.status ?? (input.dueDate ? 'pending' : 'completed')) === 'pending'
  const self = isPlanned ? scope.user.id : null
  const assigneeId = input.assigneeId === undefined ? self : input.assigneeId
  const record = await lockRecord(scope, kind, recordId, assigneeId)
  if (!record.isActive) throw new Conflict(archived)
  if (assigneeId !== null && assigneeId !== scope.user.id && !record.isAssignable) throw unknownAssignee()
  requireDateForTime(input.dueDate ?? null, input.dueTime ?? null)
  const happened =
    input.activityDate && !isPlanned
      ? requireInstant(scope, typedTime(input.activityDate, input.activityDateOffset))
      : new Date()
  const [created] = await scope.db.query<{ id: number }>(sql`
    INSERT INTO ${table} (${parentColumn}, type, subject, description, activity_date, due_date, due_time, status, completed_at, assignee_id, created_by)
    VALUES (${recordId}, ${input.type}, ${input.subject ?? null}, ${input.description ?? null}, ${happened}::timestamptz,
            ${input.dueDate ?? null}::date, ${input.dueTime ?? null}::time, ${isPlanned ? 'pending' : 'completed'},
            ${isPlanned ? null : happened}::timestamptz, ${assigneeId}::integer, ${scope.user.id}::integer)
    RETURNING id`)
  if (!created) throw new Error('nothing was inserted')
  return created
}

/**
 * Saves what differs from what is stored, a time by the minute, as the form shows it. Throws Conflict with what is stored when somebody else
 * saved after `version`. Whoever has the activity already keeps it. Its record can be named, but never another one.
 */
export function updateActivity(
  scope: Scope,
  kind: Kind,
  id: number,
  {
    version,
    activityDate,
    activityDateOffset,
    recordId: named,
    ...input
  }: Timed<UpdateActivity> & { recordId?: number | undefined },
): Promise<{ recordId: number }> {
  return inTransaction(scope, async (scope) => {
    const { recordId } = await requireWritableActivity(scope, kind, id)
    if (named !== undefined && named !== recordId) throw new RuleViolation('activities.errors.otherRecord', `${kind}Id`)
    const stored = await lockActivity(scope, kind, id, input.assigneeId)
    const instant = activityDate
      ? changedInstant(scope, stored.activityDate, typedTime(activityDate, activityDateOffset))
      : undefined
    // Without its day, a time says nothing: who clears the one has cleared the other.
    const changes = changedFields(
      stored,
      input.dueDate === null && input.dueTime === undefined ? { ...input, dueTime: null } : input,
    )
    if (!instant && Object.keys(changes).length === 0) return { recordId }
    if (version && version !== stored.version)
      throw await stale(scope, {
        table: `${kind}_activities`,
        id,
        version,
        stored: activityForm(stored, scope.user.timeZone),
        together: [['dueDate', 'dueTime']],
      })
    requireActive(kind, stored)
    if (changes.assigneeId && changes.assigneeId !== scope.user.id && !stored.isAssignable) throw unknownAssignee()
    const after = { ...stored, ...changes }
    requireDateForTime(after.dueDate, after.dueTime)
    await write(scope, kind, id, { ...after, activityDate: instant ?? stored.activityDate })
    return { recordId }
  })
}

/** Done, by whoever says so first: it happened now. Conflict for everybody after, and for what was cancelled. */
export function completeActivity(scope: Scope, kind: Kind, id: number): Promise<{ recordId: number }> {
  return settle(scope, kind, id, { from: ['pending'], to: 'completed' })
}

/** It will not happen. Conflict when it is not planned any more. */
export function cancelActivity(scope: Scope, kind: Kind, id: number): Promise<{ recordId: number }> {
  return settle(scope, kind, id, { from: ['pending'], to: 'cancelled' })
}

/** To be done again, with the date it had. Conflict when it is. */
export function reopenActivity(scope: Scope, kind: Kind, id: number): Promise<{ recordId: number }> {
  return settle(scope, kind, id, { from: ['completed', 'cancelled'], to: 'pending' })
}

/** To tomorrow, to Monday of next week, or to a day that is named and not past, by the assignee's calendar. The time of day stays. */
export function snoozeActivity(
  scope: Scope,
  kind: Kind,
  id: number,
  { until, dueDate }: Snooze,
): Promise<{ recordId: number; dueDate: CalendarDay }> {
  return inTransaction(scope, async (scope) => {
    const { stored, recordId } = await claim(scope, kind, id)
    if (stored.status !== 'pending') throw new Conflict('activities.errors.notPending')
    const today = await todayOf(scope, stored)
    const named = { tomorrow: addDays(today, 1), nextWeek: nextMonday(today) }
    const day = until ? named[until] : dueDate
    if (!day) throw new RuleViolation('errors.required', 'dueDate')
    if (day < today) throw new RuleViolation('activities.errors.past', 'dueDate')
    if (day !== stored.dueDate) await write(scope, kind, id, { ...stored, dueDate: day })
    return { recordId, dueDate: day }
  })
}

/** To somebody who may change its record, or to nobody. */
export function reassignActivity(
  scope: Scope,
  kind: Kind,
  id: number,
  assigneeId: number | null,
): Promise<{ recordId: number }> {
  return inTransaction(scope, async (scope) => {
    const { stored, recordId } = await claim(scope, kind, id, assigneeId)
    if (assigneeId === stored.assigneeId) return { recordId }
    if (assigneeId !== null && assigneeId !== scope.user.id && !stored.isAssignable) throw unknownAssignee()
    await write(scope, kind, id, { ...stored, assigneeId })
    return { recordId }
  })
}

/** For good; only the audit keeps it. */
export function deleteActivity(scope: Scope, kind: Kind, id: number): Promise<{ recordId: number }> {
  return inTransaction(scope, async (scope) => {
    const { recordId } = await claim(scope, kind, id)
    await scope.db.query(sql`DELETE FROM ${kinds[kind].table} WHERE id = ${id} RETURNING id`)
    return { recordId }
  })
}

/** The activity to change, its row locked, so that what is decided about it still holds when it is written. */
async function claim(
  scope: Scope,
  kind: Kind,
  id: number,
  assigneeId: number | null = null,
): Promise<{ stored: LockedActivity; recordId: number }> {
  const { recordId } = await requireWritableActivity(scope, kind, id)
  const stored = await lockActivity(scope, kind, id, assigneeId)
  requireActive(kind, stored)
  return { stored, recordId }
}

function settle(
  scope: Scope,
  kind: Kind,
  id: number,
  { from, to }: { from: readonly ActivityStatus[]; to: ActivityStatus },
): Promise<{ recordId: number }> {
  return inTransaction(scope, async (scope) => {
    const { stored, recordId } = await claim(scope, kind, id)
    if (!from.includes(stored.status))
      throw new Conflict(to === 'pending' ? 'activities.errors.pending' : 'activities.errors.notPending')
    await scope.db.query(sql`
      UPDATE ${kinds[kind].table} SET status = ${to}, completed_at = ${to === 'completed' ? sql`now()` : sql`NULL`}
        ${to === 'completed' ? sql`, activity_date = now()` : sql``}
      WHERE id = ${id} RETURNING id`)
    return { recordId }
  })
}

type Columns = Pick<
  Activity,
  'type' | 'subject' | 'description' | 'activityDate' | 'dueDate' | 'dueTime' | 'assigneeId'
>

async function write({ db }: Scope, kind: Kind, id: number, columns: Columns): Promise<void> {
  const assignments: Sql[] = [
    sql`type = ${columns.type}`,
    sql`subject = ${columns.subject}`,
    sql`description = ${columns.description}`,
    sql`activity_date = ${columns.activityDate}::timestamptz`,
    sql`due_date = ${columns.dueDate}::date`,
    sql`due_time = ${columns.dueTime}::time`,
    sql`assignee_id = ${columns.assigneeId}::integer`,
  ]
  await db.query(sql`UPDATE ${kinds[kind].table} SET ${join(assignments)} WHERE id = ${id} RETURNING id`)
}

function requireActive(kind: Kind, { recordIsActive }: LockedActivity): void {
  if (!recordIsActive) throw new Conflict(kinds[kind].archived)
}

function requireDateForTime(dueDate: CalendarDay | null, dueTime: string | null): void {
  if (dueTime !== null && dueDate === null) throw new RuleViolation('activities.errors.timeNeedsDate', 'dueDate')
}

function unknownAssignee(): RuleViolation {
  return new RuleViolation('activities.errors.assignee', 'assigneeId')
}

async function todayOf(scope: Scope, { assigneeId }: Activity): Promise<CalendarDay> {
  const [assignee] = await scope.db.query<{ zone: string }>(
    sql`SELECT time_zone AS zone FROM users WHERE id = ${assigneeId}::integer`,
  )
  return dayFor(assignee?.zone ?? null, scope.user.timeZone)
}

const typedTime = (local: LocalTime | Date, offset: string | null | undefined) => ({
  local,
  offset,
  field: 'activityDate',
})
