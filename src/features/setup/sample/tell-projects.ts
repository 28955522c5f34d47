import { addDays, dayIn } from '../../../platform/time.ts'
import type { CalendarDay } from '../../../platform/time.ts'
import { createProject } from '../../projects/commands.ts'
import type { CreateProject, ProjectStatus } from '../../projects/schema.ts'
import { createQuote, updateQuote } from '../../quotes/commands.ts'
import { nextQuoteNumber } from '../../quotes/queries.ts'
import type { CreateQuote, QuoteStatus } from '../../quotes/schema.ts'
import { playerOf } from './cast.ts'
import type { Cast } from './cast.ts'
import { submissionOf, told } from './once-told.ts'
import { sampleProjects, sampleQuotes } from './projects.ts'
import type { SampleProject, SampleQuote } from './projects.ts'
import type { KnownClient } from './tell-clients.ts'

/** What a deal is about. */
export interface DealLinks {
  relatedProjectId?: number
  relatedQuoteId?: number
}

/** Begins the projects and writes the quotes; each quote goes out and is answered. Answers what each deal is about, by `client, name of the deal`. */
export async function tellProjects(
  cast: Cast,
  clients: ReadonlyMap<string, KnownClient>,
): Promise<Map<string, DealLinks>> {
  const today = dayIn(cast.admin.user.timeZone)
  const links = new Map<string, DealLinks>()
  const link = (deal: string, to: DealLinks) => links.set(deal, { ...links.get(deal), ...to })
  for (const project of sampleProjects) {
    const id = await tellProject(cast, project, { client: clientOf(project.client, clients), today })
    for (const deal of dealsOf(project)) link(`${project.client}, ${deal}`, { relatedProjectId: id })
  }
  for (const quote of sampleQuotes) {
    const id = await tellQuote(cast, quote, { client: clientOf(quote.client, clients), today })
    link(`${quote.client}, ${quote.deal}`, { relatedQuoteId: id })
  }
  return links
}

/** The names of the deals that a project gathers. */
export function dealsOf({ deals }: SampleProject): string[] {
  return deals.split(';').flatMap((name) => name.trim() || [])
}

interface Telling {
  client: KnownClient
  today: CalendarDay
}

async function tellProject(cast: Cast, project: SampleProject, { client, today }: Telling): Promise<number> {
  const player = playerOf(cast, client.owner)
  const submission = submissionOf(player, `${project.client}, project ${project.name}`)
  const { id } = await told(createProject(player, client.id, { ...projectInput(project, today), submission }))
  return id
}

/** What one would type into the form for this project. */
export function projectInput(project: SampleProject, today: CalendarDay): CreateProject {
  const { name, status, startDays, endDays, description } = project
  return {
    name,
    status: status as ProjectStatus,
    startDate: dayOf(startDays, today),
    endDate: dayOf(endDays, today),
    description: description || null,
  }
}

async function tellQuote(cast: Cast, quote: SampleQuote, { client, today }: Telling): Promise<number> {
  const player = playerOf(cast, client.owner)
  const submission = submissionOf(player, `${quote.client}, quote ${quote.title}`)
  const number = await nextQuoteNumber(player)
  const { id, repeated } = await told(
    createQuote(player, client.id, { ...quoteInput(quote, today), number, submission }),
  )
  if (repeated) return id
  for (const status of statusesOnTheWayTo(quote.status as QuoteStatus)) await updateQuote(player, id, { status })
  return id
}

/** What one would type into the form for this quote, as a draft; its number is the next one. */
export function quoteInput(
  { title, total, days, notes }: SampleQuote,
  today: CalendarDay,
): Omit<CreateQuote, 'number'> {
  return { title, status: 'draft', total: total || null, validUntil: dayOf(days, today), notes: notes || null }
}

/** What a draft goes through: it is sent before it is answered. */
function statusesOnTheWayTo(status: QuoteStatus): QuoteStatus[] {
  if (status === 'draft') return []
  return status === 'sent' ? ['sent'] : ['sent', status]
}

function dayOf(days: string, today: CalendarDay): CalendarDay | null {
  return days === '' ? null : addDays(today, Number(days))
}

function clientOf(domain: string, clients: ReadonlyMap<string, KnownClient>): KnownClient {
  const client = clients.get(domain)
  if (!client) throw new Error(`no client ${domain}`)
  return client
}
