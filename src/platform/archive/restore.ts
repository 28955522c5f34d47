import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import type { PoolClient } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import {
  MIGRATIONS,
  apply,
  appliedMigrations,
  isSame,
  openLedger,
  pendingOf,
  readMigrations,
} from '../database/migrate.ts'
import type { Migration } from '../database/migrate.ts'
import type { Connection } from '../database/pool.ts'
import { connectAlone } from './connect.ts'
import { ArchiveError } from './format.ts'
import type { Header, Trailer } from './format.ts'
import { readArchive, verifyArchive } from './read.ts'
import { copyIn, copyOut, nextIds, quoted, readTables, speakPlainly, sumsOf, tallyOfRows } from './tables.ts'
import type { Table } from './tables.ts'

export interface Imported {
  header: Header
  trailer: Trailer
  /** Migrations that came after the archive was made. */
  migrated: string[]
}

/** What the migrations themselves fill. Everything else is empty as long as nobody has done anything: even what was deleted stays in `changes`. */
const FILLED_BY_MIGRATIONS = ['pipeline_stages', 'pipelines', 'settings']

/**
 * An archive into an empty installation, or a database with nothing in it: its schema as it was when the archive was made, its rows, then the migrations
 * since. One transaction: all of it, compared with what the archive says of itself, or none. Throws ArchiveError, or StartupError for a database
 * that is newer than this code.
 */
export async function importFile(connection: Connection, file: string, folder = MIGRATIONS): Promise<Imported> {
  // Read twice: a file that is damaged is told of as that, before anything is touched.
  const { header } = await verifyArchive(file)
  const ours = readMigrations(folder)
  const theirs = migrationsOf(file, header, ours)
  const { client, close } = await connectAlone(connection)
  try {
    await speakPlainly(client)
    const result = await within(client, async () => {
      await emptyOut(client, ours)
      await openLedger(client)
      await apply(client, theirs)
      const trailer = await load(client, file, header)
      const later = pendingOf(ours, theirs)
      await apply(client, later)
      return { header, trailer, migrated: later.map(({ name }) => name) }
    })
    await client.query('VACUUM (ANALYZE)')
    return result
  } catch (error) {
    throw explained(file, error)
  } finally {
    await close()
  }
}

async function within<Result>(client: PoolClient, work: () => Promise<Result>): Promise<Result> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // Where the connection is gone, so is the transaction: the first error is the one to tell.
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** The database's own words where a row does not fit: rows that it wrote itself do, so somebody changed them, or their order. */
function explained(file: string, error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  if (error.code === '55P03') {
    return new ArchiveError('The database is in use: stop what works in it, and import again.', { cause: error })
  }
  if (!/^2[23]/.test(error.code ?? '')) return error
  return new ArchiveError(`${file} cannot be imported: ${error.message}.`, { cause: error })
}

/** The archive's migrations, in its order, as this code has them. */
function migrationsOf(file: string, header: Header, ours: readonly Migration[]): Migration[] {
  const known = new Map(ours.map((migration) => [migration.name, migration]))
  const unknown = header.migrations.findLast(({ name }) => !known.has(name))
  if (unknown) {
    throw new ArchiveError(
      `${file} is newer than this version of Dealwright (it has "${unknown.name}"): import it with the version that wrote it, or a later one.`,
    )
  }
  return header.migrations.map(({ name, checksum }) => {
    const migration = known.get(name)
    if (migration && isSame(migration, checksum)) return migration
    throw new ArchiveError(
      `${file} does not fit this version of Dealwright: its migration "${name}" is another one here.`,
    )
  })
}

/**
 * Makes sure that nothing is lost, and takes the empty schema away: the archive brings its own, which may be older. Locked first, so that the set-up
 * page of a running installation cannot make a user in between.
 */
