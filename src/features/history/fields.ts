import type { TranslationKey } from '../../platform/i18n.ts'

/** What an id names. */
export type Named = 'users' | 'teams' | 'clients' | 'contacts' | 'leads' | 'deals' | 'pipelines' | 'projects' | 'quotes'

export interface Field {
  label: TranslationKey
  /** How its values are said; `line` and `text` are what people typed, on one line or on many. */
  as: 'line' | 'text' | 'date' | 'moment' | 'clock' | 'percent' | 'yesNo' | 'tags' | 'money' | 'key' | 'id' | 'stage'
  /** Of an amount: the column with its currency. */
  currency?: string
  /** Of a key: what the words of all its values begin with. */
  words?: string
  /** Of an id. */
  of?: Named
  /** Not told when this column changed along with it, because it only follows. */
  follows?: string
  /** An activity tells it already, in a record's timeline. */
  byActivity?: true
}

const ACTIVITY: Readonly<Record<string, Field>> = {
  type: { label: 'activities.fields.type', as: 'key', words: 'activities.types' },
  subject: { label: 'activities.fields.subject', as: 'line' },
  description: { label: 'activities.fields.description', as: 'text' },
  status: { label: 'activities.fields.status', as: 'key', words: 'activities.statuses' },
  activity_date: { label: 'activities.fields.activityDate', as: 'moment', follows: 'status' },
  due_date: { label: 'activities.fields.dueDate', as: 'date' },
  due_time: { label: 'activities.fields.dueTime', as: 'clock' },
  assignee_id: { label: 'activities.fields.assigneeId', as: 'id', of: 'users' },
}

/**
 * What a change tells: these columns and no others, so that whatever is stored one day is secret until somebody puts it here. Archiving has words
 * of its own.
 */
