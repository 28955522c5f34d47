import type { Account } from '../../../platform/http/types.ts'
import type { Scope } from '../../../platform/scope.ts'

/** Who appears in the story. One person may play all parts. */
export type Part = 'admin' | 'manager' | 'member'
export type Cast = Readonly<Record<Part, Scope & { user: Account }>>

/** Whose a record is: a part's, or nobody's where the cell is empty. Throws for a part that nobody plays. */
export function ownerOf(cast: Cast, part: string): number | null {
  return part === '' ? null : playerOf(cast, part).user.id
}

/** Who does what is to be done with a record of this part; the administrator, where it is nobody's. */
export function playerOf(cast: Cast, part: string): Cast[Part] {
  const player = cast[(part || 'admin') as Part] as Cast[Part] | undefined
  if (!player) throw new Error(`nobody plays ${part}`)
  return player
}
