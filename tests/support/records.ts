import { createClient } from '../../src/features/clients/commands.ts'
import { createContact } from '../../src/features/contacts/commands.ts'
import { createDeal } from '../../src/features/deals/commands.ts'
import { createLead } from '../../src/features/leads/commands.ts'
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