const DECLARED = {
  clients: {
    name: { label: 'clients.fields.name', as: 'line' },
    description: { label: 'clients.fields.description', as: 'text' },
    website: { label: 'clients.fields.website', as: 'line' },
    email: { label: 'clients.fields.email', as: 'line' },
    phone: { label: 'clients.fields.phone', as: 'line' },
    address: { label: 'clients.fields.address', as: 'text' },
    contact_person: { label: 'clients.fields.contactPerson', as: 'line' },
    status: { label: 'clients.fields.status', as: 'key', words: 'clients.statuses' },
    currency_code: { label: 'clients.fields.currencyCode', as: 'line' },
    owner_id: { label: 'clients.fields.ownerId', as: 'id', of: 'users' },
    tags: { label: 'clients.fields.tags', as: 'tags' },
  },
  contacts: {
    first_name: { label: 'contacts.fields.firstName', as: 'line' },
    last_name: { label: 'contacts.fields.lastName', as: 'line' },
    client_id: { label: 'contacts.fields.client', as: 'id', of: 'clients' },
    email: { label: 'contacts.fields.email', as: 'line' },
    phone: { label: 'contacts.fields.phone', as: 'line' },
    mobile: { label: 'contacts.fields.mobile', as: 'line' },
    title: { label: 'contacts.fields.title', as: 'line' },
    department: { label: 'contacts.fields.department', as: 'line' },
    role: { label: 'contacts.fields.role', as: 'key', words: 'contacts.roles' },
    is_primary: { label: 'contacts.fields.isPrimary', as: 'yesNo', follows: 'is_active' },
    address: { label: 'contacts.fields.address', as: 'text' },
    notes: { label: 'contacts.fields.notes', as: 'text' },
    tags: { label: 'contacts.fields.tags', as: 'tags' },
  },
  leads: {
    first_name: { label: 'leads.fields.firstName', as: 'line' },
    last_name: { label: 'leads.fields.lastName', as: 'line' },
    company_name: { label: 'leads.fields.companyName', as: 'line' },
    email: { label: 'leads.fields.email', as: 'line' },
    phone: { label: 'leads.fields.phone', as: 'line' },
    title: { label: 'leads.fields.title', as: 'line' },
    source: { label: 'leads.fields.source', as: 'line' },
    estimated_value: { label: 'leads.fields.estimatedValue', as: 'money', currency: 'currency_code' },
    currency_code: { label: 'leads.fields.currencyCode', as: 'line', follows: 'estimated_value' },
    owner_id: { label: 'leads.fields.ownerId', as: 'id', of: 'users' },
    notes: { label: 'leads.fields.notes', as: 'text' },
    tags: { label: 'leads.fields.tags', as: 'tags' },
    status: { label: 'leads.fields.status', as: 'key', words: 'leads.statuses', byActivity: true },
    score: { label: 'leads.fields.score', as: 'line', byActivity: true },
    lost_reason: { label: 'leads.fields.lostReason', as: 'text', byActivity: true },
    converted_to_client_id: { label: 'leads.fields.client', as: 'id', of: 'clients', byActivity: true },
    converted_to_deal_id: { label: 'history.fields.deal', as: 'id', of: 'deals', byActivity: true },
  },
  deals: {
    name: { label: 'deals.fields.name', as: 'line' },
    client_id: { label: 'deals.fields.clientId', as: 'id', of: 'clients' },
    contact_id: { label: 'deals.fields.contactId', as: 'id', of: 'contacts' },
    lead_id: { label: 'deals.fields.leadId', as: 'id', of: 'leads' },
    pipeline_id: { label: 'timeline.fields.pipelineId', as: 'id', of: 'pipelines' },
    probability: { label: 'deals.fields.probability', as: 'percent', follows: 'stage' },
    expected_close_date: { label: 'deals.fields.expectedCloseDate', as: 'date' },
    related_project_id: { label: 'deals.fields.relatedProjectId', as: 'id', of: 'projects' },
    related_quote_id: { label: 'deals.fields.relatedQuoteId', as: 'id', of: 'quotes' },
    description: { label: 'deals.fields.description', as: 'text' },
    notes: { label: 'deals.fields.notes', as: 'text' },
    tags: { label: 'deals.fields.tags', as: 'tags' },
    status: { label: 'deals.fields.status', as: 'key', words: 'deals.statuses', byActivity: true },
    stage: { label: 'deals.fields.stage', as: 'stage', byActivity: true },
    value: { label: 'deals.fields.value', as: 'money', currency: 'currency_code', byActivity: true },
    currency_code: { label: 'deals.fields.currencyCode', as: 'line', follows: 'value', byActivity: true },
    owner_id: { label: 'deals.fields.ownerId', as: 'id', of: 'users', byActivity: true },
    actual_close_date: { label: 'deals.fields.actualCloseDate', as: 'date', byActivity: true },
    loss_reason: { label: 'deals.fields.lossReason', as: 'text', byActivity: true },
  },
  contact_communications: {
    type: { label: 'communications.fields.type', as: 'key', words: 'communications.types' },
    direction: { label: 'communications.fields.direction', as: 'key', words: 'communications.directions' },
    subject: { label: 'communications.fields.subject', as: 'line' },
    content: { label: 'communications.fields.content', as: 'text' },
    communication_date: { label: 'communications.fields.communicationDate', as: 'moment' },
    status: { label: 'communications.fields.status', as: 'key', words: 'communications.statuses' },
    follow_up_date: { label: 'communications.fields.followUpDate', as: 'date' },
    follow_up_completed_at: { label: 'communications.fields.followUpCompletedAt', as: 'moment' },
    related_project_id: { label: 'communications.fields.relatedProjectId', as: 'id', of: 'projects' },
    related_quote_id: { label: 'communications.fields.relatedQuoteId', as: 'id', of: 'quotes' },
    related_deal_id: { label: 'communications.fields.relatedDealId', as: 'id', of: 'deals' },
  },
  lead_activities: ACTIVITY,
  deal_activities: ACTIVITY,
  projects: {
    name: { label: 'projects.fields.name', as: 'line' },
    description: { label: 'projects.fields.description', as: 'text' },
    status: { label: 'projects.fields.status', as: 'key', words: 'projects.statuses' },
    start_date: { label: 'projects.fields.startDate', as: 'date' },
    end_date: { label: 'projects.fields.endDate', as: 'date' },
  },
  quotes: {
    number: { label: 'quotes.fields.number', as: 'line' },
    title: { label: 'quotes.fields.title', as: 'line' },
    status: { label: 'quotes.fields.status', as: 'key', words: 'quotes.statuses' },
    total: { label: 'quotes.fields.total', as: 'money', currency: 'currency_code' },
    currency_code: { label: 'quotes.fields.currencyCode', as: 'line', follows: 'total' },
    valid_until: { label: 'quotes.fields.validUntil', as: 'date' },
    notes: { label: 'quotes.fields.notes', as: 'text' },
  },
  users: {
    name: { label: 'users.fields.name', as: 'line' },
    email: { label: 'users.fields.email', as: 'line' },
    role: { label: 'users.fields.role', as: 'key', words: 'users.roles' },
    visibility: { label: 'users.fields.visibility', as: 'key', words: 'users.visibilities' },
    team_id: { label: 'users.fields.teamId', as: 'id', of: 'teams' },
    time_zone: { label: 'users.fields.timeZone', as: 'line' },
    is_active: { label: 'users.statuses.active', as: 'yesNo' },
  },
  see_as: { ended_at: { label: 'users.seeAs.ended', as: 'moment' } },
  teams: { name: { label: 'teams.fields.name', as: 'line' } },
  settings: {
    base_currency: { label: 'currencies.fields.baseCurrency', as: 'line' },
    two_factor_required: { label: 'users.fields.twoFactor', as: 'yesNo' },
  },
  exchange_rates: {
    rate: { label: 'currencies.fields.rate', as: 'line' },
    date: { label: 'currencies.fields.date', as: 'date' },
  },
  pipelines: { name: { label: 'pipelines.fields.name', as: 'line' } },
  pipeline_stages: {
    name: { label: 'pipelines.fields.name', as: 'line' },
    probability: { label: 'pipelines.fields.probability', as: 'percent' },
    stale_after_days: { label: 'pipelines.fields.staleAfterDays', as: 'line' },
  },
} satisfies Record<string, Readonly<Record<string, Field>>>

export type ToldTable = keyof typeof DECLARED
export const FIELDS: Readonly<Record<ToldTable, Readonly<Record<string, Field>>>> = DECLARED

/** Of a table that nobody has put here nothing is told. */
export function fieldsOf(table: string): Readonly<Record<string, Field>> {
  return (FIELDS as Readonly<Record<string, Readonly<Record<string, Field>>>>)[table] ?? {}
}
