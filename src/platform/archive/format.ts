import { z } from 'zod'

/**
 * An archive is gzipped UTF-8 text (docs/decisions/one-archive.md describes it line by line):
 *
 *   a header        one line of JSON: the schema (its migrations) and the tables that follow, with their columns
 *   for each table  its rows in the order of its primary key, one a line, as PostgreSQL's COPY writes them; then a line `\.`
 *   a trailer       one line of JSON: rows, sums and a hash of each table, and where its ids go on
 *
 * The counts come last because an archive is written as it is read, never held.
 */
export const FORMAT = 'dealwright archive'
/** Counted up only when an older product could not read what is written. */
export const VERSION = 1
export const END_OF_ROWS = Buffer.from('\\.\n')

const Name = z.string().min(1)

export const Header = z.object({
  format: z.literal(FORMAT),
  version: z.int(),
  createdAt: z.iso.datetime(),
  /** The product's version, for people: what decides is `migrations`. */
  product: z.string(),
  postgresql: z.string(),
  /** The schema of the rows, in the order in which it was applied. */
  migrations: z.array(z.object({ name: Name, checksum: Name })).min(1),
  tables: z.array(z.object({ name: Name, columns: z.array(Name).min(1) })),
})
export type Header = z.output<typeof Header>

const Tally = z.object({
  rows: z.int(),
  /** Of the rows' lines, without the closing one, hexadecimal. */
  sha256: z.string(),
  /** Of each numeric column, over all rows and whatever their currency: to be compared, not to be read. */
  sums: z.record(Name, z.string().nullable()),
  /** What the next id will be: those of records that are gone for good are never given again. */
  next: z.record(Name, z.int()),
})
export type Tally = z.output<typeof Tally>

export const Trailer = z.object({ end: z.literal(true), tables: z.record(Name, Tally) })
export type Trailer = z.output<typeof Trailer>

/** An archive cannot be written, read or taken in; one sentence, printed without a stack trace. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

export function rowsIn({ tables }: Trailer): number {
  return Object.values(tables).reduce((sum, { rows }) => sum + rows, 0)
}
