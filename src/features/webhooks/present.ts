import { amountOf, momentOf } from '../../platform/api/json.ts'
import { Decimal } from '../../platform/money.ts'
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

/** What says nothing outside: how cards are laid out, which notes the product made, what search reads. */
const INTERNAL = ['board_position', 'details', 'search_text', 'phone_digits']
const AMOUNTS = ['value', 'estimated_value', 'total']
const MOMENTS = /(_at|^activity_date|^communication_date)$/
/** They change with everything, so they are no news. */
const ALWAYS = ['version', 'updated_at']

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
  const { was, nowIs } = told
  return JSON.stringify({
    id: told.eventId,
    type: told.type,
    occurredAt: told.occurredAt.toISOString(),
    actor: told.actorId === null ? null : { id: told.actorId, name: told.actorName },
    ...(told.type === PING
      ? { record: null, data: {} }
      : {
          record: { noun: COLLECTIONS[told.tableName ?? ''] ?? told.tableName, id: told.recordId },
          data: presented(nowIs ?? was ?? {}),
          ...(was && nowIs && { previous: presented(changedIn(was, nowIs), was) }),
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

/** A row, or a part of `whole`, in the API's shape: its names in camelCase, amounts as decimal text, moments in UTC. */
function presented(row: Row, whole = row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => !INTERNAL.includes(name))
      // The audit keeps them in an order of its own.
      .sort(([a], [b]) => Number(b === 'id') - Number(a === 'id') || (a < b ? -1 : 1))
      .map(([name, value]) => [camelCase(name), presentedValue(name, value, String(whole.currency_code))]),
  )
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function presentedValue(name: string, value: unknown, currency: string): unknown {
  if (typeof value !== 'string') return value
  // Redacted, both are words.
  if (AMOUNTS.includes(name)) return /^\d/.test(value) ? amountOf(new Decimal(value), currency) : value
  if (name === 'due_time') return value.slice(0, 5)
  if (!MOMENTS.test(name) || !/^\d/.test(value)) return value
  return momentOf(new Date(value))
}
