import sql from 'sql-template-tag'
import { z } from 'zod'
import { defineList } from '../../platform/list.ts'
import { by } from '../../platform/list-order.ts'
import { Id } from '../../platform/validation.ts'
import { visible } from '../users/access.ts'
import { PROJECT_STATUSES } from './schema.ts'
import type { ProjectStatus } from './schema.ts'

export interface ProjectRow {
  id: number
  clientId: number
  name: string
  status: ProjectStatus
  updatedAt: Date
}

/** The projects of all clients, for programs; people find them with their client. */
export const projectList = defineList<ProjectRow>()({
  columns: sql`p.id, p.client_id AS "clientId", p.name, p.status, p.updated_at AS "updatedAt"`,
  from: sql`projects p`,
  key: sql`p.id`,
  filter: z.object({ status: z.enum(PROJECT_STATUSES), client: Id }),
  where: ({ status, client }, scope) => [
    visible(scope, 'projects', 'p'),
    status && sql`p.status = ${status}`,
    client !== undefined && sql`p.client_id = ${client}`,
  ],
  search: (pattern) => sql`search_fold(p.name) LIKE ${pattern}`,
  sorts: {
    name: by(sql`lower(p.name)`, 'text'),
    status: by([sql`p.status`, sql`p.updated_at`], ['text', 'timestamptz']),
    start: by(sql`p.start_date`, 'date', { nullable: true }),
    updated: by(sql`p.updated_at`, 'timestamptz'),
  },
  defaultSort: '-updated',
})
