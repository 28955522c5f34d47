/**
 * What can be subscribed to, by noun. Which change is which event is said once, in the database's webhook_events_of(): it knows of every write,
 * whatever makes it.
 */
export const EVENTS = {
  client: ['created', 'updated', 'archived', 'restored', 'deleted'],
  contact: ['created', 'updated', 'primary_changed', 'archived', 'restored', 'deleted'],
  communication: ['created', 'updated', 'follow_up_completed', 'deleted'],
  lead: ['created', 'updated', 'converted', 'lost', 'reopened', 'archived', 'restored', 'deleted'],
  deal: ['created', 'updated', 'stage_changed', 'won', 'lost', 'reopened', 'archived', 'restored', 'deleted'],
  activity: ['created', 'updated', 'completed', 'cancelled', 'reopened', 'deleted'],
  project: ['created', 'updated', 'deleted'],
  quote: ['created', 'updated', 'sent', 'accepted', 'rejected', 'expired', 'deleted'],
} as const

export type EventNoun = keyof typeof EVENTS
/** "deal.won". */
export type EventType = { [Noun in EventNoun]: `${Noun}.${(typeof EVENTS)[Noun][number]}` }[EventNoun]

export const EVENT_TYPES = Object.entries(EVENTS).flatMap(([noun, verbs]) =>
  verbs.map((verb) => `${noun}.${verb}`),
) as EventType[]

/** A test, sent to see whether somebody listens; nobody subscribes to it. */
export const PING = 'ping'

/** What a record of this table is called in the API's addresses. */
export const COLLECTIONS: Readonly<Record<string, string>> = {
  clients: 'clients',
  contacts: 'contacts',
  contact_communications: 'communications',
  leads: 'leads',
  lead_activities: 'lead-activities',
  deals: 'deals',
  deal_activities: 'deal-activities',
  projects: 'projects',
  quotes: 'quotes',
}
