/**
 * npx tsx bench/explain.ts [word …]     The plans of the statements behind the pages, at 100 k rows; only pages whose name has one of the words.
 *
 * Each page's reads are run once to learn their statements, then each statement is explained with the values it had.
 * BENCH_EXPLAIN_URL: a database that is filled already. Otherwise one is made, as for the benchmark (BENCH_DATABASE_URL).
 */
import pg from 'pg'
import { recordActivities } from '../src/features/activities/present.ts'
import { clientList } from '../src/features/clients/list.ts'
import { contactList } from '../src/features/contacts/list.ts'
import { board } from '../src/features/deals/board.ts'
import { boardFilters } from '../src/features/deals/board-filters.ts'
import { dealList } from '../src/features/deals/list.ts'
import { findDeal } from '../src/features/deals/queries.ts'
import { leadList } from '../src/features/leads/list.ts'
import { findDuplicates } from '../src/features/leads/duplicates.ts'
import { findLead, listSources } from '../src/features/leads/queries.ts'
import { allStages } from '../src/features/pipelines/queries.ts'
import { newsSinceLastVisit } from '../src/features/today/changes.ts'
import { countDue, dueItems } from '../src/features/today/due.ts'
import { dealsWithoutNextStep, overdueDeals, uncontactedLeads } from '../src/features/today/queries.ts'
import { timelineOf } from '../src/features/timeline/present.ts'
import { findAccount } from '../src/features/users/queries.ts'
import { openDatabase } from '../src/platform/database/database.ts'
import type { Scope } from '../src/platform/scope.ts'
import { withDatabases } from './databases.ts'

const ROWS = 100_000

/** `ids`: a lead and a deal that the reader may see. */
type Read = (scope: Scope, ids: { lead: number; deal: number }) => Promise<unknown>

const lists = { leads: leadList, deals: dealList, clients: clientList, contacts: contactList }

function listRead(noun: keyof typeof lists, query: Record<string, string>): Read {
  // Each list has a row type of its own; here none matters.
  const list = lists[noun] as {
    parse(query: Record<string, string>): unknown
    fetch(scope: Scope, params: never): Promise<{ next: string | null }>
  }
  return (scope) => list.fetch(scope, list.parse(query) as never)
}

/** The page behind `times` times "Next" in a list. */
function pageRead(noun: keyof typeof lists, query: Record<string, string>): Read {
  const list = lists[noun] as {
    parse(query: Record<string, string>): unknown
    fetch(scope: Scope, params: never): Promise<{ next: string | null }>
  }
  return async (scope) => {
    const { next } = await list.fetch(scope, list.parse(query) as never)
    return list.fetch(scope, list.parse(Object.fromEntries(new URLSearchParams(next ?? ''))) as never)
  }
}

const READS: Readonly<Record<string, Read>> = {
  'leads list': listRead('leads', {}),
  'leads list, second page': pageRead('leads', {}),
  'leads list, one status': listRead('leads', { status: 'qualified' }),
  'leads list, one source': listRead('leads', { source: 'Fair' }),
  'leads list, high scores': listRead('leads', { score: 'high' }),
  'leads list, mine': listRead('leads', { owner: 'me' }),
  'leads list, a rare tag': listRead('leads', { tag: 'nobody has it' }),
  'leads list, a frequent word': listRead('leads', { q: 'logistics' }),
  'leads list, two words': listRead('leads', { q: 'zoe muller' }),
  'leads list, one e-mail': listRead('leads', { q: 'lead502@company71.example' }),
  'leads list, two letters': listRead('leads', { q: 'zo' }),
  'leads list, a word nobody has': listRead('leads', { q: 'xylophon' }),
  'leads list by name': listRead('leads', { sort: 'name' }),
  'leads list by company': listRead('leads', { sort: 'company' }),
  'leads list by company, second page': pageRead('leads', { sort: '-company' }),
  'leads list by score': listRead('leads', { sort: '-score' }),
  'leads list by value': listRead('leads', { sort: '-value' }),
  'leads list, one status, by name': listRead('leads', { status: 'lost', sort: 'name' }),
  lead: async (scope, ids) => {
    const lead = await findLead(scope, ids.lead)
    await Promise.all([recordActivities(scope, 'lead', lead.id), findDuplicates(scope, lead)])
  },
  'lead form': listSources,
  'deals list': listRead('deals', {}),
  'deals list, one stage': listRead('deals', { stage: 'negotiation' }),
  'deals list, overdue': listRead('deals', { attention: 'overdue' }),
  'deals list, unplanned': listRead('deals', { attention: 'unplanned' }),
  'deals list, closed this month': listRead('deals', { closed: 'month' }),
  'deals list, a frequent word': listRead('deals', { q: 'logistics' }),
  'deals list, one client’s name': listRead('deals', { q: 'company 501' }),
  'deals list by value': listRead('deals', { sort: '-value' }),
  'deals list by close': listRead('deals', { sort: 'close' }),
  deal: async (scope, ids) => {
    await Promise.all([findDeal(scope, ids.deal), recordActivities(scope, 'deal', ids.deal), allStages(scope)])
  },
  'timeline of a client': (scope) => timelineOf(scope, { subject: 'clients', id: ROWS / 8 }, {}),
  'timeline of a client, the page behind': async (scope) => {
    const { older } = await timelineOf(scope, { subject: 'clients', id: ROWS / 8 }, {})
    await timelineOf(scope, { subject: 'clients', id: ROWS / 8 }, { before: older ?? undefined })
  },
  'timeline of a contact': (scope) => timelineOf(scope, { subject: 'contacts', id: ROWS / 4 }, {}),
  'timeline of a lead': (scope, { lead }) => timelineOf(scope, { subject: 'leads', id: lead }, {}),
  'timeline of a deal': (scope, { deal }) => timelineOf(scope, { subject: 'deals', id: deal }, {}),
  'timeline of a deal, changes only': (scope, { deal }) =>
    timelineOf(scope, { subject: 'deals', id: deal }, { show: 'changes' }),
  board: (scope) => board(scope, boardFilters({})),
  'board, this month': (scope) => board(scope, boardFilters({ period: 'month' })),
  'board, all time': (scope) => board(scope, boardFilters({ period: 'all' })),
  'board, a frequent word': (scope) => board(scope, boardFilters({ q: 'logistics' })),
  'board, a rare word': (scope) => board(scope, boardFilters({ q: 'company 501' })),
  'board, a tag': (scope) => board(scope, boardFilters({ tag: 'export' })),
  'board, one client': (scope) => board(scope, boardFilters({ client: '501' })),
  'board, the cards behind': (scope) =>
    board(scope, boardFilters({ stage: 'proposal', after: 'a0000a000V~40960' }), {
      stages: ['proposal'],
      cardsOnly: true,
    }),
  'board, what a move changes': (scope, { deal }) =>
    board(scope, boardFilters({}), { stages: ['proposal', 'negotiation'], card: deal }),
  'board, mine': (scope) => board(scope, boardFilters({ owner: 'me' })),
  'clients list': listRead('clients', {}),
  'clients list, a frequent word': listRead('clients', { q: 'logistics' }),
  'contacts list': listRead('contacts', {}),
  'contacts list, a frequent word': listRead('contacts', { q: 'muller' }),
  today: (scope) =>
    Promise.all([
      dueItems(scope, 'me', 'now'),
      dueItems(scope, 'me', 'week'),
      overdueDeals(scope, 'me'),
      dealsWithoutNextStep(scope, 'me'),
      uncontactedLeads(scope, 'me'),
      newsSinceLastVisit(scope),
    ]),
  'today, everybody’s': (scope) => Promise.all([dueItems(scope, 'all', 'now'), dueItems(scope, 'all', 'week')]),
  'what is due, beside the navigation': (scope) => countDue(scope),
}

