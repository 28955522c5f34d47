import { bulk } from '../../platform/api/bulk.ts'
import { Deleted } from '../../platform/api/json.ts'
import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { belonging } from '../../platform/api/parent.ts'
import type { Scope } from '../../platform/scope.ts'
import { Id } from '../../platform/validation.ts'
import { lockVersion } from '../users/locking.ts'
import { createQuote, deleteQuote, updateQuote } from './commands.ts'
import { quoteList } from './list.ts'
import { QuoteJson, presentQuote } from './present.ts'
import { findQuote, quoteColumns } from './queries.ts'
import { CreateQuoteInput, UpdateQuoteInput } from './schema.ts'
import type { CreateQuote } from './schema.ts'

const area = 'quotes'
const CreateBody = CreateQuoteInput.omit({ submission: true }).extend({ clientId: Id })
const EXAMPLE = {
  clientId: 12,
  number: 'Q-2026-0007',
  title: 'Ten forklifts',
  status: 'sent',
  total: '12000.50',
  currencyCode: 'EUR',
  validUntil: '2026-03-31',
} as const

const read = async (scope: Scope, id: number) => presentQuote(await findQuote(scope, id))
const create = (scope: Scope, { clientId, ...input }: Omit<CreateQuote, 'submission'> & { clientId: number }) =>
  belonging('clientId', createQuote(scope, clientId, input))
const lock = (scope: Scope, id: number) => lockVersion(scope, 'quotes', id)

export const quoteOperations: Operation[] = [
  listing({
    path: '/quotes',
    id: 'listQuotes',
    area,
    summary: 'List quotes',
    description: 'Of all clients, or of one: `client`.',
    list: quoteList,
    columns: quoteColumns,
    record: QuoteJson,
    name: 'QuotePage',
    present: presentQuote,
  }),
  operation({
    method: 'post',
    path: '/quotes',
    id: 'createQuote',
    area,
    summary: 'Create a quote of a client',
    description: 'A draft, in the currency of the client, unless said otherwise. No two quotes have one number.',
    body: CreateBody,
    answer: QuoteJson,
    status: 201,
    example: { body: EXAMPLE },
    run: async (scope, { body }) => read(scope, (await create(scope, body)).id),
  }),
  bulk({
    path: '/quotes/bulk',
    id: 'storeQuotes',
    area,
    summary: 'Create or change many quotes',
    table: 'quotes',
    create: CreateBody,
    update: UpdateQuoteInput.extend({ clientId: Id.optional() }),
    example: { ...EXAMPLE, number: 'Q-2026-0008' },
    createOne: create,
    updateOne: updateQuote,
  }),
  operation({
    method: 'get',
    path: '/quotes/{id}',
    id: 'readQuote',
    area,
    summary: 'Read a quote',
    answer: QuoteJson,
    run: (scope, { id }) => read(scope, id),
  }),
  operation({
    method: 'patch',
    path: '/quotes/{id}',
    id: 'updateQuote',
    area,
    summary: 'Change a quote',
    description: 'What is absent stays as it is, and `null` empties a field.',
    lock,
    body: UpdateQuoteInput,
    answer: QuoteJson,
    refuses: [409],
    example: { body: { status: 'accepted', total: '11800.00' } },
    run: async (scope, { id, body }) => {
      await updateQuote(scope, id, body)
      return read(scope, id)
    },
  }),
  operation({
    method: 'delete',
    path: '/quotes/{id}',
    id: 'deleteQuote',
    area,
    summary: 'Delete a quote',
    description:
      'For good: it does not go to the Trash. Deals and communications that are linked to it stay, without the link.',
    lock,
    answer: Deleted,
    run: async (scope, { id }) => {
      await deleteQuote(scope, id)
      return { id }
    },
  }),
]
