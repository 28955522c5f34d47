import { z } from 'zod'
import { Amount, Moment, RecordId, RecordVersion, amountOf, momentOf } from '../../platform/api/json.ts'
import type { Lead } from './queries.ts'
import { LEAD_STATUSES } from './schema.ts'

/** A lead as programs read it. */
export const LeadJson = z
  .object({
    id: RecordId,
    firstName: z.string(),
    lastName: z.string(),
    companyName: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    title: z.string().nullable(),
    source: z.string().nullable(),
    status: z.enum(LEAD_STATUSES),
    score: z.int().min(0).max(100).nullable(),
    estimatedValue: Amount.nullable(),
    currencyCode: z.string(),
    convertedToClientId: RecordId.nullable(),
    convertedToDealId: RecordId.nullable(),
    convertedAt: Moment.nullable(),
    lostReason: z.string().nullable(),
    lostAt: Moment.nullable(),
    notes: z.string().nullable(),
    tags: z.array(z.string()),
    isActive: z.boolean().meta({ description: 'False while it is archived.' }),
    ownerId: RecordId.nullable(),
    version: RecordVersion,
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({
    title: 'Lead',
    examples: [
      {
        id: 17,
        firstName: 'Ada',
        lastName: 'Berg',
        companyName: 'Berg & Söhne',
        email: 'ada@berg.example.com',
        phone: '+49 30 1234567',
        title: 'Head of logistics',
        source: 'Website',
        status: 'new',
        score: 40,
        estimatedValue: '12000.50',
        currencyCode: 'EUR',
        convertedToClientId: null,
        convertedToDealId: null,
        convertedAt: null,
        lostReason: null,
        lostAt: null,
        notes: null,
        tags: ['fair'],
        isActive: true,
        ownerId: 3,
        version: 1,
        createdAt: '2026-01-31T13:30:00.000Z',
        updatedAt: '2026-01-31T13:30:00.000Z',
      },
    ],
  })

export function presentLead(lead: Lead): z.input<typeof LeadJson> {
  return {
    id: lead.id,
    firstName: lead.firstName,
    lastName: lead.lastName,
    companyName: lead.companyName,
    email: lead.email,
    phone: lead.phone,
    title: lead.title,
    source: lead.source,
    status: lead.status,
    score: lead.score,
    estimatedValue: amountOf(lead.estimatedValue, lead.currencyCode),
    currencyCode: lead.currencyCode,
    convertedToClientId: lead.convertedToClientId,
    convertedToDealId: lead.convertedToDealId,
    convertedAt: momentOf(lead.convertedAt),
    lostReason: lead.lostReason,
    lostAt: momentOf(lead.lostAt),
    notes: lead.notes,
    tags: lead.tags,
    isActive: lead.isActive,
    ownerId: lead.ownerId,
    version: lead.version,
    createdAt: momentOf(lead.createdAt),
    updatedAt: momentOf(lead.updatedAt),
  }
}