async function emptyOut(client: PoolClient, ours: readonly Migration[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT c.relname::text AS name FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`)
  const names = rows.map(({ name }) => name)
  if (names.length === 0) return
  if (!names.includes('_prisma_migrations')) {
    throw new ArchiveError(
      `The database belongs to something else (it has a table "${names[0]}"): import into one with nothing in it.`,
    )
  }

  const all = names.map((name) => `public.${quoted(name)}`).join(', ')
  await client.query(`LOCK TABLE ${all} IN ACCESS EXCLUSIVE MODE`)
  pendingOf(ours, await appliedMigrations(client))
  for (const { name } of await readTables(client)) {
    if (FILLED_BY_MIGRATIONS.includes(name)) continue
    const { rowCount } = await client.query(`SELECT FROM public.${quoted(name)} LIMIT 1`)
    if (rowCount) {
      throw new ArchiveError(
        `The installation is not empty (there are rows in "${name}"): an archive goes into an empty one only.`,
      )
    }
  }
  await client.query(`DROP TABLE ${all} CASCADE`)
  await client.query(DROP_ROUTINES)
}

const DROP_ROUTINES = `DO $$
DECLARE
  signature text;
BEGIN
  -- All names first: dropping one may take others with it.
  FOREACH signature IN ARRAY ARRAY(
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
  LOOP
    EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', signature);
  END LOOP;
END $$`

/** The rows, as they were: no trigger writes history of its own, and what the database promises is checked at the end, over all of them. */
async function load(client: PoolClient, file: string, header: Header): Promise<Trailer> {
  const tables = await readTables(client)
  if (JSON.stringify(tables.map(({ name, columns }) => ({ name, columns }))) !== JSON.stringify(header.tables)) {
    throw new ArchiveError(
      `${file} does not fit its own schema: it has other tables or columns than its migrations make.`,
    )
  }
  const references = await takeReferences(client)
  await setTriggers(client, tables, 'DISABLE')
  await client.query(`TRUNCATE ${tables.map(({ name }) => `public.${quoted(name)}`).join(', ')}`)

  const { trailer } = await readArchive(file, {
    rows: (table, rows) =>
      pipeline(Readable.from(rows, { objectMode: false }), client.query(copyFrom(copyIn(table.name, table.columns)))),
  })

  // What is checked at the end of a transaction is checked now: a table with something left to check cannot be altered.
  await client.query('SET CONSTRAINTS ALL IMMEDIATE')
  for (const { table, name, definition } of references) {
    await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${quoted(name)} ${definition}`)
  }
  await setTriggers(client, tables, 'ENABLE')
  for (const table of tables) {
    await setNextIds(client, table, trailer)
    await compare(client, table, trailer)
  }
  return trailer
}

interface Reference {
  table: string
  name: string
  definition: string
}

/** Tables refer to each other in circles, so no order of loading keeps every reference; and checking them at once is a fraction of the work. */
async function takeReferences(client: PoolClient): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(`
    SELECT conrelid::regclass::text AS "table", conname::text AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0 ORDER BY oid`)
  for (const { table, name } of rows) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${quoted(name)}`)
  return rows
}

/** Needs to own the tables, not to be a superuser. */
async function setTriggers(client: PoolClient, tables: readonly Table[], what: 'DISABLE' | 'ENABLE'): Promise<void> {
  for (const { name } of tables) await client.query(`ALTER TABLE public.${quoted(name)} ${what} TRIGGER USER`)
}

async function setNextIds(client: PoolClient, { name, sequences }: Table, trailer: Trailer): Promise<void> {
  for (const { column, sequence } of sequences) {
    const next = trailer.tables[name]?.next[column]
    if (next !== undefined) await client.query('SELECT setval($1, $2, false)', [sequence, next])
  }
}

/** Reads the table back and compares it with what the archive says was there. */
async function compare(client: PoolClient, table: Table, trailer: Trailer): Promise<void> {
  const tally = tallyOfRows()
  for await (const chunk of client.query(copyTo(copyOut(table))) as AsyncIterable<Buffer>) tally.take(chunk)
  const arrived = { ...tally.result(), sums: await sumsOf(client, table), next: await nextIds(client, table) }
  const said = trailer.tables[table.name]
  const differs = (['rows', 'sums', 'next', 'sha256'] as const).find(
    (what) => JSON.stringify(arrived[what]) !== JSON.stringify(said?.[what]),
  )
  if (differs)
    throw new ArchiveError(
      `The table "${table.name}" did not arrive as it was written (${differs}): nothing was imported.`,
    )
}
