const writes = new Map<number, number>()

/** Somebody's transaction has been committed. */
export function noteWrite(userId: number | null): void {
  if (userId !== null) writes.set(userId, writesOf(userId) + 1)
}

/** How often this user has changed something through this process: what is kept for them for a moment holds for as long as this stays the same. */
export function writesOf(userId: number): number {
  return writes.get(userId) ?? 0
}
