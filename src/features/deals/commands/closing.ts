import { Conflict, RuleViolation } from '../../../platform/errors.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { dateColumn, dayIn } from '../../../platform/time.ts'
import { topOfClosed, topOfStageBeforeClosing } from '../placement.ts'
import type { CloseDeal } from '../schema.ts'
import { claimDeal, columnsOf, record, requireOpen } from './claim.ts'

/**
 * Won or lost, once: throws Conflict when the deal is closed already. Without a date it was closed today, in the user's zone. It may have been
 * closed on any day before, earlier than somebody entered it too, but not on one that is still to come.
 */
export function closeDeal(scope: Scope, id: number, input: CloseDeal): Promise<{ id: number; status: 'won' | 'lost' }> {
  return inTransaction(scope, async (scope) => {
    const deal = await claimDeal(scope, id)
    requireOpen(deal)
    const { outcome } = input
    const today = dayIn(scope.user.timeZone)
    const actualCloseDate = input.actualCloseDate ?? today
    if (actualCloseDate > today) throw new RuleViolation('deals.errors.closedInFuture', 'actualCloseDate')
    const lossReason = outcome === 'lost' ? input.lossReason : null
    const target = await topOfClosed(scope, deal.pipelineId, outcome)
    await scope.db.records.deal.update({
      where: { id },
      data: {
        ...columnsOf(target),
        probability: outcome === 'won' ? 100 : 0,
        actualCloseDate: dateColumn(actualCloseDate),
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
