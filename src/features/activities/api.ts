import type { z } from 'zod'
import { bulk } from '../../platform/api/bulk.ts'
import { Deleted } from '../../platform/api/json.ts'
import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { belonging } from '../../platform/api/parent.ts'
import type { Scope } from '../../platform/scope.ts'
import { Id, Instant } from '../../platform/validation.ts'
import {
  cancelActivity,
  completeActivity,
  createActivity,
  deleteActivity,
  reassignActivity,
  reopenActivity,
  snoozeActivity,
  updateActivity,
} from './commands.ts'
import { DealActivityJson, LeadActivityJson, presentDealActivity, presentLeadActivity } from './json.ts'
import type { Kind } from './kinds.ts'
import { dealActivityList, leadActivityList } from './list.ts'
import { activityColumns, findActivityRecord, lockActivityVersion } from './queries.ts'
import type { ActivityRecord } from './queries.ts'
import { CreateActivityInput, ReassignInput, SnoozeInput, UpdateActivityInput } from './schema.ts'
import type { CreateActivity, Timed, UpdateActivity } from './schema.ts'

const area = 'activities'
/** Where a form has a time on somebody's clock, and the offset that it was shown with. */
const TYPED = { activityDate: true, activityDateOffset: true } as const
const CreateBody = CreateActivityInput.omit({ ...TYPED, submission: true }).extend({ activityDate: Instant.optional() })
const UpdateBody = UpdateActivityInput.omit(TYPED).extend({ activityDate: Instant.optional() })
const EXAMPLE = {
  type: 'call',
  subject: 'Ask about the forklifts',
  dueDate: '2026-02-07',
  dueTime: '14:30',
  assigneeId: 3,
} as const
const DUE =
  '`dueDate` and `dueTime` are on the clock of the assignee (the `timeZone` of that user), and of whoever reads where that is nobody.'

type Created = Omit<Timed<CreateActivity>, 'submission'>

/** What the operations on the activities of leads and those of deals differ in. */
interface Half<Json extends z.ZodObject> {
  kind: Kind
  path: `/${Kind}-activities`
  /** As part of their names: "completeLeadActivity". */
  noun: 'LeadActivity' | 'DealActivity'
  table: 'lead_activities' | 'deal_activities'
  json: Json
  present(activity: ActivityRecord): z.input<Json>
}

/** What is done with one activity. Its record, which decides who sees it, is none of what changes. */
function verbs<Json extends z.ZodObject>({ kind, path, noun, json, present }: Half<Json>): Operation[] {
  const read = async (scope: Scope, id: number) => present(await findActivityRecord(scope, kind, id))
  const lock = (scope: Scope, id: number) => lockActivityVersion(scope, kind, id)
  const change = { area, lock, answer: json, refuses: [409] }
  return [
    operation({
      method: 'get',
      path: `${path}/{id}`,
      id: `read${noun}`,
      area,
      summary: `Read an activity of a ${kind}`,
      answer: json,
      run: (scope, { id }) => read(scope, id),
    }),
    operation({
      ...change,
      method: 'patch',
      path: `${path}/{id}`,
      id: `update${noun}`,
      summary: `Change an activity of a ${kind}`,
      description: `What is absent stays as it is, and \`null\` empties a field; without its day, a \`dueTime\` goes too. ${DUE}`,
      body: UpdateBody,
      example: { body: { subject: 'Ask about twelve forklifts', dueDate: '2026-02-14', dueTime: null } },
      run: async (scope, { id, body }) => {
        await updateActivity(scope, kind, id, body)
        return read(scope, id)
      },
    }),
    operation({
      ...change,
      method: 'post',
      path: `${path}/{id}/complete`,
      id: `complete${noun}`,
      summary: `Complete a planned activity of a ${kind}`,
      description: 'It happened now.',
      run: async (scope, { id }) => {
        await completeActivity(scope, kind, id)
        return read(scope, id)
      },
    }),
    operation({
      ...change,
      method: 'post',
      path: `${path}/{id}/cancel`,
      id: `cancel${noun}`,
      summary: `Cancel a planned activity of a ${kind}`,
      run: async (scope, { id }) => {
        await cancelActivity(scope, kind, id)
        return read(scope, id)
      },
    }),
    operation({
      ...change,
      method: 'post',
      path: `${path}/{id}/reopen`,
      id: `reopen${noun}`,
      summary: `Plan a completed or cancelled activity of a ${kind} again`,
      after: [`complete${noun}`],
      run: async (scope, { id }) => {
        await reopenActivity(scope, kind, id)
        return read(scope, id)
      },
    }),
    operation({
      ...change,
      method: 'post',
      path: `${path}/{id}/snooze`,
      id: `snooze${noun}`,
      summary: `Put a planned activity of a ${kind} off`,
      description:
        'To a `dueDate` that is not past, or `until` a day that has a name, in the calendar of the assignee: one of the two. The time of day stays.',
      body: SnoozeInput,
      example: { body: { until: 'nextWeek' } },
      run: async (scope, { id, body }) => {
        await snoozeActivity(scope, kind, id, body)
        return read(scope, id)
      },
    }),
    operation({
      ...change,
      method: 'post',
      path: `${path}/{id}/reassign`,
      id: `reassign${noun}`,
      summary: `Give an activity of a ${kind} to somebody else`,
      description: `To an active user who may change the ${kind}, or to nobody: \`null\`.`,
      body: ReassignInput,
      example: { body: { assigneeId: null } },
      run: async (scope, { id, body }) => {
        await reassignActivity(scope, kind, id, body.assigneeId)
        return read(scope, id)
      },
    }),
    operation({
      method: 'delete',
      path: `${path}/{id}`,
      id: `delete${noun}`,
      area,
      summary: `Delete an activity of a ${kind}`,
      description: 'For good: it does not go to the Trash.',
      lock,
      refuses: [409],
      answer: Deleted,
      run: async (scope, { id }) => {
        await deleteActivity(scope, kind, id)
        return { id }
      },
    }),
  ]
}

