import { NotFound } from '../../../platform/errors.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { restoreClient } from '../../clients/commands.ts'
import { restoreContact } from '../../contacts/commands.ts'
import { restoreDeal } from '../../deals/commands/changing.ts'
import { restoreLead } from '../../leads/commands.ts'
import { requireWriter } from '../../users/access.ts'
import type { TrashNoun } from '../nouns.ts'

const RESTORE = { clients: restoreClient, contacts: restoreContact, leads: restoreLead, deals: restoreDeal } as const

/**
 * Several at once, all of them or none: Forbidden for one that is not this user's to change. What somebody has deleted meanwhile, or was never
 * there, is counted as `gone`; what is back already is back.
 */
export function restoreSeveral(
  scope: Scope,
  noun: TrashNoun,
  ids: readonly number[],
): Promise<{ restored: number; gone: number }> {
  return inTransaction(scope, async (scope) => {
    requireWriter(scope)
    let restored = 0
    // In one order, so that two who restore the same wait for each other instead of for ever.
    for (const id of [...new Set(ids)].sort((a, b) => a - b)) restored += await restoreIfThere(scope, noun, id)
    return { restored, gone: new Set(ids).size - restored }
  })
}

async function restoreIfThere(scope: Scope, noun: TrashNoun, id: number): Promise<number> {
  try {
    await RESTORE[noun](scope, id)
    return 1
  } catch (error) {
    if (error instanceof NotFound) return 0
    throw error
  }
}
