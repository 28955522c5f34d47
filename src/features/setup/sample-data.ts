import type { Db } from '../../platform/database/database.ts'
import type { Account } from '../../platform/http/types.ts'
import type { Cast } from './sample/cast.ts'
import { tellClients } from './sample/tell-clients.ts'
import { tellCommunications } from './sample/tell-communications.ts'
import { tellDeals } from './sample/tell-deals.ts'
import { tellLeads } from './sample/tell-leads.ts'
import { tellProjects } from './sample/tell-projects.ts'
import { tellRates } from './sample/tell-rates.ts'

/**
 * Some 40 clients, 120 contacts, 15 projects, 20 quotes, 60 communications, 80 leads and 90 deals of a maker of warehouse technology, told through the
 * commands as `owner` would have entered them: with every rule, and in the audit. Takes some seconds. No users are made: whoever knows this file
 * must not be able to sign in.
 */
export async function createSampleData(db: Db, owner: Account): Promise<void> {
  const player = { db, user: owner }
  await tellStory({ admin: player, manager: player, member: player })
}

/**
 * The same story, its parts played by several people. Each record is a transaction of its own; when the telling was cut short, telling it again
 * within a day goes on where it ended, and at most one record stays behind what it was to become.
 */
export async function tellStory(cast: Cast): Promise<void> {
  await tellRates(cast)
  const clients = await tellClients(cast)
  const links = await tellProjects(cast, clients)
  await tellDeals(cast, clients, links)
  await tellCommunications(cast, clients, links)
  await tellLeads(cast, clients.values())
}
