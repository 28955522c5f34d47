import sql from 'sql-template-tag'
import { z } from 'zod'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import { ROLES } from '../../platform/scope.ts'
import type { Role } from '../../platform/scope.ts'
import { Id } from '../../platform/validation.ts'

/** What everybody is told of everybody, so that records can be given to somebody. */
export interface Colleague {
  id: number
  name: string
  /** An administrator's to know. */
  email: string
  role: Role
  teamId: number | null
  teamName: string | null
  timeZone: string
  isActive: boolean
}

/** A `Colleague`, of `colleaguesFrom`. */
export const colleagueColumns = sql`u.id, u.name, u.email, u.role, u.team_id AS "teamId", t.name AS "teamName", u.time_zone AS "timeZone",
  u.is_active AS "isActive"`
export const colleaguesFrom = sql`users u LEFT JOIN teams t ON t.id = u.team_id`

/** For programs of everybody; found by name, because nobody's e-mail is to be guessed here. */
export const colleagueList = defineList<Colleague>()({
  columns: colleagueColumns,
  from: colleaguesFrom,
  countFrom: sql`users u`,
  key: sql`u.id`,
  filter: z.object({ role: z.enum(ROLES), team: Id, active: z.enum(['yes', 'no']) }),
  where: ({ role, team, active }) => [
    role && sql`u.role = ${role}`,
    team !== undefined && sql`u.team_id = ${team}`,
    active && sql`u.is_active = ${active === 'yes'}`,
  ],
  search: (pattern) => sql`search_fold(u.name) LIKE ${pattern}`,
  sorts: { name: by(sql`lower(u.name)`, 'text'), created: by(sql`u.created_at`, 'timestamptz') },
  defaultSort: 'name',
})
