import sql from 'sql-template-tag'
import { Conflict, RuleViolation } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { createClient } from '../clients/commands.ts'
import { createContact } from '../contacts/commands.ts'
import { createDeal } from '../deals/commands/creating.ts'
import { requireWritable, visible, writable } from '../users/access.ts'
import { automatic, refusal } from './commands.ts'
import { lockLead } from './queries.ts'
import type { Lead } from './queries.ts'
import type { ConvertToClient, ConvertToDeal } from './schema.ts'

/** A lead becomes a client, with a contact there: both, or neither, and only once. Answers where it led. */
export function convertToClient(scope: Scope, id: number, input: ConvertToClient): Promise<{ clientId: number }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'leads', id)
    const lead = await claim(scope, id, 'converted_to_client_id')
    const client = await clientFor(scope, lead, input)
    const contactId = await contactFor(scope, lead, client, input)
    await recordConversion(scope, lead, { clientId: client.id, contactId })
    return { clientId: client.id }
  })
}

/**
 * A lead becomes a deal: all of it, or none, and only once. When it has no client yet, the client and the contact come about in the same
 * transaction; when it has, that client stays.
 */
export function convertToDeal(scope: Scope, id: number, input: ConvertToDeal): Promise<{ dealId: number }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'leads', id)
    const lead = await claim(scope, id, 'converted_to_deal_id')
    const client = await clientFor(scope, lead, input)
    const contactId = await contactFor(scope, lead, client, input)
    const wanted = {
      clientId: client.id,
      contactId,
      name: filled(input.name, 'name') ?? dealNameOf(lead),
      value: input.value === undefined ? (lead.estimatedValue?.toFixed() ?? null) : input.value,
      currencyCode: input.currencyCode ?? lead.currencyCode,
      stage: input.stage,
      expectedCloseDate: input.expectedCloseDate,
      ownerId: lead.ownerId,
      tags: lead.tags,
      notes: lead.notes,
    }
    const deal = await createDeal(scope, wanted, { leadId: id })
    await recordConversion(scope, lead, { clientId: client.id, contactId, dealId: deal.id })
    return { dealId: deal.id }
  })
}

/** What a lead is called when it is a company or a deal: its company, or its person where there is none. */
export function companyNameOf(lead: Pick<Lead, 'companyName' | 'firstName' | 'lastName'>): string {
  const name = lead.companyName ?? `${lead.firstName} ${lead.lastName}`
  // Two long names and the space between them are longer than one may be.
  return [...name].slice(0, 200).join('')
}

export const dealNameOf = companyNameOf

/**
 * Whoever's SELECT … FOR UPDATE finds the target still empty has the lead; the others wait for the lock, find it filled, and are told. Not
 * lost, not archived, not twice.
 */
async function claim(
  scope: Scope,
  id: number,
  target: 'converted_to_client_id' | 'converted_to_deal_id',
): Promise<Lead> {
  const free =
    target === 'converted_to_client_id' ? sql`converted_to_client_id IS NULL` : sql`converted_to_deal_id IS NULL`
  const claimed = await scope.db.query(
    sql`SELECT id FROM leads WHERE id = ${id} AND ${free} AND status <> 'lost' AND is_active FOR UPDATE`,
  )
  const lead = await lockLead(scope, id)
  if (claimed.length === 0) throw refusal(lead)
  return { ...lead, ownerId: await heirOf(scope, lead) }
}

/** Who owns what comes of the lead: its owner, or whoever converts it when the owner has left. */
async function heirOf(scope: Scope, { ownerId }: Lead): Promise<number | null> {
  if (ownerId === null || ownerId === scope.user.id) return ownerId
  const active = await scope.db.query(sql`SELECT id FROM users WHERE id = ${ownerId} AND is_active`)
  return active.length > 0 ? ownerId : scope.user.id
}

interface ChosenClient {
  id: number
  /** May whoever converts add a contact there? */
  writable: boolean
}

