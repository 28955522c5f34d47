import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, inject, test } from 'vitest'
import { importFile } from '../../src/platform/archive/restore.ts'
import { exportToFile } from '../../src/platform/archive/write.ts'
import {
  ask,
  differencesBetween,
  migrated,
  migrationsAnd,
  newDatabase,
  newFile,
  schemaOf,
} from '../support/archives.ts'
import type { Place } from '../support/archives.ts'

const template = inject('template')

/** As somebody's work: with an actor, so that the audit is written, too. */
async function write(place: Place, statement: string, values: unknown[] = []): Promise<void> {
  await ask({ ...place, options: '-c dealwright.actor=system' }, statement, values)
}

test('what is written comes back as it was: every value, every id, the history, the numbering and the schema', async () => {
  const from = await newDatabase(template)
  await write(from, `INSERT INTO teams (name) VALUES ('North'), ('South')`)
  await write(
    from,
    `INSERT INTO users (email, name, password_hash, role, team_id) VALUES ('rosa@example.com', 'Rosa', '$argon2id$x', 'admin', 2)`,
  )
  await write(from, `UPDATE users SET name = 'Rosa Ø'`)
  await write(
    from,
    `INSERT INTO clients (name, currency_code, owner_id, tags) VALUES ('Acme', 'EUR', 1, '{"a,b","","NULL","\\\\"}')`,
  )
  await write(
    from,
    `INSERT INTO deals (name, client_id, pipeline_id, stage, status, value, currency_code, probability, board_position, expected_close_date, created_at)
     VALUES ('Forklifts', 1, 1, 'proposal', 'open', 99999999999999.9999, 'EUR', 50, 'a0', '0044-03-15', '2026-03-29 01:59:59.999+01'),
            ('None', NULL, 1, 'proposal', 'open', 0.0001, 'EUR', 50, 'a1', NULL, '9999-12-31 23:59:59.999+00')`,
  )
  await write(from, `UPDATE deals SET value = 1.5 WHERE name = 'None'`)
  await write(from, `DELETE FROM teams WHERE name = 'North'`)
  const file = newFile()
  const { trailer } = await exportToFile(from, file)

  const to = await newDatabase()
  const { migrated } = await importFile(to, file)

  expect(migrated).toEqual([])
  expect(await differencesBetween(from, to)).toEqual([])
  expect(await schemaOf(to)).toEqual(await schemaOf(from))
  expect(trailer.tables.deals).toMatchObject({ rows: 2, sums: { value: '100000000000001.4999' }, next: { id: 3 } })
  expect(trailer.tables.deal_history).toMatchObject({ rows: 3 })
  // The id of a record that is gone is not given to another one.
  await write(to, `INSERT INTO teams (name) VALUES ('West')`)
  expect(await ask(to, 'SELECT id FROM teams ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }])
})

test('the file is for its owner only, holds no sessions, and is not written over another', async () => {
  const from = await newDatabase(template)
  await ask(from, `INSERT INTO sessions (sid, sess, expire) VALUES ('a-session-of-somebody', '{}', now())`)
  const file = newFile()

  await exportToFile(from, file)

  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(gunzipSync(readFileSync(file)).toString()).not.toContain('a-session-of-somebody')
  await expect(exportToFile(from, file)).rejects.toThrow(/is there already: name another file\.$/)
})

// What COPY, JSON, gzip and line ends could trip over; never NUL, which the database refuses.
const Strange = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replaceAll('\0', '').toWellFormed()),
  fc.constantFrom(
    '\\.',
    '\n\\.\n',
    '\\N',
    '\\',
    '\t',
    '\r\n',
    '"',
    "'",
    '{}',
    'null',
    '👩‍👩‍👧',
    '\u202eabc',
    '\ufeff',
    '\u2028',
    '\\x00',
    '\b\f\v',
  ),
)
const Row = fc.record({
  text: fc.option(Strange),
  tags: fc.array(Strange, { maxLength: 4 }),
  json: fc.option(fc.jsonValue({ stringUnit: 'grapheme' })),
  number: fc.option(
    fc
      .tuple(fc.bigInt(-(10n ** 17n), 10n ** 17n), fc.nat(9999))
      .map(([whole, part]) => `${whole}.${part}`.slice(0, 18)),
  ),
  instant: fc.option(
    fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  ),
  seconds: fc.option(fc.nat(86_399)),
  float: fc.option(fc.double({ noDefaultInfinity: false })),
  bytes: fc.option(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))),
})

test('whatever a column can hold survives the way through a file', async () => {
  // No table of today has every type; one of tomorrow may.
  const folder = migrationsAnd(
    '99999999999999_strange',
    `CREATE TABLE strange (key text PRIMARY KEY, words text, tags text[], json jsonb, number numeric(30, 4), instant timestamptz(3), day date,
                           hour time, float double precision, bytes bytea, folded text GENERATED ALWAYS AS (lower(words)) STORED)`,
  )
  const from = await newDatabase(template)
  await migrated(from, folder)
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(Strange, Row), { selector: ([key]) => key, maxLength: 30 }),
      async (rows) => {
        await ask(from, 'DELETE FROM strange')
        for (const [key, row] of rows) {
          await ask(
            from,
            `INSERT INTO strange VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz::date, '00:00'::time + $7 * interval '1 s', $8, $9)`,
            [
              key,
              row.text,
              row.tags,
              row.json === null ? null : JSON.stringify(row.json),
              row.number,
              row.instant,
              row.seconds,
              row.float,
              row.bytes,
            ],
          )
        }
        const file = newFile()
        await exportToFile(from, file)
        const to = await newDatabase()
        await importFile(to, file, folder)
        expect(await differencesBetween(from, to)).toEqual([])
      },
    ),
    { numRuns: 6 },
  )
}, 120_000)

test('values and sums that somebody changed in the file are found', async () => {
  const from = await newDatabase(template)
  await write(from, `INSERT INTO teams (name) VALUES ('North')`)
  const file = newFile()
  await exportToFile(from, file)
  const text = gunzipSync(readFileSync(file)).toString()
  writeFileSync(file, gzipSync(text.replace('\tNorth\t', '\tSouth\t')))
  const to = await newDatabase()

  await expect(importFile(to, file)).rejects.toThrow(/is damaged: the table "teams" was changed\.$/)
  expect(await ask(to, `SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([])
})
