import sql from 'sql-template-tag'
import { changedFields } from '../../platform/changed.ts'
import { Conflict, NotFound, RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { storeMany } from '../../platform/store-many.ts'
import { requireWritable, requireWriter } from '../users/access.ts'
import { baseCurrency, requireOwner } from '../users/queries.ts'
import { clientForm, countOpenDeals } from './queries.ts'
import type { ArchiveClient, CreateClient, UpdateClient } from './schema.ts'

/** A new client; without a word about it, active, in the base currency, and owned by whoever creates it. */
export function createClient(
  scope: Scope,
  input: CreateClient,
): Promise<{ id: number; name: string; repeated: boolean }> {
  return inTransaction(scope, async (scope) => {
    requireWriter(scope)
    const { submission, ...fields } = input
    const created = await once(scope, submission, fields, async () => {
      const data = await newClients(scope)(fields)
      return scope.db.records.client.create({ data, select: { id: true } })
    })
    return { ...created, name: fields.name }
  })
}

/** Many by the rules of one, in the order given: all of them, or none when one is against a rule. */
export function createClients(
  scope: Scope,
  inputs: readonly Omit<CreateClient, 'submission'>[],
): Promise<{ id: number }[]> {
  return inTransaction(scope, async (scope) => {
    requireWriter(scope)
    const newClient = newClients(scope)
    const data: Awaited<ReturnType<typeof newClient>>[] = []
    for (const input of inputs) data.push(await newClient(input))
    return storeMany(scope.db, 'clients', COLUMNS, data)
  })
}

const COLUMNS = {
  name: 'text',
  description: 'text',
  website: 'text',
  email: 'text',
  phone: 'text',
  address: 'text',
  contactPerson: 'text',

  status: ['text', 'active'],
  currencyCode: 'text',
  ownerId: 'integer',
  tags: ['text[]', '{}'],
  createdBy: 'integer',
} as const

/** What is stored of a new client. What does not differ from client to client is asked once. */
function newClients(scope: Scope) {
  const { id: createdBy } = scope.user
  const owners = new Set<number | null>([null, createdBy])
  let base: string | undefined
  return async (input: Omit<CreateClient, 'submission'>) => {
    const currencyCode = input.currencyCode ?? (base ??= await baseCurrency(scope))
    const ownerId = input.ownerId === undefined ? createdBy : input.ownerId
    if (!owners.has(ownerId)) await requireOwner(scope, ownerId)
    owners.add(ownerId)
    return { ...input, currencyCode, ownerId, createdBy }
  }
}

/** Throws Conflict with what is stored when somebody else saved after `input.version`. What is the same already is not written. */
export function updateClient(scope: Scope, id: number, { version, ...input }: UpdateClient): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'clients', id)
    await lockClient(scope, id)
    const stored = await scope.db.records.client.findUniqueOrThrow({ where: { id } })
    const changed = changedFields(stored, input)
    if (Object.keys(changed).length === 0) return
    if (!stored.isActive) throw new Conflict('clients.errors.archived')
    if (version && version !== stored.version)
      throw await stale(scope, { table: 'clients', id, version, stored: clientForm(stored) })
    await requireOwner(scope, changed.ownerId, stored.ownerId)
    await scope.db.records.client.update({ where: { id }, data: changed, select: { id: true } })
  })
}

/** Takes a client out of lists and sums; what hangs on it stays. With open deals it asks first: RuleViolation until `confirmed`. */
export function archiveClient(scope: Scope, id: number, { confirmed }: ArchiveClient = {}): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'clients', id)
    await lockClient(scope, id)
    const count = confirmed ? 0 : await countOpenDeals(scope, id)
    if (count > 0) throw new RuleViolation('clients.errors.openDeals', 'confirmed', { count })
    await scope.db.records.client.updateMany({ where: { id, isActive: true }, data: { isActive: false } })
  })
}

export function restoreClient(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'clients', id)
    // Whoever deletes it for good was first: then it is not there to be locked.
    await lockClient(scope, id)
    await scope.db.records.client.updateMany({ where: { id, isActive: false }, data: { isActive: true } })
  })
}

/**
 * Makes everybody who writes to this client or to the set of its contacts wait for their turn, until the transaction ends. Foreign keys to the
 * client do not wait. What the turn depends on is to be read after this, not before.
 */
export async function lockClient(scope: Scope, id: number): Promise<{ isActive: boolean; currencyCode: string }> {
  const [client] = await scope.db.query<{ isActive: boolean; currencyCode: string }>(sql`
    SELECT is_active AS "isActive", currency_code AS "currencyCode" FROM clients WHERE id = ${id} FOR NO KEY UPDATE`)
  if (!client) throw new NotFound()
  return client
}
