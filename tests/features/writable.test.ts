import { describe, expect, test } from 'vitest'
import { findClient } from '../../src/features/clients/queries.ts'
import { findCommunication } from '../../src/features/communications/queries.ts'
import { findContact } from '../../src/features/contacts/queries.ts'
import { findDeal } from '../../src/features/deals/queries.ts'
import { findLead } from '../../src/features/leads/queries.ts'
import { findProject } from '../../src/features/projects/queries.ts'
import { findQuote } from '../../src/features/quotes/queries.ts'
import { requireWritable } from '../../src/features/users/access.ts'
import { Forbidden } from '../../src/platform/errors.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { browse } from '../support/browse.ts'
import { as, makeUser } from '../support/people.ts'
import {
  makeClient,
  makeCommunication,
  makeContact,
  makeDeal,
  makeLead,
  makeProject,
  makeQuote,
} from '../support/records.ts'

const rosa = as(await makeUser({ name: 'Rosa' }))
const account = await makeUser({ name: 'Emil', visibility: 'own' })
const emil = as(account)
const viewer = as(await makeUser({ role: 'viewer' }))

// Rosa's client, which Emil sees through a deal of his own.
const client = await makeClient(rosa)
const contact = await makeContact(rosa, client.id)
const project = await makeProject(rosa, client.id)
const quote = await makeQuote(rosa, client.id)
const communication = await makeCommunication(rosa, contact.id)
const deal = await makeDeal(rosa, { clientId: client.id, ownerId: Number(emil.user.id) })
const lead = await makeLead(rosa, { ownerId: Number(emil.user.id) })

const reads = {
  clients: (scope: Scope) => findClient(scope, client.id),
  contacts: (scope: Scope) => findContact(scope, contact.id),
  communications: (scope: Scope) => findCommunication(scope, communication.id),
  projects: (scope: Scope) => findProject(scope, project.id),
  quotes: (scope: Scope) => findQuote(scope, quote.id),
  deals: (scope: Scope) => findDeal(scope, deal.id),
  leads: (scope: Scope) => findLead(scope, lead.id),
}
const nouns = Object.keys(reads) as (keyof typeof reads)[]

describe.each([
  ['its owner', rosa, true, true],
  ['who sees it through a deal', emil, false, true],
  ['a viewer', viewer, false, false],
] as const)('a record is told to be writable to %s as it is', (_who, scope, ofClient, own) => {
  test.each(nouns)('%s', async (noun) => {
    const { id, writable } = await reads[noun](scope)
    expect(writable).toBe(noun === 'deals' || noun === 'leads' ? own : ofClient)
    const asked = requireWritable(scope, noun, id)
    await (writable ? expect(asked).resolves.toBeUndefined() : expect(asked).rejects.toThrow(Forbidden))
  })
})

test('what would be refused is not offered on any of these pages', async () => {
  const visitor = await browse(account)
  for (const path of [
    `/clients/${client.id}`,
    `/clients/${client.id}/contacts`,
    `/contacts/${contact.id}`,
    `/communications/${communication.id}`,
    `/projects/${project.id}`,
    `/quotes/${quote.id}`,
  ]) {
    const { status, text } = await visitor.get(path)
    expect(status, path).toBe(200)
    const main = text.slice(text.indexOf('<main'))
    const ways = [...main.matchAll(/(?:href|action)="(\/[^"?]*)/g)].map(([, way = '']) => way)
    for (const way of new Set(ways.filter((way) => !way.startsWith('/assets'))))
      if (/\/(edit|create|delete|set-primary|restore|complete)$/.test(way) && !way.startsWith('/deals'))
        expect((await visitor.get(way)).status, `${way} on ${path}`).toBe(200)
  }
  expect((await visitor.get(`/clients/${client.id}`)).text).not.toContain(`/clients/${client.id}/edit`)
  expect((await visitor.get(`/deals/${deal.id}`)).text).toContain(`/deals/${deal.id}/edit`)
})
