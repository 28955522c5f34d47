import sql, { raw } from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import { NotFound, RuleViolation } from '../../../platform/errors.ts'
import type { Scope } from '../../../platform/scope.ts'
import { changedBy } from '../access.ts'
import { administer } from '../administrators.ts'
import type { HandOver } from '../schema.ts'

/** What has changed hands. */
export interface HandedOver {
  clients: number
  leads: number
  deals: number
  activities: number
  /** Planned on records that the new owner may not see: nobody's now. */
  left: number
}

interface Person {
  id: number
  name: string
}

/**
 * Everything of somebody who leaves goes to somebody else, or to nobody, the Trash included: all of it or none, one statement for each kind, since
 * there may be thousands. It is written here, and not by the commands of the records, because those know this feature and not the other way round.
 */
export function handOver(scope: Scope, fromId: number, { to, closed = false }: HandOver): Promise<HandedOver> {
  return administer(scope, async (scope) => {
    const from = await findPerson(scope, fromId, sql`TRUE`)
    if (!from) throw new NotFound()
    if (to === fromId) throw new RuleViolation('users.errors.sameOwner', 'to')
    const target = to === null ? null : await findPerson(scope, to, sql`is_active`)
    if (to !== null && target === null) throw new RuleViolation('errors.unknownOwner', 'to')

    const clients = await moveAll(scope, 'clients', sql`TRUE`, fromId, to)
    const leads = await moveAll(
      scope,
      'leads',
      closed ? sql`TRUE` : sql`status NOT IN ('converted', 'lost')`,
      fromId,
      to,
    )
    const deals = await moveAll(scope, 'deals', closed ? sql`TRUE` : sql`status = 'open'`, fromId, to)
    await tellOnDeals(scope, deals, from, target)
    const ofLeads = await movePlanned(scope, 'lead', fromId, to)
    const ofDeals = await movePlanned(scope, 'deal', fromId, to)
    return {
      clients: clients.length,
      leads: leads.length,
      deals: deals.length,
      activities: ofLeads.moved + ofDeals.moved,
      left: ofLeads.left + ofDeals.left,
    }
  })
}

/** Locked, so that nobody who is given something is deactivated meanwhile. */
async function findPerson({ db }: Scope, id: number, condition: Sql): Promise<Person | null> {
  const [person] = await db.query<Person>(sql`SELECT id, name FROM users WHERE id = ${id} AND ${condition} FOR SHARE`)
  return person ?? null
}

async function moveAll(
  { db }: Scope,
  table: 'clients' | 'leads' | 'deals',
  which: Sql,
  from: number,
  to: number | null,
): Promise<number[]> {
  // In one order, so that two who hand over at once wait for each other instead of for ever.
  const moved = await db.query<{ id: number }>(sql`
    UPDATE ${raw(table)} SET owner_id = ${to}::integer WHERE owner_id = ${from} AND id IN (
      SELECT id FROM ${raw(table)} WHERE (is_active AND owner_id = ${from} OR NOT is_active AND owner_id = ${from}) AND ${which}
      ORDER BY id FOR NO KEY UPDATE)
    RETURNING id`)
  return moved.map(({ id }) => id)
}

/** As each deal's own change of owner is told. */
async function tellOnDeals(
  { db, user }: Scope,
  deals: readonly number[],
  from: Person,
  to: Person | null,
): Promise<void> {
  if (deals.length === 0) return
  await db.query(sql`
    INSERT INTO deal_activities (deal_id, type, details, completed_at, created_by)
    SELECT id, 'owner_change', ${JSON.stringify({ from, to })}::jsonb, now(), ${user.id}::integer FROM unnest(${deals}::integer[]) AS id
    RETURNING id`)
}

async function movePlanned(
  { db }: Scope,
  kind: 'lead' | 'deal',
  from: number,
  to: number | null,
): Promise<{ moved: number; left: number }> {
  const moved = await db.query<{ assigneeId: number | null }>(sql`
    UPDATE ${raw(`${kind}_activities`)} a
    SET assignee_id = (SELECT u.id FROM users u, ${raw(`${kind}s`)} p WHERE p.id = a.${raw(`${kind}_id`)} AND u.id = ${to}::integer
                         AND ${changedBy('u', sql`p.owner_id`)})
    WHERE a.assignee_id = ${from} AND a.status = 'pending'
    RETURNING a.assignee_id AS "assigneeId"`)
  const left = to === null ? 0 : moved.filter(({ assigneeId }) => assigneeId === null).length
  return { moved: moved.length - left, left }
}
