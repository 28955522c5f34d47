import { addDays, dayIn } from '../../../platform/time.ts'
import { createLead, markLeadLost, updateLead } from '../../leads/commands.ts'
import { convertToClient, convertToDeal } from '../../leads/conversion.ts'
import type { CreateLead } from '../../leads/schema.ts'
import { ownerOf, playerOf } from './cast.ts'
import type { Cast, Part } from './cast.ts'
import { mailAddress } from './clients.ts'
import { leadNotes, sampleLeads } from './leads.ts'
import type { SampleLead } from './leads.ts'
import { mixed, submissionOf, told } from './once-told.ts'
import { beforeAndAfter, listOf } from './table.ts'
import { tellActivities } from './tell-activities.ts'
import { advanceDeal, stagesOnTheWayTo } from './tell-deals.ts'
import type { KnownClient } from './tell-clients.ts'

/** The leads in the order in which they come in. */
export const leadsAsTold: readonly SampleLead[] = mixed(sampleLeads)

/** Every lead from the day it came in to what has become of it. A lead of a company that is a client becomes a deal of that client. */
export async function tellLeads(cast: Cast, clients: Iterable<KnownClient>): Promise<void> {
  const clientIds = new Map([...clients].map(({ name, id }) => [name, id]))
  for (const [place, lead] of leadsAsTold.entries())
    await tellLead(cast, { lead, place, clientId: clientIds.get(lead.company) })
}

interface Telling {
  lead: SampleLead
  /** Which lead of the story this is: what varies from lead to lead goes by it. */
  place: number
  clientId: number | undefined
}

async function tellLead(cast: Cast, { lead, place, clientId }: Telling): Promise<void> {
  const player = playerOf(cast, lead.owner)
  const submission = submissionOf(player, `${lead.firstName} ${lead.lastName}, ${lead.company}`)
  const { id, repeated } = await told(
    createLead(player, {
      ...leadInput(lead),
      ownerId: ownerOf(cast, lead.owner),
      submission,
    }),
  )
  if (repeated) return

  if (lead.fate !== 'new') {
    await updateLead(player, id, { status: 'contacted' })
    await tellActivities(player, 'lead', id, { place, isOpen: ['contacted', 'qualified'].includes(lead.fate) })
  }
  const score = scoreOf(beforeAndAfter(lead.score).after)
  if (['qualified', 'client', 'deal'].includes(lead.fate)) await updateLead(player, id, { status: 'qualified', score })
  else await updateLead(player, id, { score })

  if (lead.fate === 'lost') await markLeadLost(player, id, lead.then)
  if (lead.fate === 'client') await convertToClient(player, id, {})
  if (lead.fate === 'deal') await becomeDeal(player, id, { lead, place, clientId })
}

async function becomeDeal(player: Cast[Part], id: number, { lead, place, clientId }: Telling): Promise<void> {
  const today = dayIn(player.user.timeZone)
  const [stage = '', name] = lead.then.split(': ')
  const { dealId } = await convertToDeal(player, id, {
    ...(clientId === undefined ? {} : { client: 'existing' as const, clientId }),
    name,
    stage: stagesOnTheWayTo(stage)[0],
    expectedCloseDate: addDays(today, 10 + place),
  })
  await advanceDeal(player, dealId, stage, {
    closedOn: addDays(today, -1 - (place % 20)),
    reason: stage === 'lost' ? 'Price, and a supplier round the corner.' : '',
  })
}

/** What one would type into the form for this lead on its first day. */
export function leadInput(lead: SampleLead): CreateLead {
  const [amount, currencyCode = 'EUR'] = lead.value.split(' ')
  return {
    firstName: lead.firstName,
    lastName: lead.lastName,
    companyName: lead.company || null,
    title: lead.title || null,
    email: emailOf(lead),
    phone: lead.phone || null,
    source: lead.source,
    estimatedValue: amount || null,
    currencyCode,
    score: scoreOf(beforeAndAfter(lead.score).before),
    tags: listOf(lead.tags),
    notes: leadNotes[lead.company] ?? null,
  }
}

export function emailOf({ mail, ...person }: SampleLead): string | null {
  if (mail === '') return null
  const [domain = '', ownName = ''] = mail.split('@').reverse()
  return mailAddress({ ...person, mail: ownName }, `${domain}.example`)
}

function scoreOf(cell: string): number | null {
  return cell === '' ? null : Number(cell)
}
