const MINUTE = 60
const HOUR = 60 * MINUTE

/** Seconds to wait after the first, second, … attempt that failed: nearly a day in all. After the last one a delivery is given up. */
export const WAITS: readonly number[] = [
  5,
  30,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
]

/** A receiver that has answered nothing well for so long is turned off. No longer than all waits take: a single event must get there, too. */
export const PATIENCE_HOURS = 22

/** An attempt that has not come back by then was its process's last, in seconds. */
export const LEASE = 60

/** How long what was delivered, or given up, is kept, in days. */
export const KEPT_DAYS = 30

/**
 * Seconds until the next attempt, up to a tenth more than planned, so that what failed together does not come back together. Null after the last.
 */
export function waitAfter(attempts: number, random = Math.random()): number | null {
  const wait = WAITS[attempts - 1]
  return wait === undefined ? null : wait * (1 + random / 10)
}