interface Statement {
  text: string
  values: unknown[]
}

/** The statements that `work` sends, with their values. */
async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = []
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [text, values] = args
    if (typeof text === 'string' && text.includes('SELECT'))
      statements.push({ text, values: Array.isArray(values) ? (values as unknown[]) : [] })
    return Reflect.apply(query, this, args) as unknown
  } as typeof query
  try {
    await work()
  } finally {
    pg.Client.prototype.query = query
  }
  return statements
}

async function explain(url: string, words: readonly string[]): Promise<void> {
  const database = openDatabase(url, 2)
  try {
    // Who sees everything, and who sees only their own and nobody's.
    const everything = await accountOf(2, 'all')
    const own = await accountOf(3, 'own')
    for (const [who, scope] of [
      ['', everything],
      [' (own records)', own],
    ] as const) {
      const ids = await idsOf(scope)
      for (const [name, read] of Object.entries(READS)) {
        const title = name + who
        if (words.length > 0 && !words.some((word) => title.includes(word))) continue
        const statements = await statementsOf(() => read(scope, ids))
        for (const [index, { text, values }] of statements.entries()) {
          await planOf(text, values)
          const plan = await planOf(text, values)
          console.log(
            `\n## ${title}, statement ${index + 1}: ${summaryOf(plan)}\n\n${text.trim().replace(/\n\s+/g, '\n  ')}\n${JSON.stringify(values)}\n\n${plan.join('\n')}`,
          )
        }
      }
    }
  } finally {
    await database.close()
  }

  async function accountOf(id: number, visibility: 'all' | 'own'): Promise<Scope> {
    const user = await findAccount(database, id, 1)
    if (!user) throw new Error('the database is not one of the benchmark')
    return { db: database, user: { ...user, visibility } }
  }

  async function idsOf({ user }: Scope): Promise<{ lead: number; deal: number }> {
    const middle = (table: string) =>
      `(SELECT id FROM ${table} WHERE owner_id = $1 AND id > ${ROWS / 2} ORDER BY id LIMIT 1)`
    const { rows } = await database.pool.query<{ lead: number; deal: number }>(
      `SELECT ${middle('leads')} AS lead, ${middle('deals')} AS deal`,
      [user.id],
    )
    const [ids] = rows
    if (!ids) throw new Error('the reader owns nothing')
    return ids
  }

  async function planOf(text: string, values: unknown[]): Promise<string[]> {
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, values)
    return rows.map((row) => row['QUERY PLAN'])
  }
}

/** What to look at first: the time, and whatever reads or sorts much. */
function summaryOf(plan: readonly string[]): string {
  const time = plan.find((line) => line.startsWith('Execution Time'))?.replace('Execution Time: ', '')
  const planning = plan.find((line) => line.startsWith('Planning Time'))?.replace('Planning Time: ', '')
  const signs = plan
    .filter((line) =>
      /Seq Scan on (?!pipeline|users|settings)|external merge|Rows Removed by (Filter|Join Filter|Index Recheck): \d{4,}/.test(
        line,
      ),
    )
    .map((line) => line.trim())
  return [`${time} (planned in ${planning})`, ...signs].join(' | ')
}

const words = process.argv.slice(2)
const given = process.env.BENCH_EXPLAIN_URL
if (given) await explain(given, words)
else await withDatabases([ROWS], (urls) => explain(urls.get(ROWS) ?? '', words))
