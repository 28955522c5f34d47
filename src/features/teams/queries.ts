import sql from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import type { Option } from '../users/queries.ts'

export function teamOptions({ db }: Scope): Promise<Option[]> {
  return db.query<Option>(sql`SELECT id AS value, name AS label FROM teams ORDER BY lower(name), id`)
}

export interface TeamDetails {
  id: number
  name: string
  version: number
  members: { id: number; name: string }[]
}

/** With who is in it. Throws NotFound. */
export async function findTeam({ db }: Scope, id: number): Promise<TeamDetails> {
  const [team] = await db.query<TeamDetails>(sql`
    SELECT t.id, t.name, t.version, coalesce((
      SELECT json_agg(json_build_object('id', u.id, 'name', u.name) ORDER BY lower(u.name), u.id) FROM users u WHERE u.team_id = t.id
    ), '[]') AS members
    FROM teams t WHERE t.id = ${id}`)
  if (!team) throw new NotFound()
  return team
}

export function teamForm({ name, version }: Pick<TeamDetails, 'name' | 'version'>) {
  return { name, version }
}
