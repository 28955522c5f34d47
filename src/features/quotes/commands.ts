import { changedFields } from '../../platform/changed.ts'
import { isUniqueViolation } from '../../platform/database/failure.ts'
import { RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { dateColumn } from '../../platform/time.ts'
import { requireCurrencyDecimals } from '../../platform/validation.ts'
import { lockClient } from '../clients/commands.ts'
import { requireWritable } from '../users/access.ts'
import { lockQuote, quoteForm } from './queries.ts'
import type { CreateQuote, UpdateQuote } from './schema.ts'

/** A new quote for a client that is not archived; without a word about it, a draft in the client's currency. */
export function createQuote(
  scope: Scope,
  clientId: number,
  { submission, ...fields }: CreateQuote,
): Promise<{ id: number; repeated: boolean }> {
  const create = inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'clients', clientId)
    return once(scope, submission, fields, async () => {
      const client = await lockClient(scope, clientId)
      if (!client.isActive) throw new RuleViolation('quotes.errors.clientArchived')
      const { validUntil, currencyCode = client.currencyCode, ...rest } = fields
      requireCurrencyDecimals(rest.total, currencyCode, 'total')
      return scope.db.records.quote.create({
        data: { ...rest, clientId, currencyCode, validUntil: dateColumn(validUntil), createdBy: scope.user.id },
        select: { id: true },
      })
    })
  })
  return numbered(create, fields.number)
}

/**
 * Throws Conflict with what is stored when somebody else saved after `version`. What is the same already is not written. Its client can be named, but
 * never another one.
 */
export function updateQuote(
  scope: Scope,
  id: number,
  { version, clientId, ...input }: UpdateQuote & { clientId?: number },
): Promise<void> {
  const update = inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'quotes', id)
    const stored = await lockQuote(scope, id)
    if (clientId !== undefined && clientId !== stored.clientId)
      throw new RuleViolation('quotes.errors.otherClient', 'clientId')
    const changed = changedFields(stored, input)
    if (Object.keys(changed).length === 0) return
    if (version && version !== stored.version)
      throw await stale(scope, {
        table: 'quotes',
        id,
        version,
        stored: quoteForm(stored),
        together: [['currencyCode', 'total']],
      })
    if (changed.total !== undefined || changed.currencyCode !== undefined) {
      const total = changed.total === undefined ? stored.total?.toFixed() : changed.total
      requireCurrencyDecimals(total, changed.currencyCode ?? stored.currencyCode, 'total')
    }
    const { validUntil, ...rest } = changed
    await scope.db.records.quote.update({
      where: { id },
      data: { ...rest, validUntil: dateColumn(validUntil) },
      select: { id: true },
    })
  })
  return numbered(update, input.number)
}

/** For good; deals and communications that are linked to it stay without the link. Answers whose it was. */
export function deleteQuote(scope: Scope, id: number): Promise<{ clientId: number }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'quotes', id)
    const { clientId } = await lockQuote(scope, id)
    await scope.db.records.quote.delete({ where: { id }, select: { id: true } })
    return { clientId }
  })
}

/** A number there is already, in capitals or not, is refused at its field. The index decides, so that two who save at once cannot both have it. */
async function numbered<Result>(saving: Promise<Result>, number: string | undefined): Promise<Result> {
  try {
    return await saving
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new RuleViolation('quotes.errors.numberTaken', 'number', { number })
  }
}
