import sql from 'sql-template-tag'
import { RuleViolation } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'
import type { Deal } from './queries.ts'

/** Whose a deal is, and what of that client's it is linked to. */
export type Links = Pick<Deal, 'clientId' | 'contactId' | 'relatedProjectId' | 'relatedQuoteId'>

const OF_CLIENT = ['contactId', 'relatedProjectId', 'relatedQuoteId'] as const
const NO_LINKS: Links = { clientId: null, contactId: null, relatedProjectId: null, relatedQuoteId: null }

/**
 * The client must be one this user can see, the contact, the project and the quote that client's; newly chosen, neither client nor contact may be
 * archived. What is another client's is refused rather than dropped, and so is a new client while something of the old one's hangs on the deal.
 */
export async function requireLinks(scope: Scope, next: Links, deal: (Links & Pick<Deal, 'id'>) | null): Promise<void> {
  const present = deal ?? NO_LINKS
  const isNewClient = next.clientId !== present.clientId
  if (!isNewClient && OF_CLIENT.every((field) => next[field] === present[field])) return
  if (deal && isNewClient && deal.clientId !== null) await requireNothingLeftBehind(scope, deal, next)
  if (next.clientId === null) {
    for (const field of OF_CLIENT)
      if (next[field] !== null) throw new RuleViolation('deals.errors.chooseClientFirst', field)
    return
  }
  const fresh = Object.fromEntries(
    OF_CLIENT.map((field) => [field, next[field] === present[field] ? null : next[field]]),
  ) as Omit<Links, 'clientId'>
  const client = await findLinked(scope, { clientId: next.clientId, ...fresh }, isNewClient)
  if (!client || (isNewClient && !client.isActive)) throw new RuleViolation('deals.errors.unknownClient', 'clientId')
  if (fresh.contactId !== null) {
    if (client.contactIsActive === null) throw new RuleViolation('deals.errors.contactOfOtherClient', 'contactId')
    if (!client.contactIsActive) throw new RuleViolation('deals.errors.archivedContact', 'contactId')
  }
  if (fresh.relatedProjectId !== client.projectId)
    throw new RuleViolation('deals.errors.projectOfOtherClient', 'relatedProjectId')
  if (fresh.relatedQuoteId !== client.quoteId)
    throw new RuleViolation('deals.errors.quoteOfOtherClient', 'relatedQuoteId')
}

interface Linked {
  isActive: boolean
  /** null: not a contact of this client. */
  contactIsActive: boolean | null
  projectId: number | null
  quoteId: number | null
}

/** What there is of `links` at their client. Project and quote stay until the transaction ends, so that nobody deletes them meanwhile. */
async function findLinked({ db, user }: Scope, links: Links, isNewClient: boolean): Promise<Linked | undefined> {
  const { clientId, contactId, relatedProjectId, relatedQuoteId } = links
  const [client] = await db.query<Linked>(sql`
    SELECT c.is_active AS "isActive", (SELECT k.is_active FROM contacts k WHERE k.client_id = c.id AND k.id = ${contactId}) AS "contactIsActive",
           (SELECT p.id FROM projects p WHERE p.client_id = c.id AND p.id = ${relatedProjectId} FOR KEY SHARE) AS "projectId",
           (SELECT q.id FROM quotes q WHERE q.client_id = c.id AND q.id = ${relatedQuoteId} FOR KEY SHARE) AS "quoteId"
    FROM clients c WHERE c.id = ${clientId} AND ${isNewClient ? visible({ db, user }, 'clients', 'c') : sql`TRUE`}`)
  return client
}

/**
 * A deal that changes its client must not keep what belongs to the one before: names its contact, project and quote, and counts the communications
 * about it, which each are with a contact of that client.
 */
async function requireNothingLeftBehind(scope: Scope, deal: Links & Pick<Deal, 'id'>, next: Links): Promise<void> {
  const kept = (field: (typeof OF_CLIENT)[number]) => (next[field] === deal[field] ? next[field] : null)
  const [left] = await scope.db.query<{ names: string; count: number; client: string }>(sql`
    SELECT c.name AS client, concat_ws(', ',
             (SELECT first_name || ' ' || last_name FROM contacts WHERE id = ${kept('contactId')}),
             (SELECT name FROM projects WHERE id = ${kept('relatedProjectId')}),
             (SELECT number || ' · ' || title FROM quotes WHERE id = ${kept('relatedQuoteId')})) AS names,
           (SELECT count(*)::int FROM contact_communications WHERE client_id = c.id AND related_deal_id = ${deal.id}) AS count
    FROM clients c WHERE c.id = ${deal.clientId}`)
  if (!left) return
  const { names, count, client } = left
  if (count > 0 && names !== '')
    throw new RuleViolation('deals.errors.leavesLinksAndCommunications', 'clientId', { names, count, client })
  if (count > 0) throw new RuleViolation('deals.errors.leavesCommunications', 'clientId', { count, client })
  if (names !== '') throw new RuleViolation('deals.errors.leavesLinks', 'clientId', { names, client })
}
