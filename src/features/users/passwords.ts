import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** argon2id with the library's parameters (19 MiB, two passes), which are OWASP's. */
export function hashPassword(password: string): Promise<string> {
  return hash(password)
}

// For an address nobody has: checking against it takes as long as against a real one, so time does not tell them apart.
const NOBODY = hash(randomBytes(32).toString('hex'))

/** False for a wrong password, and, after the same time, for a user that does not exist (null). */
export async function passwordMatches(passwordHash: string | null, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? (await NOBODY), password)
  return passwordHash !== null && matches
}
