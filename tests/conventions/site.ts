import type { Express } from 'express'
import sql from 'sql-template-tag'
import { cancelActivity, completeActivity } from '../../src/features/activities/commands.ts'
import { createRate } from '../../src/features/currencies/commands.ts'
import { completeFollowUp } from '../../src/features/communications/commands.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { markLeadLost } from '../../src/features/leads/commands.ts'
import { convertToDeal } from '../../src/features/leads/conversion.ts'
import { createPipeline } from '../../src/features/pipelines/commands.ts'
import { findPipeline } from '../../src/features/pipelines/queries.ts'
import { updateQuote } from '../../src/features/quotes/commands.ts'
import { createTeam } from '../../src/features/teams/commands.ts'
import { inviteUser } from '../../src/features/users/commands/inviting.ts'
import { newSecret } from '../../src/features/webhooks/signature.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { system } from '../support/people.ts'
import {
  makeActivity,
  makeClient,
  makeCommunication,
  makeContact,
  makeDeal,
  makeLead,
  makeProject,
  makeQuote,
} from '../support/records.ts'

export interface SiteRoute {
  method: 'get' | 'post'
  /** As it is mounted: "/leads/:id/edit". */
  path: string
}

interface Layer {
  /** Where it is mounted. */
  rawPath: unknown
  route?: { path: string; methods: Record<string, boolean> }
  handle: { stack?: Layer[] }
}

/** Every route of the product, found in what createApp() has mounted, but what programs ask by a token: tests/api goes by its declarations. */
export function routesOf(app: Express): SiteRoute[] {
  const { stack } = (app as unknown as { router: { stack: Layer[] } }).router
  return routesIn(stack, '').filter(({ path }) => !path.startsWith('/api/v1/'))
}

function routesIn(stack: readonly Layer[], mount: string): SiteRoute[] {
  return stack.flatMap(({ rawPath, route, handle }) => {
    if (typeof rawPath !== 'string') throw new Error(`something below "${mount}/" is mounted at no plain address`)
    if (!route) return handle.stack ? routesIn(handle.stack, `${mount}${rawPath}`.replace(/\/$/, '')) : []
    const methods = (['get', 'post'] as const).filter((method) => route.methods[method])
    return methods.map((method) => ({ method, path: `${mount}${route.path}`.replace(/(.)\/$/, '$1') }))
  })
}

/** A record of each kind, by the first part of its address. */
export type Ids = Readonly<Record<string, number>>

/** A small world, all of it owned by whoever makes it: nobody else's visibility reaches it through a record without an owner. */
export async function makeWorld(scope: Scope): Promise<Ids> {
  const ownerId = scope.user.id
  const client = await makeClient(scope, {
    name: 'Acme',
    email: 'info@acme.example.com',
    phone: '+49 30 1234',
    tags: ['key account'],
    ownerId,
  })
  const contact = await makeContact(scope, client.id, {
    email: 'rosa@acme.example.com',
    title: 'Head of logistics',
    notes: 'Prefers mail',
  })
  const lead = await makeLead(scope, { email: 'emil@example.com', estimatedValue: '5000.50', score: 40, ownerId })
  const deal = await makeDeal(scope, {
    clientId: client.id,
    contactId: contact.id,
    value: '12000.50',
    expectedCloseDate: '2026-01-31',
    ownerId,
  })
  const project = await makeProject(scope, client.id)
  const quote = await makeQuote(scope, client.id, { total: '9000' })
  await updateQuote({ ...scope, changeSet: changeSetOf(quote.id) }, quote.id, { notes: 'Without delivery' })
  const communication = await makeCommunication(scope, contact.id, {
    content: 'They want ten',
    followUpDate: '2026-01-15',
  })
  const ofLead = await makeActivity(scope, 'lead', lead.id, { dueDate: '2026-01-15', dueTime: '14:30' })
  const ofDeal = await makeActivity(scope, 'deal', deal.id, { description: 'Ten of them', dueDate: '2026-01-16' })
  return {
    ...(await makeSettings()),
    leads: lead.id,
    clients: client.id,
    contacts: contact.id,
    deals: deal.id,
    projects: project.id,
    quotes: quote.id,
    changes: quote.id,
    communications: communication.id,
    'lead-activities': ofLead.id,
    'deal-activities': ofDeal.id,
  }
}

