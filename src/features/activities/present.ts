import { randomUUID } from 'node:crypto'
import type { Scope } from '../../platform/scope.ts'
import { localInput, offsetInput } from '../../platform/time.ts'
import type { Option } from '../users/queries.ts'
import { dueAt } from './due.ts'
import type { DueMoment, DueState } from './due.ts'
import type { Kind } from './kinds.ts'
import { listAssignees } from './queries.ts'
import { plannedForDeal, plannedForLead } from './planned.ts'
import type { NextSteps } from './planned.ts'
import { ACTIVITY_TYPES } from './schema.ts'
import type { ActivityType } from './schema.ts'

/** What a record's page shows beside its timeline: the next steps, and the forms that add to both. Two queries; a viewer's page needs one. */
export interface RecordActivities extends NextSteps {
  kind: Kind
  recordId: number
  types: readonly ActivityType[]
  assignees: Option[]
  logForm: BlankForm
  planForm: BlankForm
  due: (moment: DueMoment) => DueState | null
}

interface BlankForm {
  values: Record<string, string>
  errors: Record<string, never>
}

export async function recordActivities(scope: Scope, kind: Kind, recordId: number): Promise<RecordActivities> {
  const { user } = scope
  const [steps, assignees] = await Promise.all([
    kind === 'lead' ? plannedForLead(scope, recordId) : plannedForDeal(scope, recordId),
    user.role === 'viewer' ? [] : listAssignees(scope, kind, recordId),
  ])
  return {
    ...steps,
    kind,
    recordId,
    types: ACTIVITY_TYPES,
    assignees,
    logForm: { values: { ...blank(scope), type: 'call', status: 'completed' }, errors: {} },
    planForm: { values: { ...blank(scope), type: 'task', status: 'pending' }, errors: {} },
    due: dueAt(user.timeZone),
  }
}

/** What a new activity's form shows before anything is typed. */
export function blank({ user }: Scope): Record<string, string> {
  const now = new Date()
  return {
    submission: randomUUID(),
    activityDate: localInput(now, user.timeZone),
    activityDateOffset: offsetInput(now, user.timeZone),
    assigneeId: String(user.id ?? ''),
  }
}
