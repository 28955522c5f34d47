import { z } from 'zod'
import { RecordId } from '../../platform/api/json.ts'
import { ROLES } from '../../platform/scope.ts'
import type { Scope } from '../../platform/scope.ts'
import { can } from './access.ts'
import type { Colleague } from './colleagues.ts'

/** Somebody as programs read of them: what it takes to give them something to do. */
export const UserJson = z
  .object({
    id: RecordId,
    name: z.string(),
    email: z.string().nullable().meta({ description: 'For administrators; null for everybody else.' }),
    role: z.enum(ROLES),
    teamId: RecordId.nullable(),
    teamName: z.string().nullable(),
    timeZone: z.string().meta({ description: 'Whose clock the `dueTime` of their activities is on.' }),
    isActive: z.boolean().meta({ description: 'Only active users can be given a record.' }),
  })
  .meta({
    title: 'User',
    examples: [
      {
        id: 3,
        name: 'Rosa Winter',
        email: null,
        role: 'member',
        teamId: 2,
        teamName: 'North',
        timeZone: 'Europe/Berlin',
        isActive: true,
      },
    ],
  })

export function presentUser({ email, ...user }: Colleague, scope: Scope): z.input<typeof UserJson> {
  return {
    id: user.id,
    name: user.name,
    email: can(scope.user, 'read', 'users') ? email : null,
    role: user.role,
    teamId: user.teamId,
    teamName: user.teamName,
    timeZone: user.timeZone,
    isActive: user.isActive,
  }
}
