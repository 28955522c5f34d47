import { readFileSync } from 'node:fs'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ClientBase } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { fromRoot } from '../../paths.ts'
import { appliedMigrations } from '../database/migrate.ts'
import { exists, hasCode } from '../database/embedded/system-errors.ts'
import type { Connection } from '../database/pool.ts'
import { connectAlone } from './connect.ts'
import { ArchiveError, END_OF_ROWS, FORMAT, VERSION } from './format.ts'
import type { Header, Tally, Trailer } from './format.ts'
import { copyOut, nextIds, quoted, readTables, speakPlainly, sumsOf, tallyOfRows } from './tables.ts'
import type { Table } from './tables.ts'

/** The database as it is at one moment, however long it takes to read it and whatever is written meanwhile. */
export interface Snapshot {
  header: Header
  /** The archive's text, to be read once. */
  text(): AsyncGenerator<Buffer, Trailer>
  /** To be called when it is read, or when it is not wanted any more. */
  close(): Promise<void>
}

/** Any schema that migrations have made, older or newer than this code's. Throws ArchiveError when there is none. */
export async function openSnapshot(connection: Connection): Promise<Snapshot> {
  const { client, close } = await connectAlone(connection)
  try {
    await speakPlainly(client)
    const tables = await lockTables(client)
    const header = await headerOf(client, tables)
    return { header, text: () => textOf(client, header, tables), close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Against migrations, which would change tables that are not read yet. The locks come before the snapshot: a table that was rewritten
 * between the two would look empty.
 */
async function lockTables(client: ClientBase): Promise<Table[]> {
  for (;;) {
    const found = await readTables(client)
    const { rows } = await client.query<{ ledger: string | null }>(
      `SELECT to_regclass('public._prisma_migrations') AS ledger`,
    )
    if (!rows[0]?.ledger || found.length === 0) {
      throw new ArchiveError('There is nothing to export: the database has no installation of Dealwright in it.')
    }
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    await client.query(
      `LOCK TABLE ${['_prisma_migrations', ...found.map(({ name }) => name)].map((name) => `public.${quoted(name)}`).join(', ')} IN ACCESS SHARE MODE`,
    )
    const tables = await readTables(client)
    if (JSON.stringify(tables) === JSON.stringify(found)) return tables
    // A migration was quicker.
    await client.query('ROLLBACK')
  }
}

async function headerOf(client: ClientBase, tables: readonly Table[]): Promise<Header> {
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
  const { version } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { version: string }
  return {
    format: FORMAT,
    version: VERSION,
    createdAt: new Date().toISOString(),
    product: version,
    postgresql: rows[0]?.server_version ?? '',
    migrations: await appliedMigrations(client),
    tables: tables.map(({ name, columns }) => ({ name, columns })),
  }
}

async function* textOf(client: ClientBase, header: Header, tables: readonly Table[]): AsyncGenerator<Buffer, Trailer> {
  yield asLine(header)
  const tallies: Record<string, Tally> = {}
  for (const table of tables) {
    const tally = tallyOfRows()
    for await (const chunk of client.query(copyTo(copyOut(table))) as AsyncIterable<Buffer>) {
      tally.take(chunk)
      yield chunk
    }
    yield END_OF_ROWS
    tallies[table.name] = {
      ...tally.result(),
      sums: await sumsOf(client, table),
      next: await nextIds(client, table),
    }
  }
  const trailer: Trailer = { end: true, tables: tallies }
  yield asLine(trailer)
  return trailer
}

const asLine = (value: object) => Buffer.from(`${JSON.stringify(value)}\n`)

export interface Written {
  header: Header
  trailer: Trailer
  bytes: number
}

/**
 * Everything into one new file, readable for its owner only: it holds password hashes and the secrets of second factors. The file is there whole, or
 * not at all. Throws ArchiveError when it cannot be, or is there already.
 */
export async function exportToFile(connection: Connection, file: string, signal?: AbortSignal): Promise<Written> {
  const unfinished = `${file}${UNFINISHED}-${process.pid}`
  if (await exists(file)) throw takenBy(file)
  const snapshot = await openSnapshot(connection)
  try {
    const trailer = await writeTo(unfinished, snapshot, signal)
    const { size } = await stat(unfinished)
    await moveInto(unfinished, file)
    return { header: snapshot.header, trailer, bytes: size }
  } catch (error) {
    throw isOfFiles(error) ? new ArchiveError(`${file} cannot be written: ${error.message}.`, { cause: error }) : error
  } finally {
    await snapshot.close()
    await rm(unfinished, { force: true })
  }
}

/** How a file that is being written is called. */
export const UNFINISHED = '.unfinished'

async function writeTo(file: string, snapshot: Snapshot, signal?: AbortSignal): Promise<Trailer> {
  let trailer: Trailer | undefined
  async function* text() {
    trailer = yield* snapshot.text()
  }
  await rm(file, { force: true })
  const handle = await open(file, 'wx', 0o600)
  // `flush`: on the disk before it gets its name.
  const destination = handle.createWriteStream({ flush: true })
  await pipeline(Readable.from(text(), { objectMode: false }), createGzip(), destination, { signal })
  if (!trailer) throw new Error('the archive ended before its trailer')
  return trailer
}

/** Not over a file that is there: `link` refuses where `rename` replaces. */
async function moveInto(unfinished: string, file: string): Promise<void> {
  try {
    await link(unfinished, file)
  } catch (error) {
    if (hasCode(error, 'EEXIST') || (await exists(file))) throw takenBy(file)
    // A file system without links.
    await rename(unfinished, file)
  }
  if (process.platform === 'win32') return
  const folder = await open(path.dirname(file), 'r')
  await folder.sync().finally(() => folder.close())
}

const takenBy = (file: string) => new ArchiveError(`${file} is there already: name another file.`)

/** Of disks, not of the connection to the database. */
function isOfFiles(error: unknown): error is NodeJS.ErrnoException {
  return hasCode(error, ...DISK) && (error as NodeJS.ErrnoException).syscall !== 'connect'
}

const DISK = [
  'EACCES',
  'EDQUOT',
  'EFBIG',
  'EIO',
  'EISDIR',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]
