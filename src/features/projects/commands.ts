import { changedFields } from '../../platform/changed.ts'
import { RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import { inTransaction } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { dateColumn } from '../../platform/time.ts'
import { lockClient } from '../clients/commands.ts'
import { requireWritable } from '../users/access.ts'
import { lockProject, projectForm } from './queries.ts'
import type { CreateProject, UpdateProject } from './schema.ts'

/** A new project of a client that is not archived, planned unless it says otherwise. */
export function createProject(
  scope: Scope,
  clientId: number,
  { submission, ...fields }: CreateProject,
): Promise<{ id: number; repeated: boolean }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'clients', clientId)
    return once(scope, submission, fields, async () => {
      const client = await lockClient(scope, clientId)
      if (!client.isActive) throw new RuleViolation('projects.errors.clientArchived')
      requireOrder(fields)
      return scope.db.records.project.create({
        data: { ...withDates(fields), clientId, createdBy: scope.user.id },
        select: { id: true },
      })
    })
  })
}

/**
 * Throws Conflict with what is stored when somebody else saved after `version`. What is the same already is not written. Its client can be named, but
 * never another one.
 */
export function updateProject(
  scope: Scope,
  id: number,
  { version, clientId, ...input }: UpdateProject & { clientId?: number },
): Promise<void> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'projects', id)
    const stored = await lockProject(scope, id)
    if (clientId !== undefined && clientId !== stored.clientId)
      throw new RuleViolation('projects.errors.otherClient', 'clientId')
    const changed = changedFields(stored, input)
    if (Object.keys(changed).length === 0) return
    if (version && version !== stored.version)
      throw await stale(scope, { table: 'projects', id, version, stored: projectForm(stored) })
    requireOrder({ ...stored, ...changed })
    await scope.db.records.project.update({ where: { id }, data: withDates(changed), select: { id: true } })
  })
}

/** For good; deals and communications that are linked to it stay without the link. Answers whose it was. */
export function deleteProject(scope: Scope, id: number): Promise<{ clientId: number }> {
  return inTransaction(scope, async (scope) => {
    await requireWritable(scope, 'projects', id)
    const { clientId } = await lockProject(scope, id)
    await scope.db.records.project.delete({ where: { id }, select: { id: true } })
    return { clientId }
  })
}

function requireOrder({ startDate, endDate }: Pick<CreateProject, 'startDate' | 'endDate'>): void {
  if (startDate && endDate && endDate < startDate) throw new RuleViolation('projects.errors.endBeforeStart', 'endDate')
}

function withDates<Fields extends Partial<CreateProject>>({ startDate, endDate, ...fields }: Fields) {
  return { ...fields, startDate: dateColumn(startDate), endDate: dateColumn(endDate) }
}
