import { z } from 'zod'
import { Amount, Day, Moment, RecordId, amountOf, momentOf } from '../../platform/api/json.ts'
import { Decimal } from '../../platform/money.ts'
import { CLIENT_STATUSES } from '../clients/schema.ts'
import { COMMUNICATION_TYPES } from '../communications/schema.ts'
import { DEAL_STATUSES } from '../deals/schema.ts'
import { LEAD_STATUSES } from '../leads/schema.ts'
import type { Found, Group } from './queries.ts'
import { COUNT_BOUND } from './schema.ts'
import type { Kind } from './schema.ts'

const Said = z.string().nullable()

function groupOf<Hit extends z.ZodObject>(hit: Hit) {
  return z.object({
    data: z.array(hit).meta({ description: 'The best of them first.' }),
    count: z.int().min(0).max(COUNT_BOUND),
    more: z.boolean().meta({ description: 'There are more than `count`.' }),
  })
}

/** What was found, kind by kind, as the page of the search shows it. */
export const FoundJson = z
  .object({
    isNear: z.boolean().meta({ description: 'Nothing has these words; this has words one slip of the finger away.' }),
    clients: groupOf(
      z.object({
        id: RecordId,
        name: z.string(),
        email: Said,
        phone: Said,
        website: Said,
        contactPerson: Said,
        status: z.enum(CLIENT_STATUSES),
      }),
    ),
    contacts: groupOf(
      z.object({
        id: RecordId,
        name: z.string(),
        clientName: z.string(),
        title: Said,
        department: Said,
        email: Said,
        phone: Said,
        mobile: Said,
      }),
    ),
    leads: groupOf(
      z.object({
        id: RecordId,
        name: z.string(),
        companyName: Said,
        title: Said,
        email: Said,
        phone: Said,
        status: z.enum(LEAD_STATUSES),
      }),
    ),
    deals: groupOf(
      z.object({
        id: RecordId,
        name: z.string(),
        clientName: Said,
        stage: z.string(),
        status: z.enum(DEAL_STATUSES),
        value: Amount.nullable(),
        currencyCode: z.string(),
        closeDate: Day.nullable().meta({ description: 'When it was closed, or is expected to be.' }),
      }),
    ),
    communications: groupOf(
      z.object({
        id: RecordId,
        subject: Said,
        type: z.enum(COMMUNICATION_TYPES),
        content: Said.meta({ description: 'Its first 5,000 characters.' }),
        communicationDate: Moment,
        contactName: z.string(),
        clientName: z.string(),
      }),
    ),
  })
  .meta({ title: 'Found' })

export function presentFound({ groups, isNear }: Found): z.input<typeof FoundJson> {
  const { clients, contacts, leads, deals, communications } = groups
  return {
    isNear,
    clients: presented(clients, (hit) => hit),
    contacts: presented(contacts, (hit) => hit),
    leads: presented(leads, (hit) => hit),
    deals: presented(deals, ({ stageName: _, value, ...hit }) => ({
      ...hit,
      value: amountOf(value === null ? null : new Decimal(value), hit.currencyCode),
    })),
    communications: presented(communications, ({ name, date, ...hit }) => ({
      ...hit,
      subject: name,
      communicationDate: momentOf(date),
    })),
  }
}

function presented<K extends Kind, Hit>({ rows, count }: Group<K>, present: (row: Group<K>['rows'][number]) => Hit) {
  return { data: rows.map(present), count: Math.min(count, COUNT_BOUND), more: count > COUNT_BOUND }
}
