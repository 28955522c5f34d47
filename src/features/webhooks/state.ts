import type { Webhook } from './queries.ts'

export type WebhookState = 'active' | 'failing' | 'paused' | 'disabled' | 'orphaned'

/** In one word; the first that keeps messages from going out. */
export function stateOf({ isActive, disabledBecause, isOrphaned, failingSince }: Webhook): WebhookState {
  if (disabledBecause) return 'disabled'
  if (!isActive) return 'paused'
  if (isOrphaned) return 'orphaned'
  return failingSince ? 'failing' : 'active'
}
