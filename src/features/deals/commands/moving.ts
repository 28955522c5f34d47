import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { isIn } from '../placement.ts'
import type { Beside } from '../placement.ts'
import type { MoveDeal } from '../schema.ts'
import { stageChange } from '../timeline.ts'
import { claimDeal, columnsOf, openTarget, record, requireOpen, requireVersion } from './claim.ts'

/** From one open stage to another, or to another place in its column; a new stage sets its probability and leaves an activity. */
export function moveDeal(scope: Scope, id: number, input: MoveDeal): Promise<{ id: number; stage: string }> {
  return inTransaction(scope, async (scope) => {
    const deal = await claimDeal(scope, id)
    requireOpen(deal)
    await requireVersion(scope, deal, input.version)
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

function besideOf({ beforeId, afterId }: MoveDeal): Beside | null {
  if (beforeId) return { id: beforeId, side: 'before' }
  return afterId ? { id: afterId, side: 'after' } : null
}
