import { z } from 'zod'
import { Text } from '../../platform/validation.ts'

/** How long something lies in the Trash before it is offered to be emptied out, in days. */
export const AGES = ['7', '30', '90', '365'] as const
export type Age = (typeof AGES)[number]

export const DeleteInput = z.object({
  /** What the page showed to go along (`Departure.mark`). */
  seen: Text(100).optional(),
  /** What is not in the Trash goes along too, and that was said. */
  withActive: z.boolean().optional(),
})
export type Deletion = z.output<typeof DeleteInput>

export const EmptyInput = z.object({ seen: Text(100).optional(), days: z.enum(AGES) })
export type Emptying = z.output<typeof EmptyInput>
