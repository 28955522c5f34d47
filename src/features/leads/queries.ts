import sql from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import { plainAmount } from '../../platform/money.ts'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible, writable } from '../users/access.ts'
import type { LeadStatus } from './schema.ts'

export interface Lead {
  id: number
  firstName: string
  lastName: string
  companyName: string | null
  email: string | null
  phone: string | null
  title: string | null
  source: string | null
  status: LeadStatus
  score: number | null
  estimatedValue: Decimal | null
  currencyCode: string
  convertedToClientId: number | null
  convertedToDealId: number | null
  convertedAt: Date | null
  lostReason: string | null
  lostAt: Date | null
  notes: string | null
  tags: string[]
  isActive: boolean
  ownerId: number | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export interface LeadPage extends Lead {
  archivedAt: Date | null
  /** Who put it into the Trash; null for the system, or nobody. */
  archivedByName: string | null
  ownerName: string | null
  creatorName: string | null
  converterName: string | null
  clientName: string | null
  clientIsActive: boolean | null
  /** null, too, for a deal that is not this reader's to see. */
  dealName: string | null
  dealIsActive: boolean | null
  /** Who at the client it became, of the last conversion that named somebody. */
  contact: { id: number; name: string; isActive: boolean } | null
  /** May this reader change it? */
  writable: boolean
}

/** A `Lead`, of leads under `l`. */
export const leadColumns = sql`l.id, l.first_name AS "firstName", l.last_name AS "lastName", l.company_name AS "companyName", l.email, l.phone, l.title,
  l.source, l.status, l.score, l.estimated_value AS "estimatedValue", l.currency_code AS "currencyCode",
  l.converted_to_client_id AS "convertedToClientId", l.converted_to_deal_id AS "convertedToDealId", l.converted_at AS "convertedAt",
  l.lost_reason AS "lostReason", l.lost_at AS "lostAt", l.notes, l.tags, l.is_active AS "isActive", l.owner_id AS "ownerId", l.version,
  l.created_at AS "createdAt", l.updated_at AS "updatedAt"`

export async function findLead(scope: Scope, id: number): Promise<LeadPage> {
  const [lead] = await scope.db.query<LeadPage>(sql`
    SELECT ${leadColumns}, l.archived_at AS "archivedAt", (SELECT name FROM users WHERE id = l.archived_by) AS "archivedByName",
           o.name AS "ownerName", cr.name AS "creatorName", cv.name AS "converterName", c.name AS "clientName",
           c.is_active AS "clientIsActive", d.name AS "dealName", d.is_active AS "dealIsActive", ${writable(scope, 'leads', 'l')} AS writable,
           CASE WHEN l.converted_at IS NOT NULL THEN (
             SELECT json_build_object('id', k.id, 'name', k.first_name || ' ' || k.last_name, 'isActive', k.is_active)
             FROM lead_activities a JOIN contacts k ON k.id = (a.details ->> 'contactId')::int AND k.client_id = l.converted_to_client_id
             WHERE a.lead_id = l.id AND a.type = 'conversion' ORDER BY a.id DESC LIMIT 1) END AS contact
    FROM leads l
      LEFT JOIN users o ON o.id = l.owner_id
      LEFT JOIN users cr ON cr.id = l.created_by
      LEFT JOIN users cv ON cv.id = l.converted_by
      LEFT JOIN clients c ON c.id = l.converted_to_client_id
      LEFT JOIN deals d ON d.id = l.converted_to_deal_id AND ${visible(scope, 'deals', 'd')}
    WHERE l.id = ${id} AND ${visible(scope, 'leads', 'l')}`)
  if (!lead) throw new NotFound()
  return lead
}

/** A lead as whoever has just saved it left it, also where they gave it away and out of their own sight. Throws NotFound. */
export async function savedLead({ db }: Scope, id: number): Promise<Lead> {
  const [lead] = await db.query<Lead>(sql`SELECT ${leadColumns} FROM leads l WHERE l.id = ${id}`)
  if (!lead) throw new NotFound()
  return lead
}

/** The lead with its row locked until the transaction ends. Who may is asked elsewhere. */
export async function lockLead(scope: Scope, id: number): Promise<Lead> {
  const [lead] = await scope.db.query<Lead>(sql`SELECT ${leadColumns} FROM leads l WHERE l.id = ${id} FOR UPDATE`)
  if (!lead) throw new NotFound()
  return lead
}

/** The sources in use, for suggestions: the most frequent first, among those of recent leads that this reader sees. */
export async function listSources(scope: Scope): Promise<string[]> {
  const rows = await scope.db.query<{ source: string }>(sql`
    SELECT source
    FROM (SELECT source, owner_id FROM leads WHERE is_active AND source IS NOT NULL ORDER BY updated_at DESC LIMIT 1000) AS recent
    WHERE ${visible(scope, 'leads', 'recent')}
    GROUP BY source ORDER BY count(*) DESC, source LIMIT 20`)
  return rows.map(({ source }) => source)
}

/** The lead as its edit form shows it. */
export function leadForm(lead: Lead): Record<string, unknown> {
  return { ...lead, estimatedValue: plainAmount(lead.estimatedValue, lead.currencyCode) }
}
