import sql from 'sql-template-tag'
import type { Sql } from 'sql-template-tag'
import type { Actor } from '../../platform/scope.ts'
import { seesAll } from '../users/access.ts'
import { WHOSE } from './schema.ts'
import type { Whose } from './schema.ts'

/** What this reader can ask for: no more than they see, and no team without one. */
export function choicesOf(user: Actor): readonly Whose[] {
  const sees: Record<Whose, boolean> = {
    me: true,
    team: user.teamId !== null && (user.visibility !== 'own' || seesAll(user)),
    all: seesAll(user),
  }
  return WHOSE.filter((whose) => sees[whose])
}

/** What the address asks for; a reader's own work when it asks for nothing, nonsense, or more than they may see. */
export function whoseIn(user: Actor, asked: unknown): Whose {
  return choicesOf(user).find((whose) => whose === asked) ?? 'me'
}

/** The condition that `person` is one of those asked for. */
export function isTheirs(whose: Whose, { id, teamId }: Actor, person: Sql): Sql {
  if (whose === 'all') return sql`TRUE`
  if (whose === 'me') return sql`${person} = ${unseen(sql`${id}::integer`)}`
  return sql`${person} IN (SELECT id FROM users WHERE team_id = ${teamId})`
}

/** The same, or that there is nobody: what belongs to no one is everybody's to look after. */
export function isTheirsOrNobodys(whose: Whose, user: Actor, person: Sql): Sql {
  return whose === 'all' ? sql`TRUE` : sql`(${person} IS NULL OR ${isTheirs(whose, user, person)})`
}

/**
 * A value that PostgreSQL does not look at when it plans. It would plan these long statements anew each time, for who asks and for the day, at
 * several times the cost of running them, and come to the same plan.
 */
export function unseen(value: Sql): Sql {
  return sql`(SELECT ${value})`
}
