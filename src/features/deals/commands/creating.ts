import { RuleViolation } from '../../../platform/errors.ts'
import { once } from '../../../platform/once.ts'
import { inTransaction } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { dateColumn } from '../../../platform/time.ts'
import { requireCurrencyDecimals } from '../../../platform/validation.ts'
import { requireWriter } from '../../users/access.ts'
import { baseCurrency, requireOwner } from '../../users/queries.ts'
import { requireLinks } from '../links.ts'
import type { Links } from '../links.ts'
import { placeIn, topOfFirst } from '../placement.ts'
import type { CreateDeal } from '../schema.ts'

/** What no form can say: the lead a deal comes from is for its conversion to name. */
interface Origin {
  leadId?: number
}

/**
 * A new deal, on top of an open stage (the first one unless given), with the stage's probability unless given. It belongs to whoever creates
 * it when `ownerId` is absent, to nobody when that is null. `repeated` says that this submission had made it before.
 */
export function createDeal(
  scope: Scope,
  input: CreateDeal,
  origin: Origin = {},
): Promise<{ id: number; repeated: boolean }> {
  requireWriter(scope)
  return inTransaction(scope, (scope) => once(scope, input.submission, input, () => insertDeal(scope, input, origin)))
}

async function insertDeal(scope: Scope, input: CreateDeal, { leadId }: Origin): Promise<{ id: number }> {
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
      leadId: leadId ?? null,
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
