import { createHash, randomBytes } from 'node:crypto'

/** What a link is for: to join, or to choose a new password. */
export const PURPOSES = ['invitation', 'reset'] as const
export type Purpose = (typeof PURPOSES)[number]

const HOUR = 3_600_000
/** How long a link can be used, in milliseconds. */
export const LIFE: Readonly<Record<Purpose, number>> = { invitation: 7 * 24 * HOUR, reset: 24 * HOUR }

/** Where links lead: what follows is a secret, which no log may hold. */
export const LINK_PATHS: Readonly<Record<Purpose, string>> = { invitation: '/invitations/', reset: '/passwords/' }

export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** All that is kept of a token or a recovery code: both are too long to be guessed, so a quick hash is enough. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
