import { z } from 'zod'
import { Amount, Day, Moment, RecordId, RecordVersion, amountOf, momentOf } from '../../platform/api/json.ts'
import { CONTACT_ROLES } from '../contacts/schema.ts'
import { weightedValue } from './present.ts'
import type { Deal, DealContact } from './queries.ts'
import { DEAL_STATUSES } from './schema.ts'

/** A deal as programs read it. */
export const DealJson = z
  .object({
    id: RecordId,
    name: z.string(),
    description: z.string().nullable(),
    clientId: RecordId.nullable(),
    contactId: RecordId.nullable(),
    leadId: RecordId.nullable().meta({ description: 'The lead that it was converted from.' }),
    relatedProjectId: RecordId.nullable(),
    relatedQuoteId: RecordId.nullable(),
    pipelineId: RecordId,
    stage: z.string().meta({ description: 'The `key` of a stage of its pipeline.' }),
    status: z.enum(DEAL_STATUSES).meta({ description: 'The `kind` of its stage.' }),
    stageEnteredAt: Moment,
    value: Amount.nullable(),
    weightedValue: Amount.nullable().meta({
      description: 'value × probability / 100, rounded half up to the decimals of its currency.',
    }),
    currencyCode: z.string(),
    probability: z.int().min(0).max(100).meta({ description: 'Percent.' }),
    expectedCloseDate: Day.nullable(),
    actualCloseDate: Day.nullable().meta({
      description: 'The day on which it was won or lost; null while it is open.',
    }),
    closedAt: Moment.nullable().meta({ description: 'When somebody said so.' }),
    lossReason: z.string().nullable(),
    notes: z.string().nullable(),
    tags: z.array(z.string()),
    isActive: z.boolean().meta({ description: 'False while it is archived.' }),
    ownerId: RecordId.nullable(),
    version: RecordVersion,
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({
    title: 'Deal',
    examples: [
      {
        id: 41,
        name: 'Ten forklifts',
        description: null,
        clientId: 12,
        contactId: 31,
        leadId: 17,
        relatedProjectId: null,
        relatedQuoteId: 9,
        pipelineId: 1,
        stage: 'proposal',
        status: 'open',
        stageEnteredAt: '2026-01-31T13:30:00.000Z',
        value: '12000.50',
        weightedValue: '6000.25',
        currencyCode: 'EUR',
        probability: 50,
        expectedCloseDate: '2026-03-31',
        actualCloseDate: null,
        closedAt: null,
        lossReason: null,
        notes: null,
        tags: ['fair'],
        isActive: true,
        ownerId: 3,
        version: 2,
        createdAt: '2026-01-30T09:00:00.000Z',
        updatedAt: '2026-01-31T13:30:00.000Z',
      },
    ],
  })

export function presentDeal(deal: Deal): z.input<typeof DealJson> {
  const { currencyCode } = deal
  return {
    id: deal.id,
    name: deal.name,
    description: deal.description,
    clientId: deal.clientId,
    contactId: deal.contactId,
    leadId: deal.leadId,
    relatedProjectId: deal.relatedProjectId,
    relatedQuoteId: deal.relatedQuoteId,
    pipelineId: deal.pipelineId,
    stage: deal.stage,
    status: deal.status,
    stageEnteredAt: momentOf(deal.stageEnteredAt),
    value: amountOf(deal.value, currencyCode),
    weightedValue: amountOf(weightedValue(deal), currencyCode),
    currencyCode,
    probability: deal.probability,
    expectedCloseDate: deal.expectedCloseDate,
    actualCloseDate: deal.actualCloseDate,
    closedAt: momentOf(deal.closedAt),
    lossReason: deal.lossReason,
    notes: deal.notes,
    tags: deal.tags,
    isActive: deal.isActive,
    ownerId: deal.ownerId,
    version: deal.version,
    createdAt: momentOf(deal.createdAt),
    updatedAt: momentOf(deal.updatedAt),
  }
}

/** Who there is at a deal's client: as much as choosing one takes. */
export const DealContactJson = z.object({
  id: RecordId,
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  title: z.string().nullable(),
  role: z.enum(CONTACT_ROLES),
  isPrimary: z.boolean(),
}) satisfies z.ZodType<DealContact>