const ABOUT_LIST = `What people did or planned; what happened by itself is told by \`GET /changes\`. ${DUE}`
const ABOUT_CREATING = `It happened now, unless \`activityDate\` says when; with a \`dueDate\`, or as \`pending\`, it is planned, for whose token it is unless somebody else is named. ${DUE}`

const ofLead: Half<typeof LeadActivityJson> = {
  kind: 'lead',
  path: '/lead-activities',
  noun: 'LeadActivity',
  table: 'lead_activities',
  json: LeadActivityJson,
  present: presentLeadActivity,
}
const ofDeal: Half<typeof DealActivityJson> = {
  kind: 'deal',
  path: '/deal-activities',
  noun: 'DealActivity',
  table: 'deal_activities',
  json: DealActivityJson,
  present: presentDealActivity,
}

const createForLead = (scope: Scope, { leadId, ...input }: Created & { leadId: number }) =>
  belonging('leadId', createActivity(scope, 'lead', leadId, input))
const createForDeal = (scope: Scope, { dealId, ...input }: Created & { dealId: number }) =>
  belonging('dealId', createActivity(scope, 'deal', dealId, input))
const updateOfLead = (
  scope: Scope,
  id: number,
  { leadId, ...input }: Timed<UpdateActivity> & { leadId?: number | undefined },
) => updateActivity(scope, 'lead', id, { ...input, recordId: leadId })
const updateOfDeal = (
  scope: Scope,
  id: number,
  { dealId, ...input }: Timed<UpdateActivity> & { dealId?: number | undefined },
) => updateActivity(scope, 'deal', id, { ...input, recordId: dealId })

const LeadBody = CreateBody.extend({ leadId: Id })
const DealBody = CreateBody.extend({ dealId: Id })

export const activityOperations: Operation[] = [
  listing({
    path: ofLead.path,
    id: 'listLeadActivities',
    area,
    summary: 'List activities of leads',
    description: `Of all leads, or of one \`lead\`. ${ABOUT_LIST}`,
    list: leadActivityList,
    columns: activityColumns,
    record: LeadActivityJson,
    name: 'LeadActivityPage',
    present: presentLeadActivity,
  }),
  operation({
    method: 'post',
    path: ofLead.path,
    id: 'createLeadActivity',
    area,
    summary: 'Log or plan an activity of a lead',
    description: ABOUT_CREATING,
    body: LeadBody,
    answer: LeadActivityJson,
    status: 201,
    example: { body: { leadId: 17, ...EXAMPLE } },
    run: async (scope, { body }) => {
      const { id } = await createForLead(scope, body)
      return presentLeadActivity(await findActivityRecord(scope, 'lead', id))
    },
  }),
  bulk({
    path: `${ofLead.path}/bulk`,
    id: 'storeLeadActivities',
    area,
    summary: 'Log, plan or change many activities of leads',
    table: ofLead.table,
    create: LeadBody,
    update: UpdateBody.extend({ leadId: Id.optional() }),
    example: { leadId: 17, ...EXAMPLE },
    createOne: createForLead,
    updateOne: updateOfLead,
  }),
  ...verbs(ofLead),
  listing({
    path: ofDeal.path,
    id: 'listDealActivities',
    area,
    summary: 'List activities of deals',
    description: `Of all deals, or of one \`deal\`. ${ABOUT_LIST}`,
    list: dealActivityList,
    columns: activityColumns,
    record: DealActivityJson,
    name: 'DealActivityPage',
    present: presentDealActivity,
  }),
  operation({
    method: 'post',
    path: ofDeal.path,
    id: 'createDealActivity',
    area,
    summary: 'Log or plan an activity of a deal',
    description: ABOUT_CREATING,
    body: DealBody,
    answer: DealActivityJson,
    status: 201,
    example: { body: { dealId: 41, ...EXAMPLE } },
    run: async (scope, { body }) => {
      const { id } = await createForDeal(scope, body)
      return presentDealActivity(await findActivityRecord(scope, 'deal', id))
    },
  }),
  bulk({
    path: `${ofDeal.path}/bulk`,
    id: 'storeDealActivities',
    area,
    summary: 'Log, plan or change many activities of deals',
    table: ofDeal.table,
    create: DealBody,
    update: UpdateBody.extend({ dealId: Id.optional() }),
    example: { dealId: 41, ...EXAMPLE },
    createOne: createForDeal,
    updateOne: updateOfDeal,
  }),
  ...verbs(ofDeal),
]
