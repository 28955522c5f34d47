import { z } from 'zod'
import { Day, Moment, RecordId, RecordVersion, momentOf } from '../../platform/api/json.ts'
import type { ActivityRecord } from './queries.ts'
import { ACTIVITY_STATUSES, ACTIVITY_TYPES } from './schema.ts'
import type { ActivityType } from './schema.ts'

const fields = {
  type: z.enum(ACTIVITY_TYPES),
  status: z.enum(ACTIVITY_STATUSES),
  subject: z.string().nullable(),
  description: z.string().nullable(),
  activityDate: Moment.meta({ description: 'When it happened; of what is planned, when it was entered. In UTC.' }),
  dueDate: Day.nullable(),
  dueTime: z
    .string()
    .regex(/^\d\d:\d\d$/)
    .nullable()
    .meta({ description: 'On the clock of the assignee: in the `timeZone` of that user.' }),
  completedAt: Moment.nullable(),
  assigneeId: RecordId.nullable(),
  createdBy: RecordId.nullable(),
  version: RecordVersion,
  createdAt: Moment,
  updatedAt: Moment,
}

const EXAMPLE = {
  type: 'call',
  status: 'pending',
  subject: 'Ask about the forklifts',
  description: null,
  activityDate: '2026-01-31T13:30:00.000Z',
  dueDate: '2026-02-07',
  dueTime: '14:30',
  completedAt: null,
  assigneeId: 3,
  createdBy: 3,
  version: 1,
  createdAt: '2026-01-31T13:30:00.000Z',
  updatedAt: '2026-01-31T13:30:00.000Z',
}

/** What was done or is planned for a lead, as programs read it. */
export const LeadActivityJson = z
  .object({ id: RecordId, leadId: RecordId, ...fields })
  .meta({ title: 'LeadActivity', examples: [{ id: 51, leadId: 17, ...EXAMPLE }] })

/** The same of a deal. */
export const DealActivityJson = z
  .object({ id: RecordId, dealId: RecordId, ...fields })
  .meta({ title: 'DealActivity', examples: [{ id: 51, dealId: 41, ...EXAMPLE }] })

export function presentLeadActivity(activity: ActivityRecord): z.input<typeof LeadActivityJson> {
  return { id: activity.activityId, leadId: activity.recordId, ...presented(activity) }
}

export function presentDealActivity(activity: ActivityRecord): z.input<typeof DealActivityJson> {
  return { id: activity.activityId, dealId: activity.recordId, ...presented(activity) }
}

function presented(activity: ActivityRecord) {
  return {
    // What happened by itself is not among what is read here.
    type: activity.type as ActivityType,
    status: activity.status,
    subject: activity.subject,
    description: activity.description,
    activityDate: momentOf(activity.activityDate),
    dueDate: activity.dueDate,
    dueTime: activity.dueTime,
    completedAt: momentOf(activity.completedAt),
    assigneeId: activity.assigneeId,
    createdBy: activity.createdBy,
    version: activity.version,
    createdAt: momentOf(activity.createdAt),
    updatedAt: momentOf(activity.updatedAt),
  }
}
