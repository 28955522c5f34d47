import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, expect, inject, test } from 'vitest'
import { ArchiveError } from '../../src/platform/archive/format.ts'
import { importFile } from '../../src/platform/archive/restore.ts'
import { exportToFile } from '../../src/platform/archive/write.ts'
import { StartupError } from '../../src/platform/errors.ts'
import {
  ask,
  differencesBetween,
  everythingIn,
  migrated,
  migrationsAnd,
  newDatabase,
  newFile,
  schemaOf,
} from '../support/archives.ts'
import type { Place } from '../support/archives.ts'
import { administer } from '../support/server.ts'

const template = inject('template')
/** A small installation, and its archive. */
let from: Place
let file: string

beforeAll(async () => {
  from = await newDatabase(template)
  await ask(
    { ...from, options: '-c dealwright.actor=system' },
    `
    INSERT INTO users (email, name, password_hash, role) VALUES ('rosa@example.com', 'Rosa', 'x', 'admin');
    INSERT INTO clients (name, currency_code, owner_id) SELECT 'Client ' || n, 'EUR', 1 FROM generate_series(1, 300) AS n;
    INSERT INTO leads (first_name, last_name, currency_code, status) VALUES ('Zoë', 'Lind', 'EUR', 'new');
    INSERT INTO deals (name, client_id, lead_id, pipeline_id, stage, status, currency_code, probability, board_position)
    VALUES ('Racks', 1, 1, 1, 'proposal', 'open', 'EUR', 50, 'a0');
    UPDATE leads SET status = 'converted', converted_to_client_id = 1, converted_to_deal_id = 1, converted_at = now(), converted_by = 1`,
  )
  file = newFile()
  await exportToFile(from, file)
})

