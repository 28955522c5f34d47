import sql from 'sql-template-tag'
import { changedFields } from '../../platform/changed.ts'
import { Conflict, NotFound, RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { lockClient } from '../clients/commands.ts'
import { requireWritable } from '../users/access.ts'
import { lockVersion } from '../users/locking.ts'
import { contactForm } from './queries.ts'
import type { CreateContact, UpdateContact } from './schema.ts'

/**
 * A new contact of a client that is not archived. The first one becomes its primary contact; one made as primary becomes the only one. Each
 * command here locks the client first, so that parallel requests take turns and none fails.
 */
export function createContact(
  scope: Scope,
  clientId: number,
  input: CreateContact,
): Promise<{ id: number; repeated: boolean }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'clients', clientId)
    const { submission, ...fields } = input
    return once(scope, submission, fields, async () => {
      const client = await lockClient(scope, clientId)
      if (!client.isActive) throw new RuleViolation('contacts.errors.clientArchived')
      return insertContact(scope, clientId, fields)
    })
  })
}

async function insertContact(
  scope: Scope,
  clientId: number,
  fields: Omit<CreateContact, 'submission'>,
): Promise<{ id: number }> {
  const claims = fields.isPrimary === true || fields.role === 'primary'
  if (claims) await clearPrimary(scope, clientId)
  const isPrimary = claims || !(await hasActiveContact(scope, clientId))
  return scope.db.records.contact.create({
    data: { ...fields, clientId, isPrimary, createdBy: scope.user.id },
    select: { id: true },
  })
}

/**
 * Throws Conflict with what is stored when somebody else saved after `version`. What is the same already is not written. Asking for primary
 * again, or for the role that is there already, changes nothing. Its client can be named, but never another one.
 */
export function updateContact(
  scope: Scope,
  id: number,
  { version, isPrimary, clientId: named, ...input }: UpdateContact & { clientId?: number },
): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'contacts', id)
    const clientId = await lockClientOf(scope, id)
    const stored = await scope.db.records.contact.findUniqueOrThrow({ where: { id } })
    if (named !== undefined && named !== clientId) throw new RuleViolation('contacts.errors.otherClient', 'clientId')
    const fields = changedFields(stored, input)
    const claims = !stored.isPrimary && (isPrimary === true || fields.role === 'primary')
    if (!claims && Object.keys(fields).length === 0) return
    if (!stored.isActive) throw new Conflict('contacts.errors.archived')
    if (version && version !== stored.version)
      throw await stale(scope, { table: 'contacts', id, version, stored: contactForm(stored) })
    if (claims) await clearPrimary(scope, clientId)
    await scope.db.records.contact.update({
      where: { id },
      data: claims ? { ...fields, isPrimary: true } : fields,
      select: { id: true },
    })
  })
}

/** The last of any number of parallel requests wins, and exactly one active contact of the client is primary. Not for an archived contact. */
export function makePrimaryContact(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'contacts', id)
    const clientId = await lockClientOf(scope, id)
    const { isActive, isPrimary } = await scope.db.records.contact.findUniqueOrThrow({
      where: { id },
      select: { isActive: true, isPrimary: true },
    })
    if (!isActive) throw new Conflict('contacts.errors.archivedPrimary')
    if (isPrimary) return
    await clearPrimary(scope, clientId)
    await scope.db.records.contact.update({ where: { id }, data: { isPrimary: true }, select: { id: true } })
  })
}

/** Out of lists and choices; an archived contact is never primary, so its client may have none until somebody names one. */
export function archiveContact(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'contacts', id)
    await lockClientOf(scope, id)
    await scope.db.records.contact.updateMany({
      where: { id, isActive: true },
      data: { isActive: false, isPrimary: false },
    })
  })
}

/** Back as it was; primary only when the client has no other contact. */
export function restoreContact(scope: Scope, id: number): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'contacts', id)
    const clientId = await lockClientOf(scope, id)
    const isPrimary = !(await hasActiveContact(scope, clientId))
    const { count } = await scope.db.records.contact.updateMany({
      where: { id, isActive: false },
      data: { isActive: true, isPrimary },
    })
    // It is back already, or somebody has deleted it for good while this waited.
    if (count === 0) await requireWritable(scope, 'contacts', id)
  })
}

/** Waits for its turn as every command here does, so that whatever follows can go on; answers the version. Throws NotFound. */
export async function lockContact(scope: Scope, id: number): Promise<number> {
  await lockClientOf(scope, id)
  return lockVersion(scope, 'contacts', id)
}

/** Nobody is primary any more, in the flag or in the role: the two must not name different people. */
async function clearPrimary(scope: Scope, clientId: number): Promise<void> {
  await scope.db.query(sql`
    UPDATE contacts SET is_primary = false, role = CASE role WHEN 'primary' THEN 'contact' ELSE role END
    WHERE client_id = ${clientId} AND is_primary RETURNING id`)
}

async function hasActiveContact(scope: Scope, clientId: number): Promise<boolean> {
  const found = await scope.db.query(sql`SELECT id FROM contacts WHERE client_id = ${clientId} AND is_active LIMIT 1`)
  return found.length > 0
}

async function lockClientOf(scope: Scope, contactId: number): Promise<number> {
  const [contact] = await scope.db.query<{ clientId: number }>(
    sql`SELECT client_id AS "clientId" FROM contacts WHERE id = ${contactId}`,
  )
  if (!contact) throw new NotFound()
  await lockClient(scope, contact.clientId)
  return contact.clientId
}