/** The change-set of the world's last change of a quote: names of change-sets are drawn, so that nobody could know this one. */
export function changeSetOf(quoteId: number): string {
  return `00000000-0000-4000-8000-${String(quoteId).padStart(12, '0')}`
}

/** What else there can be to show: records in every state, some with nothing filled in, some with everything. */
export async function makeMore(scope: Scope): Promise<Ids[]> {
  const bare = await makeClient(scope, { name: '<b>Bare & "Co"</b>' })
  const contact = await makeContact(scope, bare.id, { firstName: 'شركة', lastName: '‏النور' })
  const won = await makeDeal(scope, { name: 'Won', value: null, clientId: bare.id })
  await closeDeal(scope, won.id, { outcome: 'won' })
  const lost = await makeDeal(scope, { name: 'Lost', value: '100', currencyCode: 'JPY' })
  await closeDeal(scope, lost.id, { outcome: 'lost', lossReason: 'Too dear' })
  const lostLead = await makeLead(scope, { companyName: null })
  await markLeadLost(scope, lostLead.id, 'No budget')
  const converted = await makeLead(scope, { companyName: 'Converted AG', notes: 'A\nB' })
  const { dealId } = await convertToDeal(scope, converted.id, { client: 'new', contact: 'new' })
  const project = await makeProject(scope, bare.id, { status: 'completed' })
  const quote = await makeQuote(scope, bare.id, { status: 'accepted', total: null })
  const done = await makeCommunication(scope, contact.id, {
    subject: null,
    direction: 'inbound',
    followUpDate: '2026-01-01',
  })
  await completeFollowUp(scope, done.id)
  const logged = await makeActivity(scope, 'lead', converted.id, { status: 'completed', type: 'note', subject: null })
  const kept = await makeActivity(scope, 'deal', dealId, { subject: '<b>Call</b>', assigneeId: null })
  await completeActivity(scope, 'deal', kept.id)
  const dropped = await makeActivity(scope, 'deal', won.id, { type: 'meeting', dueDate: '2026-01-15' })
  await cancelActivity(scope, 'deal', dropped.id)
  const rate = await createRate(system, { baseCode: 'EUR', currencyCode: 'JPY', date: newDay(), rate: '160' })
  const clientIds = {
    ...(await makePeople()),
    currencies: rate.id,
    clients: bare.id,
    contacts: contact.id,
    projects: project.id,
    quotes: quote.id,
    communications: done.id,
    'lead-activities': logged.id,
    'deal-activities': kept.id,
  }
  return [
    { ...clientIds, leads: lostLead.id, deals: won.id, 'deal-activities': dropped.id },
    { ...clientIds, leads: converted.id, deals: lost.id },
    { ...clientIds, leads: converted.id, deals: dealId },
  ]
}

/** The route's address, with the ids of real records. Throws for a kind of record it has no id of. */
export function addressOf({ path }: SiteRoute, ids: Ids): string {
  if (path === '/help/:page') return '/help/leads'
  if (path === '/history/:noun/:id') return `/history/leads/${ids.leads ?? 0}`
  return path.replace(
    /^(\/api|\/settings|\/trash|\/access)?\/([\w-]+)\/:id/,
    (_, under: string | undefined, kind: string) => {
      const id = ids[kind]
      if (id === undefined) throw new Error(`no record to visit ${path} with`)
      return `${under ?? ''}/${kind}/${id}`
    },
  )
}

