import sql from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import { plainAmount } from '../../platform/money.ts'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible } from '../users/access.ts'
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
  ownerName: string | null
  creatorName: string | null
  converterName: string | null
  clientName: string | null
  dealName: string | null
}

const columns = sql`l.id, l.first_name AS "firstName", l.last_name AS "lastName", l.company_name AS "companyName", l.email, l.phone, l.title,
  l.source, l.status, l.score, l.estimated_value AS "estimatedValue", l.currency_code AS "currencyCode",
  l.converted_to_client_id AS "convertedToClientId", l.converted_to_deal_id AS "convertedToDealId", l.converted_at AS "convertedAt",
  l.lost_reason AS "lostReason", l.lost_at AS "lostAt", l.notes, l.tags, l.is_active AS "isActive", l.owner_id AS "ownerId", l.version,
  l.created_at AS "createdAt", l.updated_at AS "updatedAt"`

export async function findLead(scope: Scope, id: number): Promise<LeadPage> {
  const [lead] = await scope.db.query<LeadPage>(sql`
    SELECT ${columns}, o.name AS "ownerName", cr.name AS "creatorName", cv.name AS "converterName", c.name AS "clientName", d.name AS "dealName"
    FROM leads l
      LEFT JOIN users o ON o.id = l.owner_id
      LEFT JOIN users cr ON cr.id = l.created_by
      LEFT JOIN users cv ON cv.id = l.converted_by
      LEFT JOIN clients c ON c.id = l.converted_to_client_id
      LEFT JOIN deals d ON d.id = l.converted_to_deal_id
    WHERE l.id = ${id} AND ${visible(scope, 'leads', 'l')}`)
  if (!lead) throw new NotFound()
  return lead
}

/** The lead with its row locked until the transaction ends. Who may is asked elsewhere. */
export async function lockLead(scope: Scope, id: number): Promise<Lead> {
  const [lead] = await scope.db.query<Lead>(sql`SELECT ${columns} FROM leads l WHERE l.id = ${id} FOR UPDATE`)
  if (!lead) throw new NotFound()
  return lead
}

export interface LeadActivity {
  id: number
  type: string
  subject: string | null
  description: string | null
  details: Record<string, unknown> | null
  activityDate: Date
  dueDate: string | null
  status: 'completed' | 'pending' | 'cancelled'
  creatorName: string | null
}

/** The newest hundred. */
export function listLeadActivities({ db }: Scope, leadId: number): Promise<LeadActivity[]> {
  return db.query<LeadActivity>(sql`
    SELECT a.id, a.type, a.subject, a.description, a.details, a.activity_date AS "activityDate", a.due_date::text AS "dueDate", a.status,
           u.name AS "creatorName"
    FROM lead_activities a LEFT JOIN users u ON u.id = a.created_by
    WHERE a.lead_id = ${leadId} ORDER BY a.activity_date DESC, a.id DESC LIMIT 100`)
}

export interface Duplicate {
  id: number
  kind: 'lead' | 'client'
  name: string
  detail: string | null
}

/** Who might be the same as this lead: the same e-mail, phone digits or company, among leads and clients. At most ten. */
export function findDuplicates(
  scope: Scope,
  lead: Pick<Lead, 'id' | 'email' | 'phone' | 'companyName' | 'convertedToClientId'>,
): Promise<Duplicate[]> {
  return scope.db.query<Duplicate>(sql`
    (SELECT l.id, 'lead' AS kind, l.first_name || ' ' || l.last_name AS name, l.company_name AS detail FROM leads l
      WHERE l.is_active AND l.id <> ${lead.id} AND ${visible(scope, 'leads', 'l')}
        AND (lower(l.email) = lower(${lead.email}) OR lower(l.company_name) = lower(${lead.companyName})
             OR l.phone_digits = nullif(digits_of(${lead.phone}), ''))
      LIMIT 5)
    UNION ALL
    (SELECT c.id, 'client', c.name, c.email FROM clients c
      WHERE c.is_active AND c.id IS DISTINCT FROM ${lead.convertedToClientId} AND ${visible(scope, 'clients', 'c')}
        AND (lower(c.email) = lower(${lead.email}) OR lower(c.name) = lower(${lead.companyName})
             OR c.phone_digits = nullif(digits_of(${lead.phone}), ''))
      LIMIT 5)`)
}

/** The sources in use, for suggestions: the most frequent among recent leads first. */
export async function listSources(scope: Scope): Promise<string[]> {
  const rows = await scope.db.query<{ source: string }>(sql`
    SELECT source FROM (SELECT source FROM leads WHERE is_active AND source IS NOT NULL ORDER BY updated_at DESC LIMIT 1000) AS recent
    GROUP BY source ORDER BY count(*) DESC, source LIMIT 20`)
  return rows.map(({ source }) => source)
}

export interface UncontactedLead {
  id: number
  name: string
  companyName: string | null
  createdAt: Date
}

/** New leads of mine or nobody's that no one has been in touch with, the longest waiting first: twenty of them, and how many in all. */
export async function listUncontactedLeads(
  scope: Scope,
): Promise<{ rows: UncontactedLead[]; total: { count: number; more: boolean } }> {
  const waiting = sql`l.is_active AND l.status = 'new' AND (l.owner_id = ${scope.user.id} OR l.owner_id IS NULL)
    AND ${visible(scope, 'leads', 'l')}`
  const rows = await scope.db.query<UncontactedLead & { count: number }>(sql`
    SELECT l.id, l.first_name || ' ' || l.last_name AS name, l.company_name AS "companyName", l.created_at AS "createdAt",
           (SELECT count(*)::int FROM (SELECT FROM leads l WHERE ${waiting} LIMIT 1001) AS counted) AS count
    FROM leads l WHERE ${waiting} ORDER BY l.created_at, l.id LIMIT 20`)
  const count = rows[0]?.count ?? 0
  return { rows, total: { count: Math.min(count, 1_000), more: count > 1_000 } }
}

/** The lead as its edit form shows it. */
export function leadForm(lead: Lead): Record<string, unknown> {
  return { ...lead, estimatedValue: plainAmount(lead.estimatedValue, lead.currencyCode) }
}
