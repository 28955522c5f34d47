import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { migrate } from '../../src/platform/database/migrate.ts'
import { createPool } from '../../src/platform/database/pool.ts'
import { StartupError } from '../../src/platform/errors.ts'
import { fromRoot } from '../../src/paths.ts'
import { administer } from '../support/server.ts'

const server = inject('server')
const OURS = readdirSync(fromRoot('prisma', 'migrations'))
  .filter((name) => /^\d/.test(name))
  .sort()
let database: string
let folder: string
let pool: pg.Pool

beforeEach(async () => {
  database = `dealwright_migrate_${randomUUID().replaceAll('-', '')}`
  await administer(server, `CREATE DATABASE ${database}`)
  pool = createPool({ ...server, database }, 4)
  folder = mkdtempSync(join(tmpdir(), 'dealwright-migrations-'))
})

afterEach(async () => {
  await pool.end()
  await administer(server, `DROP DATABASE ${database} WITH (FORCE)`)
  rmSync(folder, { recursive: true })
})

test('an empty database gets every migration in the order of their names; the next start has nothing to do', async () => {
  expect(await migrate(pool)).toEqual(OURS)
  expect(await migrate(pool)).toEqual([])

  const { rows } = await pool.query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1',
  )
  expect(rows.map(({ name }) => name)).toEqual(OURS)
})

test('an older database gets what it lacks, and keeps its data', async () => {
  add('0001_things', 'CREATE TABLE things (id integer); INSERT INTO things VALUES (7)')
  await migrate(pool, { folder })
  add('0002_names', `ALTER TABLE things ADD name text NOT NULL DEFAULT 'x'`)

  expect(await migrate(pool, { folder })).toEqual(['0002_names'])
  expect((await pool.query('SELECT * FROM things')).rows).toEqual([{ id: 7, name: 'x' }])
})

test('a migration that fails takes back those before it, and the old database works on', async () => {
  add('0001_things', 'CREATE TABLE things (id integer)')
  await migrate(pool, { folder })
  add('0002_more', 'CREATE TABLE more (id integer)')
  add('0003_broken', 'ALTER TABLE things ADD name text; SELECT 1 / 0')

  await expect(migrate(pool, { folder })).rejects.toThrow(/division by zero/)

  expect(await tables()).toEqual(['_prisma_migrations', 'things'])
  expect((await pool.query('SELECT * FROM things')).fields.map(({ name }) => name)).toEqual(['id'])
  expect(pool.idleCount).toBe(pool.totalCount)

  add('0003_broken', 'ALTER TABLE things ADD name text')
  expect(await migrate(pool, { folder })).toEqual(['0002_more', '0003_broken'])
})

test('several processes starting at once: one migrates, the others find it done', async () => {
  const pools = Array.from({ length: 4 }, () => createPool({ ...server, database }, 1))

  const applied = await Promise.all(pools.map((one) => migrate(one)))

  expect(applied.filter((names) => names.length > 0)).toEqual([OURS])
  await Promise.all(pools.map((one) => one.end()))
})

test('a database that is newer than the code is refused with one sentence, and left alone', async () => {
  cpSync(fromRoot('prisma', 'migrations'), folder, { recursive: true })
  add('99999999999999_from_the_future', 'CREATE TABLE future (id integer)')
  await migrate(pool, { folder })

  const refusal = migrate(pool)

  await expect(refusal).rejects.toThrow(StartupError)
  await expect(refusal).rejects.toThrow(
    /^The database is newer than this version of Dealwright \(it has "99999999999999_from_the_future"\): [^\n]+\.$/,
  )
  expect(await tables()).toContain('future')
})

test('a migration that was edited after it had been applied is refused by name', async () => {
  add('0001_things', 'CREATE TABLE things (id integer)')
  await migrate(pool, { folder })
  add('0001_things', 'CREATE TABLE things (id bigint)')
  add('0002_more', 'CREATE TABLE more (id integer)')

  await expect(migrate(pool, { folder })).rejects.toThrow(StartupError)
  await expect(migrate(pool, { folder })).rejects.toThrow(/^The migration "0001_things" was changed/)
  expect(await tables()).not.toContain('more')
})

test("what is not a migration's folder is passed over", async () => {
  add('0001_things', 'CREATE TABLE things (id integer)')
  writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "postgresql"')

  expect(await migrate(pool, { folder })).toEqual(['0001_things'])
})

test("the checksum is the one Prisma's own tools write", async () => {
  add('0001_things', 'CREATE TABLE things (id integer)')
  await migrate(pool, { folder })

  const { rows } = await pool.query<{ checksum: string; same: boolean }>(
    `SELECT checksum, checksum = encode(sha256(convert_to($1, 'UTF8')), 'hex') AS same FROM _prisma_migrations`,
    ['CREATE TABLE things (id integer)'],
  )
  expect(rows).toEqual([{ checksum: expect.stringMatching(/^[0-9a-f]{64}$/) as string, same: true }])
})

test('every connection of the pool speaks UTC, whatever zone the server is in', async () => {
  await pool.query(`ALTER DATABASE ${database} SET TimeZone = 'Asia/Kathmandu'`)
  const other = createPool({ ...server, database }, 2)

  const zones = await Promise.all(
    [1, 2].map(() => other.query<{ zone: string }>(`SELECT current_setting('TimeZone') AS zone, pg_sleep(0.05)::text`)),
  )

  expect(zones.map(({ rows }) => rows[0]?.zone)).toEqual(['UTC', 'UTC'])
  expect(other.totalCount).toBe(2)
  await other.end()
})

function add(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'migration.sql'), sql)
}

async function tables(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

test('a role that only owns its database is enough', async () => {
  const role = `owner_${database.slice(-12)}`
  await administer(server, `CREATE ROLE ${role} LOGIN NOSUPERUSER PASSWORD 'a password for tests'`)
  await administer(server, `ALTER DATABASE ${database} OWNER TO ${role}`)
  const theirs = createPool({ ...server, database, user: role, password: 'a password for tests' }, 2)
  try {
    expect(await migrate(theirs)).toEqual(OURS)
  } finally {
    await theirs.end()
    await administer(server, `ALTER DATABASE ${database} OWNER TO ${server.user}`)
    await pool.query(`REASSIGN OWNED BY ${role} TO ${server.user}`)
    await pool.query(`DROP OWNED BY ${role}`)
    await administer(server, `DROP ROLE ${role}`)
  }
})

test('a database that has the migration that was mended, as it was, is not taken for another', async () => {
  await migrate(pool)
  const { rowCount } = await pool.query(
    `UPDATE _prisma_migrations SET checksum = $1 WHERE migration_name = '20261122000002_changes' AND checksum <> $1`,
    ['4ec6210534fdee684e014f006fc586d004b25e91f876596c3d5b12aa743316d3'],
  )
  expect(rowCount).toBe(1)

  expect(await migrate(pool)).toEqual([])
})
