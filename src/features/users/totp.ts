import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

/** 160 bits, as RFC 4226 recommends: 32 letters and digits. */
const SECRET_BYTES = 20
const ISSUER = 'Dealwright'

export function newSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32
}

export function isSecret(text: string): boolean {
  return /^[A-Z2-7]{32}$/.test(text)
}

/** What a QR code says to an app. */
export function enrolmentUrl(secret: string, email: string): string {
  return new TOTP({ issuer: ISSUER, label: email, secret }).toString()
}

/** Which step of half a minute `code` belongs to: the present one or a neighbour, for clocks that differ. null for a wrong code. */
export function stepOf(secret: string, code: string, now = Date.now()): number | null {
  const totp = new TOTP({ secret })
  const delta = totp.validate({ token: code, timestamp: now, window: 1 })
  return delta === null ? null : totp.counter({ timestamp: now }) + delta
}

const RECOVERY_CODES = 10
// Without the letters and digits that are taken for each other.
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Ten, of 79 bits each: too many to try, even for somebody who has the hashes. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => inGroups(Array.from({ length: 16 }, letter).join('')))
}

function letter(): string {
  // Bytes past the last multiple are drawn again: otherwise some letters came more often.
  const fair = 256 - (256 % LETTERS.length)
  for (;;) {
    const [byte = 0] = randomBytes(1)
    if (byte < fair) return LETTERS[byte % LETTERS.length] ?? ''
  }
}

/** As people copy it: in fours. */
export function inGroups(text: string, between = '-'): string {
  return (text.match(/.{1,4}/g) ?? []).join(between)
}

/** What was typed where a code is asked for: six digits of the app, or a recovery code, written in whatever groups. */
export type Code = { kind: 'app'; digits: string } | { kind: 'recovery'; code: string } | null

export function readCode(typed: string): Code {
  const compact = typed.replace(/[\s-]/g, '').toLowerCase()
  if (/^\d{6}$/.test(compact)) return { kind: 'app', digits: compact }
  return /^[a-z0-9]{16}$/.test(compact) ? { kind: 'recovery', code: inGroups(compact) } : null
}
