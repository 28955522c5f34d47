import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { rowsAsJson } from '../../platform/database/rows-as-json.ts'
import { NotFound } from '../../platform/errors.ts'
import { plainAmount } from '../../platform/money.ts'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { contactOptions } from '../contacts/queries.ts'
import type { ContactRole } from '../contacts/schema.ts'
import type { StageKind } from '../pipelines/queries.ts'
import { projectOptions } from '../projects/queries.ts'
import { quoteOptions } from '../quotes/queries.ts'
import { visible, writable } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import { nextStep } from './next-step.ts'
import type { NextStep } from './next-step.ts'
import type { DealStatus } from './schema.ts'

export interface Deal {
  id: number
  clientId: number | null
  contactId: number | null
  leadId: number | null
  relatedProjectId: number | null
  relatedQuoteId: number | null
  name: string
  description: string | null
  pipelineId: number
  stage: string
  status: DealStatus
  value: Decimal | null
  currencyCode: string
  probability: number
  expectedCloseDate: CalendarDay | null
  actualCloseDate: CalendarDay | null
  lossReason: string | null
  notes: string | null
  tags: string[]
  boardPosition: string
  stageEnteredAt: Date
  isActive: boolean
  ownerId: number | null
  closedAt: Date | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export interface DealPage extends Deal {
  archivedAt: Date | null
  /** Who put it into the Trash; null for the system, or nobody. */
  archivedByName: string | null
  stageName: string | null
  stageKind: StageKind
  staleAfterDays: number | null
  clientName: string | null
  clientIsActive: boolean | null
  contactName: string | null
  contactIsActive: boolean | null
  /** null, as its source, for a lead that is not this reader's to see. */
  leadName: string | null
  leadSource: string | null
  projectName: string | null
  quoteName: string | null
  ownerName: string | null
  creatorName: string | null
  nextStep: NextStep | null
  /** May this reader change it? */
  writable: boolean
}

/** A `Deal`, of deals under `d`. */
export const dealColumns = sql`d.id, d.client_id AS "clientId", d.contact_id AS "contactId", d.lead_id AS "leadId",
  d.related_project_id AS "relatedProjectId", d.related_quote_id AS "relatedQuoteId", d.name, d.description, d.pipeline_id AS "pipelineId",
  d.stage, d.status, d.value, d.currency_code AS "currencyCode", d.probability, d.expected_close_date::text AS "expectedCloseDate",
  d.actual_close_date::text AS "actualCloseDate", d.loss_reason AS "lossReason", d.notes, d.tags, d.board_position AS "boardPosition", d.stage_entered_at AS "stageEnteredAt", d.is_active AS "isActive", d.owner_id AS "ownerId",
  d.closed_at AS "closedAt", d.version, d.created_at AS "createdAt", d.updated_at AS "updatedAt"`

/** The deal with all its page shows, archived ones too. */
export async function findDeal(scope: Scope, id: number): Promise<DealPage> {
  const [deal] = await scope.db.query<DealPage>(sql`
    SELECT ${dealColumns}, d.archived_at AS "archivedAt", (SELECT name FROM users WHERE id = d.archived_by) AS "archivedByName",
      s.name AS "stageName", s.kind AS "stageKind", s.stale_after_days AS "staleAfterDays", c.name AS "clientName",
      c.is_active AS "clientIsActive", k.first_name || ' ' || k.last_name AS "contactName", k.is_active AS "contactIsActive",
      l.first_name || ' ' || l.last_name AS "leadName", l.source AS "leadSource", ${writable(scope, 'deals', 'd')} AS writable,
      p.name AS "projectName", q.number || ' · ' || q.title AS "quoteName", o.name AS "ownerName", cr.name AS "creatorName", ${nextStep} AS "nextStep"
    FROM deals d
      JOIN pipeline_stages s ON s.pipeline_id = d.pipeline_id AND s.key = d.stage
      LEFT JOIN clients c ON c.id = d.client_id
      LEFT JOIN contacts k ON k.id = d.contact_id
      LEFT JOIN leads l ON l.id = d.lead_id AND ${visible(scope, 'leads', 'l')}
      LEFT JOIN projects p ON p.id = d.related_project_id
      LEFT JOIN quotes q ON q.id = d.related_quote_id
      LEFT JOIN users o ON o.id = d.owner_id
      LEFT JOIN users cr ON cr.id = d.created_by
    WHERE d.id = ${id} AND ${visible(scope, 'deals', 'd')}`)
  if (!deal) throw new NotFound()
  return deal
}

/** A deal as whoever has just saved it left it, also where they gave it away and out of their own sight. Throws NotFound. */
export async function savedDeal({ db }: Scope, id: number): Promise<Deal> {
  const [deal] = await db.query<Deal>(sql`SELECT ${dealColumns} FROM deals d WHERE d.id = ${id}`)
  if (!deal) throw new NotFound()
  return deal
}

export interface LockedDeal extends Deal {
  stageName: string | null
  stageProbability: number
}

/** The deal with its row locked until the transaction ends. Who may is asked elsewhere. */
export async function lockDeal(scope: Scope, id: number): Promise<LockedDeal> {
  // No join: a deal that changed its stage while this waited for the lock would then find no partner, and seem to be gone.
  const [deal] = await scope.db.query<LockedDeal>(sql`
    SELECT ${dealColumns}, (SELECT s.name FROM pipeline_stages s WHERE s.pipeline_id = d.pipeline_id AND s.key = d.stage) AS "stageName",
           (SELECT s.probability FROM pipeline_stages s WHERE s.pipeline_id = d.pipeline_id AND s.key = d.stage) AS "stageProbability"
    FROM deals d WHERE d.id = ${id} FOR UPDATE`)
  if (!deal) throw new NotFound()
  return deal
}

/** Is it still this reader's to see? Handing a deal over can take it out of one's own sight. */
export async function canSeeDeal(scope: Scope, id: number): Promise<boolean> {
  const found = await scope.db.query(
    sql`SELECT d.id FROM deals d WHERE d.id = ${id} AND ${visible(scope, 'deals', 'd')}`,
  )
  return found.length > 0
}

/** The deal as its edit form shows it. */
export function dealForm(deal: Deal): Record<string, unknown> {
  return { ...deal, value: plainAmount(deal.value, deal.currencyCode) }
}

export interface StageWords {
  key: string
  name: string | null
}
interface Amount {
  /** A decimal, as text. */
  value: string | null
  currencyCode: string
}
interface Person {
  id: number
  name: string
}

/** What an automatic activity tells, by its type. */
export interface ActivityDetails {
  stage_change: { from: StageWords; to: StageWords }
  status_change: { from: DealStatus; to: DealStatus; reason?: string }
  value_change: { from: Amount; to: Amount }
  owner_change: { from: Person | null; to: Person | null }
}

export interface ClientDeal {
  id: number
  name: string
  stage: string
  status: DealStatus
  stageName: string | null
  value: Decimal | null
  currencyCode: string
  probability: number
  expectedCloseDate: CalendarDay | null
}

/** The deals of a client that this reader may see: open ones first, the newest hundred. */
export function listDealsOfClient(scope: Scope, clientId: number): Promise<ClientDeal[]> {
  return listDealsWhere(scope, sql`d.client_id = ${clientId}`)
}

/** The deals that are about this project or quote, as far as the reader may see them: open ones first, the newest hundred. */
export function listLinkedDeals(scope: Scope, noun: 'project' | 'quote', id: number): Promise<ClientDeal[]> {
  const [table, column] =
    noun === 'project' ? [sql`projects`, sql`related_project_id`] : [sql`quotes`, sql`related_quote_id`]
  // By the client as well: the index begins with it.
  return listDealsWhere(
    scope,
    sql`d.client_id = (SELECT client_id FROM ${table} WHERE id = ${id}) AND d.${column} = ${id}`,
  )
}

function listDealsWhere(scope: Scope, condition: Sql): Promise<ClientDeal[]> {
  return scope.db.query<ClientDeal>(sql`
    SELECT d.id, d.name, d.stage, d.status, s.name AS "stageName", d.value, d.currency_code AS "currencyCode", d.probability,
           d.expected_close_date::text AS "expectedCloseDate"
    FROM deals d JOIN pipeline_stages s ON s.pipeline_id = d.pipeline_id AND s.key = d.stage
    WHERE ${condition} AND d.is_active AND ${visible(scope, 'deals', 'd')}
    ORDER BY (d.status = 'open') DESC, d.updated_at DESC, d.id DESC LIMIT 100`)
}

export interface LinkOptions {
  contacts: Option[]
  projects: Option[]
  quotes: Option[]
}

/** What a deal of this client can be linked to: its contacts, projects and quotes, those that are linked already among them whatever became of them. */
export async function linkOptions(
  scope: Scope,
  clientId: number | null,
  selected: { contactId: number | null; relatedProjectId: number | null; relatedQuoteId: number | null },
): Promise<LinkOptions> {
  const none: LinkOptions = { contacts: [], projects: [], quotes: [] }
  if (clientId === null) return none
  const [options] = await scope.db.query<LinkOptions>(sql`
    SELECT ${rowsAsJson(contactOptions(scope, clientId, selected.contactId))} AS contacts,
           ${rowsAsJson(projectOptions(scope, clientId, selected.relatedProjectId))} AS projects,
           ${rowsAsJson(quoteOptions(scope, clientId, selected.relatedQuoteId))} AS quotes`)
  return options ?? none
}

export interface DealContact {
  id: number
  firstName: string
  lastName: string
  email: string | null
  phone: string | null
  title: string | null
  role: ContactRole
  isPrimary: boolean
}

/** The active contacts of the deal's client, the primary one first. */
export async function listDealContacts(scope: Scope, id: number): Promise<DealContact[]> {
  const rows = await scope.db.query<{ contacts: DealContact[] }>(sql`
    SELECT coalesce((
      SELECT json_agg(json_build_object('id', k.id, 'firstName', k.first_name, 'lastName', k.last_name, 'email', k.email, 'phone', k.phone,
          'title', k.title, 'role', k.role, 'isPrimary', k.is_primary) ORDER BY k.is_primary DESC, lower(k.last_name), lower(k.first_name), k.id)
      FROM contacts k WHERE k.client_id = d.client_id AND k.is_active), '[]') AS contacts
    FROM deals d WHERE d.id = ${id} AND ${visible(scope, 'deals', 'd')}`)
  const [deal] = rows
  if (!deal) throw new NotFound()
  return deal.contacts
}
