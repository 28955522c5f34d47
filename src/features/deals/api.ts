import { z } from 'zod'
import { bulk } from '../../platform/api/bulk.ts'
import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import type { Scope } from '../../platform/scope.ts'
import { Id } from '../../platform/validation.ts'
import { lockVersion } from '../users/locking.ts'
import { archiveDeal, changeDeal, restoreDeal } from './commands/changing.ts'
import { closeDeal, reopenDeal } from './commands/closing.ts'
import { createDeal } from './commands/creating.ts'
import { moveDeal } from './commands/moving.ts'
import { DealContactJson, DealJson, presentDeal } from './json.ts'
import { dealList } from './list.ts'
import { dealColumns, findDeal, listDealContacts, savedDeal } from './queries.ts'
import { ChangeDealInput, CloseLostInput, CloseWonInput, CreateDealInput, MoveDealInput } from './schema.ts'

const area = 'deals'
const CreateBody = CreateDealInput.omit({ submission: true })
const EXAMPLE = {
  name: 'Ten forklifts',
  clientId: 12,
  contactId: 31,
  value: '12000.50',
  currencyCode: 'EUR',
  stage: 'qualification',
  expectedCloseDate: '2026-03-31',
} as const

/** As a change has left it, also where it was given away. */
const saved = async (scope: Scope, id: number) => presentDeal(await savedDeal(scope, id))
/** What every change of one deal has in common: If-Match, and the deal as it is then for an answer. */
const change = { area, lock: (scope: Scope, id: number) => lockVersion(scope, 'deals', id), answer: DealJson } as const

export const dealOperations: Operation[] = [
  listing({
    path: '/deals',
    id: 'listDeals',
    area,
    summary: 'List deals',
    description:
      'Archived ones are not among them. What is planned for a deal is told by `GET /deal-activities?deal=…&status=pending&sort=due`.',
    list: dealList,
    columns: dealColumns,
    record: DealJson,
    name: 'DealPage',
    present: presentDeal,
  }),
  operation({
    method: 'post',
    path: '/deals',
    id: 'createDeal',
    area,
    summary: 'Create a deal',
    description:
      'In an open stage: the first one of the default pipeline, with its probability, unless said otherwise. It belongs to whose token it is, in the base currency, unless said otherwise. Contact, project and quote are those of its client.',
    body: CreateBody,
    answer: DealJson,
    status: 201,
    example: { body: { ...EXAMPLE, pipelineId: 1, tags: ['fair'] } },
    run: async (scope, { body }) => saved(scope, (await createDeal(scope, body)).id),
  }),
  bulk({
    path: '/deals/bulk',
    id: 'storeDeals',
    area,
    summary: 'Create or change many deals',
    table: 'deals',
    create: CreateBody,
    // A program may name the pipeline each time.
    update: ChangeDealInput.extend({ pipelineId: Id.optional() }),
    example: { ...EXAMPLE, tags: ['fair'] },
    createOne: (scope, input) => createDeal(scope, input),
    updateOne: changeDeal,
  }),
  operation({
    method: 'get',
    path: '/deals/{id}',
    id: 'readDeal',
    area,
    summary: 'Read a deal',
    answer: DealJson,
    run: async (scope, { id }) => presentDeal(await findDeal(scope, id)),
  }),
  operation({
    method: 'get',
    path: '/deals/{id}/contacts',
    id: 'listDealContacts',
    area: 'contacts',
    summary: 'List the contacts at a deal’s client',
    description: 'Who can be its contact: the primary one first, none that is archived.',
    answer: z.object({ data: z.array(DealContactJson) }).meta({ title: 'DealContacts' }),
    run: async (scope, { id }) => ({ data: await listDealContacts(scope, id) }),
  }),
  operation({
    ...change,
    method: 'patch',
    path: '/deals/{id}',
    id: 'updateDeal',
    summary: 'Change a deal',
    description:
      'What is absent stays as it is, and `null` empties a field; of `probability`, it takes that of the stage. Another `stage` is a move to its top. An archived deal is restored first.',
    body: ChangeDealInput,
    refuses: [409],
    example: { body: { value: '11800.00', expectedCloseDate: null } },
    run: async (scope, { id, body }) => {
      await changeDeal(scope, id, body)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/deals/{id}/move',
    id: 'moveDeal',
    summary: 'Move a deal on the board',
    description:
      'To an open stage, of another pipeline where one is named, with that stage’s probability; or to another place in its column: before or after the deal named, else on top.',
    body: MoveDealInput,
    refuses: [409],
    example: { body: { stage: 'proposal' } },
    run: async (scope, { id, body }) => {
      await moveDeal(scope, id, body)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/deals/{id}/close-won',
    id: 'winDeal',
    summary: 'Close a deal as won',
    description:
      'Once: a closed deal is reopened first. It was today, by the calendar of whose token it is, unless said otherwise.',
    body: CloseWonInput,
    refuses: [409],
    example: { body: { actualCloseDate: '2026-01-31' } },
    run: async (scope, { id, body }) => {
      await closeDeal(scope, id, { outcome: 'won', ...body })
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/deals/{id}/close-lost',
    id: 'loseDeal',
    summary: 'Close a deal as lost',
    description: 'Once, with a reason. It was today, by the calendar of whose token it is, unless said otherwise.',
    body: CloseLostInput,
    refuses: [409],
    example: { body: { lossReason: 'Too dear' } },
    run: async (scope, { id, body }) => {
      await closeDeal(scope, id, { outcome: 'lost', ...body })
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/deals/{id}/reopen',
    id: 'reopenDeal',
    summary: 'Reopen a closed deal',
    description: 'In the stage that it was closed in, with that stage’s probability.',
    refuses: [409],
    after: ['winDeal'],
    run: async (scope, { id }) => {
      await reopenDeal(scope, id)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/deals/{id}/archive',
    id: 'archiveDeal',
    summary: 'Archive a deal',
    run: async (scope, { id }) => {
      await archiveDeal(scope, id)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/deals/{id}/restore',
    id: 'restoreDeal',
    summary: 'Restore an archived deal',
    after: ['archiveDeal'],
    run: async (scope, { id }) => {
      await restoreDeal(scope, id)
      return saved(scope, id)
    },
  }),
]
