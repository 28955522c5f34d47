import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { localInput, offsetInput } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { visible, writable } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import type { CommunicationStatus, CommunicationType, Direction } from './schema.ts'

/** As it is stored. */
export interface Communication {
  id: number
  contactId: number
  clientId: number
  type: CommunicationType
  direction: Direction
  subject: string | null
  content: string | null
  communicationDate: Date
  followUpDate: CalendarDay | null
  followUpCompletedAt: Date | null
  status: CommunicationStatus
  relatedProjectId: number | null
  relatedQuoteId: number | null
  relatedDealId: number | null
  createdBy: number | null
  version: number
  createdAt: Date
  updatedAt: Date
}

interface Named {
  id: number
  name: string
}

/** With everything it is about. `deal` is null for a deal that is not this reader's to see. */
export interface CommunicationPage extends Communication {
  contact: Named & { isActive: boolean }
  client: Named & { isActive: boolean }
  project: Named | null
  quote: Named | null
  deal: Named | null
  author: Named | null
  /** May this reader change it? */
  writable: boolean
}

/** A `Communication` less its content, which can be long, of communications under `m`. */
const columns = sql`m.id, m.contact_id AS "contactId", m.client_id AS "clientId", m.type, m.direction, m.subject,
  m.communication_date AS "communicationDate", m.follow_up_date::text AS "followUpDate", m.follow_up_completed_at AS "followUpCompletedAt",
  m.status, m.related_project_id AS "relatedProjectId", m.related_quote_id AS "relatedQuoteId", m.related_deal_id AS "relatedDealId",
  m.created_by AS "createdBy", m.version, m.created_at AS "createdAt", m.updated_at AS "updatedAt"`
/** A `Communication`, of communications under `m`. */
export const communicationColumns = sql`${columns}, m.content`

function related(scope: Scope): Sql {
  return sql`
    json_build_object('id', k.id, 'name', k.first_name || ' ' || k.last_name, 'isActive', k.is_active) AS contact,
    json_build_object('id', p.id, 'name', p.name, 'isActive', p.is_active) AS client,
    CASE WHEN j.id IS NOT NULL THEN json_build_object('id', j.id, 'name', j.name) END AS project,
    CASE WHEN q.id IS NOT NULL THEN json_build_object('id', q.id, 'name', q.number || ' · ' || q.title) END AS quote,
    CASE WHEN d.id IS NOT NULL AND ${visible(scope, 'deals', 'd')} THEN json_build_object('id', d.id, 'name', d.name) END AS deal,
    CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS author,
    ${writable(scope, 'communications', 'm')} AS writable`
}

const joined = sql`contact_communications m
  JOIN contacts k ON k.id = m.contact_id
  JOIN clients p ON p.id = m.client_id
  LEFT JOIN projects j ON j.id = m.related_project_id
  LEFT JOIN quotes q ON q.id = m.related_quote_id
  LEFT JOIN deals d ON d.id = m.related_deal_id
  LEFT JOIN users u ON u.id = m.created_by`

/** A communication with all its page shows. Throws NotFound. */
export async function findCommunication(scope: Scope, id: number): Promise<CommunicationPage> {
  const [communication] = await scope.db.query<CommunicationPage>(sql`
    SELECT ${communicationColumns}, ${related(scope)} FROM ${joined}
    WHERE m.id = ${id} AND ${visible(scope, 'communications', 'm')}`)
  if (!communication) throw new NotFound()
  return communication
}

/** The row, locked until the transaction ends, and whether its contact and client are still there to be talked to. Who may is asked elsewhere. */
export async function lockCommunication(
  scope: Scope,
  id: number,
): Promise<Communication & { contactIsActive: boolean; clientIsActive: boolean }> {
  const [communication] = await scope.db.query<
    Communication & { contactIsActive: boolean; clientIsActive: boolean }
  >(sql`
    SELECT ${communicationColumns}, k.is_active AS "contactIsActive", p.is_active AS "clientIsActive"
    FROM contact_communications m JOIN contacts k ON k.id = m.contact_id JOIN clients p ON p.id = m.client_id
    WHERE m.id = ${id} FOR UPDATE OF m`)
  if (!communication) throw new NotFound()
  return communication
}

