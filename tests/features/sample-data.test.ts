import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import { CreateActivityInput } from '../../src/features/activities/schema.ts'
import { CreateClientInput } from '../../src/features/clients/schema.ts'
import { LogCommunicationInput } from '../../src/features/communications/schema.ts'
import { CreateContactInput } from '../../src/features/contacts/schema.ts'
import { dueItems } from '../../src/features/today/due.ts'
import { CreateLeadInput } from '../../src/features/leads/schema.ts'
import { CreateProjectInput } from '../../src/features/projects/schema.ts'
import { CreateQuoteInput } from '../../src/features/quotes/schema.ts'
import { DEMO_CAST, DEMO_USERS, createDemo, demoSignIns } from '../../src/features/setup/demo.ts'
import { createSampleData } from '../../src/features/setup/sample-data.ts'
import { pastSteps, plannedSteps } from '../../src/features/setup/sample/activities.ts'
import { peopleOf, sampleClients } from '../../src/features/setup/sample/clients.ts'
import { sampleCommunications } from '../../src/features/setup/sample/communications.ts'
import { mixed } from '../../src/features/setup/sample/once-told.ts'
import { sampleProjects, sampleQuotes } from '../../src/features/setup/sample/projects.ts'
import { rowsOf } from '../../src/features/setup/sample/table.ts'
import { loggedInput, plannedInput } from '../../src/features/setup/sample/tell-activities.ts'
import { clientInput, contactInput } from '../../src/features/setup/sample/tell-clients.ts'
import { communicationInput } from '../../src/features/setup/sample/tell-communications.ts'
import { dealsOf, projectInput, quoteInput } from '../../src/features/setup/sample/tell-projects.ts'
import { emailOf, leadInput, leadsAsTold } from '../../src/features/setup/sample/tell-leads.ts'
import { hashPassword } from '../../src/features/users/passwords.ts'
import { findAccount, findCredentials } from '../../src/features/users/queries.ts'
import type { Db } from '../../src/platform/database/database.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import { addDays, dayIn } from '../../src/platform/time.ts'
import { browse } from '../support/browse.ts'
import { db } from '../support/database.ts'
import { makeUser, system } from '../support/people.ts'

/** How many rows each of these tables has. */
async function counts(): Promise<Record<string, number>> {
  const [row] = await db.query<Record<string, number>>(sql`
    SELECT (SELECT count(*) FROM users)::int AS users, (SELECT count(*) FROM clients)::int AS clients,
           (SELECT count(*) FROM contacts)::int AS contacts, (SELECT count(*) FROM leads)::int AS leads,
           (SELECT count(*) FROM deals)::int AS deals, (SELECT count(*) FROM projects)::int AS projects,
           (SELECT count(*) FROM quotes)::int AS quotes,
           (SELECT count(*) FROM contact_communications)::int AS communications`)
  return row ?? {}
}

/** The database, until it has begun so many transactions. */
function breakingDown(transactions: number): Db {
  let left = transactions
  const transaction: Db['transaction'] = (work) => {
    left -= 1
    if (left < 0) throw new Error('the power is off')
    return db.transaction(work)
  }
  return { ...db, transaction }
}

async function demoUser(part: keyof typeof DEMO_CAST): Promise<Account> {
  const credentials = await findCredentials(db, DEMO_CAST[part].email)
  const account = credentials && (await findAccount(db, credentials.id, credentials.credentialsVersion))
  if (!account) throw new Error(`${part} is not there`)
  return account
}

const whole = {
  users: 3,
  clients: 42,
  contacts: 120,
  leads: 80,
  deals: 90,
  projects: 15,
  quotes: 20,
  communications: 63,
}

