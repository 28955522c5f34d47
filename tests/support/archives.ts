import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { readTables, quoted } from '../../src/platform/archive/tables.ts'
import { MIGRATIONS, migrate } from '../../src/platform/database/migrate.ts'
import { createPool } from '../../src/platform/database/pool.ts'
import { administer } from './server.ts'
import type { TestServer } from './server.ts'

const server = inject('server')
const made: string[] = []
const folder = mkdtempSync(join(tmpdir(), 'dealwright-archives-'))

afterAll(async () => {
  for (const name of made) await administer(server, `DROP DATABASE ${name} WITH (FORCE)`)
  rmSync(folder, { recursive: true })
})

/** Where no file is yet. */
export function newFile(): string {
  return join(folder, `${randomUUID()}.archive`)
}

export function newFolder(): string {
  return mkdtempSync(join(folder, 'folder-'))
}

export type Place = TestServer & { database: string; options?: string }

/** A database with nothing in it, or with what `template` has; it speaks another zone than the process, as the others do. */
export async function newDatabase(template?: string): Promise<Place> {
  const name = `dealwright_archive_${randomUUID().replaceAll('-', '')}`
  await administer(server, `CREATE DATABASE ${name} TEMPLATE ${template ?? 'template0'}`)
  await administer(server, `ALTER DATABASE ${name} SET TimeZone = 'Asia/Kathmandu'`)
  made.push(name)
  return { ...server, database: name }
}

/** The product's migrations and one more. */
export function migrationsAnd(name: string, statements: string): string {
  const all = newFolder()
  cpSync(MIGRATIONS, all, { recursive: true })
  mkdirSync(join(all, name))
  writeFileSync(join(all, name, 'migration.sql'), statements)
  return all
}

export async function migrated(place: Place, migrations: string): Promise<void> {
  const pool = createPool(place, 1)
  try {
    await migrate(pool, { folder: migrations })
  } finally {
    await pool.end()
  }
}

export async function ask<Row extends object>(place: Place, statement: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client(place)
  await client.connect()
  try {
    return (await client.query<Row>(statement, values)).rows
  } finally {
    await client.end()
  }
}

/** Every row of every table as the database writes it, less what an archive leaves out: the slow and simple way to compare two databases. */
export async function everythingIn(place: Place): Promise<Record<string, string[]>> {
  const client = new pg.Client(place)
  await client.connect()
  await client.query("SET TimeZone = 'UTC'")
  try {
    const everything: Record<string, string[]> = {}
    for (const { name, order } of await readTables(client)) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT to_jsonb(t)::text AS row FROM public.${quoted(name)} AS t ORDER BY ${order}`,
      )
      everything[name] = rows.map(({ row }) => row)
    }
    return everything
  } finally {
    await client.end()
  }
}

/** Of each table that differs, the first two rows that do; a table that only one has is a difference. */
export async function differencesBetween(one: Place, other: Place): Promise<string[]> {
  const [here, there] = [await everythingIn(one), await everythingIn(other)]
  return [...new Set([...Object.keys(here), ...Object.keys(there)])].flatMap((table) => {
    const [rows, others] = [here[table] ?? ['no such table'], there[table] ?? ['no such table']]
    const place = Array.from({ length: Math.max(rows.length, others.length) }, (_, at) => at).find(
      (at) => rows[at] !== others[at],
    )
    return place === undefined ? [] : [`${table}: ${rows[place]} / ${others[place]}`]
  })
}

/** Tables, functions, triggers, constraints and where each numbering goes on. */
export async function schemaOf(place: Place): Promise<string[]> {
  const rows = await ask<{ line: string }>(
    place,
    `SELECT line FROM (
       SELECT format('column %s.%s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull) AS line
       FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND attnum > 0 AND NOT attisdropped
       UNION ALL SELECT format('constraint %s %s %s %s', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid))
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace
       UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
       UNION ALL SELECT format('trigger %s %s %s', tgrelid::regclass, tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
       UNION ALL SELECT format('routine %s', oid::regprocedure) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       UNION ALL SELECT format('migration %s %s', migration_name, checksum) FROM _prisma_migrations) AS lines
     ORDER BY line COLLATE "C"`,
  )
  return rows.map(({ line }) => line)
}
