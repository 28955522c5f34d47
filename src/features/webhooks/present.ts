import type { z } from 'zod'
import { amountOf, momentOf } from '../../platform/api/json.ts'
import { Decimal } from '../../platform/money.ts'
import { DealActivityJson, LeadActivityJson } from '../activities/json.ts'
import { ClientJson } from '../clients/present.ts'
import { CommunicationJson } from '../communications/present.ts'
import { ContactJson } from '../contacts/present.ts'
import { DealJson } from '../deals/json.ts'
import { weightedValue } from '../deals/present.ts'
import { LeadJson } from '../leads/present.ts'
import { ProjectJson } from '../projects/present.ts'
import { QuoteJson } from '../quotes/present.ts'
import { COLLECTIONS, PING } from './events.ts'

type Row = Readonly<Record<string, unknown>>

/** A delivery with the change that it tells of. */
export interface Told {
  eventId: string
  type: string
  occurredAt: Date
  tableName: string | null
  recordId: number | null
  actorId: number | null
  /** Null for what the product did by itself. */
  actorName: string | null
  /** The record before and after, as the audit has it; amounts are text. */
  was: Row | null
  nowIs: Row | null
}

/** The records as the API gives them, by their tables: a message has their fields, and no others. */
const RECORDS: Readonly<Record<string, z.ZodObject>> = {
  clients: ClientJson,
  contacts: ContactJson,
  contact_communications: CommunicationJson,
  leads: LeadJson,
  lead_activities: LeadActivityJson,
  deals: DealJson,
  deal_activities: DealActivityJson,
  projects: ProjectJson,
  quotes: QuoteJson,
}
const AMOUNTS = ['value', 'estimated_value', 'total']
const MOMENTS = /(_at|^activity_date|^communication_date)$/
/** They change with everything, so they are no news. */
const ALWAYS = ['version', 'updatedAt']

/** What every message is sent with, beside its signature. */
export const HEADERS = {
  'Content-Type': 'application/json',
  'User-Agent': 'Dealwright',
  'Accept-Encoding': 'identity',
}

/** The request without its body, for people to read; what is made anew for each attempt is left open. */
export function headOf({ url, eventId }: { url: string; eventId: string }): string {
  const signed = { 'webhook-id': eventId, 'webhook-timestamp': '…', 'webhook-signature': 'v1,…' }
  const headers = Object.entries({ ...HEADERS, ...signed }).map(([name, value]) => `${name}: ${value}`)
  return [`POST ${url}`, ...headers].join('\n')
}

/** The message as it is posted, byte for byte the same each time it is tried. */
export function bodyOf(told: Told): string {
  const { tableName, was, nowIs } = told
  const [before, after] = [was && presented(tableName, was), nowIs && presented(tableName, nowIs)]
  return JSON.stringify({
    id: told.eventId,
    type: told.type,
    occurredAt: told.occurredAt.toISOString(),
    actor: told.actorId === null ? null : { id: told.actorId, name: told.actorName },
    ...(told.type === PING
      ? { record: null, data: {} }
      : {
          record: { noun: COLLECTIONS[tableName ?? ''] ?? tableName, id: told.recordId },
          data: after ?? before ?? {},
          ...(before && after && { previous: changedIn(before, after) }),
        }),
  })
}

/** The fields that are no longer what they were, as they were. */
function changedIn(was: Row, nowIs: Row): Row {
  return Object.fromEntries(
    Object.entries(was).filter(
      ([name, value]) => !ALWAYS.includes(name) && JSON.stringify(value) !== JSON.stringify(nowIs[name]),
    ),
  )
}

/** A row in the API's shape: its names in camelCase, amounts as decimal text, moments in UTC. A field that is younger than the change is not there. */
function presented(table: string | null, row: Row): Row {
  const currency = String(row.currency_code)
  const fields = Object.keys(RECORDS[table ?? '']?.shape ?? {}).flatMap((field) => {
    if (field === 'weightedValue') return [[field, weightedIn(row, currency)]]
    const name = columnOf(field)
    return name in row ? [[field, presentedValue(name, row[name], currency)]] : []
  })
  return Object.fromEntries(fields) as Row
}

/** No column: worked out as for the API. */
function weightedIn({ value, probability }: Row, currency: string): string | null {
  if (typeof value !== 'string' || !isFigure(value) || typeof probability !== 'number') return null
  return amountOf(weightedValue({ value: new Decimal(value), probability, currencyCode: currency }), currency)
}

function columnOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Redacted, amounts and moments are words. */
function isFigure(value: string): boolean {
  return /^\d/.test(value)
}

function presentedValue(name: string, value: unknown, currency: string): unknown {
  if (typeof value !== 'string') return value
  if (AMOUNTS.includes(name)) return isFigure(value) ? amountOf(new Decimal(value), currency) : value
  if (name === 'due_time') return value.slice(0, 5)
  if (!MOMENTS.test(name) || !isFigure(value)) return value
  return momentOf(new Date(value))
}
