import { bulk } from '../../platform/api/bulk.ts'
import { Deleted } from '../../platform/api/json.ts'
import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { belonging } from '../../platform/api/parent.ts'
import type { Scope } from '../../platform/scope.ts'
import { Id, Instant } from '../../platform/validation.ts'
import { lockVersion } from '../users/locking.ts'
import {
  completeFollowUp,
  deleteCommunication,
  logCommunication,
  reopenFollowUp,
  snoozeFollowUp,
  updateCommunication,
} from './commands.ts'
import { communicationList } from './list.ts'
import { CommunicationJson, presentCommunication } from './present.ts'
import { communicationColumns, findCommunication } from './queries.ts'
import { LogCommunicationInput, SnoozeFollowUpInput, UpdateCommunicationInput } from './schema.ts'
import type { LogCommunication, Timed } from './schema.ts'

const area = 'communications'
/** Where a form has a time on somebody's clock, and the offset that it was shown with. */
const TYPED = { communicationDate: true, communicationDateOffset: true } as const
const CreateBody = LogCommunicationInput.omit({ ...TYPED, submission: true }).extend({
  contactId: Id,
  communicationDate: Instant.optional(),
})
const UpdateBody = UpdateCommunicationInput.omit(TYPED).extend({ communicationDate: Instant.optional() })
const EXAMPLE = {
  contactId: 31,
  type: 'call',
  direction: 'outbound',
  subject: 'Delivery in May',
  content: 'They want ten, by the end of May.',
  communicationDate: '2026-01-31T14:30:00+01:00',
  followUpDate: '2026-02-07',
  relatedQuoteId: 9,
} as const

const read = async (scope: Scope, id: number) => presentCommunication(await findCommunication(scope, id))
const create = (
  scope: Scope,
  { contactId, ...input }: Omit<Timed<LogCommunication>, 'submission'> & { contactId: number },
) => belonging('contactId', logCommunication(scope, contactId, input))
const lock = (scope: Scope, id: number) => lockVersion(scope, 'communications', id)
const change = { area, lock, answer: CommunicationJson } as const

export const communicationOperations: Operation[] = [
  listing({
    path: '/communications',
    id: 'listCommunications',
    area,
    summary: 'List communications',
    description:
      'Of all contacts, or of one `contact` or `client`. Which follow-ups are `overdue` or due `today` is said by the calendar of whose token it is.',
    list: communicationList,
    columns: communicationColumns,
    record: CommunicationJson,
    name: 'CommunicationPage',
    present: presentCommunication,
  }),
  operation({
    method: 'post',
    path: '/communications',
    id: 'createCommunication',
    area,
    summary: 'Log a communication with a contact',
    description:
      'It was now unless `communicationDate` says when. A `followUpDate` makes an open follow-up. What it is about belongs to the client of the contact.',
    body: CreateBody,
    answer: CommunicationJson,
    status: 201,
    example: { body: EXAMPLE },
    run: async (scope, { body }) => read(scope, (await create(scope, body)).id),
  }),
  bulk({
    path: '/communications/bulk',
    id: 'storeCommunications',
    area,
    summary: 'Log or change many communications',
    table: 'contact_communications',
    create: CreateBody,
    update: UpdateBody.extend({ contactId: Id.optional() }),
    example: EXAMPLE,
    createOne: create,
    updateOne: updateCommunication,
  }),
  operation({
    method: 'get',
    path: '/communications/{id}',
    id: 'readCommunication',
    area,
    summary: 'Read a communication',
    answer: CommunicationJson,
    run: (scope, { id }) => read(scope, id),
  }),
  operation({
    ...change,
    method: 'patch',
    path: '/communications/{id}',
    id: 'updateCommunication',
    summary: 'Change a communication',
    description:
      'What is absent stays as it is, and `null` empties a field. Another `followUpDate` is another follow-up, and open; `null` takes it away.',
    body: UpdateBody,
    refuses: [409],
    example: { body: { content: 'They want twelve.', followUpDate: '2026-02-14' } },
    run: async (scope, { id, body }) => {
      await updateCommunication(scope, id, body)
      return read(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/communications/{id}/complete',
    id: 'completeFollowUp',
    summary: 'Complete a follow-up',
    refuses: [409],
    run: async (scope, { id }) => {
      await completeFollowUp(scope, id)
      return read(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/communications/{id}/reopen',
    id: 'reopenFollowUp',
    summary: 'Reopen a completed follow-up',
    refuses: [409],
    after: ['completeFollowUp'],
    run: async (scope, { id }) => {
      await reopenFollowUp(scope, id)
      return read(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/communications/{id}/snooze',
    id: 'snoozeFollowUp',
    summary: 'Put a follow-up off',
    description:
      'To a `followUpDate` that is not past, or `until` a day that has a name, in the calendar of whose token it is: one of the two.',
    body: SnoozeFollowUpInput,
    refuses: [409],
    example: { body: { until: 'nextWeek' } },
    run: async (scope, { id, body }) => {
      await snoozeFollowUp(scope, id, body)
      return read(scope, id)
    },
  }),
  operation({
    method: 'delete',
    path: '/communications/{id}',
    id: 'deleteCommunication',
    area,
    summary: 'Delete a communication',
    description: 'For good: it does not go to the Trash.',
    lock,
    answer: Deleted,
    run: async (scope, { id }) => {
      await deleteCommunication(scope, id)
      return { id }
    },
  }),
]
