import { changedFields } from '../../platform/changed.ts'
import { Conflict } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { storeMany } from '../../platform/store-many.ts'
import { requireCurrencyDecimals } from '../../platform/validation.ts'
import { requireWritable, requireWriter } from '../users/access.ts'
import { baseCurrency, requireOwner } from '../users/queries.ts'
import { leadForm, lockLead } from './queries.ts'
import type { Lead } from './queries.ts'
import type { CreateLead, LeadStatus, UpdateLead } from './schema.ts'

/** A new lead belongs to whoever enters it, unless the form says otherwise. The same form sent twice answers the first lead. */
export function createLead(
  scope: Scope,
  { submission, ...input }: CreateLead,
): Promise<{ id: number; repeated: boolean }> {
  return inTransaction(scope, async (scope) => {
    requireWriter(scope)
    const data = await newLeads(scope)(input)
    return once(scope, submission, input, () => scope.db.records.lead.create({ data, select: { id: true } }))
  })
}

/** Many by the rules of one, in the order given: all of them, or none when one is against a rule. */
export function createLeads(
  scope: Scope,
  inputs: readonly Omit<CreateLead, 'submission'>[],
): Promise<{ id: number }[]> {
  return inTransaction(scope, async (scope) => {
    requireWriter(scope)
    const newLead = newLeads(scope)
    const data: Awaited<ReturnType<typeof newLead>>[] = []
    for (const input of inputs) data.push(await newLead(input))
    return storeMany(scope.db, 'leads', COLUMNS, data)
  })
}

const COLUMNS = {
  firstName: 'text',
  lastName: 'text',
  companyName: 'text',
  email: 'text',
  phone: 'text',
  title: 'text',
  source: 'text',
  status: ['text', 'new'],
  score: 'integer',
  estimatedValue: 'numeric',
  currencyCode: 'text',
  ownerId: 'integer',
  tags: ['text[]', '{}'],
  notes: 'text',
  createdBy: 'integer',
} as const

/** What is stored of a new lead. What does not differ from lead to lead is asked once. */
function newLeads(scope: Scope) {
  const { id: createdBy } = scope.user
  const owners = new Set<number | null>([null, createdBy])
  let base: string | undefined
  return async (input: Omit<CreateLead, 'submission'>) => {
    const currencyCode = input.currencyCode ?? (base ??= await baseCurrency(scope))
    requireCurrencyDecimals(input.estimatedValue, currencyCode, 'estimatedValue')
    const ownerId = input.ownerId === undefined ? createdBy : input.ownerId
    if (!owners.has(ownerId)) await requireOwner(scope, ownerId)
    owners.add(ownerId)
    return { ...input, currencyCode, ownerId, createdBy }
  }
}

/**
 * Saves what differs from the stored lead, and nothing when nothing does. Throws Conflict with the stored lead when it was saved by someone else
 * since `version`. A converted or lost lead keeps its status.
 */
export function updateLead(scope: Scope, id: number, { version, ...input }: UpdateLead): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'leads', id)
    const stored = await lockLead(scope, id)
    const changes = changesTo(stored, input)
    if (Object.keys(changes).length === 0) return
    if (!stored.isActive) throw new Conflict('leads.errors.archived')
    if (version && version !== stored.version)
      throw await stale(scope, {
        table: 'leads',
        id,
        version,
        stored: leadForm(stored),
        together: [['currencyCode', 'estimatedValue']],
      })
    if (changes.estimatedValue !== undefined || changes.currencyCode !== undefined) {
      requireCurrencyDecimals(
        amountAfter(stored, changes),
        changes.currencyCode ?? stored.currencyCode,
        'estimatedValue',
      )
    }
    await requireOwner(scope, changes.ownerId, stored.ownerId)
    await scope.db.records.lead.updateMany({ where: { id, version: stored.version }, data: changes })
    await recordChanges(scope, stored, changes)
  })
}

