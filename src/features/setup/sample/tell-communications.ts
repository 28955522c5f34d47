import { addDays, dayIn } from '../../../platform/time.ts'
import type { CalendarDay } from '../../../platform/time.ts'
import { completeFollowUp, logCommunication } from '../../communications/commands.ts'
import { dealsOfClient } from '../../communications/queries.ts'
import type {
  CommunicationStatus,
  CommunicationType,
  Direction,
  LogCommunication,
} from '../../communications/schema.ts'
import { playerOf } from './cast.ts'
import type { Cast, Part } from './cast.ts'
import { sampleCommunications } from './communications.ts'
import type { SampleCommunication } from './communications.ts'
import { submissionOf, told } from './once-told.ts'
import type { KnownClient } from './tell-clients.ts'
import type { DealLinks } from './tell-projects.ts'

/** What was said with whom, by whoever looks after the client; some of what was promised is kept by now. */
export async function tellCommunications(
  cast: Cast,
  clients: ReadonlyMap<string, KnownClient>,
  links: ReadonlyMap<string, DealLinks>,
): Promise<void> {
  for (const communication of sampleCommunications) {
    const client = clients.get(communication.client)
    const contactId = client?.contactIds[Number(communication.person) - 1]
    if (!client || !contactId) throw new Error(`nobody at ${communication.client} to say ${communication.subject} to`)
    const player = playerOf(cast, client.owner)
    const { id, repeated } = await told(
      logCommunication(player, contactId, {
        ...communicationInput(communication, dayIn(player.user.timeZone)),
        ...links.get(`${communication.client}, ${communication.deal}`),
        relatedDealId: await dealOf(player, client, communication.deal),
        submission: submissionOf(player, `${communication.client}, ${communication.subject}`),
      }),
    )
    if (!repeated && isDone(communication)) await completeFollowUp(player, id)
  }
}

/** The deal of that name, as far as the player sees it: a colleague's is not linked. */
async function dealOf(player: Cast[Part], client: KnownClient, name: string): Promise<number | null> {
  if (name === '') return null
  const deals = await dealsOfClient(player, client.id)
  return deals.find(({ label }) => label === name)?.value ?? null
}

/** What one would type into the form for this communication. */
export function communicationInput(communication: SampleCommunication, today: CalendarDay): LogCommunication {
  const [days = '0', time = '09:00'] = communication.when.split(' ')
  const [followUpDays = ''] = communication.followUp.split(' ')
  return {
    type: communication.type as CommunicationType,
    direction: communication.direction as Direction,
    status: communication.status as CommunicationStatus,
    subject: communication.subject,
    content: communication.content || null,
    communicationDate: `${addDays(today, Number(days))}T${time}`,
    followUpDate: followUpDays === '' ? null : addDays(today, Number(followUpDays)),
  }
}

function isDone({ followUp }: SampleCommunication): boolean {
  return followUp.endsWith('done')
}
