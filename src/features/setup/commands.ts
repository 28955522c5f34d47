import sql from 'sql-template-tag'
import { Conflict } from '../../platform/errors.ts'
import { SYSTEM, inTransaction } from '../../platform/scope.ts'
import type { Db } from '../../platform/database/database.ts'
import { createUser } from '../users/commands/creating.ts'
import { hasUsers } from '../users/queries.ts'
import type { Setup } from './schema.ts'

/**
 * Makes the first administrator and the installation's settings. Throws Conflict once there is any user: of several set-ups at the same
 * instant, one succeeds.
 */
export function setUp(
  db: Db,
  { name, email, password, baseCurrency, timeZone, locale }: Omit<Setup, 'sampleData'> & { locale: string },
): Promise<{ id: number }> {
  return inTransaction({ db, user: SYSTEM }, async (scope) => {
    await scope.db.query(sql`SELECT id FROM settings WHERE id = 1 FOR UPDATE`)
    if (await hasUsers(scope.db)) throw new Conflict('setup.errors.done')
    await scope.db.records.settings.update({
      where: { id: 1 },
      data: { baseCurrency, defaultTimeZone: timeZone, defaultLocale: locale },
    })
    return createUser(scope, { name, email, password, role: 'admin', visibility: 'all', timeZone, locale })
  })
}
