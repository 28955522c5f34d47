import type { Translate, TranslationKey } from '../../platform/i18n.ts'
import { stageName } from '../pipelines/words.ts'
import type { Change, ChangedRecord, Noun } from './changes.ts'

/** What a reader's language and zone make of days and amounts. */
interface Format {
  date(day: string): string
  money(value: string, currency: string): string
}

/** The columns people know as fields, by what forms call them. */
const FIELDS: Readonly<Record<Noun, Readonly<Record<string, TranslationKey>>>> = {
  leads: {
    first_name: 'leads.fields.firstName',
    last_name: 'leads.fields.lastName',
    company_name: 'leads.fields.companyName',
    email: 'leads.fields.email',
    phone: 'leads.fields.phone',
    title: 'leads.fields.title',
    source: 'leads.fields.source',
    score: 'leads.fields.score',
    estimated_value: 'leads.fields.estimatedValue',
    currency_code: 'leads.fields.currencyCode',
    tags: 'leads.fields.tags',
    notes: 'leads.fields.notes',
  },
  deals: {
    name: 'deals.fields.name',
    client_id: 'deals.fields.clientId',
    contact_id: 'deals.fields.contactId',
    related_project_id: 'deals.fields.relatedProjectId',
    related_quote_id: 'deals.fields.relatedQuoteId',
    value: 'deals.fields.value',
    currency_code: 'deals.fields.currencyCode',
    expected_close_date: 'deals.fields.expectedCloseDate',
    description: 'deals.fields.description',
    tags: 'deals.fields.tags',
    notes: 'deals.fields.notes',
  },
  clients: {
    name: 'clients.fields.name',
    description: 'clients.fields.description',
    website: 'clients.fields.website',
    email: 'clients.fields.email',
    phone: 'clients.fields.phone',
    address: 'clients.fields.address',
    contact_person: 'clients.fields.contactPerson',
    currency_code: 'clients.fields.currencyCode',
    tags: 'clients.fields.tags',
  },
  contacts: {
    first_name: 'contacts.fields.firstName',
    last_name: 'contacts.fields.lastName',
    email: 'contacts.fields.email',
    phone: 'contacts.fields.phone',
    mobile: 'contacts.fields.mobile',
    title: 'contacts.fields.title',
    department: 'contacts.fields.department',
    role: 'contacts.fields.role',
    address: 'contacts.fields.address',
    notes: 'contacts.fields.notes',
    tags: 'contacts.fields.tags',
  },
  projects: {
    name: 'projects.fields.name',
    description: 'projects.fields.description',
    start_date: 'projects.fields.startDate',
    end_date: 'projects.fields.endDate',
  },
  quotes: {
    number: 'quotes.fields.number',
    title: 'quotes.fields.title',
    total: 'quotes.fields.total',
    currency_code: 'quotes.fields.currencyCode',
    valid_until: 'quotes.fields.validUntil',
    notes: 'quotes.fields.notes',
  },
}
const AMOUNTS = ['value', 'estimated_value', 'total']

/** What somebody did to a record, in sentences: "Rosa moved it to Negotiation". For views: `tell(t, fmt, record, change)`. */
export function tell(t: Translate, fmt: Format, { noun }: Pick<ChangedRecord, 'noun'>, change: Change): string[] {
  const who = change.who ?? t('today.changes.system')
  if (change.table !== noun) return [entrySentence(t, fmt, who, change)]
  if (change.operation !== 'update') return [t(`today.changes.${change.operation}`, { who })]
  const sentences = [
    ...stateSentences(t, who, noun, change),
    ...ownerSentences(t, who, change),
    ...fieldSentences(t, fmt, who, noun, change),
  ]
  return sentences.length > 0 ? sentences : [t('today.changes.edited', { who })]
}

/** Of a communication or an activity. */
function entrySentence(t: Translate, fmt: Format, who: string, change: Change): string {
  const { table, operation, changed, status, person } = change
  const isCommunication = table === 'contact_communications'
  const type = t(
    `${isCommunication ? 'communications' : 'activities'}.types.${change.type ?? 'note'}` as TranslationKey,
  )
  const what = change.subject ? t('today.changes.entry', { type, subject: change.subject }) : type
  if (operation === 'insert')
    return t(!isCommunication && status === 'pending' ? 'today.changes.planned' : 'today.changes.logged', { who, what })
  if (operation === 'delete') return t('today.changes.removed', { who, what })
  if (changed.follow_up_completed_at)
    return t(changed.follow_up_completed_at[1] ? 'today.changes.followedUp' : 'today.changes.reopenedEntry', {
      who,
      what,
    })
  if (!isCommunication && changed.status && status)
    return t(`today.changes.became.${status}` as TranslationKey, { who, what })
  const day = (changed.due_date ?? changed.follow_up_date)?.[1]
  if (day) return t('today.changes.putOff', { who, what, date: fmt.date(day) })
  if (changed.assignee_id && person) return t('today.changes.assigned', { who, what, person })
  return t('today.changes.editedEntry', { who, what })
}

function stateSentences(t: Translate, who: string, noun: Noun, { changed, status, stage }: Change): string[] {
  const active = changed.is_active?.[1]
  if (active) return [t(active === 'true' ? 'today.changes.restored' : 'today.changes.archived', { who })]
  if (changed.is_primary?.[1] === 'true') return [t('today.changes.primary', { who })]
  if (noun === 'deals' && changed.status) {
    const reason = changed.loss_reason?.[1]
    if (reason) return [t('today.changes.lostBecause', { who, reason })]
    return [t(`today.changes.closed.${status}` as TranslationKey, { who })]
  }
  if (changed.stage && stage) return [t('today.changes.moved', { who, stage: stageName(t, stage) })]
  if (!changed.status || !status) return []
  if (noun === 'leads' && status === 'converted') return [t('today.changes.converted', { who })]
  if (changed.lost_reason?.[1]) return [t('today.changes.lostBecause', { who, reason: changed.lost_reason[1] })]
  return [t('today.changes.status', { who, status: t(`${noun}.statuses.${status}` as TranslationKey) })]
}

function ownerSentences(t: Translate, who: string, { changed, person }: Change): string[] {
  if (!changed.owner_id) return []
  return [person ? t('today.changes.handedTo', { who, person }) : t('today.changes.handedToNobody', { who })]
}

/** A value or day from what to what, when nothing else has changed; of several fields, their names. */
function fieldSentences(
  t: Translate,
  fmt: Format,
  who: string,
  noun: Noun,
  { changed, currencyCode }: Change,
): string[] {
  const columns = Object.keys(changed).filter((column) => column in FIELDS[noun])
  const [only] = columns
  if (only === undefined) return []
  const field = t(FIELDS[noun][only] as TranslationKey)
  const after = changed[only]?.[1]
  if (columns.length === 1 && after) {
    // Erasure may have blanked the currency.
    if (AMOUNTS.includes(only) && currencyCode && /^[A-Z]{3}$/.test(currencyCode))
      return [t('today.changes.setTo', { who, field, value: fmt.money(after, currencyCode) })]
    if (only === 'expected_close_date') return [t('today.changes.setTo', { who, field, value: fmt.date(after) })]
  }
  const fields = columns.map((column) => t(FIELDS[noun][column] as TranslationKey)).join(', ')
  return [t('today.changes.fields', { who, fields })]
}
