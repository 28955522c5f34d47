import { RuleViolation } from './errors.ts'
import type { Scope } from './scope.ts'
import { instantOf, localInput } from './time.ts'
import type { LocalTime } from './time.ts'

/** A time as a form sends it: on the clocks of whoever typed it, with the offset the form was shown with. A program sends the instant itself. */
interface TypedTime {
  local: LocalTime | Date
  offset: string | null | undefined
  /** Where a form should say that there is no such time. */
  field: string
}

/** Throws RuleViolation for a time that the clocks of whoever types it pass over. */
export function requireInstant({ user }: Scope, { local, offset, field }: TypedTime): Date {
  if (local instanceof Date) return local
  const instant = instantOf(local, user.timeZone, offset)
  if (!instant) throw new RuleViolation('errors.noSuchTime', field, { zone: user.timeZone })
  return instant
}

/** undefined when what was sent is the stored time as a form shows it, to the minute: its seconds are not lost, nor does a new zone move it. */
export function changedInstant(scope: Scope, stored: Date, typed: TypedTime): Date | undefined {
  const { local, offset } = typed
  if (local instanceof Date) return local.getTime() === stored.getTime() ? undefined : local
  const isShown = offset
    ? minuteOf(Date.parse(local + offset)) === minuteOf(stored.getTime())
    : local === localInput(stored, scope.user.timeZone)
  if (isShown) return undefined
  const instant = requireInstant(scope, typed)
  return instant.getTime() === stored.getTime() ? undefined : instant
}

function minuteOf(milliseconds: number): number {
  return Math.floor(milliseconds / 60_000)
}
