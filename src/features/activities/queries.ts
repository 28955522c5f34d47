import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { Conflict, NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { localInput, offsetInput } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { requireWritable, changedBy, visible } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import { byPeople, kinds } from './kinds.ts'
import type { Kind } from './kinds.ts'
import type { ActivityStatus } from './schema.ts'

/** As it is stored. */
export interface Activity {
  id: number
  recordId: number
  /** One of ActivityType, or of what happens by itself. */
  type: string
  subject: string | null
  description: string | null
  activityDate: Date
  dueDate: CalendarDay | null
  /** 'HH:mm' on the assignee's clock. */
  dueTime: string | null
  status: ActivityStatus
  assigneeId: number | null
  version: number
}

/** As it is told on pages. */
export interface ActivityEntry extends Activity {
  kind: Kind
  /** What an automatic activity tells. */
  details: Record<string, unknown> | null
  /** The assignee's. */
  zone: string | null
  assigneeName: string | null
  creatorName: string | null
  completedAt: Date | null
  /** `description` is only the beginning of what was written. */
  isCut: boolean
}

export interface ActivityPage extends ActivityEntry {
  recordName: string
  recordIsActive: boolean
  createdAt: Date
  updatedAt: Date
}

function columns(kind: Kind): Sql {
  return sql`a.id, a.${kinds[kind].parentColumn} AS "recordId", a.type, a.subject, a.activity_date AS "activityDate",
    a.due_date::text AS "dueDate", to_char(a.due_time, 'HH24:MI') AS "dueTime", a.status, a.assignee_id AS "assigneeId", a.version`
}

export function entryColumns(kind: Kind): Sql {
  return sql`${columns(kind)}, ${kind} AS kind, a.details, u.time_zone AS zone, u.name AS "assigneeName", c.name AS "creatorName",
    a.completed_at AS "completedAt"`
}

/** As much of a description as a page with many of them shows. */
const DESCRIPTION_SHOWN = 2_000

/** The beginning of what was written, and whether there is more. */
export const textShown = sql`left(a.description, ${DESCRIPTION_SHOWN}) AS description,
  coalesce(length(a.description) > ${DESCRIPTION_SHOWN}, false) AS "isCut"`

/** Assignees as `u`, authors as `c`. */
export const people = sql`LEFT JOIN users u ON u.id = a.assignee_id LEFT JOIN users c ON c.id = a.created_by`

/** An activity with all its page shows. Throws NotFound; what happened by itself has no page. */
export async function findActivity(scope: Scope, kind: Kind, id: number): Promise<ActivityPage> {
  const { table, parent, parentTable, parentColumn, parentName } = kinds[kind]
  const [activity] = await scope.db.query<ActivityPage>(sql`
    SELECT ${entryColumns(kind)}, a.description, false AS "isCut", ${parentName} AS "recordName", p.is_active AS "recordIsActive",
           a.created_at AS "createdAt", a.updated_at AS "updatedAt"
    FROM ${table} a JOIN ${parentTable} p ON p.id = a.${parentColumn} ${people}
    WHERE a.id = ${id} AND ${byPeople(sql`a`)} AND ${visible(scope, parent, 'p')}`)
  if (!activity) throw new NotFound()
  return activity
}

/**
 * Throws NotFound for an activity of a record that this user may not see, Forbidden for one they may not change, Conflict for what happened by
 * itself: that is history. Answers whose it is.
 */
export async function requireWritableActivity(scope: Scope, kind: Kind, id: number): Promise<{ recordId: number }> {
  const { table, parent, parentColumn } = kinds[kind]
  const [activity] = await scope.db.query<{ recordId: number; isByPeople: boolean }>(
    sql`SELECT a.${parentColumn} AS "recordId", ${byPeople(sql`a`)} AS "isByPeople" FROM ${table} a WHERE a.id = ${id}`,
  )
  if (!activity) throw new NotFound()
  await requireWritable(scope, parent, activity.recordId)
  if (!activity.isByPeople) throw new Conflict('activities.errors.automatic')
  return { recordId: activity.recordId }
}

export interface LockedActivity extends Activity {
  recordIsActive: boolean
  /** Whether the person asked about may be given it. */
  isAssignable: boolean
}

/** As programs read it. */
export interface ActivityRecord extends Omit<Activity, 'id'> {
  /** Its own; the list that it is in has another. */
  activityId: number
  completedAt: Date | null
  createdBy: number | null
  createdAt: Date
  updatedAt: Date
}

const record = sql`a.type, a.subject, a.description, a.activity_date AS "activityDate", a.due_date::text AS "dueDate",
  to_char(a.due_time, 'HH24:MI') AS "dueTime", a.status, a.completed_at AS "completedAt", a.assignee_id AS "assigneeId",
  a.created_by AS "createdBy", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt"`

/** An `ActivityRecord`, of the joint list. */
export const activityColumns = sql`a.key AS id, a.activity_id AS "activityId", coalesce(a.lead_id, a.deal_id) AS "recordId", ${record}`

/** Throws NotFound; what happened by itself is read elsewhere. */
export async function findActivityRecord(scope: Scope, kind: Kind, id: number): Promise<ActivityRecord> {
  const { table, parent, parentTable, parentColumn } = kinds[kind]
  const [activity] = await scope.db.query<ActivityRecord>(sql`
    SELECT a.id AS "activityId", a.${parentColumn} AS "recordId", ${record}
    FROM ${table} a JOIN ${parentTable} p ON p.id = a.${parentColumn}
    WHERE a.id = ${id} AND ${byPeople(sql`a`)} AND ${visible(scope, parent, 'p')}`)
  if (!activity) throw new NotFound()
  return activity
}

/** Locks an activity that this user may see until the transaction ends, and answers its version. Throws NotFound. */
export async function lockActivityVersion(scope: Scope, kind: Kind, id: number): Promise<number> {
  const { table, parent, parentTable, parentColumn } = kinds[kind]
  const [activity] = await scope.db.query<{ version: number }>(sql`
    SELECT a.version FROM ${table} a JOIN ${parentTable} p ON p.id = a.${parentColumn}
    WHERE a.id = ${id} AND ${visible(scope, parent, 'p')} FOR UPDATE OF a`)
  if (!activity) throw new NotFound()
  return activity.version
}

/** The row, and its record's, locked until the transaction ends. Who may is asked elsewhere. */
export async function lockActivity(
  scope: Scope,
  kind: Kind,
  id: number,
  assigneeId: number | null = null,
): Promise<LockedActivity> {
  const { table, parentTable, parentColumn } = kinds[kind]
  const [activity] = await scope.db.query<LockedActivity>(sql`
    SELECT ${columns(kind)}, a.description, p.is_active AS "recordIsActive", ${isAssignable(assigneeId)} AS "isAssignable"
    FROM ${table} a JOIN ${parentTable} p ON p.id = a.${parentColumn}
    WHERE a.id = ${id} FOR UPDATE OF a FOR SHARE OF p`)
  if (!activity) throw new NotFound()
  return activity
}

/** The lead or deal that something is to be added to, locked against being archived until the transaction ends. */
export async function lockRecord(
  scope: Scope,
  kind: Kind,
  id: number,
  assigneeId: number | null,
): Promise<{ isActive: boolean; isAssignable: boolean }> {
  const [record] = await scope.db.query<{ isActive: boolean; isAssignable: boolean }>(sql`
    SELECT p.is_active AS "isActive", ${isAssignable(assigneeId)} AS "isAssignable" FROM ${kinds[kind].parentTable} p
    WHERE p.id = ${id} FOR SHARE`)
  if (!record) throw new NotFound()
  return record
}

function isAssignable(assigneeId: number | null): Sql {
  return sql`EXISTS (SELECT FROM users u WHERE u.id = ${assigneeId}::integer AND u.is_active AND ${changedBy('u', sql`p.owner_id`)})`
}

/** Who can be given activities of a record: the active users who may change it, and `selectedId`, so that saving an old activity changes nothing. */
export function listAssignees(
  { db }: Scope,
  kind: Kind,
  recordId: number,
  selectedId: number | null = null,
): Promise<Option[]> {
  return db.query<Option>(sql`
    SELECT u.id AS value, u.name AS label FROM users u, ${kinds[kind].parentTable} p
    WHERE p.id = ${recordId} AND ((u.is_active AND ${changedBy('u', sql`p.owner_id`)}) OR u.id = ${selectedId}::integer)
    ORDER BY lower(u.name), u.id`)
}

/** The name of a record, as far as this reader may see it. */
export async function recordOf(
  scope: Scope,
  kind: Kind,
  id: number,
): Promise<{ id: number; name: string; isActive: boolean }> {
  const { parent, parentTable, parentName } = kinds[kind]
  const [record] = await scope.db.query<{ id: number; name: string; isActive: boolean }>(sql`
    SELECT p.id, ${parentName} AS name, p.is_active AS "isActive" FROM ${parentTable} p WHERE p.id = ${id} AND ${visible(scope, parent, 'p')}`)
  if (!record) throw new NotFound()
  return record
}

/** The activity as the edit form of somebody in `zone` shows it. */
export function activityForm(activity: Activity, zone: string): Record<string, unknown> {
  const { activityDate, ...fields } = activity
  return {
    ...fields,
    activityDate: localInput(activityDate, zone),
    activityDateOffset: offsetInput(activityDate, zone),
  }
}
