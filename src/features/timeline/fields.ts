import type { TranslationKey } from '../../platform/i18n.ts'

/** The records whose pages have a timeline. */
export const SUBJECTS = ['clients', 'contacts', 'leads', 'deals'] as const
export type Subject = (typeof SUBJECTS)[number]

/** What an id names. */
export type Named = 'users' | 'clients' | 'contacts' | 'leads' | 'pipelines' | 'projects' | 'quotes'

export interface Field {
  label: TranslationKey
  /** How its values are said; `line` and `text` are what people typed, on one line or on many. */
  as: 'line' | 'text' | 'date' | 'percent' | 'yesNo' | 'tags' | 'money' | 'key' | 'id'
  /** Of an amount: the column with its currency. */
  currency?: string
  /** Of a key: what the words of all its values begin with. */
  words?: 'clients.statuses' | 'contacts.roles'
  /** Of an id. */
  of?: Named
  /** Not told when this column changed along with it, because it only follows. */
  follows?: string
}

/**
 * What a change of a record tells: these columns and no others, so that whatever is stored one day is secret until somebody puts it here. What has
 * an automatic activity (a deal's stage, status, value and owner, a lead's status and score, their conversion) is told by that. Archiving has
 * words of its own.
 */
export const FIELDS: Readonly<Record<Subject, Readonly<Record<string, Field>>>> = {
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
  },
}
