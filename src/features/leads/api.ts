import { bulk } from '../../platform/api/bulk.ts'
import { listing } from '../../platform/api/listing.ts'
import { operation } from '../../platform/api/operation.ts'
import type { Operation } from '../../platform/api/operation.ts'
import type { Scope } from '../../platform/scope.ts'
import { lockVersion } from '../users/locking.ts'
import { archiveLead, createLead, createLeads, markLeadLost, reopenLead, restoreLead, updateLead } from './commands.ts'
import { convertToClient, convertToDeal } from './conversion.ts'
import { leadList } from './list.ts'
import { LeadJson, presentLead } from './present.ts'
import { findLead, leadColumns, savedLead } from './queries.ts'
import { ConvertToClientInput, ConvertToDealInput, CreateLeadInput, MarkLostInput, UpdateLeadInput } from './schema.ts'

const area = 'leads'
const CreateBody = CreateLeadInput.omit({ submission: true })
const EXAMPLE = {
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
  tags: ['fair'],
  notes: 'Wants ten forklifts in May',
} as const

/** As a change has left it, also where it was given away. */
const saved = async (scope: Scope, id: number) => presentLead(await savedLead(scope, id))
/** What every change of one lead has in common: If-Match, and the lead as it is then for an answer. */
const change = { area, lock: (scope: Scope, id: number) => lockVersion(scope, 'leads', id), answer: LeadJson } as const

export const leadOperations: Operation[] = [
  listing({
    path: '/leads',
    id: 'listLeads',
    area,
    summary: 'List leads',
    list: leadList,
    columns: leadColumns,
    record: LeadJson,
    name: 'LeadPage',
    present: presentLead,
  }),
  operation({
    method: 'post',
    path: '/leads',
    id: 'createLead',
    area,
    summary: 'Create a lead',
    description: 'It belongs to whose token it is, unless `ownerId` says otherwise.',
    body: CreateBody,
    answer: LeadJson,
    status: 201,
    example: { body: { ...EXAMPLE, tags: ['fair'] } },
    run: async (scope, { body }) => saved(scope, (await createLead(scope, body)).id),
  }),
  bulk({
    path: '/leads/bulk',
    id: 'storeLeads',
    area,
    summary: 'Create or change many leads',
    table: 'leads',
    create: CreateBody,
    update: UpdateLeadInput,
    example: { ...EXAMPLE, tags: ['fair'] },
    createOne: createLead,
    createMany: createLeads,
    updateOne: updateLead,
  }),
  operation({
    method: 'get',
    path: '/leads/{id}',
    id: 'readLead',
    area,
    summary: 'Read a lead',
    answer: LeadJson,
    run: async (scope, { id }) => presentLead(await findLead(scope, id)),
  }),
  operation({
    ...change,
    method: 'patch',
    path: '/leads/{id}',
    id: 'updateLead',
    summary: 'Change a lead',
    description:
      'What is absent stays as it is, and `null` empties a field. A converted or lost lead keeps its status.',
    body: UpdateLeadInput,
    refuses: [409],
    example: { body: { score: 70, notes: null } },
    run: async (scope, { id, body }) => {
      await updateLead(scope, id, body)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/leads/{id}/mark-lost',
    id: 'markLeadLost',
    summary: 'Mark a lead as lost',
    body: MarkLostInput,
    refuses: [409],
    example: { body: { lostReason: 'No budget this year' } },
    run: async (scope, { id, body }) => {
      await markLeadLost(scope, id, body.lostReason)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/leads/{id}/reopen',
    id: 'reopenLead',
    summary: 'Reopen a lost lead',
    refuses: [409],
    after: ['markLeadLost'],
    run: async (scope, { id }) => {
      await reopenLead(scope, id)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/leads/{id}/convert-to-client',
    id: 'convertLeadToClient',
    summary: 'Convert a lead to a client',
    description: 'Once. The lead tells in `convertedToClientId` what it became.',
    body: ConvertToClientInput,
    refuses: [409],
    example: { body: { client: 'new', clientName: 'Berg & Söhne', contact: 'new' } },
    run: async (scope, { id, body }) => {
      await convertToClient(scope, id, body)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/leads/{id}/convert-to-deal',
    id: 'convertLeadToDeal',
    summary: 'Convert a lead to a deal',
    description: 'Once, with its client and contact. The lead tells in `convertedToDealId` what it became.',
    body: ConvertToDealInput,
    refuses: [409],
    example: { body: { client: 'new', contact: 'new', name: 'Ten forklifts', value: '12000.50', currencyCode: 'EUR' } },
    run: async (scope, { id, body }) => {
      await convertToDeal(scope, id, body)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/leads/{id}/archive',
    id: 'archiveLead',
    summary: 'Archive a lead',
    run: async (scope, { id }) => {
      await archiveLead(scope, id)
      return saved(scope, id)
    },
  }),
  operation({
    ...change,
    method: 'post',
    path: '/leads/{id}/restore',
    id: 'restoreLead',
    summary: 'Restore an archived lead',
    after: ['archiveLead'],
    run: async (scope, { id }) => {
      await restoreLead(scope, id)
      return saved(scope, id)
    },
  }),
]
