import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { NotFound } from '../../platform/errors.ts'
import type { Scope } from '../../platform/scope.ts'
import type { CalendarDay } from '../../platform/time.ts'
import { visible, writable } from '../users/access.ts'
import type { Option } from '../users/queries.ts'
import type { ProjectStatus } from './schema.ts'

export interface Project {
  id: number
  clientId: number
  name: string
  description: string | null
  status: ProjectStatus
  startDate: CalendarDay | null
  endDate: CalendarDay | null
  createdBy: number | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export interface ProjectPage extends Project {
  client: { id: number; name: string; isActive: boolean }
  /** May this reader change it? */
  writable: boolean
  creatorName: string | null
}

/** A `Project`, of projects under `p`. */
export const projectColumns = sql`p.id, p.client_id AS "clientId", p.name, p.description, p.status, p.start_date::text AS "startDate",
  p.end_date::text AS "endDate", p.created_by AS "createdBy", p.version, p.created_at AS "createdAt", p.updated_at AS "updatedAt"`

/** A project as its page shows it, those of archived clients too. Throws NotFound. */
export async function findProject(scope: Scope, id: number): Promise<ProjectPage> {
  const [project] = await scope.db.query<ProjectPage>(sql`
    SELECT ${projectColumns}, u.name AS "creatorName", ${writable(scope, 'projects', 'p')} AS writable,
           json_build_object('id', c.id, 'name', c.name, 'isActive', c.is_active) AS client
    FROM projects p JOIN clients c ON c.id = p.client_id LEFT JOIN users u ON u.id = p.created_by
    WHERE p.id = ${id} AND ${visible(scope, 'projects', 'p')}`)
  if (!project) throw new NotFound()
  return project
}

/** The project with its row locked until the transaction ends. Who may is asked elsewhere. */
export async function lockProject({ db }: Scope, id: number): Promise<Project> {
  const [project] = await db.query<Project>(sql`SELECT ${projectColumns} FROM projects p WHERE p.id = ${id} FOR UPDATE`)
  if (!project) throw new NotFound()
  return project
}

/** The fields of the edit form as they are stored, with the version it is opened on. */
export function projectForm({ name, description, status, startDate, endDate, version }: Project) {
  return { name, description, status, startDate, endDate, version }
}

export type ClientProject = Pick<Project, 'id' | 'name' | 'status' | 'startDate' | 'endDate'>

/** Selects a client's projects as its page lists them, `ClientProject`s: those under way first, the newest hundred. */
export function projectsOnClientPage(scope: Scope, clientId: number): Sql {
  return sql`
    SELECT p.id, p.name, p.status, p.start_date::text AS "startDate", p.end_date::text AS "endDate" FROM projects p
    WHERE p.client_id = ${clientId} AND ${visible(scope, 'projects', 'p')}
    ORDER BY p.status NOT IN ('planned', 'active'), p.id DESC LIMIT 100`
}

export const PROJECT_OPTIONS = 200

/**
 * A client's projects to choose from: those under way first, then by name, the first `PROJECT_OPTIONS`, and `selectedId` among them whatever
 * became of it, so that saving an old record changes nothing.
 */
export async function projectsOfClient(
  scope: Scope,
  clientId: number | null,
  selectedId: number | null = null,
): Promise<Option[]> {
  return clientId === null ? [] : scope.db.query<Option>(projectOptions(scope, clientId, selectedId))
}

/** What `projectsOfClient` asks, for a statement that asks for more. */
export function projectOptions(scope: Scope, clientId: number, selectedId: number | null): Sql {
  return sql`
    SELECT value, label FROM (
      SELECT p.id AS value, p.name AS label, p.status NOT IN ('planned', 'active') AS over FROM projects p
      WHERE p.client_id = ${clientId} AND ${visible(scope, 'projects', 'p')}
      ORDER BY (p.id = ${selectedId}) IS NOT TRUE, over, lower(p.name), p.id LIMIT ${PROJECT_OPTIONS}
    ) AS options
    ORDER BY over, lower(label), value`
}
