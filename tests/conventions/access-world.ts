import { createHash } from 'node:crypto'
import sql from 'sql-template-tag'
import { completeActivity } from '../../src/features/activities/commands.ts'
import { archiveClient } from '../../src/features/clients/commands.ts'
import { completeFollowUp } from '../../src/features/communications/commands.ts'
import { archiveContact } from '../../src/features/contacts/commands.ts'
import { archiveDeal } from '../../src/features/deals/commands/changing.ts'
import { closeDeal } from '../../src/features/deals/commands/closing.ts'
import { archiveLead, markLeadLost } from '../../src/features/leads/commands.ts'
import { convertToClient } from '../../src/features/leads/conversion.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { ROLES } from '../../src/platform/scope.ts'
import type { Role, Scope, Visibility } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeTeam, makeUser } from '../support/people.ts'
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

export const NOUNS = [
  'clients',
  'contacts',
  'communications',
  'projects',
  'quotes',
  'leads',
  'deals',
  'lead-activities',
  'deal-activities',
] as const
export type Noun = (typeof NOUNS)[number]

export interface Actor {
  /** "member who sees their team": how a failure names them. */
  name: string
  account: Account
  role: Role
  visibility: Visibility
}

/** One record of each noun that belong together. */
export interface Part {
  /** What it is to those it was made for: "their own, archived". */
  name: string
  /** Whom it is tried with; null is everybody. */
  of: Actor | null
  ids: Readonly<Record<Noun, number>>
  /** A word that all of them have, for finding them together. */
  word: string
}

/** What the test knows of a record: who owns it, and what it hangs on. */
interface Known {
  noun: Noun
  id: number
  archived: boolean
  /** Its own, or that of the client, lead or deal it follows. */
  ownerId: number | null
  /** A client's: the owners of the deals and converted leads that lead there. */
  reachedBy: readonly (number | null)[]
}

export interface World {
  actors: readonly Actor[]
  parts: readonly Part[]
  /** Every word that belongs to one record only, and which. */
  marks: ReadonlyMap<string, Known>
  /** What each deal is worth: fifth powers, whose sums agree only when the same deals are in them. */
  values: ReadonlyMap<number, number>
  teamOf: ReadonlyMap<number, number>
  /** What made each record, by "leads 12". */
  changeSets: ReadonlyMap<string, string>
  find(noun: Noun, id: number): Known
}

/** "Name of a lead", "zqlead12z": found again in any page, file or answer. */
const MARK = /\bzq[a-z]{5,}\d+z\b/g

export function marksIn(text: string): Set<string> {
  return new Set(text.replaceAll(/<\/?mark\b[^>]*>/g, '').match(MARK) ?? [])
}

/** Everybody there can be, and for each of them records of their own, their team's, others' and nobody's; each kept and archived. */
export async function makeAccessWorld(): Promise<World> {
  const [ours, theirs] = [await makeTeam('Ours'), await makeTeam('Theirs')]
  const boss = as(await makeUser({ role: 'admin', name: 'Boss', teamId: theirs }))
  const mate = await makeUser({ name: 'Mate', teamId: ours })
  const stranger = await makeUser({ name: 'Stranger', teamId: theirs })
  const teamOf = new Map([
    [boss.user.id as number, theirs],
    [mate.id, ours],
    [stranger.id, theirs],
  ])
  const actors: Actor[] = []
  for (const role of ROLES) {
    for (const visibility of ['own', 'team', 'all'] as const) {
      const account = await makeUser({ role, visibility, teamId: ours, name: `${role} ${visibility}` })
      teamOf.set(account.id, ours)
      actors.push({ name: `${role} who sees ${visibility}`, account, role, visibility })
    }
  }
  const known = new Map<string, Known>()
  const marks = new Map<string, Known>()
  const values = new Map<number, number>()
  const parts: Part[] = []
  const build = builder(boss, known, marks, values)

  const shared = [
    ['their team’s', mate.id],
    ['others’', stranger.id],
    ['nobody’s', null],
  ] as const
  for (const archived of [false, true]) {
    for (const [name, ownerId] of shared)
      parts.push(await build(name, null, { client: ownerId, other: ownerId }, archived))
    for (const actor of actors) {
      const { id } = actor.account
      parts.push(await build('their own', actor, { client: id, other: id }, archived))
      // Others' client, with a deal and a lead of one's own there: to be read, and no more.
      if (!archived) parts.push(await build('reached through their deal', actor, { client: stranger.id, other: id }))
    }
  }
  const finished = await build('nobody’s, finished', null, { client: null, other: null })
  await finish(boss, finished.ids)
  parts.push(finished)
  // Everybody's client, with what is others' hanging on it in every way there is.
  parts.push(await build('nobody’s, entangled', null, { client: null, other: stranger.id }))
  return {
    actors,
    parts,
    marks,
    values,
    teamOf,
    changeSets: await changeSets(),
    find: (noun, id) => {
      const found = known.get(`${noun} ${id}`)
      if (!found) throw new Error(`the world has no ${noun} ${id}`)
      return found
    },
  }
}

async function changeSets(): Promise<Map<string, string>> {
  const rows = await db.query<{ record: string; changeSet: string }>(sql`
    SELECT replace(replace(table_name, 'contact_communications', 'communications'), '_', '-') || ' ' || record_id AS record,
           change_set AS "changeSet"
    FROM changes WHERE operation = 'insert'`)
  return new Map(rows.map(({ record, changeSet }) => [record, changeSet]))
}

/** Closed, lost and done: what can then only be reopened. */
async function finish(boss: Scope, ids: Part['ids']): Promise<void> {
  await completeActivity(boss, 'lead', ids['lead-activities'])
  await completeActivity(boss, 'deal', ids['deal-activities'])
  await completeFollowUp(boss, ids.communications)
  await markLeadLost(boss, ids.leads, 'No budget')
  await closeDeal(boss, ids.deals, { outcome: 'lost', lossReason: 'Too dear' })
}

