import sql from 'sql-template-tag'
import { z } from 'zod'
import { isoTime } from '../../platform/csv.ts'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import { ROLES } from '../../platform/scope.ts'
import type { Role, Visibility } from '../../platform/scope.ts'
import { Id } from '../../platform/validation.ts'
import { can } from './access.ts'
import { USER_STATUSES } from './schema.ts'
import type { UserStatus } from './schema.ts'
import { statusOf } from './status.ts'

export interface UserRow {
  id: number
  name: string
  email: string
  role: Role
  visibility: Visibility
  teamName: string | null
  status: UserStatus
  hasTwoFactor: boolean
  createdAt: Date
}

/** For administrators; for anybody else it is empty. */
export const userList = defineList<UserRow>()({
  columns: sql`u.id, u.name, u.email, u.role, u.visibility, t.name AS "teamName", ${statusOf} AS status,
    EXISTS (SELECT FROM two_factors f WHERE f.user_id = u.id) AS "hasTwoFactor", u.created_at AS "createdAt"`,
  from: sql`users u LEFT JOIN teams t ON t.id = u.team_id`,
  countFrom: sql`users u`,
  key: sql`u.id`,
  filter: z.object({ role: z.enum(ROLES), team: Id, status: z.enum(USER_STATUSES) }),
  where: ({ role, team, status }, { user }) => [
    !can(user, 'read', 'users') && sql`FALSE`,
    role && sql`u.role = ${role}`,
    team !== undefined && sql`u.team_id = ${team}`,
    status && sql`${statusOf} = ${status}`,
  ],
  search: (pattern) => sql`search_fold(u.name || ' ' || u.email) LIKE ${pattern}`,
  sorts: {
    name: by(sql`lower(u.name)`, 'text'),
    email: by(sql`lower(u.email)`, 'text'),
    role: by([sql`u.role`, sql`lower(u.name)`], 'text'),
    team: by(sql`lower(t.name)`, 'text', { joined: true, emptyWhen: sql`t.id IS NULL` }),
    created: by(sql`u.created_at`, 'timestamptz'),
  },
  defaultSort: 'name',
  csv: [
    { header: 'users.fields.name', value: ({ name }) => name },
    { header: 'users.fields.email', value: ({ email }) => email },
    { header: 'users.fields.role', value: ({ role }, { t }) => t(`users.roles.${role}`) },
    { header: 'users.fields.visibility', value: ({ visibility }, { t }) => t(`users.visibilities.${visibility}`) },
    { header: 'users.fields.teamId', value: ({ teamName }) => teamName },
    { header: 'users.fields.status', value: ({ status }, { t }) => t(`users.statuses.${status}`) },
    { header: 'users.fields.twoFactor', value: ({ hasTwoFactor }, { t }) => t(hasTwoFactor ? 'ui.yes' : 'ui.no') },
    { header: 'users.fields.createdAt', value: ({ createdAt }, reader) => isoTime(createdAt, reader) },
  ],
})
