import type { Prisma } from '../../../platform/database/generated/client.ts'
import { Conflict, RuleViolation } from '../../../platform/errors.ts'
import type { Scope } from '../../../platform/scope.ts'
import { stale } from '../../../platform/stale.ts'
import { requireWritable } from '../../users/access.ts'
import { placeIn } from '../placement.ts'
import type { Beside, Place } from '../placement.ts'
import { dealForm, lockDeal } from '../queries.ts'
import type { Deal, LockedDeal } from '../queries.ts'
import type { AutomaticEntry } from '../timeline.ts'

/** The deal to change, its row locked, so that what is decided about it still holds when it is written. */
export async function claimDeal(scope: Scope, id: number): Promise<LockedDeal> {
  await requireWritable(scope, 'deals', id)
  const deal = await lockDeal(scope, id)
  if (!deal.isActive) throw new Conflict('deals.errors.archived')
  return deal
}

/** Comes before the version: that a deal was closed says more than that it was changed. */
export function requireOpen({ status }: Deal): void {
  if (status !== 'open') throw new Conflict('deals.errors.alreadyClosed')
}

export async function requireVersion(scope: Scope, deal: Deal, version: number | null | undefined): Promise<void> {
  if (version && version !== deal.version)
    throw await stale(scope, { table: 'deals', id: deal.id, version, stored: dealForm(deal), together: TOGETHER })
}

/** What a client has is of no other, a stage brings its probability, and an amount means nothing without its currency. */
const TOGETHER = [
  ['clientId', 'contactId', 'relatedProjectId', 'relatedQuoteId'],
  ['stage', 'probability'],
  ['currencyCode', 'value'],
]

/** Where an open deal may go; a closed stage is reached by closing. */
export async function openTarget(
  scope: Scope,
  deal: Deal,
  stage: string,
  to: { pipelineId?: number | null; beside?: Beside | null } = {},
): Promise<Place> {
  requireOpen(deal)
  const target = await placeIn(scope, to.pipelineId ?? deal.pipelineId, stage, { placed: deal, beside: to.beside })
  if (target.kind !== 'open') throw new RuleViolation('deals.errors.openStagesOnly', 'stage')
  return target
}

/** What a deal that enters another stage gets of it; its probability is for the command to say. */
export function columnsOf(place: Place) {
  const { pipelineId, key: stage, kind: status, boardPosition } = place
  return { pipelineId, stage, status, boardPosition, stageEnteredAt: new Date() }
}

/** What happened by itself goes into the deal's timeline: who, when, from what to what. */
export async function record({ db, user }: Scope, dealId: number, entries: readonly AutomaticEntry[]): Promise<void> {
  if (entries.length === 0) return
  const completedAt = new Date()
  await db.records.dealActivity.createMany({
    data: entries.map(({ type, details }) => ({
      dealId,
      type,
      details: details as unknown as Prisma.InputJsonValue,
      completedAt,
      createdBy: user.id,
    })),
  })
}