/** Says no in one sentence, and leaves a database that had nothing in it with nothing in it. */
async function refused(content: Buffer | string, sentence: RegExp): Promise<void> {
  const changed = newFile()
  writeFileSync(changed, content)
  const to = await newDatabase()
  const refusal = await importFile(to, changed).then(
    () => 'imported',
    (error: unknown) => error,
  )
  expect(refusal).toBeInstanceOf(ArchiveError)
  expect((refusal as Error).message).toMatch(sentence)
  expect((refusal as Error).message).not.toContain('\n')
  expect(await ask(to, `SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([])
}

const textOf = (path: string) => gunzipSync(readFileSync(path)).toString()
/** The archive with its text changed, and counts and hashes that say otherwise. */
const edited = (from: string | RegExp, to: string) => gzipSync(textOf(file).replace(from, to))

test('a file that was cut short is refused, wherever', async () => {
  const whole = readFileSync(file)
  for (const length of [11, Math.floor(whole.length / 2), whole.length - 9, whole.length - 1]) {
    await refused(whole.subarray(0, length), /is cut short: it ends before its last line\.$/)
  }
  // Whole as a gzip, but not as an archive.
  const text = textOf(file)
  await refused(gzipSync(text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)), /is cut short/)
})

test('a file in which one byte is another is refused, wherever', async () => {
  const whole = readFileSync(file)
  for (const place of [
    12,
    Math.floor(whole.length / 3),
    Math.floor(whole.length / 2),
    whole.length - 20,
    whole.length - 6,
    whole.length - 2,
  ]) {
    const changed = Buffer.from(whole)
    changed[place] = (changed[place] ?? 0) ^ 0x10
    await refused(changed, /is damaged: |is cut short/)
  }
})

test('rows that were taken out, put in or changed are noticed', async () => {
  await refused(edited(/\n[^\n]*\tClient 300\t[^\n]*/, ''), /is damaged: the table "clients" was changed\.$/)
  await refused(edited(/(\n7\tClient 7\t)/, '\n7\tClient 8\t'), /is damaged: the table "clients" was changed\.$/)
  await refused(
    Buffer.concat([readFileSync(file), gzipSync('{"end":true}\n')]),
    /is damaged: something follows its last line\.$/,
  )
})

test('what is no archive is called that', async () => {
  for (const content of [
    '',
    'first_name,last_name\nRosa,Lind\n',
    gzipSync(''),
    gzipSync('something else\n'),
    gzipSync('{"format":"another"}\n'),
    gzipSync('x'.repeat(5_000_000)),
  ]) {
    await refused(content, /is not an archive of Dealwright\.$/)
  }
  const to = await newDatabase()
  await expect(importFile(to, '/nowhere/at/all.archive')).rejects.toThrow(
    /^\/nowhere\/at\/all\.archive cannot be read: ENOENT/,
  )
})

test('an archive of a newer version, by its format or its schema, or of another product is refused by name', async () => {
  await refused(edited('"version":1', '"version":2'), /was written by a newer version of Dealwright/)
  await refused(
    edited(/"migrations":\[/, '"migrations":[{"name":"99999999999999_future","checksum":"x"},'),
    /is newer than this version of Dealwright \(it has "99999999999999_future"\)/,
  )
  await refused(
    edited(/"checksum":"[0-9a-f]{64}"/, '"checksum":"0"'),
    /its migration "20261122000001_search_functions" is another one here\.$/,
  )
})

test('an installation with anything in it is left alone', async () => {
  const to = await newDatabase(template)
  await ask(
    { ...to, options: '-c dealwright.actor=system' },
    `INSERT INTO teams (name) VALUES ('North'); DELETE FROM teams`,
  )
  const before = [await everythingIn(to), await schemaOf(to)]

  const refusal = importFile(to, file)

  await expect(refusal).rejects.toThrow(ArchiveError)
  await expect(refusal).rejects.toThrow(/^The installation is not empty \(there are rows in "changes"\): [^\n]+\.$/)
  expect([await everythingIn(to), await schemaOf(to)]).toEqual(before)
})

test('a database of something else, or of a newer version, is left alone', async () => {
  const foreign = await newDatabase()
  await ask(foreign, 'CREATE TABLE invoices (id integer PRIMARY KEY)')
  await expect(importFile(foreign, file)).rejects.toThrow(
    /^The database belongs to something else \(it has a table "invoices"\)/,
  )
  expect(await ask(foreign, 'SELECT * FROM invoices')).toEqual([])

  const newer = await newDatabase(template)
  await migrated(newer, migrationsAnd('99999999999999_future', 'CREATE TABLE future (id integer PRIMARY KEY)'))
  await expect(importFile(newer, file)).rejects.toThrow(StartupError)
  expect(await ask(newer, 'SELECT * FROM future')).toEqual([])
})

test('an installation that was started and never used takes an archive; its visitors’ sessions go', async () => {
  const to = await newDatabase(template)
  await ask(to, `INSERT INTO sessions (sid, sess, expire) VALUES ('someone', '{}', now() + interval '1 h')`)

  await importFile(to, file)

  expect(await differencesBetween(from, to)).toEqual([])
  expect(await schemaOf(to)).toEqual(await schemaOf(from))
  expect(await ask(to, 'SELECT sid FROM sessions')).toEqual([])
})

test('of several imports at once into one database, one is made', async () => {
  const to = await newDatabase()

  const answers = await Promise.allSettled(Array.from({ length: 4 }, () => importFile(to, file)))

  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await differencesBetween(from, to)).toEqual([])
})

test('migrations since then are applied, to the rows as well; one that fails leaves nothing', async () => {
  const to = await newDatabase()
  const folder = migrationsAnd(
    '99999999999999_louder',
    `SET dealwright.actor = 'system'; UPDATE clients SET name = upper(name)`,
  )
  expect((await importFile(to, file, folder)).migrated).toEqual(['99999999999999_louder'])
  expect(await ask(to, 'SELECT name FROM clients WHERE id = 300')).toEqual([{ name: 'CLIENT 300' }])

  const other = await newDatabase()
  await expect(importFile(other, file, migrationsAnd('99999999999999_broken', 'SELECT 1 / 0'))).rejects.toThrow(
    /division by zero/,
  )
  expect(await ask(other, `SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([])
})

test('rows that refer to none are refused, however the file counts them', async () => {
  const broken = await newDatabase(template)
  await ask(
    { ...broken, options: '-c dealwright.actor=system' },
    `
    ALTER TABLE clients DROP CONSTRAINT clients_owner_id_fkey;
    INSERT INTO clients (name, currency_code, owner_id) VALUES ('Acme', 'EUR', 77)`,
  )
  const path = newFile()
  await exportToFile(broken, path)

  await refused(
    readFileSync(path),
    /cannot be imported: insert or update on table "clients" violates foreign key constraint/,
  )
})

test('an owner of the database who is no superuser can do both', async () => {
  const owner = `dealwright_owner_${randomUUID().replaceAll('-', '')}`
  const to = await newDatabase()
  await administer(
    inject('server'),
    `CREATE ROLE ${owner} LOGIN PASSWORD 'secret'`,
    `ALTER DATABASE ${to.database} OWNER TO ${owner}`,
  )
  const asOwner = { ...to, user: owner, password: 'secret' }
  try {
    await importFile(asOwner, file)
    expect(await differencesBetween(from, to)).toEqual([])
    const again = newFile()
    const { trailer } = await exportToFile(asOwner, again)
    expect(trailer).toEqual((await exportToFile(from, newFile())).trailer)
  } finally {
    await administer(inject('server'), `ALTER DATABASE ${to.database} OWNER TO ${to.user}`)
    await ask(to, `REASSIGN OWNED BY ${owner} TO ${to.user}`)
    await ask(to, `DROP OWNED BY ${owner}`)
    await administer(inject('server'), `DROP ROLE ${owner}`)
  }
})