/** What of `input` would change the lead; the status only of one that is being worked on. */
function changesTo(stored: Lead, { status, ...input }: Omit<UpdateLead, 'version'>) {
  const isWorking = stored.status !== 'converted' && stored.status !== 'lost'
  return changedFields(stored, { ...input, status: isWorking ? status : undefined })
}

function amountAfter(stored: Lead, changes: { estimatedValue?: string | null }): string | null {
  return changes.estimatedValue === undefined ? (stored.estimatedValue?.toFixed() ?? null) : changes.estimatedValue
}

async function recordChanges(
  scope: Scope,
  stored: Lead,
  changes: { status?: string; score?: number | null },
): Promise<void> {
  const activities = [
    ...(changes.status === undefined
      ? []
      : [automatic(scope, stored.id, 'status_change', { from: stored.status, to: changes.status })]),
    ...(changes.score === undefined
      ? []
      : [automatic(scope, stored.id, 'score_change', { from: stored.score, to: changes.score })]),
  ]
  if (activities.length > 0) await scope.db.records.leadActivity.createMany({ data: activities })
}

type AutomaticType = 'status_change' | 'score_change' | 'conversion'

/** An activity that tells what happened by itself; put into words where it is shown. */
export function automatic(
  scope: Scope,
  leadId: number,
  type: AutomaticType,
  details: Record<string, string | number | null>,
) {
  return { leadId, type, details, completedAt: new Date(), createdBy: scope.user.id }
}

/** Not from converted, and not twice. */
export function markLeadLost(scope: Scope, id: number, lostReason: string): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'leads', id)
    const stored = await lockLead(scope, id)
    const { count } = await scope.db.records.lead.updateMany({
      where: { id, isActive: true, status: { notIn: ['converted', 'lost'] } },
      data: { status: 'lost', lostReason, lostAt: new Date() },
    })
    if (count === 0) throw refusal(stored)
    await scope.db.records.leadActivity.create({
      data: { ...automatic(scope, id, 'status_change', { from: stored.status, to: 'lost', reason: lostReason }) },
    })
  })
}

/** A lost lead goes back to where it was before it was lost. */
export function reopenLead(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'leads', id)
    const status = await statusBeforeLoss(scope, id)
    const { count } = await scope.db.records.lead.updateMany({
      where: { id, isActive: true, status: 'lost' },
      data: { status, lostReason: null, lostAt: null },
    })
    if (count === 0) throw new Conflict('leads.errors.notLost')
    await scope.db.records.leadActivity.create({
      data: automatic(scope, id, 'status_change', { from: 'lost', to: status }),
    })
  })
}

async function statusBeforeLoss(scope: Scope, leadId: number): Promise<LeadStatus> {
  const loss = await scope.db.records.leadActivity.findFirst({
    where: { leadId, type: 'status_change', details: { path: ['to'], equals: 'lost' } },
    orderBy: { id: 'desc' },
  })
  return ((loss?.details as { from?: LeadStatus } | undefined)?.from ?? 'new') satisfies LeadStatus
}

export function archiveLead(scope: Scope, id: number): Promise<void> {
  return setActive(scope, id, false)
}

export function restoreLead(scope: Scope, id: number): Promise<void> {
  return setActive(scope, id, true)
}

function setActive(scope: Scope, id: number, isActive: boolean): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'leads', id)
    const { count } = await scope.db.records.lead.updateMany({
      where: { id, isActive: !isActive },
      data: { isActive },
    })
    // It is so already, or somebody has deleted it for good while this waited.
    if (count === 0) await requireWritable(scope, 'leads', id)
  })
}

/** Why a verb found the lead in no state to be acted on. */
export function refusal(lead: Lead): Conflict {
  if (!lead.isActive) return new Conflict('leads.errors.archived')
  return new Conflict(lead.status === 'lost' ? 'leads.errors.lost' : 'leads.errors.alreadyConverted')
}