/** What administrators have to do with: people, their team, a rate. */
export async function makeSettings(): Promise<Ids> {
  const rate = await createRate(system, { baseCode: 'EUR', currencyCode: 'USD', date: newDay(), rate: '1.25' })
  return { ...(await makePeople()), currencies: rate.id }
}

let people = 0

/** Somebody invited, and their team; and a pipeline. */
async function makePeople() {
  people += 1
  const team = await createTeam(system, { name: `Team ${people}` })
  const user = await inviteUser(system, {
    name: 'Ada <b>Berg</b>',
    email: `ada${people}@example.com`,
    role: 'member',
    visibility: 'team',
    teamId: team.id,
  })
  const pipeline = await createPipeline(system, { name: `Pipeline ${people}` })
  const [stage] = (await findPipeline(system, pipeline.id)).stages
  return { ...(await makeWebhook()), teams: team.id, users: user.id, pipelines: pipeline.id, stages: stage?.id ?? 0 }
}

/** Paused, and of an address that is refused without asking anybody, with a delivery that failed. */
async function makeWebhook() {
  return inTransaction(system, async ({ db }) => {
    const { id } = await db.records.webhookSubscription.create({
      data: { url: 'https://192.0.2.1/hooks', allEvents: true, isActive: false, secret: newSecret() },
    })
    const [delivery] = await db.query<{ id: number }>(sql`
      WITH change AS MATERIALIZED (SELECT id, record_id FROM changes WHERE table_name = 'clients' ORDER BY id DESC LIMIT 1),
      made AS (
        INSERT INTO webhook_deliveries (subscription_id, event_id, type, change_id, table_name, record_id, status, attempts, finished_at)
        SELECT ${id}::int, gen_random_uuid(), CASE WHEN change.id IS NULL THEN 'ping' ELSE 'client.created' END, change.id,
               CASE WHEN change.id IS NOT NULL THEN 'clients' END, record_id, 'failed', 1, now()
        FROM (SELECT) one LEFT JOIN change ON TRUE RETURNING id),
      tried AS (
        INSERT INTO webhook_attempts (delivery_id, attempted_at, duration_ms, status_code, problem, answer)
        SELECT id, now(), 12, 500, 'status', '<b>Not today</b>' FROM made)
      SELECT id::int AS id FROM made`)
    return { webhooks: id, 'webhook-deliveries': delivery?.id ?? 0 }
  })
}

let days = 0

/** A day that no rate is of yet. */
function newDay(): string {
  days += 1
  return new Date(Date.UTC(2001, 0, days)).toISOString().slice(0, 10)
}

let numbers = 0

/** Good input for any form at once: a field that a form does not have is not looked at. What must be unique is. */
export function goodInput(path = '') {
  numbers += 1
  // People have a role too, and other ones than contacts.
  const ofPeople = { name: `Person ${numbers}`, email: `person-${numbers}@example.com`, role: 'member', to: 'none' }
  return {
    firstName: 'Ada',
    lastName: 'Berg',
    name: 'A name',
    client: 'new',
    clientName: 'A client',
    contact: 'new',
    currencyCode: 'EUR',
    value: '10',
    lostReason: 'No budget',
    lossReason: 'Too dear',
    stage: 'qualification',
    title: 'A title',
    probability: '50',
    type: 'call',
    communicationDate: '2026-01-31T14:30',
    until: 'tomorrow',
    assigneeId: '',
    role: 'billing',
    confirmed: 'on',
    number: `N-${numbers}`,
    baseCode: 'USD',
    baseCurrency: 'EUR',
    date: newDay(),
    rate: '1.1',
    text: 'Date, JPY\n2001-01-01, 160',
    step: 'import',
    url: 'https://hooks.example.com/crm',
    scope: 'all',
    ...(/^\/settings\/(users|teams)\b/.test(path) && ofPeople),
    ...(path.startsWith('/settings/stages/') && { direction: 'down' }),
  }
}