describe('the demo', () => {
  beforeAll(async () => {
    // Its first start is cut short among the clients; the second has to make a whole of it.
    await expect(createDemo(breakingDown(60))).rejects.toThrow('the power is off')
    expect((await counts()).contacts).toBeGreaterThan(20)
    await createDemo(db)
  })

  test('has some 40 clients, 120 contacts, 80 leads, 90 deals, 15 projects and 20 quotes', async () => {
    expect(await counts()).toEqual(whole)
  })

  test('has deals in every stage, and each stage agrees with its status', async () => {
    const stages = await db.query<{ stage: string; status: string; count: number }>(sql`
      SELECT stage, status, count(*)::int AS count FROM deals GROUP BY stage, status ORDER BY stage`)

    expect(stages).toEqual([
      { stage: 'closed_lost', status: 'lost', count: 14 },
      { stage: 'closed_won', status: 'won', count: 21 },
      { stage: 'negotiation', status: 'open', count: 11 },
      { stage: 'proposal', status: 'open', count: 15 },
      { stage: 'prospecting', status: 'open', count: 15 },
      { stage: 'qualification', status: 'open', count: 14 },
    ])
  })

  test('has leads in every status, the lost ones with a reason', async () => {
    const statuses = await db.query<{ status: string; count: number; reasons: number }>(sql`
      SELECT status, count(*)::int AS count, count(lost_reason)::int AS reasons FROM leads GROUP BY status ORDER BY status`)

    expect(statuses).toEqual([
      { status: 'contacted', count: 18, reasons: 0 },
      { status: 'converted', count: 10, reasons: 0 },
      { status: 'lost', count: 12, reasons: 12 },
      { status: 'new', count: 26, reasons: 0 },
      { status: 'qualified', count: 14, reasons: 0 },
    ])
  })

  test('has sums in several currencies, open and won', async () => {
    const sums = await db.query<{ currency: string }>(sql`
      SELECT currency_code AS currency FROM deals GROUP BY currency_code
      HAVING sum(value) FILTER (WHERE status = 'open') > 0 AND sum(value) FILTER (WHERE status = 'won') > 0 ORDER BY 1`)

    expect(sums.map(({ currency }) => currency)).toEqual(['CHF', 'EUR', 'GBP', 'JPY', 'SEK', 'USD'])
  })

  test('tells of closings over the last six months and of expected ones on both sides of today', async () => {
    const today = dayIn(DEMO_CAST.admin.timeZone)
    const [days] = await db.query<{
      months: number
      tooEarly: number
      tooLate: number
      overdue: number
      soon: number
    }>(sql`
      SELECT count(DISTINCT to_char(actual_close_date, 'YYYY-MM'))::int AS months,
             count(*) FILTER (WHERE actual_close_date < ${addDays(today, -183)}::date)::int AS "tooEarly",
             count(*) FILTER (WHERE actual_close_date > ${today}::date)::int AS "tooLate",
             count(*) FILTER (WHERE status = 'open' AND expected_close_date < ${today}::date)::int AS overdue,
             count(*) FILTER (WHERE status = 'open' AND expected_close_date BETWEEN ${today}::date AND ${addDays(today, 14)}::date)::int AS soon
      FROM deals`)

    expect(days?.months).toBeGreaterThanOrEqual(6)
    expect(days?.tooEarly).toBe(0)
    expect(days?.tooLate).toBe(0)
    expect(days?.overdue).toBeGreaterThanOrEqual(4)
    expect(days?.soon).toBeGreaterThanOrEqual(4)
  })

  test('links each project and quote that names deals to them, and has quotes in every state', async () => {
    const [linked] = await db.query<{ projects: number; quotes: number }>(sql`
      SELECT count(related_project_id)::int AS projects, count(related_quote_id)::int AS quotes FROM deals`)
    expect(linked).toEqual({ projects: sampleProjects.flatMap(dealsOf).length, quotes: sampleQuotes.length })
    const states = await db.query<{ status: string; total: number }>(sql`
      SELECT status, count(*)::int AS total FROM quotes GROUP BY status ORDER BY status`)
    expect(states.map(({ status }) => status)).toEqual(['accepted', 'draft', 'expired', 'rejected', 'sent'])
  })

  test('has follow-ups of every kind, on Today of each of its three, and talks about deals', async () => {
    const today = dayIn(DEMO_CAST.admin.timeZone)
    const [told] = await db.query<Record<string, number>>(sql`
      SELECT count(*) FILTER (WHERE follow_up_completed_at IS NOT NULL)::int AS done,
             count(*) FILTER (WHERE follow_up_completed_at IS NULL AND follow_up_date < ${today}::date)::int AS overdue,
             count(*) FILTER (WHERE follow_up_completed_at IS NULL AND follow_up_date > ${today}::date)::int AS later,
             count(related_deal_id)::int AS deals, count(DISTINCT created_by)::int AS authors, count(DISTINCT type)::int AS types,
             count(DISTINCT status)::int AS states
      FROM contact_communications`)
    for (const [kind, count] of Object.entries({ done: 8, overdue: 8, later: 10, deals: 45 }))
      expect(told?.[kind], kind).toBeGreaterThanOrEqual(count)
    expect(told).toMatchObject({ authors: 3, types: 5, states: 4 })

    for (const part of ['admin', 'manager', 'member'] as const) {
      const { rows } = await dueItems({ db, user: await demoUser(part) }, 'me', 'now')
      expect(rows.length, part).toBeGreaterThan(2)
    }
  })

  test('gives each of its three a share of everything, and leaves some to nobody', async () => {
    for (const table of ['clients', 'leads', 'deals'] as const) {
      const owners = await db.query<{ owner: string | null; count: number }>(sql`
        SELECT u.email AS owner, count(*)::int AS count
        FROM (SELECT owner_id, 'clients' AS noun FROM clients UNION ALL SELECT owner_id, 'leads' FROM leads
              UNION ALL SELECT owner_id, 'deals' FROM deals) r LEFT JOIN users u ON u.id = r.owner_id
        WHERE noun = ${table} GROUP BY u.email`)

      expect(new Set(owners.map(({ owner }) => owner)), table).toEqual(
        new Set([...DEMO_USERS.map(({ email }) => email), null]),
      )
      expect(Math.max(...owners.map(({ count }) => count)), table).toBeLessThan(50)
    }
  })

  test('is in the audit, row by row, under the names of the people it was told by', async () => {
    const people = await Promise.all([demoUser('admin'), demoUser('manager'), demoUser('member')])
    const written = await db.query<{ table: string; actor: string }>(sql`
      SELECT DISTINCT table_name AS table, actor FROM changes
      WHERE table_name IN ('clients', 'contacts', 'leads', 'deals', 'deal_activities', 'lead_activities')`)

    expect([...new Set(written.map(({ table }) => table))].sort()).toEqual([
      'clients',
      'contacts',
      'deal_activities',
      'deals',
      'lead_activities',
      'leads',
    ])
    expect(new Set(written.map(({ actor }) => actor))).toEqual(new Set(people.map(({ id }) => String(id))))
  })

  test('leaves a trace in the timelines: moves, closings, new values, a new owner, conversions', async () => {
    const types = await db.query<{ type: string }>(sql`
      SELECT DISTINCT type FROM (SELECT type, details FROM deal_activities UNION ALL SELECT type, details FROM lead_activities) a
      WHERE details IS NOT NULL ORDER BY type`)

    expect(types.map(({ type }) => type)).toEqual([
      'conversion',
      'owner_change',
      'score_change',
      'stage_change',
      'status_change',
      'value_change',
    ])
  })

  test('has next steps for most open deals, late and due today among them, and calls, mails and meetings behind them', async () => {
    const [deals] = await db.query<Record<string, number>>(sql`
      SELECT count(*) FILTER (WHERE a.status = 'pending')::int AS planned,
             count(*) FILTER (WHERE a.status = 'pending' AND a.due_date < current_date - 1)::int AS late,
             count(*) FILTER (WHERE a.status = 'pending' AND a.due_date BETWEEN current_date - 1 AND current_date + 1)::int AS near,
             count(*) FILTER (WHERE a.status = 'pending' AND d.status <> 'open')::int AS pointless,
             count(DISTINCT a.type) FILTER (WHERE a.details IS NULL AND a.status = 'completed')::int AS kinds
      FROM deal_activities a JOIN deals d ON d.id = a.deal_id`)

    expect(deals).toMatchObject({ pointless: 0, kinds: 4 })
    expect(deals?.planned).toBeGreaterThan(30)
    expect(deals?.late).toBeGreaterThan(3)
    expect(deals?.near).toBeGreaterThan(3)
  })

  test('has one primary contact for each client that has people', async () => {
    const wrong = await db.query(sql`
      SELECT client_id FROM contacts GROUP BY client_id HAVING count(*) FILTER (WHERE is_primary) <> 1`)
    expect(wrong).toEqual([])
  })

  test('lets everybody it prints sign in', async () => {
    const signIns = await demoSignIns(db)
    expect(signIns.map(({ role }) => role)).toEqual(['admin', 'manager', 'member'])

    for (const { email, password } of signIns) {
      const visitor = await browse()
      const answer = await visitor.post('/login', { email, password })
      expect(answer.status, email).toBe(303)
      expect(answer.headers.location, email).not.toContain('login')
    }
  })

  test('does not print a password that somebody has changed', async () => {
    const manager = await demoUser('manager')
    const [before] = await db.query<{ passwordHash: string }>(
      sql`SELECT password_hash AS "passwordHash" FROM users WHERE id = ${manager.id}`,
    )
    const store = (passwordHash: string) =>
      inTransaction(system, (scope) =>
        scope.db.records.user.update({ where: { id: manager.id }, data: { passwordHash } }),
      )

    await store(await hashPassword('something of his own'))
    expect((await demoSignIns(db)).map(({ role }) => role)).toEqual(['admin', 'member'])
    await store(before?.passwordHash ?? '')
  })

  test('shows the member only what is hers, or nobody’s', async () => {
    const member = await demoUser('member')
    const visible = await db.query<{ hers: boolean }>(
      sql`SELECT owner_id IS NULL OR owner_id = ${member.id} AS hers FROM deals`,
    )
    const expected = visible.filter(({ hers }) => hers).length

    expect(expected).toBeGreaterThan(20)
    expect(expected).toBeLessThan(visible.length / 2)
  })

  test('adds nothing at its second start', async () => {
    await createDemo(db)
    expect(await counts()).toEqual(whole)
  })
})

