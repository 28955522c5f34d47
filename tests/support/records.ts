import { createActivity } from '../../src/features/activities/commands.ts'
import type { Kind } from '../../src/features/activities/kinds.ts'
import { createClient } from '../../src/features/clients/commands.ts'
import { logCommunication } from '../../src/features/communications/commands.ts'
import { createContact } from '../../src/features/contacts/commands.ts'
import { createDeal } from '../../src/features/deals/commands/creating.ts'
import { createLead } from '../../src/features/leads/commands.ts'
import { createProject } from '../../src/features/projects/commands.ts'
import { createQuote } from '../../src/features/quotes/commands.ts'
import type { Scope } from '../../src/platform/scope.ts'

type Overrides<Command extends (scope: Scope, ...args: never[]) => unknown> = Partial<Parameters<Command>[1]>

export function makeClient(scope: Scope, overrides: Overrides<typeof createClient> = {}) {
  return createClient(scope, { name: 'Acme Forklifts', ...overrides })
}

export function makeContact(
  scope: Scope,
  clientId: number,
  overrides: Partial<Parameters<typeof createContact>[2]> = {},
) {
  return createContact(scope, clientId, { firstName: 'Rosa', lastName: 'Winter', ...overrides })
}

export function makeLead(scope: Scope, overrides: Overrides<typeof createLead> = {}) {
  return createLead(scope, { firstName: 'Emil', lastName: 'Sommer', companyName: 'Sommer & Söhne', ...overrides })
}

export function makeDeal(scope: Scope, overrides: Overrides<typeof createDeal> = {}) {
  return createDeal(scope, { name: 'Forklifts for Acme', value: '12000', currencyCode: 'EUR', ...overrides })
}

export function makeProject(
  scope: Scope,
  clientId: number,
  overrides: Partial<Parameters<typeof createProject>[2]> = {},
) {
  return createProject(scope, clientId, { name: 'New hall', ...overrides })
}

let quotesMade = 0

/** Under a number of its own. */
export function makeQuote(scope: Scope, clientId: number, overrides: Partial<Parameters<typeof createQuote>[2]> = {}) {
  quotesMade += 1
  return createQuote(scope, clientId, { number: `T-${quotesMade}`, title: 'Ten forklifts', ...overrides })
}

export function makeCommunication(
  scope: Scope,
  contactId: number,
  overrides: Partial<Parameters<typeof logCommunication>[2]> = {},
) {
  return logCommunication(scope, contactId, { type: 'call', subject: 'Delivery in May', ...overrides })
}

/** A call that is planned, unless said otherwise. */
export function makeActivity(
  scope: Scope,
  kind: Kind,
  recordId: number,
  overrides: Partial<Parameters<typeof createActivity>[3]> = {},
) {
  return createActivity(scope, kind, recordId, {
    type: 'call',
    subject: 'Ask about the forklifts',
    status: 'pending',
    ...overrides,
  })
}
