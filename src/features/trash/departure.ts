import sql, { join, raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Scope } from '../../platform/scope.ts'
import type { TrashNoun } from './nouns.ts'

/** The records that are to be deleted for good. */
export type Roots = Readonly<Partial<Record<TrashNoun, readonly number[]>>>

/** Everything there is to go, each after what hangs on it: what is deleted in this order leaves no reference behind. */
export const GOING = [
  'communications',
  'leadActivities',
  'dealActivities',
  'deals',
  'quotes',
  'projects',
  'contacts',
  'leads',
  'clients',
] as const
export type Going = (typeof GOING)[number]

interface Kind {
  table: string
  /** Which of the table goes, under the alias r. */
  which(roots: Sets): Sql
  /** What one of them is called; none of its own is empty. */
  name: Sql
  /** Whether it is outside the Trash; for what cannot be in it, nothing to ask. */
  active: Sql
}

type Sets = Readonly<Record<TrashNoun, Sql>>

const NOT_ASKED = sql`FALSE`
const person = sql`r.first_name || ' ' || r.last_name`

const KINDS: Readonly<Record<Going, Kind>> = {
  clients: {
    table: 'clients',
    which: ({ clients }) => sql`r.id = ANY (${clients})`,
    name: sql`r.name`,
    active: sql`r.is_active`,
  },
  contacts: {
    table: 'contacts',
    which: ({ clients, contacts }) => sql`(r.client_id = ANY (${clients}) OR r.id = ANY (${contacts}))`,
    name: person,
    active: sql`r.is_active`,
  },
  communications: {
    table: 'contact_communications',
    which: ({ clients, contacts }) => sql`(r.client_id = ANY (${clients}) OR r.contact_id = ANY (${contacts}))`,
    name: sql`coalesce(r.subject, '')`,
    active: NOT_ASKED,
  },
  deals: {
    table: 'deals',
    which: ({ clients, deals }) => sql`(r.client_id = ANY (${clients}) OR r.id = ANY (${deals}))`,
    name: sql`r.name`,
    active: sql`r.is_active`,
  },
  dealActivities: {
    table: 'deal_activities',
    which: ({ clients, deals }) =>
      sql`r.deal_id = ANY (ARRAY(SELECT d.id FROM deals d WHERE d.client_id = ANY (${clients}) OR d.id = ANY (${deals})))`,
    name: sql`coalesce(r.subject, '')`,
    active: NOT_ASKED,
  },
  leads: { table: 'leads', which: ({ leads }) => sql`r.id = ANY (${leads})`, name: person, active: sql`r.is_active` },
  leadActivities: {
    table: 'lead_activities',
    which: ({ leads }) => sql`r.lead_id = ANY (${leads})`,
    name: sql`coalesce(r.subject, '')`,
    active: NOT_ASKED,
  },
  projects: {
    table: 'projects',
    which: ({ clients }) => sql`r.client_id = ANY (${clients})`,
    name: sql`r.name`,
    active: NOT_ASKED,
  },
  quotes: {
    table: 'quotes',
    which: ({ clients }) => sql`r.client_id = ANY (${clients})`,
    name: sql`r.number || ' · ' || r.title`,
    active: NOT_ASKED,
  },
}

export interface Named {
  id: number
  name: string
}

export interface Group<Kind extends string = string> {
  kind: Kind
  count: number
  /** How many of them are not in the Trash, besides the records that are to go themselves. */
  active: number
  /** The first few, by name. */
  first: Named[]
}

/** What goes along with the records that are deleted, and what stays and loses its link to them. */
export interface Departure {
  going: Group<Going>[]
  staying: Group<Staying>[]
  /** Changes whose content is erased from the history. */
  history: number
  /** Stands for all that goes, and for how it is now: another one tells that something has changed. */
  mark: string
}

export type Staying = 'leads' | 'deals' | 'communications' | 'clients'

const SHOWN = 5