/** The communication as the edit form of somebody in `zone` shows it. */
export function communicationForm(communication: Communication, zone: string): Record<string, unknown> {
  const { communicationDate, ...fields } = communication
  return {
    ...fields,
    communicationDate: localInput(communicationDate, zone),
    communicationDateOffset: offsetInput(communicationDate, zone),
  }
}

export interface CommunicationEntry extends CommunicationPage {
  /** `content` is only the beginning of what was written. */
  isCut: boolean
}
export interface CommunicationEntries {
  /** The newest first. */
  rows: CommunicationEntry[]
  /** There are older ones than these. */
  more: boolean
}

/** As much of a content as a page with many of them shows. */
const CONTENT_SHOWN = 2_000

/** CommunicationEntries of the rows of `contact_communications m`, for a WHERE to follow. */
export function entries(scope: Scope): Sql {
  return sql`
    SELECT ${columns}, left(m.content, ${CONTENT_SHOWN}) AS content, coalesce(length(m.content) > ${CONTENT_SHOWN}, false) AS "isCut",
           ${related(scope)}
    FROM ${joined}`
}

export function listCommunicationsOfProject(scope: Scope, projectId: number): Promise<CommunicationEntries> {
  const clientId = sql`(SELECT client_id FROM projects WHERE id = ${projectId})`
  return newest(scope, sql`m.client_id = ${clientId} AND m.related_project_id = ${projectId}`)
}

export function listCommunicationsOfQuote(scope: Scope, quoteId: number): Promise<CommunicationEntries> {
  const clientId = sql`(SELECT client_id FROM quotes WHERE id = ${quoteId})`
  return newest(scope, sql`m.client_id = ${clientId} AND m.related_quote_id = ${quoteId}`)
}

const ENTRIES_SHOWN = 20

async function newest(scope: Scope, condition: Sql): Promise<CommunicationEntries> {
  const rows = await scope.db.query<CommunicationEntry>(sql`
    ${entries(scope)} WHERE ${condition} AND ${visible(scope, 'communications', 'm')}
    ORDER BY m.communication_date DESC, m.id DESC LIMIT ${ENTRIES_SHOWN + 1}`)
  return { rows: rows.slice(0, ENTRIES_SHOWN), more: rows.length > ENTRIES_SHOWN }
}

/** The names of a contact and a client; null for one that is not there, or not this reader's to see. */
export async function namesOf(
  scope: Scope,
  { contact = null, client = null }: { contact?: number | null | undefined; client?: number | null | undefined },
): Promise<{ contactName: string | null; clientName: string | null }> {
  const [names] = await scope.db.query<{ contactName: string | null; clientName: string | null }>(sql`
    SELECT (SELECT k.first_name || ' ' || k.last_name FROM contacts k
            WHERE k.id = ${contact} AND ${visible(scope, 'contacts', 'k')}) AS "contactName",
           (SELECT p.name FROM clients p WHERE p.id = ${client} AND ${visible(scope, 'clients', 'p')}) AS "clientName"`)
  return names ?? { contactName: null, clientName: null }
}

const DEAL_OPTIONS = 200

/**
 * A client's deals to choose from: open ones first, then the latest. `linkedId` is the deal the communication is about already: it stays among
 * them when it is archived, and without a name (null) when it is not this reader's to see, so that saving an old record changes nothing.
 */
export function dealsOfClient(
  scope: Scope,
  clientId: number,
  linkedId: number | null = null,
): Promise<(Omit<Option, 'label'> & { label: string | null })[]> {
  const seen = visible(scope, 'deals', 'd')
  return scope.db.query(sql`
    SELECT d.id AS value, CASE WHEN ${seen} THEN d.name END AS label FROM deals d
    WHERE d.client_id = ${clientId} AND ((d.is_active AND ${seen}) OR d.id = ${linkedId})
    ORDER BY (d.id = ${linkedId}) IS NOT TRUE, d.status <> 'open', d.updated_at DESC, d.id DESC LIMIT ${DEAL_OPTIONS}`)
}
