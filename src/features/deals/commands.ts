import type { Prisma } from '../../platform/database/generated/client.ts'
import { Conflict, RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { dateColumn, dayIn } from '../../platform/time.ts'
import { requireCurrencyDecimals } from '../../platform/validation.ts'
import { requireWritable, requireWriter } from '../users/access.ts'
import { baseCurrency, requireOwner } from '../users/queries.ts'
import { desired, differing, pick } from './difference.ts'
import { requireLinks } from './links.ts'
import type { Links } from './links.ts'
import { isIn, placeIn, topOfClosed, topOfFirst, topOfStageBeforeClosing } from './placement.ts'
import type { Beside, Place } from './placement.ts'
import { dealForm, lockDeal } from './queries.ts'
import type { Deal, LockedDeal } from './queries.ts'
import type { ChangeDeal, CloseDeal, CreateDeal, MoveDeal } from './schema.ts'
import { ownerChange, stageChange, valueChange } from './timeline.ts'
import type { AutomaticEntry } from './timeline.ts'

/**
 * A new deal, on top of an open stage (the first one unless given), with the stage's probability unless given. It belongs to whoever creates
 * it when `ownerId` is absent, to nobody when that is null. `repeated` says that this submission had made it before.
 */
export function createDeal(scope: Scope, input: CreateDeal): Promise<{ id: number; repeated: boolean }> {
  requireWriter(scope)
  return inTransaction(scope, (scope) => once(scope, input.submission ?? undefined, () => insertDeal(scope, input)))
}

async function insertDeal(scope: Scope, input: CreateDeal): Promise<{ id: number }> {
  const pipelineId = input.pipelineId ?? null
  const place = input.stage ? await placeIn(scope, pipelineId, input.stage) : await topOfFirst(scope, pipelineId)
  if (place.kind !== 'open') throw new RuleViolation('deals.errors.openStagesOnly', 'stage')
  const currencyCode = input.currencyCode ?? (await baseCurrency(scope))
  requireCurrencyDecimals(input.value, currencyCode, 'value')
  const ownerId = input.ownerId === undefined ? scope.user.id : input.ownerId
  await requireOwner(scope, ownerId, scope.user.id)
  const links = linksOf(input)
  await requireLinks(scope, links, null)
  return scope.db.records.deal.create({
    data: {
      name: input.name,
      ...links,
      leadId: input.leadId ?? null,
      description: input.description || null,
      notes: input.notes || null,
      tags: input.tags ?? [],
      value: input.value ?? null,
      currencyCode,
      pipelineId: place.pipelineId,
      stage: place.key,
      status: 'open',
      probability: input.probability ?? place.probability,
      boardPosition: place.boardPosition,
      expectedCloseDate: dateColumn(input.expectedCloseDate ?? null),
      ownerId,
      createdBy: scope.user.id,
    },
    select: { id: true },
  })
}

function linksOf({
  clientId = null,
  contactId = null,
  relatedProjectId = null,
  relatedQuoteId = null,
}: CreateDeal): Links {
  return { clientId, contactId, relatedProjectId, relatedQuoteId }
}

/**
 * What an edit form says of a deal; what equals the stored row changes nothing. A new stage is a move to its top. Value, owner and stage
 * each leave an activity. Answers which fields changed.
 */
export function changeDeal(scope: Scope, id: number, input: ChangeDeal): Promise<{ id: number; changed: string[] }> {
  return inTransaction(scope, async (scope) => {
    const deal = await claimDeal(scope, id)
    requireVersion(deal, input.version)
    const target =
      input.stage !== undefined && input.stage !== deal.stage ? await openTarget(scope, deal, input.stage) : null
    const next = desired(deal, input, target)
    const changed = differing(deal, next)
    if (changed.length === 0 && !target) return { id, changed }

    if (deal.status !== 'open' && changed.includes('probability'))
      throw new RuleViolation('deals.errors.closedProbability', 'probability')
    if (changed.includes('value') || changed.includes('currencyCode'))
      requireCurrencyDecimals(next.value, next.currencyCode, 'value')
    if (changed.includes('ownerId')) await requireOwner(scope, next.ownerId, deal.ownerId)
    await requireLinks(scope, next, deal)

    const { expectedCloseDate, ...columns } = pick(next, changed)
    await scope.db.records.deal.update({
      where: { id },
      data: { ...columns, expectedCloseDate: dateColumn(expectedCloseDate), ...(target && columnsOf(target)) },
      select: { id: true },
    })
    await record(scope, id, [
      ...(target ? [stageChange(deal, target)] : []),
      ...(changed.includes('value') || changed.includes('currencyCode') ? [valueChange(deal, next)] : []),
      ...(changed.includes('ownerId') ? [await ownerChange(scope, deal.ownerId, next.ownerId)] : []),
    ])
    return { id, changed: target ? [...changed, 'stage'] : changed }
  })
}

/** From one open stage to another, or to another place in its column; a new stage sets its probability and leaves an activity. */
export function moveDeal(scope: Scope, id: number, input: MoveDeal): Promise<{ id: number; stage: string }> {
  return inTransaction(scope, async (scope) => {
    const deal = await claimDeal(scope, id)
    requireVersion(deal, input.version)
    const beside = besideOf(input)
    // A card beside itself stays where it is.
    if (beside?.id === id) return { id, stage: deal.stage }
    const target = await openTarget(scope, deal, input.stage, { pipelineId: input.pipelineId, beside })
    if (isIn(target, deal)) {
      if (target.boardPosition === deal.boardPosition) return { id, stage: deal.stage }
      await scope.db.records.deal.update({
        where: { id },
        data: { boardPosition: target.boardPosition },
        select: { id: true },
      })
      return { id, stage: deal.stage }
    }

    await scope.db.records.deal.update({
      where: { id },
      data: { ...columnsOf(target), probability: target.probability },
      select: { id: true },
    })
    await record(scope, id, [stageChange(deal, target)])
    return { id, stage: target.key }
  })
}

/** Won or lost, once: throws Conflict when the deal is closed already. Without a date it was closed today, in the user's zone. */
export function closeDeal(scope: Scope, id: number, input: CloseDeal): Promise<{ id: number; status: 'won' | 'lost' }> {
  return inTransaction(scope, async (scope) => {
    const deal = await claimDeal(scope, id)
    if (deal.status !== 'open') throw new Conflict('deals.errors.alreadyClosed')
    const { outcome } = input
    const lossReason = outcome === 'lost' ? input.lossReason : null
    const target = await topOfClosed(scope, deal.pipelineId, outcome)
    await scope.db.records.deal.update({
      where: { id },
      data: {
        ...columnsOf(target),
        probability: outcome === 'won' ? 100 : 0,
        actualCloseDate: dateColumn(input.actualCloseDate ?? dayIn(scope.user.timeZone)),
        closedAt: new Date(),
        lossReason,
      },
      select: { id: true },
    })
    const details = { from: deal.status, to: outcome, ...(lossReason === null ? {} : { reason: lossReason }) }
    await record(scope, id, [{ type: 'status_change', details }])
    return { id, status: outcome }
  })
}

/** Back to the stage it was closed in (or the first open one if that is gone), with that stage's probability. */
export function reopenDeal(scope: Scope, id: number): Promise<{ id: number; stage: string }> {
  return inTransaction(scope, async (scope) => {
    const deal = await claimDeal(scope, id)
    if (deal.status === 'open') throw new Conflict('deals.errors.notClosed')
    const target = await topOfStageBeforeClosing(scope, id, deal.pipelineId)
    await scope.db.records.deal.update({
      where: { id },
      data: {
        ...columnsOf(target),
        probability: target.probability,
        actualCloseDate: null,
        closedAt: null,
        lossReason: null,
      },
      select: { id: true },
    })
    await record(scope, id, [{ type: 'status_change', details: { from: deal.status, to: 'open' } }])
    return { id, stage: target.key }
  })
}

/** Out of lists, board and sums, unchanged, until it is restored. Doing it twice does nothing the second time. */
export function archiveDeal(scope: Scope, id: number): Promise<void> {
  return setActive(scope, id, false)
}

export function restoreDeal(scope: Scope, id: number): Promise<void> {
  return setActive(scope, id, true)
}

function setActive(scope: Scope, id: number, isActive: boolean): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'deals', id)
    await scope.db.records.deal.updateMany({ where: { id, isActive: !isActive }, data: { isActive } })
  })
}

