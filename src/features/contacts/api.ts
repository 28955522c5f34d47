import { bulk } from '../../platform/api/bulk.ts'
import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { belonging } from '../../platform/api/parent.ts'
import type { Scope } from '../../platform/scope.ts'
import { Id } from '../../platform/validation.ts'
import {
  archiveContact,
  createContact,
  lockContact,
  makePrimaryContact,
  restoreContact,
  updateContact,
} from './commands.ts'
import { contactList } from './list.ts'
import { ContactJson, presentContact } from './present.ts'
import { contactColumns, findContact } from './queries.ts'
import { CreateContactInput, UpdateContactInput } from './schema.ts'
import type { CreateContact } from './schema.ts'

const area = 'contacts'
const CreateBody = CreateContactInput.omit({ submission: true }).extend({ clientId: Id })
const EXAMPLE = {
  clientId: 12,
  firstName: 'Ada',
  lastName: 'Berg',
  email: 'ada@berg.example.com',
  phone: '+49 30 1234567',
  title: 'Head of logistics',
  department: 'Logistics',
  role: 'technical',
} as const

const read = async (scope: Scope, id: number) => presentContact(await findContact(scope, id))
const create = (scope: Scope, { clientId, ...input }: Omit<CreateContact, 'submission'> & { clientId: number }) =>
  belonging('clientId', createContact(scope, clientId, input))
const change = { area, lock: lockContact, answer: ContactJson } as const

export const contactOperations: Operation[] = [
  listing({
    path: '/contacts',
    id: 'listContacts',
    area,
    summary: 'List contacts',
    description: 'Of all clients, or of one: `client`.',
    list: contactList,
    columns: contactColumns,
    record: ContactJson,
    name: 'ContactPage',
    present: presentContact,
  }),
  operation({
    method: 'post',
    path: '/contacts',
    id: 'createContact',
    area,
    summary: 'Create a contact of a client',
    description:
      'The first active contact of a client is its primary one; `isPrimary: true` makes a later one primary, and no other.',
    body: CreateBody,
    answer: ContactJson,
    status: 201,
    example: { body: { ...EXAMPLE, tags: ['fair'] } },
    run: async (scope, { body }) => read(scope, (await create(scope, body)).id),
  }),
  bulk({
    path: '/contacts/bulk',
    id: 'storeContacts',
    area,
    summary: 'Create or change many contacts',
    table: 'contacts',
    create: CreateBody,
    update: UpdateContactInput.extend({ clientId: Id.optional() }),
    example: { ...EXAMPLE, tags: ['fair'] },
    createOne: create,
    updateOne: updateContact,
  }),
  operation({
    method: 'get',
    path: '/contacts/{id}',
    id: 'readContact',
    area,
    summary: 'Read a contact',
    answer: ContactJson,
    run: (scope, { id }) => read(scope, id),
  }),
  operation({
    ...change,
    method: 'patch',
    path: '/contacts/{id}',
    id: 'updateContact',
    summary: 'Change a contact',
    description:
      'What is absent stays as it is, and `null` empties a field. `isPrimary: true` makes it primary; false changes nothing, as being primary ends when another contact takes over. An archived contact is restored first.',
    body: UpdateContactInput,
    refuses: [409],
    example: { body: { title: 'Head of purchasing', mobile: null } },
    run: async (scope, { id, body }) => {
      await updateContact(scope, id, body)
      return read(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/contacts/{id}/set-primary',
    id: 'setPrimaryContact',
    summary: 'Make a contact the primary one of its client',
    description: 'Of any number of requests at once the last one wins, and exactly one contact is primary.',
    refuses: [409],
    // A client's first contact is primary from the start, and archiving it ends that.
    after: ['archiveContact', 'createContact', 'restoreContact'],
    run: async (scope, { id }) => {
      await makePrimaryContact(scope, id)
      return read(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/contacts/{id}/archive',
    id: 'archiveContact',
    summary: 'Archive a contact',
    description: 'It is no longer primary then: its client has no primary contact until one is named.',
    run: async (scope, { id }) => {
      await archiveContact(scope, id)
      return read(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/contacts/{id}/restore',
    id: 'restoreContact',
    summary: 'Restore an archived contact',
    description: 'It is primary again only when its client has no other active contact.',
    after: ['archiveContact'],
    run: async (scope, { id }) => {
      await restoreContact(scope, id)
      return read(scope, id)
    },
  }),
]
