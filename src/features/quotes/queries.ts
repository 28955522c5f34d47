import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import { plainAmount } from '../../platform/money.ts'
import type { Decimal } from '../../platform/money.ts'
import type { Scope } from '../../platform/scope.ts'
import { dayIn } from '../../platform/time.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { visible, writable } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import type { QuoteStatus } from './schema.ts'

export interface Quote {
  id: number
  clientId: number
  number: string
  title: string
  status: QuoteStatus
  total: Decimal | null
  currencyCode: string
  validUntil: CalendarDay | null
  notes: string | null
  createdBy: number | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export interface QuotePage extends Quote {
  /** Sent, not answered, and by the reader's calendar no longer valid. Nothing but a person changes its status. */
  hasRunOut: boolean
  client: { id: number; name: string; isActive: boolean }
  /** May this reader change it? */
  writable: boolean
  creatorName: string | null
}

/** A `Quote`, of quotes under `q`. */
export const quoteColumns = sql`q.id, q.client_id AS "clientId", q.number, q.title, q.status, q.total, q.currency_code AS "currencyCode",
  q.valid_until::text AS "validUntil", q.notes, q.created_by AS "createdBy", q.version, q.created_at AS "createdAt", q.updated_at AS "updatedAt"`

function hasRunOut({ user }: Scope): Sql {
  return sql`(q.status = 'sent' AND q.valid_until < ${dayIn(user.timeZone)}::date) IS TRUE`
}

/** A quote as its page shows it, those of archived clients too. Throws NotFound. */
export async function findQuote(scope: Scope, id: number): Promise<QuotePage> {
  const [quote] = await scope.db.query<QuotePage>(sql`
    SELECT ${quoteColumns}, ${hasRunOut(scope)} AS "hasRunOut", ${writable(scope, 'quotes', 'q')} AS writable, u.name AS "creatorName",
           json_build_object('id', c.id, 'name', c.name, 'isActive', c.is_active) AS client
    FROM quotes q JOIN clients c ON c.id = q.client_id LEFT JOIN users u ON u.id = q.created_by
    WHERE q.id = ${id} AND ${visible(scope, 'quotes', 'q')}`)
  if (!quote) throw new NotFound()
  return quote
}

/** The quote with its row locked until the transaction ends. Who may is asked elsewhere. */
export async function lockQuote({ db }: Scope, id: number): Promise<Quote> {
  const [quote] = await db.query<Quote>(sql`SELECT ${quoteColumns} FROM quotes q WHERE q.id = ${id} FOR UPDATE`)
  if (!quote) throw new NotFound()
  return quote
}

/** The fields of the edit form as they are stored, with the version it is opened on. */
export function quoteForm(quote: Quote): Record<string, unknown> {
  const { number, title, status, total, currencyCode, validUntil, notes, version } = quote
  return {
    number,
    title,
    status,
    total: plainAmount(total, currencyCode),
    currencyCode,
    validUntil,
    notes,
    version,
  }
}

/**
 * What the next quote could be called: Q-2026-0007 after Q-2026-0006, by the year it is for the reader. A proposal: two people who ask at once
 * get the same, and the second to save is told. Numbers of other shapes are left alone.
 */
export async function nextQuoteNumber({ db, user }: Scope): Promise<string> {
  const prefix = `Q-${dayIn(user.timeZone).slice(0, 4)}-`
  const folded = prefix.toLowerCase()
  // The range is what an index on lower(number) can find, whatever the collation; the pattern has the last word.
  const [highest] = await db.query<{ place: number | null }>(sql`
    SELECT max(substring(lower(number) FROM ${`^${folded}([0-9]{1,9})$`})::int) AS place FROM quotes
    WHERE lower(number) BETWEEN ${`${folded}0`} AND ${`${folded}9999999999`}`)
  return prefix + String((highest?.place ?? 0) + 1).padStart(4, '0')
}

export interface ClientQuote extends Pick<Quote, 'id' | 'number' | 'title' | 'status' | 'currencyCode' | 'validUntil'> {
  /** A decimal, as text. */
  total: string | null
  hasRunOut: boolean
}

/** Selects a client's quotes as its page lists them, `ClientQuote`s: the newest hundred. */
export function quotesOnClientPage(scope: Scope, clientId: number): Sql {
  return sql`
    SELECT q.id, q.number, q.title, q.status, q.total::text AS total, q.currency_code AS "currencyCode", q.valid_until::text AS "validUntil",
           ${hasRunOut(scope)} AS "hasRunOut"
    FROM quotes q WHERE q.client_id = ${clientId} AND ${visible(scope, 'quotes', 'q')}
    ORDER BY q.id DESC LIMIT 100`
}

export const QUOTE_OPTIONS = 200

/**
 * A client's quotes to choose from, as "number · title": the newest first, the first `QUOTE_OPTIONS`, and `selectedId` among them whatever
 * became of it, so that saving an old record changes nothing.
 */
export async function quotesOfClient(
  scope: Scope,
  clientId: number | null,
  selectedId: number | null = null,
): Promise<Option[]> {
  return clientId === null ? [] : scope.db.query<Option>(quoteOptions(scope, clientId, selectedId))
}

/** What `quotesOfClient` asks, for a statement that asks for more. */
export function quoteOptions(scope: Scope, clientId: number, selectedId: number | null): Sql {
  return sql`
    SELECT value, label FROM (
      SELECT q.id AS value, q.number || ' · ' || q.title AS label FROM quotes q
      WHERE q.client_id = ${clientId} AND ${visible(scope, 'quotes', 'q')}
      ORDER BY (q.id = ${selectedId}) IS NOT TRUE, q.id DESC LIMIT ${QUOTE_OPTIONS}
    ) AS options
    ORDER BY value DESC`
}
