import type { Translate, TranslationKey } from '../../platform/i18n.ts'
import { FIELDS } from '../history/fields.ts'
import type { Field } from '../history/fields.ts'
import { stageName } from '../pipelines/words.ts'
import type { Change, ChangedRecord, Noun } from './changes.ts'

/** What a reader's language and zone make of days and amounts. */
interface Format {
  date(day: string): string
  money(value: string, currency: string): string
}

/** What a sentence of its own tells, or what follows from that. */
const TOLD_APART: readonly string[] = [
  ...['status', 'stage', 'pipeline_id', 'owner_id', 'is_primary', 'loss_reason', 'lost_reason', 'lead_id'],
  ...['converted_to_client_id', 'converted_to_deal_id', 'actual_close_date', 'probability'],
]

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
  const fields: Readonly<Record<string, Field>> = FIELDS[noun]
  const columns = Object.keys(changed).filter((column) => column in fields && !TOLD_APART.includes(column))
  const [only] = columns
  if (only === undefined) return []
  const labelOf = (column: string) => t(fields[column]?.label as TranslationKey)
  const field = labelOf(only)
  const after = changed[only]?.[1]
  if (columns.length === 1 && after) {
    // Erasure may have blanked the currency.
    if (AMOUNTS.includes(only) && currencyCode && /^[A-Z]{3}$/.test(currencyCode))
      return [t('today.changes.setTo', { who, field, value: fmt.money(after, currencyCode) })]
    if (only === 'expected_close_date') return [t('today.changes.setTo', { who, field, value: fmt.date(after) })]
  }
  return [t('today.changes.fields', { who, fields: columns.map(labelOf).join(', ') })]
}
