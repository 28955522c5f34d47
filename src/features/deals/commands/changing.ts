import { RuleViolation } from '../../../platform/errors.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { dateColumn } from '../../../platform/time.ts'
import { requireCurrencyDecimals } from '../../../platform/validation.ts'
import { requireWritable } from '../../users/access.ts'
import { requireOwner } from '../../users/queries.ts'
import { desired, differing, pick } from '../difference.ts'
import { requireLinks } from '../links.ts'
import type { ChangeDeal } from '../schema.ts'
import { ownerChange, stageChange, valueChange } from '../timeline.ts'
import { claimDeal, columnsOf, openTarget, record, requireVersion } from './claim.ts'

/**
 * What an edit form says of a deal; what equals the stored row changes nothing, whatever its version. A new stage is a move to its top. Value,
 * owner and stage each leave an activity. Its pipeline can be named, but never another one. Answers which fields changed.
 */
export function changeDeal(
  scope: Scope,
  id: number,
  { pipelineId, ...input }: ChangeDeal & { pipelineId?: number | undefined },
): Promise<{ id: number; changed: string[] }> {
  return inTransaction(scope, async (scope) => {
    const deal = await claimDeal(scope, id)
    if (pipelineId !== undefined && pipelineId !== deal.pipelineId)
      throw new RuleViolation('deals.errors.otherPipeline', 'pipelineId')
    const moves = input.stage !== undefined && input.stage !== deal.stage ? input.stage : null
    if (moves === null && differing(deal, desired(deal, input, null)).length === 0) return { id, changed: [] }
    await requireVersion(scope, deal, input.version)
    const target = moves === null ? null : await openTarget(scope, deal, moves)
    const next = desired(deal, input, target)
    const changed = differing(deal, next)

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
    const { count } = await scope.db.records.deal.updateMany({
      where: { id, isActive: !isActive },
      data: { isActive },
    })
    // It is so already, or somebody has deleted it for good while this waited.
    if (count === 0) await requireWritable(scope, 'deals', id)
  })
}