describe('in an installation that has its users', () => {
  let owner: Account

  beforeAll(async () => {
    owner = await makeUser({ role: 'admin', timeZone: 'Pacific/Auckland' })
    await createSampleData(db, owner)
  })

  test('the sample data is told by its administrator alone, and makes no users', async () => {
    expect(await counts()).toEqual({
      users: 4,
      clients: 84,
      contacts: 240,
      leads: 160,
      deals: 180,
      projects: 30,
      quotes: 40,
      communications: 126,
    })
    const [written] = await db.query<{ deals: number; others: number }>(sql`
      SELECT count(*) FILTER (WHERE created_by = ${owner.id})::int AS deals,
             count(*) FILTER (WHERE created_by = ${owner.id} AND owner_id <> ${owner.id})::int AS others
      FROM deals`)
    expect(written).toEqual({ deals: 90, others: 0 })
  })

  test('told once more by the same person, it repeats nothing', async () => {
    const before = await counts()
    await createSampleData(db, owner)
    expect(await counts()).toEqual(before)
  })
})

describe('the story', () => {
  test('says only what the forms would take', () => {
    const clients = sampleClients.map(clientInput)
    const contacts = sampleClients.flatMap((client) =>
      peopleOf(client).map((person, place) => contactInput(client, person, place)),
    )
    const leads = leadsAsTold.map(leadInput)

    for (const client of clients) expect(CreateClientInput.parse(client)).toEqual(client)
    for (const contact of contacts) expect(CreateContactInput.parse(contact)).toEqual(contact)
    const projects = sampleProjects.map((project) => projectInput(project, '2026-01-01'))
    for (const project of projects) expect(CreateProjectInput.parse(project)).toEqual(project)
    const quotes = sampleQuotes.map((quote) => ({ ...quoteInput(quote, '2026-01-01'), number: 'Q-2026-0001' }))
    for (const quote of quotes) expect(CreateQuoteInput.parse(quote)).toEqual(quote)
    const said = sampleCommunications.map((communication) => communicationInput(communication, '2026-01-20'))
    for (const communication of said) expect(LogCommunicationInput.parse(communication)).toEqual(communication)
    const activities = [
      ...pastSteps.map((step) => loggedInput(step, '2026-01-20')),
      ...plannedSteps.map((step) => plannedInput(step, '2026-01-20')),
    ]
    for (const activity of activities) expect(CreateActivityInput.parse(activity)).toEqual(activity)
    // On some day of the year the clocks skip an hour of the night.
    expect(said.filter(({ communicationDate = '' }) => communicationDate.slice(11) < '04:00')).toEqual([])
    for (const lead of leads) expect(CreateLeadInput.parse(lead)).toEqual(lead)
  })

  test('has mail addresses only where nobody lives, and each once', () => {
    const contacts = sampleClients.flatMap((client) =>
      peopleOf(client).map((person, place) => contactInput(client, person, place).email),
    )
    const addresses = [...contacts, ...leadsAsTold.map(emailOf)].filter((address) => address !== null)

    expect(addresses.filter((address) => !/^[a-z0-9.-]+@[a-z0-9-]+\.example$/.test(address ?? ''))).toEqual([])
    expect(new Set(addresses).size).toBe(addresses.length)
  })

  test('has people whose names are written in many scripts', () => {
    const names = sampleClients
      .flatMap((client) => peopleOf(client).map(({ firstName, lastName }) => `${firstName} ${lastName}`))
      .join()
    const scripts = ['Latin', 'Greek', 'Cyrillic', 'Arabic', 'Han', 'Hiragana', 'Hangul', 'Devanagari']

    expect(scripts.filter((script) => !new RegExp(`\\p{Script=${script}}`, 'u').test(names))).toEqual([])
    expect(names).toContain("O'Dwyer")
  })

  test('when mixed has every row once', () => {
    const rows = Array.from({ length: 83 }, (_, place) => place)
    expect(mixed(rows)).not.toEqual(rows)
    expect(mixed(rows).toSorted((a, b) => a - b)).toEqual(rows)
  })

  test('refuses a row with a cell too many', () => {
    expect(rowsOf(['a', 'b'], 'one | two\n three')).toEqual([
      { a: 'one', b: 'two' },
      { a: 'three', b: '' },
    ])
    expect(() => rowsOf(['a', 'b'], 'one | two | three')).toThrow('too many cells')
  })
})
