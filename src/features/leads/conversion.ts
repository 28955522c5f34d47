import sql from 'sql-template-tag'
import { NotFound, RuleViolation } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { createClient } from '../clients/commands.ts'
import { createContact } from '../contacts/commands.ts'
import { createDeal } from '../deals/commands.ts'
import { requireWritable } from '../users/access.ts'
import { automatic, refusal } from './commands.ts'
import { lockLead } from './queries.ts'
import type { Lead } from './queries.ts'
import type { ConvertToClient, ConvertToDeal } from './schema.ts'

/** A lead becomes a client, with a contact there: both, or neither, and only once. Answers where it led. */
export function convertToClient(scope: Scope, id: number, input: ConvertToClient): Promise<{ clientId: number }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'leads', id)
    const lead = await claim(scope, id, 'converted_to_client_id')
    const clientId = await clientFor(scope, lead, input)
    const contactId = await contactFor(scope, lead, clientId, input)
    await recordConversion(scope, lead, { clientId, contactId })
    return { clientId }
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
    const clientId = lead.convertedToClientId ?? (await clientFor(scope, lead, input))
    const contactId = await contactFor(scope, lead, clientId, input)
    const deal = await createDeal(scope, {
      clientId,
      contactId,
      leadId: id,
      name: input.name ?? dealNameOf(lead),
      value: input.value === undefined ? (lead.estimatedValue?.toFixed() ?? null) : input.value,
      currencyCode: input.currencyCode ?? lead.currencyCode,
      stage: input.stage,
      expectedCloseDate: input.expectedCloseDate,
      ownerId: lead.ownerId,
      tags: lead.tags,
      notes: lead.notes,
    })
    await recordConversion(scope, lead, { clientId, contactId, dealId: deal.id })
    return { dealId: deal.id }
  })
}

/** What a lead is called when it is a company or a deal: its company, or its person where there is none. */
export function companyNameOf(lead: Pick<Lead, 'companyName' | 'firstName' | 'lastName'>): string {
  return lead.companyName ?? `${lead.firstName} ${lead.lastName}`
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

async function clientFor(scope: Scope, lead: Lead, input: ConvertToClient): Promise<number> {
  if (input.client === 'existing') {
    if (!input.clientId) throw new RuleViolation('leads.errors.chooseClient', 'clientId')
    await requireAt(scope, 'clients', input.clientId, 'clientId')
    return input.clientId
  }
  const client = await createClient(scope, {
    name: input.clientName ?? companyNameOf(lead),
    email: lead.email,
    phone: lead.phone,
    description: lead.notes,
    currencyCode: lead.currencyCode,
    ownerId: lead.ownerId,
    tags: lead.tags,
  })
  return client.id
}

async function contactFor(scope: Scope, lead: Lead, clientId: number, input: ConvertToClient): Promise<number | null> {
  const earlier = lead.convertedToClientId === null ? null : await contactOfConversion(scope, lead)
  const choice = input.contact ?? (earlier === null ? 'new' : 'existing')
  if (choice === 'none') return null
  if (choice === 'existing') return existingContact(scope, clientId, input.contactId ?? earlier)
  const contact = await createContact(scope, clientId, {
    firstName: input.firstName ?? lead.firstName,
    lastName: input.lastName ?? lead.lastName,
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

/** A record out of sight is, for the one who chose it, none: said at the field, not as a page that does not exist. */
async function requireAt(scope: Scope, noun: 'clients', id: number, field: string): Promise<void> {
  try {
    await requireWritable(scope, noun, id)
  } catch (error) {
    if (error instanceof NotFound) throw new RuleViolation('leads.errors.chooseClient', field)
    throw error
  }
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
