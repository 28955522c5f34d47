import sql from 'sql-template-tag'
import { isUniqueViolation } from '../../platform/database/failure.ts'
import { NotFound, RuleViolation } from '../../platform/errors.ts'
import { once } from '../../platform/once.ts'
import type { Scope } from '../../platform/scope.ts'
import { stale } from '../../platform/stale.ts'
import { administer } from '../users/administrators.ts'
import { teamForm } from './queries.ts'
import type { CreateTeam, UpdateTeam } from './schema.ts'

/** Throws RuleViolation at `name` when there is a team of that name, however it is capitalised. */
export function createTeam(scope: Scope, { submission, name }: CreateTeam): Promise<{ id: number; repeated: boolean }> {
  return unlessTaken(
    administer(scope, (scope) =>
      once(scope, submission, { name }, () => scope.db.records.team.create({ data: { name }, select: { id: true } })),
    ),
  )
}

/** Throws Conflict with what is stored when somebody else saved after `version`. */
export function renameTeam(scope: Scope, id: number, { name, version }: UpdateTeam): Promise<void> {
  return unlessTaken(
    administer(scope, async (scope) => {
      const [stored] = await scope.db.query<{ name: string; version: number }>(
        sql`SELECT name, version FROM teams WHERE id = ${id} FOR NO KEY UPDATE`,
      )
      if (!stored) throw new NotFound()
      if (name === undefined || name === stored.name) return
      if (version && version !== stored.version)
        throw await stale(scope, { table: 'teams', id, version, stored: teamForm(stored) })
      await scope.db.records.team.update({ where: { id }, data: { name }, select: { id: true } })
    }),
  )
}

/** Its members stay, without a team: who sees their team's records then sees their own. Answers how many they were. */
export function deleteTeam(scope: Scope, id: number): Promise<{ members: number }> {
  return administer(scope, async (scope) => {
    // Here, and not by the foreign key, so that each member's change has its row in the audit before the team's.
    const members = await scope.db.query(sql`UPDATE users SET team_id = NULL WHERE team_id = ${id} RETURNING id`)
    const deleted = await scope.db.query(sql`DELETE FROM teams WHERE id = ${id} RETURNING id`)
    if (deleted.length === 0) throw new NotFound()
    return { members: members.length }
  })
}

async function unlessTaken<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (isUniqueViolation(error)) throw new RuleViolation('teams.errors.taken', 'name')
    throw error
  }
}