/** Throws nothing for records that are not there: then nothing goes. */
export async function departureOf({ db }: Scope, roots: Roots): Promise<Departure> {
  const sets = setsOf(roots)
  const gone = join(
    GOING.map((kind) => {
      const { table, which, name, active } = KINDS[kind]
      const isRoot = kind in sets ? sql`r.id = ANY (${sets[kind as TrashNoun]})` : sql`FALSE`
      return sql`${goneAs(kind)} AS MATERIALIZED (
        SELECT r.id, r.version, ${name} AS name, ${active} AND NOT ${isRoot} AS active FROM ${raw(table)} r WHERE ${which(sets)})`
    }),
  )
  const groups = GOING.map(
    (kind) => sql`
      SELECT 'going' AS what, ${kind} AS kind, count(*)::int AS count, (count(*) FILTER (WHERE active))::int AS active, ${firstOf(goneAs(kind))} AS first,
             coalesce(md5(string_agg(id || '.' || version, ',' ORDER BY id)), '') AS mark
      FROM ${goneAs(kind)}`,
  )
  const left = (Object.keys(STAYING) as Staying[]).map(
    (kind) => sql`
      SELECT 'staying', ${kind}, count(*)::int, 0, ${firstOf(sql`left_${raw(kind)}`)}, '' FROM left_${raw(kind)}`,
  )
  const history = sql`
    SELECT 'history', '', (${join(
      GOING.map(
        (kind) =>
          sql`(SELECT count(*) FROM changes c JOIN ${goneAs(kind)} g ON g.id = c.record_id WHERE c.table_name = ${KINDS[kind].table})`,
      ),
      ' + ',
    )})::int, 0, '[]'::json, ''`
  const leaving = join((Object.keys(STAYING) as Staying[]).map((kind) => sql`left_${raw(kind)} AS (${STAYING[kind]})`))
  const rows = await db.query<Group & { what: 'going' | 'staying' | 'history'; mark: string }>(sql`
    WITH ${gone}, ${leaving} ${join([...groups, ...left, history], ' UNION ALL ')}`)
  const of = (what: string) =>
    rows.flatMap(({ what: of, kind, count, active, first }) =>
      of === what && count > 0 ? [{ kind, count, active, first }] : [],
    )
  return {
    // As people know them: what a thing hangs on comes before it.
    going: (of('going') as Group<Going>[]).reverse(),
    staying: of('staying') as Group<Staying>[],
    history: of('history')[0]?.count ?? 0,
    mark: rows.flatMap(({ what, mark }) => (what === 'going' ? [mark.slice(0, 8)] : [])).join('.'),
  }
}

/** How much goes along that nobody has archived. */
export function activeIn({ going }: Departure): number {
  return going.reduce((sum, { active }) => sum + active, 0)
}

/** The rows that go, and no longer change until the transaction ends. Whoever adds to one of them waits, and then finds it gone. */
export async function lockAll({ db }: Scope, roots: Roots): Promise<Record<Going, number[]>> {
  const sets = setsOf(roots)
  const locked: Partial<Record<Going, number[]>> = {}
  // From the top down: what hangs on a record can only be added to while that record is not locked.
  for (const kind of [...GOING].reverse()) {
    const { table, which } = KINDS[kind]
    const rows = await db.query<{ id: number }>(
      sql`SELECT r.id FROM ${raw(table)} r WHERE ${which(sets)} ORDER BY r.id FOR UPDATE`,
    )
    locked[kind] = rows.map(({ id }) => id)
  }
  return locked as Record<Going, number[]>
}

export function tableOf(kind: Going): string {
  return KINDS[kind].table
}

/** What stays, of each noun: with a reference to something that goes. Contacts are named by the conversion of a lead only. */
const STAYING: Readonly<Record<Staying, Sql>> = {
  leads: sql`
    SELECT r.id, ${person} AS name FROM leads r
    WHERE r.id NOT IN (SELECT id FROM gone_leads)
      AND (r.converted_to_client_id IN (SELECT id FROM gone_clients) OR r.converted_to_deal_id IN (SELECT id FROM gone_deals)
        OR r.id IN (SELECT a.lead_id FROM gone_contacts g JOIN contacts k ON k.id = g.id JOIN leads l ON l.converted_to_client_id = k.client_id
                    JOIN lead_activities a ON a.lead_id = l.id AND a.type = 'conversion' AND a.details ->> 'contactId' = g.id::text))`,
  deals: sql`
    SELECT r.id, r.name FROM deals r
    WHERE r.id NOT IN (SELECT id FROM gone_deals)
      AND (r.lead_id IN (SELECT id FROM gone_leads)
        OR r.id IN (SELECT d.id FROM gone_contacts g JOIN contacts k ON k.id = g.id JOIN deals d ON d.client_id = k.client_id AND d.contact_id = k.id))`,
  communications: sql`
    SELECT r.id, coalesce(r.subject, '') AS name FROM contact_communications r
    WHERE r.id NOT IN (SELECT id FROM gone_communications)
      AND r.id IN (SELECT m.id FROM gone_deals g JOIN deals d ON d.id = g.id
                   JOIN contact_communications m ON m.client_id = d.client_id AND m.related_deal_id = d.id)`,
  clients: sql`
    SELECT r.id, r.name FROM clients r
    WHERE r.id NOT IN (SELECT id FROM gone_clients)
      AND r.id IN (SELECT l.converted_to_client_id FROM gone_leads g JOIN leads l ON l.id = g.id)`,
}

const goneAs = (kind: Going) => raw(`gone_${kind.toLowerCase()}`)

function firstOf(rows: Sql): Sql {
  return sql`(SELECT coalesce(json_agg(json_build_object('id', first.id, 'name', first.name)), '[]')
              FROM (SELECT id, name FROM ${rows} ORDER BY lower(name), id LIMIT ${SHOWN}) AS first)`
}

function setsOf({ clients = [], contacts = [], leads = [], deals = [] }: Roots): Sets {
  const set = (ids: readonly number[]) => sql`${[...ids]}::integer[]`
  return { clients: set(clients), contacts: set(contacts), leads: set(leads), deals: set(deals) }
}
