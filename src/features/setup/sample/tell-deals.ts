import { addDays, dayIn } from '../../../platform/time.ts'
import type { CalendarDay } from '../../../platform/time.ts'
import { changeDeal } from '../../deals/commands/changing.ts'
import { closeDeal, reopenDeal } from '../../deals/commands/closing.ts'
import { createDeal } from '../../deals/commands/creating.ts'
import { moveDeal } from '../../deals/commands/moving.ts'
import { ownerOf, playerOf } from './cast.ts'
import type { Cast, Part } from './cast.ts'
import { ROUTE, sampleDeals } from './deals.ts'
import type { SampleDeal } from './deals.ts'
import { mixed, submissionOf, told } from './once-told.ts'
import { beforeAndAfter, listOf } from './table.ts'
import { tellActivities } from './tell-activities.ts'
import type { KnownClient } from './tell-clients.ts'
import type { DealLinks } from './tell-projects.ts'

/** Every deal from its first day to where it is now: on its way along the stages, won, or lost. */
export async function tellDeals(
  cast: Cast,
  clients: ReadonlyMap<string, KnownClient>,
  links: ReadonlyMap<string, DealLinks>,
): Promise<void> {
  const today = dayIn(cast.admin.user.timeZone)
  for (const [place, deal] of mixed(sampleDeals).entries())
    await tellDeal(cast, {
      deal,
      place,
      client: clientOf(deal, clients),
      links: links.get(`${deal.client}, ${deal.name}`),
      today,
    })
}

interface Telling {
  deal: SampleDeal
  /** Which deal of the story this is: what varies from deal to deal goes by it. */
  place: number
  client: KnownClient | null
  links: DealLinks | undefined
  today: CalendarDay
}

async function tellDeal(cast: Cast, { deal, place, client, links, today }: Telling): Promise<void> {
  const value = beforeAndAfter(deal.value)
  const owner = beforeAndAfter(deal.owner)
  // Who looks after the client enters the deal, whoever is to work on it.
  const seller = playerOf(cast, client?.owner ?? owner.before)
  const { id, repeated } = await told(
    createDeal(seller, {
      name: deal.name,
      clientId: client?.id ?? null,
      contactId: client?.contactIds[place % client.contactIds.length] ?? null,
      ...links,
      value: value.before || null,
      currencyCode: client?.currencyCode ?? 'EUR',
      stage: stagesOnTheWayTo(deal.stage)[0],
      expectedCloseDate: expectedClose(deal, place, today),
      ownerId: ownerOf(cast, owner.before),
      tags: listOf(deal.tags),
      notes: deal.notes || null,
      submission: submissionOf(seller, `${deal.client}, ${deal.name}`),
    }),
  )
  if (repeated) return

  const worker = playerOf(cast, owner.before)
  await advanceDeal(worker, id, deal.stage, { closedOn: addDays(today, -Number(deal.days)), reason: deal.reason })
  if (value.after !== value.before) await changeDeal(worker, id, { value: value.after })
  if (owner.after !== owner.before) await changeDeal(worker, id, { ownerId: ownerOf(cast, owner.after) })
  await tellActivities(playerOf(cast, owner.after), 'deal', id, { place, isOpen: ROUTE.includes(deal.stage) })
}

interface Closing {
  closedOn: CalendarDay
  /** Why it was lost; an open deal that has one was lost for it and reopened. */
  reason: string
}

/** Moves an open deal stage by stage to `stage`, an open one or 'won' or 'lost'. Stages it has left behind already are passed over. */
export async function advanceDeal(
  player: Cast[Part],
  id: number,
  stage: string,
  { closedOn, reason }: Closing,
): Promise<void> {
  for (const next of stagesOnTheWayTo(stage).slice(1)) await moveDeal(player, id, { stage: next })
  if (stage === 'won') await closeDeal(player, id, { outcome: 'won', actualCloseDate: closedOn })
  else if (stage === 'lost')
    await closeDeal(player, id, { outcome: 'lost', lossReason: reason, actualCloseDate: closedOn })
  else if (reason !== '') {
    await closeDeal(player, id, { outcome: 'lost', lossReason: reason })
    await reopenDeal(player, id)
  }
}

/** Where a deal begins and what it then goes through: the two stages before its own, and before it is won or lost all but the first. */
export function stagesOnTheWayTo(stage: string): string[] {
  if (stage === 'won') return ROUTE.slice(1)
  if (stage === 'lost') return ROUTE.slice(1, 3)
  const goal = ROUTE.indexOf(stage)
  return ROUTE.slice(Math.max(0, goal - 2), goal + 1)
}

/** An open deal's own; a closed one was expected some days before or after it was closed. */
function expectedClose({ stage, days }: SampleDeal, place: number, today: CalendarDay): CalendarDay | null {
  if (days === '') return null
  return ROUTE.includes(stage) ? addDays(today, Number(days)) : addDays(today, ((place * 7) % 25) - 10 - Number(days))
}

function clientOf(deal: SampleDeal, clients: ReadonlyMap<string, KnownClient>): KnownClient | null {
  if (deal.client === '') return null
  const client = clients.get(deal.client)
  if (!client) throw new Error(`no client ${deal.client} for ${deal.name}`)
  return client
}
