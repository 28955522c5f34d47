import { bulk } from '../../platform/api/bulk.ts'
import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import type { Scope } from '../../platform/scope.ts'
import { lockVersion } from '../users/locking.ts'
import { archiveClient, createClient, createClients, restoreClient, updateClient } from './commands.ts'
import { clientList } from './list.ts'
import { ClientJson, presentClient } from './present.ts'
import { clientColumns, findClient, savedClient } from './queries.ts'
import { ArchiveClientInput, CreateClientInput, UpdateClientInput } from './schema.ts'

const area = 'clients'
const CreateBody = CreateClientInput.omit({ submission: true })
const EXAMPLE = {
  name: 'Berg & Söhne',
  website: 'berg.example.com',
  email: 'office@berg.example.com',
  phone: '+49 30 1234567',
  address: 'Hafenstraße 7\n20457 Hamburg',
  status: 'active',
  currencyCode: 'EUR',
} as const

/** As a change has left it, also where it was given away. */
const saved = async (scope: Scope, id: number) => presentClient(await savedClient(scope, id))
const change = {
  area,
  lock: (scope: Scope, id: number) => lockVersion(scope, 'clients', id),
  answer: ClientJson,
} as const

export const clientOperations: Operation[] = [
  listing({
    path: '/clients',
    id: 'listClients',
    area,
    summary: 'List clients',
    list: clientList,
    columns: clientColumns,
    record: ClientJson,
    name: 'ClientPage',
    present: presentClient,
  }),
  operation({
    method: 'post',
    path: '/clients',
    id: 'createClient',
    area,
    summary: 'Create a client',
    description: 'It belongs to whose token it is, and is billed in the base currency, unless said otherwise.',
    body: CreateBody,
    answer: ClientJson,
    status: 201,
    example: { body: { ...EXAMPLE, tags: ['key account'] } },
    run: async (scope, { body }) => saved(scope, (await createClient(scope, body)).id),
  }),
  bulk({
    path: '/clients/bulk',
    id: 'storeClients',
    area,
    summary: 'Create or change many clients',
    table: 'clients',
    create: CreateBody,
    update: UpdateClientInput,
    example: { ...EXAMPLE, tags: ['key account'] },
    createOne: createClient,
    createMany: createClients,
    updateOne: updateClient,
  }),
  operation({
    method: 'get',
    path: '/clients/{id}',
    id: 'readClient',
    area,
    summary: 'Read a client',
    answer: ClientJson,
    run: async (scope, { id }) => presentClient(await findClient(scope, id)),
  }),
  operation({
    ...change,
    method: 'patch',
    path: '/clients/{id}',
    id: 'updateClient',
    summary: 'Change a client',
    description: 'What is absent stays as it is, and `null` empties a field. An archived client is restored first.',
    body: UpdateClientInput,
    refuses: [409],
    example: { body: { status: 'inactive', website: null } },
    run: async (scope, { id, body }) => {
      await updateClient(scope, id, body)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/clients/{id}/archive',
    id: 'archiveClient',
    summary: 'Archive a client',
    description:
      'Of a client with open deals, only what is `confirmed` is done: they go out of lists and sums with it.',
    body: ArchiveClientInput,
    example: { body: { confirmed: true } },
    run: async (scope, { id, body }) => {
      await archiveClient(scope, id, body)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/clients/{id}/restore',
    id: 'restoreClient',
    summary: 'Restore an archived client',
    after: ['archiveClient'],
    run: async (scope, { id }) => {
      await restoreClient(scope, id)
      return saved(scope, id)
    },
  }),
]
