import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import { causeOf, hasCode } from '../database/embedded/system-errors.ts'
import { ArchiveError, END_OF_ROWS, FORMAT, Header, Trailer, VERSION } from './format.ts'
import { tallyOfRows } from './tables.ts'

/** What is done with an archive as it is read. */
export interface Reader {
  header?(header: Header): Promise<void>
  /** Must read all rows: chunks of any size that end anywhere. */
  rows(table: Header['tables'][number], rows: AsyncIterable<Buffer>): Promise<void>
}

/** Header and trailer of a file that is whole: every row was read, and counts and hashes agree. Throws ArchiveError otherwise. */
export function verifyArchive(file: string): Promise<{ header: Header; trailer: Trailer }> {
  return readArchive(file, {
    rows: async (_table, rows) => {
      for await (const chunk of rows) void chunk
    },
  })
}

export async function readArchive(file: string, reader: Reader): Promise<{ header: Header; trailer: Trailer }> {
  const text = textOf(file)
  try {
    const header = headerOf(file, await text.line())
    await reader.header?.(header)
    const counted = new Map<string, { rows: number; sha256: string }>()
    for (const table of header.tables) {
      const tally = tallyOfRows()
      await reader.rows(table, counting(text.rows(), tally.take))
      counted.set(table.name, tally.result())
    }
    const trailer = trailerOf(file, await text.line())
    for (const { name } of header.tables) {
      const [is, said] = [counted.get(name), trailer.tables[name]]
      if (is?.rows !== said?.rows || is?.sha256 !== said?.sha256) throw damaged(file, `the table "${name}" was changed`)
    }
    await text.end()
    return { header, trailer }
  } finally {
    await text.close()
  }
}

async function* counting(rows: AsyncIterable<Buffer>, take: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of rows) {
    take(chunk)
    yield chunk
  }
}

const damaged = (file: string, why: string, cause?: unknown) =>
  new ArchiveError(`${file} is damaged: ${why}.`, { cause })
const foreign = (file: string, cause?: unknown) =>
  new ArchiveError(`${file} is not an archive of Dealwright.`, { cause })

function headerOf(file: string, line: string): Header {
  const given = z.object({ format: z.literal(FORMAT), version: z.int() }).safeParse(parsed(line))
  if (!given.success) throw foreign(file)
  if (given.data.version > VERSION) {
    throw new ArchiveError(
      `${file} was written by a newer version of Dealwright: import it with that version, or a later one.`,
    )
  }
  const header = Header.safeParse(parsed(line))
  if (!header.success) throw damaged(file, 'its first line is not complete')
  return header.data
}

function trailerOf(file: string, line: string): Trailer {
  const trailer = Trailer.safeParse(parsed(line))
  if (!trailer.success) throw damaged(file, 'its last line is not complete')
  return trailer.data
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** A line of JSON is some kilobytes; what has none for this long is something else. */
const LONGEST_LINE = 4_000_000

interface Text {
  line(): Promise<string>
  /** Up to the line that ends them, which is passed over. */
  rows(): AsyncGenerator<Buffer>
  /** Makes sure that nothing follows. */
  end(): Promise<void>
  close(): Promise<void>
}

/** What zlib says of a file that does not begin as a gzip does. */
const NO_GZIP = 'incorrect header check'

/** The text of a gzipped file, read as far as it is asked for. */
function textOf(file: string): Text {
  const source = createReadStream(file)
  const gunzip = createGunzip({ chunkSize: 262_144 })
  let failure: unknown
  const done = pipeline(source, gunzip, { end: true }).catch((error: unknown) => (failure = error))
  const chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let held: Buffer = Buffer.alloc(0)
  let begun = false

  /** False at the end of the file. */
  async function more(): Promise<boolean> {
    try {
      const next = await chunks.next()
      if (next.done) return false
      held = held.length > 0 ? Buffer.concat([held, next.value]) : next.value
      begun = true
      return true
    } catch (error) {
      throw whyUnreadable(failure ?? error)
    }
  }

  function whyUnreadable(error: unknown): ArchiveError {
    if (hasCode(error, 'Z_BUF_ERROR')) return source.bytesRead > 0 ? cutShort() : foreign(file, error)
    if (!hasCode(error, 'Z_DATA_ERROR'))
      return new ArchiveError(`${file} cannot be read: ${causeOf(error)}.`, { cause: error })
    return causeOf(error) === NO_GZIP ? foreign(file, error) : damaged(file, causeOf(error), error)
  }
  const cutShort = () => new ArchiveError(`${file} is cut short: it ends before its last line.`)

  return {
    async line() {
      let searched = 0
      for (;;) {
        const end = held.indexOf(10, searched)
        if (end >= 0) {
          const line = held.toString('utf8', 0, end)
          held = held.subarray(end + 1)
          return line
        }
        searched = held.length
        if (searched > LONGEST_LINE) throw foreign(file)
        if (!(await more())) throw begun ? cutShort() : foreign(file)
      }
    },
    async *rows() {
      let atStart = true
      for (;;) {
        if (atStart && held.subarray(0, 3).equals(END_OF_ROWS)) {
          held = held.subarray(3)
          return
        }
        const end = held.indexOf('\n\\.\n')
        // What could be the beginning of the end is kept back.
        const ready = end >= 0 ? end + 1 : Math.max(0, held.length - 3)
        if (ready > 0) {
          const chunk = held.subarray(0, ready)
          held = held.subarray(ready)
          atStart = chunk[ready - 1] === 10
          yield chunk
        } else if (!(await more())) {
          throw cutShort()
        }
      }
    },
    async end() {
      if (held.length > 0 || (await more())) throw damaged(file, 'something follows its last line')
    },
    async close() {
      gunzip.destroy()
      source.destroy()
      await done
    },
  }
}
