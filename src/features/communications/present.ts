import { z } from 'zod'
import { Day, Moment, RecordId, RecordVersion, momentOf } from '../../platform/api/json.ts'
import type { Communication } from './queries.ts'
import { COMMUNICATION_STATUSES, COMMUNICATION_TYPES, DIRECTIONS } from './schema.ts'

/** A communication as programs read it. */
export const CommunicationJson = z
  .object({
    id: RecordId,
    contactId: RecordId,
    clientId: RecordId.meta({ description: 'The client of the contact.' }),
    type: z.enum(COMMUNICATION_TYPES),
    direction: z.enum(DIRECTIONS),
    status: z
      .enum(COMMUNICATION_STATUSES)
      .meta({ description: 'Of the communication itself; its follow-up has dates of its own.' }),
    subject: z.string().nullable(),
    content: z.string().nullable(),
    communicationDate: Moment,
    followUpDate: Day.nullable().meta({
      description: 'The follow-up is open until `followUpCompletedAt` says when it was done.',
    }),
    followUpCompletedAt: Moment.nullable(),
    relatedProjectId: RecordId.nullable(),
    relatedQuoteId: RecordId.nullable(),
    relatedDealId: RecordId.nullable(),
    createdBy: RecordId.nullable(),
    version: RecordVersion,
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({
    title: 'Communication',
    examples: [
      {
        id: 70,
        contactId: 31,
        clientId: 12,
        type: 'call',
        direction: 'outbound',
        status: 'completed',
        subject: 'Delivery in May',
        content: 'They want ten, by the end of May.',
        communicationDate: '2026-01-31T13:30:00.000Z',
        followUpDate: '2026-02-07',
        followUpCompletedAt: null,
        relatedProjectId: null,
        relatedQuoteId: 9,
        relatedDealId: null,
        createdBy: 3,
        version: 1,
        createdAt: '2026-01-31T13:45:00.000Z',
        updatedAt: '2026-01-31T13:45:00.000Z',
      },
    ],
  })

export function presentCommunication(communication: Communication): z.input<typeof CommunicationJson> {
  return {
    id: communication.id,
    contactId: communication.contactId,
    clientId: communication.clientId,
    type: communication.type,
    direction: communication.direction,
    status: communication.status,
    subject: communication.subject,
    content: communication.content,
    communicationDate: momentOf(communication.communicationDate),
    followUpDate: communication.followUpDate,
    followUpCompletedAt: momentOf(communication.followUpCompletedAt),
    relatedProjectId: communication.relatedProjectId,
    relatedQuoteId: communication.relatedQuoteId,
    relatedDealId: communication.relatedDealId,
    createdBy: communication.createdBy,
    version: communication.version,
    createdAt: momentOf(communication.createdAt),
    updatedAt: momentOf(communication.updatedAt),
  }
}