/** The deal to change, its row locked, so that what is decided about it still holds when it is written. */
async function claimDeal(scope: Scope, id: number): Promise<LockedDeal> {
  await requireWritable(scope, 'deals', id)
  const deal = await lockDeal(scope, id)
  if (!deal.isActive) throw new Conflict('deals.errors.archived')
  return deal
}

function requireVersion(deal: Deal, version: number | null | undefined): void {
  if (version && version !== deal.version) throw new Conflict('errors.stale', {}, dealForm(deal))
}

/** Where an open deal may go; a closed stage is reached by closing. */
async function openTarget(
  scope: Scope,
  deal: Deal,
  stage: string,
  to: { pipelineId?: number | null; beside?: Beside | null } = {},
): Promise<Place> {
  if (deal.status !== 'open') throw new Conflict('deals.errors.alreadyClosed')
  const target = await placeIn(scope, to.pipelineId ?? deal.pipelineId, stage, { placed: deal, beside: to.beside })
  if (target.kind !== 'open') throw new RuleViolation('deals.errors.openStagesOnly', 'stage')
  return target
}

function besideOf({ beforeId, afterId }: MoveDeal): Beside | null {
  if (beforeId) return { id: beforeId, side: 'before' }
  return afterId ? { id: afterId, side: 'after' } : null
}

function columnsOf(place: Place) {
  const { pipelineId, key: stage, kind: status, boardPosition } = place
  return { pipelineId, stage, status, boardPosition, stageEnteredAt: new Date() }
}

/** What happened by itself goes into the deal's timeline: who, when, from what to what. */
async function record({ db, user }: Scope, dealId: number, entries: readonly AutomaticEntry[]): Promise<void> {
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
