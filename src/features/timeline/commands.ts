import sql from 'sql-template-tag'
import { RuleViolation } from '../../platform/errors.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { logCommunication } from '../communications/commands.ts'
import { requireWritable } from '../users/access.ts'
import type { LogWithContact } from './schema.ts'

/** What was said with one of a client's active contacts, with the primary one when none is named: for the client's page. */
export function logWithContact(
  scope: Scope,
  clientId: number,
  { contactId, ...input }: LogWithContact,
): Promise<{ id: number; repeated: boolean }> {
  return inTransaction(scope, async (scope) => {
    const [contact] = await scope.db.query<{ id: number }>(sql`
      SELECT id FROM contacts
      WHERE client_id = ${clientId} AND is_active AND ${contactId ? sql`id = ${contactId}` : sql`is_primary`}`)
    if (contact) return logCommunication(scope, contact.id, input)
    await requireWritable(scope, 'clients', clientId)
    throw new RuleViolation('timeline.errors.contact', 'contactId')
  })
}
