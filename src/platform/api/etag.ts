import { Refusal } from './problem.ts'

/** A record's version is its entity tag; what has none, has none. */
export function etagOf(found: unknown): Record<string, string> {
  const { version } = (found ?? {}) as { version?: unknown }
  return typeof version === 'number' ? { ETag: `"${version}"` } : {}
}

/** Throws a 412 when `header`, an If-Match, names versions and not this one. */
export function requireMatch(header: string, version: number): void {
  const named = header.split(',').map((tag) => tag.trim())
  if (!named.includes('*') && !named.includes(`"${version}"`))
    throw new Refusal(412, 'api.errors.changed', { values: { version } })
}

/** Whether `header`, an If-None-Match, says that the asker has this version. */
export function isKnown(header: string | undefined, etag: string | undefined): boolean {
  if (header === undefined || etag === undefined) return false
  const named = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return named.includes('*') || named.includes(etag)
}
