import sql from 'sql-template-tag'
import { z } from 'zod'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import { can } from '../users/access.ts'

export interface TeamRow {
  id: number
  name: string
  members: number
  createdAt: Date
}

const members = sql`(SELECT count(*)::int FROM users u WHERE u.team_id = t.id)`

/** For administrators; for anybody else it is empty. */
export const teamList = defineList<TeamRow>()({
  columns: sql`t.id, t.name, ${members} AS members, t.created_at AS "createdAt"`,
  from: sql`teams t`,
  key: sql`t.id`,
  filter: z.object({}),
  where: (_filters, { user }) => [!can(user, 'read', 'teams') && sql`FALSE`],
  search: (pattern) => sql`search_fold(t.name) LIKE ${pattern}`,
  sorts: {
    name: by(sql`lower(t.name)`, 'text'),
    members: by(members, 'integer'),
    created: by(sql`t.created_at`, 'timestamptz'),
  },
  defaultSort: 'name',
})