/** Who has the client with all that follows it, and who the lead and the deal. */
type Owners = Readonly<{ client: number | null; other: number | null }>

function builder(
  boss: Scope,
  known: Map<string, Known>,
  marks: Map<string, Known>,
  values: Map<number, number>,
): (name: string, of: Actor | null, owners: Owners, archived?: boolean) => Promise<Part> {
  let made = 0
  return async (name, of, { client: ownerId, other }, archived = false) => {
    made += 1
    const mark = (noun: string) => `zq${noun.replace('-', '')}${made}z`
    // Far from one another: what is nearly the word somebody typed is found too.
    const word = createHash('sha256').update(`part ${made}`).digest('hex').slice(0, 12)
    const client = await makeClient(boss, { name: `${word} ${mark('clients')}`, ownerId })
    const contact = await makeContact(boss, client.id, {
      firstName: word,
      lastName: mark('contacts'),
      email: `${mark('contactmail')}@example.com`,
    })
    const project = await makeProject(boss, client.id, { name: `${word} ${mark('projects')}` })
    const quote = await makeQuote(boss, client.id, { number: mark('quotenumber'), title: `${word} ${mark('quotes')}` })
    const lead = await makeLead(boss, {
      firstName: word,
      lastName: mark('leads'),
      companyName: mark('leadcompany'),
      email: `${mark('leadmail')}@example.com`,
      source: mark('leadsource'),
      ownerId: other,
    })
    const ofLead = await makeActivity(boss, 'lead', lead.id, {
      subject: `${word} ${mark('lead-activities')}`,
      dueDate: '2026-01-15',
      assigneeId: null,
    })
    // Where the owners differ, the client is reached through the lead as well; elsewhere the lead can still be converted.
    if (other !== ownerId)
      await convertToClient(boss, lead.id, { client: 'existing', clientId: client.id, contact: 'none' })
    const value = made ** 5
    const deal = await makeDeal(boss, {
      name: `${word} ${mark('deals')}`,
      value: String(value),
      clientId: client.id,
      contactId: contact.id,
      relatedProjectId: project.id,
      relatedQuoteId: quote.id,
      expectedCloseDate: '2026-01-31',
      ownerId: other,
    })
    const ofDeal = await makeActivity(boss, 'deal', deal.id, {
      subject: `${word} ${mark('deal-activities')}`,
      dueDate: '2026-01-16',
      assigneeId: null,
    })
    const communication = await makeCommunication(boss, contact.id, {
      subject: `${word} ${mark('communications')}`,
      content: mark('content'),
      followUpDate: '2026-01-15',
      relatedProjectId: project.id,
      relatedQuoteId: quote.id,
      relatedDealId: deal.id,
    })
    const ids = {
      clients: client.id,
      contacts: contact.id,
      communications: communication.id,
      projects: project.id,
      quotes: quote.id,
      leads: lead.id,
      deals: deal.id,
      'lead-activities': ofLead.id,
      'deal-activities': ofDeal.id,
    }
    if (archived) {
      await archiveDeal(boss, deal.id)
      await archiveLead(boss, lead.id)
      await archiveContact(boss, contact.id)
      await archiveClient(boss, client.id, { confirmed: true })
    }
    values.set(deal.id, value)
    const byOwner: readonly Noun[] = ['leads', 'deals', 'lead-activities', 'deal-activities']
    for (const noun of NOUNS) {
      const isOthers = byOwner.includes(noun)
      const record: Known = {
        noun,
        id: ids[noun],
        archived,
        ownerId: isOthers ? other : ownerId,
        reachedBy: isOthers ? [] : [other],
      }
      known.set(`${noun} ${record.id}`, record)
      marks.set(mark(noun), record)
    }
    const also: readonly (readonly [string, Noun])[] = [
      ['contactmail', 'contacts'],
      ['quotenumber', 'quotes'],
      ['leadcompany', 'leads'],
      ['leadmail', 'leads'],
      ['leadsource', 'leads'],
      ['content', 'communications'],
    ]
    for (const [word, noun] of also) marks.set(mark(word), known.get(`${noun} ${ids[noun]}`) as Known)
    return { name: archived ? `${name}, archived` : name, of, ids, word }
  }
}

/**
 * Who may see what, said once more and on its own: the test must not ask the product. An administrator and a manager see all, and so does who
 * is given all to see; a record is its owner's and, for who sees their team's, that of whoever is in it; without an owner it is everybody's.
 */
function reaches({ teamOf }: World, { role, visibility, account }: Actor, ownerId: number | null): boolean {
  if (role === 'admin' || role === 'manager' || visibility === 'all') return true
  if (ownerId === null || ownerId === account.id) return true
  return visibility === 'team' && teamOf.get(ownerId) === account.teamId
}

/** What follows a client is seen by who sees the client, and a client by who sees a deal or a lead of it. */
export function sees(world: World, actor: Actor, { ownerId, reachedBy }: Known): boolean {
  return [ownerId, ...reachedBy].some((owner) => reaches(world, actor, owner))
}

/** A viewer changes nothing; who sees a client through a deal only changes nothing there. */
export function changes(world: World, actor: Actor, { ownerId }: Known): boolean {
  return actor.role !== 'viewer' && reaches(world, actor, ownerId)
}

/** Words in `text` of records that this person must not know of. */
export function leaksIn(world: World, actor: Actor, text: string): string[] {
  return [...marksIn(text)].filter((word) => {
    const record = world.marks.get(word)
    return !record || !sees(world, actor, record)
  })
}