/** The client the lead led to already, else the one chosen, else a new one. */
async function clientFor(scope: Scope, lead: Lead, input: ConvertToClient): Promise<ChosenClient> {
  if (lead.convertedToClientId !== null) {
    const earlier = await activeClient(scope, lead.convertedToClientId)
    if (!earlier) throw new Conflict('leads.errors.clientGone')
    return earlier
  }
  if (input.client === 'existing') {
    const chosen = input.clientId ? await activeClient(scope, input.clientId) : null
    if (!chosen) throw new RuleViolation('leads.errors.chooseClient', 'clientId')
    return chosen
  }
  const { id } = await createClient(scope, {
    name: filled(input.clientName, 'clientName') ?? companyNameOf(lead),
    email: lead.email,
    phone: lead.phone,
    description: lead.notes,
    currencyCode: lead.currencyCode,
    ownerId: lead.ownerId,
    tags: lead.tags,
  })
  return { id, writable: true }
}

/** One that can be seen and is not archived, and stays so until the transaction ends. */
async function activeClient(scope: Scope, id: number): Promise<ChosenClient | null> {
  const [client] = await scope.db.query<ChosenClient>(sql`
    SELECT c.id, ${writable(scope, 'clients', 'c')} AS writable FROM clients c
    WHERE c.id = ${id} AND c.is_active AND ${visible(scope, 'clients', 'c')} FOR UPDATE OF c`)
  return client ?? null
}

/** What was not sent is taken from the lead; what was sent empty is missing, and said at its field. */
function filled(sent: string | null | undefined, field: string): string | undefined {
  if (sent === null) throw new RuleViolation('errors.required', field)
  return sent
}

async function contactFor(
  scope: Scope,
  lead: Lead,
  client: ChosenClient,
  input: ConvertToClient,
): Promise<number | null> {
  const earlier = lead.convertedToClientId === null ? null : await contactOfConversion(scope, lead)
  const choice = input.contact ?? (earlier === null ? 'new' : 'existing')
  if (choice === 'none') return null
  if (choice === 'existing') return existingContact(scope, client.id, input.contactId ?? earlier)
  if (!client.writable) throw new RuleViolation('leads.errors.noNewContact', 'contact')
  const contact = await createContact(scope, client.id, {
    firstName: filled(input.firstName, 'firstName') ?? lead.firstName,
    lastName: filled(input.lastName, 'lastName') ?? lead.lastName,
    email: input.email === undefined ? lead.email : input.email,
    phone: input.phone === undefined ? lead.phone : input.phone,
    title: input.title === undefined ? lead.title : input.title,
    notes: lead.notes,
    tags: lead.tags,
  })
  return contact.id
}

async function existingContact(scope: Scope, clientId: number, contactId: number | null): Promise<number> {
  if (contactId === null) throw new RuleViolation('leads.errors.chooseContact', 'contactId')
  const found = await scope.db.query(
    sql`SELECT id FROM contacts WHERE id = ${contactId} AND client_id = ${clientId} AND is_active`,
  )
  if (found.length === 0) throw new RuleViolation('leads.errors.contactElsewhere', 'contactId')
  return contactId
}

/** The contact that an earlier conversion to a client made; null when it made none. */
async function contactOfConversion(scope: Scope, lead: Lead): Promise<number | null> {
  const conversion = await scope.db.records.leadActivity.findFirst({
    where: { leadId: lead.id, type: 'conversion' },
    orderBy: { id: 'desc' },
  })
  const { contactId } = (conversion?.details ?? {}) as { contactId?: number | null }
  return contactId ?? null
}

interface Results {
  clientId: number
  contactId: number | null
  dealId?: number
}

/** Both ends know: the lead points at its results, and its timeline tells who and when. */
async function recordConversion(scope: Scope, lead: Lead, { clientId, contactId, dealId }: Results): Promise<void> {
  await scope.db.records.lead.updateMany({
    where: { id: lead.id },
    data: {
      status: 'converted',
      convertedToClientId: clientId,
      ...(dealId === undefined ? {} : { convertedToDealId: dealId }),
      ...(lead.convertedAt === null ? { convertedAt: new Date(), convertedBy: scope.user.id } : {}),
    },
  })
  await scope.db.records.leadActivity.create({
    data: automatic(scope, lead.id, 'conversion', { clientId, contactId, ...(dealId === undefined ? {} : { dealId }) }),
  })
}
