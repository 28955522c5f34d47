import { randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { fromRoot } from '../../src/paths.ts'
import { db } from '../support/database.ts'
import { administer } from '../support/server.ts'

const server = inject('server')
const name = `dealwright_schema_${randomUUID().replaceAll('-', '')}`
const TABLES = `c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'`
const ofPrisma = new pg.Pool({ ...server, database: name, max: 2 })

beforeAll(async () => {
  await administer(server, `CREATE DATABASE ${name} TEMPLATE template0`)
  await ofPrisma.query(await sqlOfPrismaSchema())
})

afterAll(async () => {
  await ofPrisma.end()
  await administer(server, `DROP DATABASE ${name} WITH (FORCE)`)
})

test('migrations and schema.prisma make the same columns', async () => {
  expect(await columnsOf(ofPrisma)).toEqual(await columnsOf(db.pool))
})

test('migrations and schema.prisma make the same primary, unique and foreign keys', async () => {
  expect(await keysOf(ofPrisma)).toEqual(await keysOf(db.pool))
})

/** Tables whose writes are not somebody's work on a record: what the machine keeps for itself, and the audit itself. */
const NOT_AUDITED = [
  '_prisma_migrations',
  'api_answers',
  'api_limits',
  'api_token_uses',
  'changes',
  'deal_history',
  'deal_stage_stays',
  'sessions',
  'sign_in_limits',
  'submissions',
  'visits',
  'webhook_attempts',
  'webhook_deliveries',
]

test('every business table has the audit trigger, for each kind of write, and counts its versions', async () => {
  const { rows } = await db.pool.query<{ table: string; audited: boolean; versioned: boolean; truncatable: boolean }>(
    `
    SELECT c.relname AS "table",
           -- 29: per row, after, on insert, update and delete.
           coalesce(bool_or(t.tgname = 'record_change' AND t.tgtype = 29 AND t.tgenabled = 'O'), false) AS audited,
           coalesce(bool_or(t.tgname = 'bump_version'), false) AS versioned,
           NOT coalesce(bool_or(t.tgname = 'refuse_truncate'), false) AS truncatable
    FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT c.relname = ANY ($1)
    GROUP BY c.relname ORDER BY c.relname`,
    [NOT_AUDITED],
  )

  expect(rows.map(({ table }) => table)).toContain('leads')
  expect(rows.filter(({ audited, versioned, truncatable }) => !audited || !versioned || truncatable)).toEqual([])
})

test("each migration's first line says why", () => {
  expect(migrationNames().filter((migration) => !/^-- .{30,}/.test(migrationSql(migration)))).toEqual([])
})

// Node has it, but TypeScript knows it among the browser's types only.
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>
}

/** What schema.prisma would make of an empty database, as Prisma's own engine says it. */
async function sqlOfPrismaSchema(): Promise<string> {
  const content = readFileSync(fromRoot('prisma', 'schema.prisma'), 'utf8')
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const { instance } = await WebAssembly.instantiate(readFileSync(file.replace(/\.js$/, '.wasm')), {
    './schema_engine_bg.js': bindings,
  })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()

  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ ...server, database: name }))
  const engine = await bindings.SchemaEngine.new({ datamodels: [['schema.prisma', content]] }, () => undefined, adapter)
  const { stdout } = await engine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  return stdout ?? ''
}

/** "deals.value numeric(18,4), may be empty", for each column of each table. That a list may not be empty, schema.prisma cannot say. */
async function columnsOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    SELECT format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                  CASE WHEN a.attnotnull OR a.attndims > 0 THEN '' ELSE ', may be empty' END,
                  CASE WHEN a.attgenerated = '' AND (a.atthasdef OR a.attidentity <> '') THEN ', has a default' ELSE '' END) AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE ${TABLES} AND a.attnum > 0 AND NOT a.attisdropped`)
  return rows.map(({ line }) => line).sort()
}

/**
 * "deals (client_id, contact_id) → contacts (client_id, id)", and unique keys, whether written as constraint or as index. Partial indexes and
 * those on expressions are beyond what schema.prisma can say, and so are actions like SET NULL (contact_id).
 */
async function keysOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    SELECT format('%s %s (%s)', c.relname, CASE WHEN i.indisprimary THEN 'primary' ELSE 'unique' END,
                  (SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY AS k(number, place)
                   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number)) AS line
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE ${TABLES} AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
    UNION ALL
    SELECT format('%s (%s) → %s (%s)', c.relname,
                  (SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM unnest(f.conkey) WITH ORDINALITY AS k(number, place)
                   JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number),
                  f.confrelid::regclass,
                  (SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM unnest(f.confkey) WITH ORDINALITY AS k(number, place)
                   JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number))
    FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
    WHERE ${TABLES} AND f.contype = 'f'`)
  return rows.map(({ line }) => line).sort()
}

function migrationNames(): string[] {
  return readdirSync(fromRoot('prisma', 'migrations'), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  )
}

function migrationSql(migration: string): string {
  return readFileSync(fromRoot('prisma', 'migrations', migration, 'migration.sql'), 'utf8')
}
