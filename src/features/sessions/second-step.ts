import type { SecondStep } from '../../platform/http/types.ts'

/** Long enough to find the phone. */
const LIFE_MS = 10 * 60_000

export function isInTime(step: SecondStep | undefined): step is SecondStep {
  return step !== undefined && Date.now() - step.since < LIFE_MS
}
