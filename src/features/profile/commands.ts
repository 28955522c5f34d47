import { changedFields } from '../../platform/changed.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { findProfile, profileForm } from './queries.ts'
import type { ProfileChange } from './schema.ts'

/** One's own name, language, zone and theme, whatever one's role. Throws Conflict with what is stored when it was saved after `version`. */
export function updateProfile(scope: Scope, { version, ...input }: ProfileChange): Promise<void> {
  return inTransaction(scope, async (scope) => {
    const stored = await findProfile(scope, true)
    const changed = changedFields(stored, input)
    if (Object.keys(changed).length === 0 || scope.user.id === null) return
    if (version && version !== stored.version)
      throw await stale(scope, { table: 'users', id: scope.user.id, version, stored: profileForm(stored) })
    await scope.db.records.user.update({ where: { id: scope.user.id }, data: changed, select: { id: true } })
  })
}
