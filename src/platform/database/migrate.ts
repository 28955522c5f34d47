import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { fromRoot } from '../../paths.ts'
import { StartupError } from '../errors.ts'

export interface Migration {
  name: string
  sql: string
  checksum: string
}

export const MIGRATIONS = fromRoot('prisma', 'migrations')

// Any number, so long as no other program locks the same one in this database.
const LOCK = 7_236_418_905

// The table Prisma's own tools read and write, so that they can be used on this database too.
const LEDGER = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text,
  rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`

/**
 * The one migration that had to be changed after it had landed, and the checksum that databases made before have recorded: no role but a superuser
 * could apply it. See docs/decisions/a-migration-mended.md.
 */
const MENDED: Readonly<Record<string, string>> = {
  '20261122000002_changes': '4ec6210534fdee684e014f006fc586d004b25e91f876596c3d5b12aa743316d3',
}

interface Options {
  folder?: string
  /**
   * Called before a database that has a schema already gets another, while no other process can migrate it. When it fails,
   * nothing is migrated.
   */
  beforeUpgrade?: () => Promise<void>
}

/**
 * Brings the database to this code's schema: all pending migrations in one transaction, so that a failed upgrade leaves the old
 * database working. Several processes may start at once: one migrates, the others wait. Answers the names applied.
 */
export async function migrate(pool: pg.Pool, { folder = MIGRATIONS, beforeUpgrade }: Options = {}): Promise<string[]> {
  const migrations = readMigrations(folder)
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await openLedger(client)
    const applied = await appliedMigrations(client)
    const pending = pendingOf(migrations, applied)
    const names = pending.map(({ name }) => name)
    if (pending.length > 0 && applied.length > 0) await beforeUpgrade?.()
    await apply(client, pending)
    await client.query('COMMIT')
    return names
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

/** For the transaction `client` is in: keeps every other process from migrating, and makes sure that there is a ledger. */
export async function openLedger(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
  await client.query(LEDGER)
}

export async function apply(client: pg.ClientBase, migrations: readonly Migration[]): Promise<void> {
  for (const { name, sql, checksum } of migrations) {
    await client.query(sql)
    await client.query(
      'INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ($1, $2, now(), $3, 1)',
      [randomUUID(), checksum, name],
    )
  }
}

export type Applied = Pick<Migration, 'name' | 'checksum'>

/** Is what was recorded under this checksum this migration? */
export function isSame({ name, checksum }: Applied, recorded: string): boolean {
  return recorded === checksum || recorded === MENDED[name]
}

/** In the order in which they are applied. */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** In the order in which they were applied. */
export async function appliedMigrations(client: pg.ClientBase): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(`
    SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
    ORDER BY finished_at, migration_name COLLATE "C"`)
  return rows
}

/** Throws StartupError when the database is not one that this code's migrations have made. */
export function pendingOf(migrations: readonly Migration[], recorded: readonly Applied[]): Migration[] {
  const applied = new Map(recorded.map(({ name, checksum }) => [name, checksum]))
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = [...applied.keys()].filter((name) => !known.has(name)).sort()
  if (unknown.length > 0) {
    throw new StartupError(
      `The database is newer than this version of Dealwright (it has "${unknown.at(-1)}"): start the newer version, or restore an older backup.`,
    )
  }
  const edited = migrations.find((migration) => {
    const recorded = applied.get(migration.name)
    return recorded !== undefined && !isSame(migration, recorded)
  })
  if (edited) {
    throw new StartupError(
      `The migration "${edited.name}" was changed after this database had applied it: restore the file as it was.`,
    )
  }
  return migrations.filter(({ name }) => !applied.has(name))
}
