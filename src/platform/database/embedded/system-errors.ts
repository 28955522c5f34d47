import { lstat } from 'node:fs/promises'

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** An error's own words, for use inside a sentence. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** True for a link that leads nowhere, too. */
export async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}
