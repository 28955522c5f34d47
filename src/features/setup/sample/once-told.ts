import { createHash } from 'node:crypto'
import { AlreadySent } from '../../../platform/errors.ts'
import type { Cast, Part } from './cast.ts'

/**
 * The submission under which `player` makes `what`: always the same, so that a story that was cut short and is told again makes nothing twice.
 * As PostgreSQL reads a uuid, without dashes.
 */
export function submissionOf(player: Cast[Part], what: string): string {
  return createHash('sha256').update(`sample data of ${player.user.id}: ${what}`).digest('hex').slice(0, 32)
}

/** What is told again on another day has other dates, and is the same all the same. */
export async function told(
  making: Promise<{ id: number; repeated: boolean }>,
): Promise<{ id: number; repeated: boolean }> {
  try {
    return await making
  } catch (error) {
    if (error instanceof AlreadySent) return { id: error.recordId, repeated: true }
    throw error
  }
}

const STRIDE = 11

/** The same rows, those that stand together in the table well apart: nobody's day is all lost deals, or all of one person. */
export function mixed<Row>(rows: readonly Row[]): Row[] {
  return Array.from({ length: STRIDE }, (_, start) => rows.filter((_row, place) => place % STRIDE === start)).flat()
}
