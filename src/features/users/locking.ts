import sql, { raw } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import { visible } from './access.ts'

type Noun = Parameters<typeof visible>[1]

/** Locks a record that this user may see until the transaction ends, and answers its version. Throws NotFound. */
export async function lockVersion(scope: Scope, noun: Noun, id: number): Promise<number> {
  const table = raw(noun === 'communications' ? 'contact_communications' : noun)
  const [record] = await scope.db.query<{ version: number }>(
    sql`SELECT r.version FROM ${table} r WHERE r.id = ${id} AND ${visible(scope, noun, 'r')} FOR UPDATE OF r`,
  )
  if (!record) throw new NotFound()
  return record.version
}
