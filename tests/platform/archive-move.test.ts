import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sql from 'sql-template-tag'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { DEMO_CAST, createDemo } from '../../src/features/setup/demo.ts'
import { importFile } from '../../src/platform/archive/restore.ts'
import { exportToFile, openSnapshot } from '../../src/platform/archive/write.ts'
import { openDatabase } from '../../src/platform/database/database.ts'
import { startEmbedded } from '../../src/platform/database/embedded/server.ts'
import type { EmbeddedServer } from '../../src/platform/database/embedded/server.ts'
import { SYSTEM, inTransaction } from '../../src/platform/scope.ts'
import { ask, differencesBetween, everythingIn, newDatabase, newFile, schemaOf } from '../support/archives.ts'
import { signInTo } from '../support/visit-database.ts'

const template = inject('template')
let folder: string
let embedded: EmbeddedServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealwright-archive-move-'))
  // As root the server is another user, who has to pass.
  await chmod(folder, 0o711)
  embedded = await startEmbedded({ dataDir: join(folder, 'data'), fsync: false })
})

afterAll(async () => {
  await embedded.stop()
  await rm(folder, { recursive: true, force: true })
})

test('from one server to another and into the embedded one: the same rows, pages and people, and the work goes on', async () => {
  const from = await newDatabase(template)
  const database = openDatabase(from, 4)
  await createDemo(database)
  await database.close()
  const file = newFile()
  const { trailer } = await exportToFile(from, file)

  await importFile(embedded.connection, file)

  const everything = await everythingIn(from)
  expect(everything.changes?.length).toBeGreaterThan(500)
  expect(everything.leads?.length).toBeGreaterThan(50)
  expect(await differencesBetween(from, embedded.connection)).toEqual([])
  const back = newFile()
  expect((await exportToFile(embedded.connection, back)).trailer).toEqual(trailer)
  const to = await newDatabase()
  await importFile(to, back)
  expect(await differencesBetween(from, to)).toEqual([])
  expect(await schemaOf(to)).toEqual(await schemaOf(from))

  const { email, password } = DEMO_CAST.member
  const before = await signInTo(from, email, password)
  const after = await signInTo(to, email, password)
  for (const path of ['/leads', '/deals', '/deals/pipeline', '/clients', '/clients/1', '/deals/1', '/leads/1']) {
    const [one, other] = [await before.get(path), await after.get(path)]
    expect({ path, status: other.status }).toEqual({ path, status: one.status })
    expect(contentOf(other.text)).toEqual(contentOf(one.text))
  }
  await before.close()
  await after.close()
  expect(await whatAnUpdateLeaves(to)).toEqual(['insert', 'update'])
}, 120_000)

/** What the page says; tokens differ from visit to visit, and "five seconds ago" from second to second. */
function contentOf(html: string): string {
  return html.replaceAll(/value="[\w-]{30,}"|content="[\w-]{30,}"/g, '').replaceAll(/(<time[^>]*>)[^<]*/g, '$1')
}

/** The audit goes on where it was: triggers are on again, and numbers new rows after the old ones. */
async function whatAnUpdateLeaves(place: Parameters<typeof ask>[0]): Promise<string[]> {
  const database = openDatabase(place, 2)
  await inTransaction({ db: database, user: SYSTEM }, async ({ db }) => {
    await db.query(sql`INSERT INTO teams (name) VALUES ('North')`)
    await db.query(sql`UPDATE teams SET name = 'South'`)
  })
  await database.close()
  const rows = await ask<{ operation: string }>(
    place,
    `SELECT operation FROM changes WHERE table_name = 'teams' ORDER BY id`,
  )
  return rows.map(({ operation }) => operation)
}

test('what is written after an export began is not in it', async () => {
  const from = await newDatabase(template)
  await teams(from, 'before')
  const snapshot = await openSnapshot(from)
  await teams(from, 'after')

  const text: Buffer[] = []
  for await (const chunk of snapshot.text()) text.push(chunk)
  await snapshot.close()

  const archive = Buffer.concat(text).toString()
  expect(archive.includes('\tbefore\t')).toBe(true)
  expect(archive.includes('\tafter\t')).toBe(false)
})

test('people work on while everything is exported: the file is one moment, each of their changes in it wholly or not', async () => {
  const from = await newDatabase(template)
  let working = true
  const work = Promise.all(
    Array.from({ length: 4 }, async (_, person) => {
      for (let round = 0; working; round++) await teams(from, `${person} ${round} a`, `${person} ${round} b`)
    }),
  )
  await expect.poll(async () => (await ask(from, 'SELECT FROM teams')).length).toBeGreaterThan(20)
  const file = newFile()
  const { trailer } = await exportToFile(from, file)
  working = false
  await work
  const later = (await ask(from, 'SELECT FROM teams')).length

  const to = await newDatabase()
  await importFile(to, file)

  const rows = trailer.tables.teams?.rows ?? 0
  expect(later).toBeGreaterThan(rows)
  // Two rows a transaction, and a row of the audit for each.
  expect(rows % 2).toBe(0)
  expect(trailer.tables.changes?.rows).toBe(rows)
  expect(
    await ask(to, `SELECT FROM teams t WHERE NOT EXISTS (SELECT FROM changes c WHERE c.record_id = t.id)`),
  ).toEqual([])
})

function teams(place: Parameters<typeof ask>[0], ...names: string[]): Promise<object[]> {
  return ask(
    { ...place, options: '-c dealwright.actor=system' },
    'INSERT INTO teams (name) SELECT unnest($1::text[])',
    [names],
  )
}

test('a migration waits for an export that has begun, so that no table changes under it', async () => {
  const from = await newDatabase(template)
  const snapshot = await openSnapshot(from)

  const altering = ask({ ...from, options: '-c lock_timeout=200' }, 'ALTER TABLE leads ADD COLUMN more text')

  await expect(altering).rejects.toThrow(/lock timeout/)
  await snapshot.close()
  await ask(from, 'ALTER TABLE leads ADD COLUMN more text')
})

test('an export whose connection breaks fails and leaves no file', async () => {
  const from = await newDatabase(template)
  await ask(from, `CREATE TABLE slow (id integer PRIMARY KEY, filling text)`)
  await ask(from, `INSERT INTO slow SELECT n, repeat(md5(n::text), 20) FROM generate_series(1, 100000) AS n`)
  const file = newFile()

  const exported = exportToFile(from, file).then(
    () => 'written',
    (error: unknown) => error,
  )
  await expect
    .poll(
      () =>
        ask(
          from,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%slow%'`,
        ),
      { interval: 5 },
    )
    .not.toEqual([])

  expect(await exported).toBeInstanceOf(Error)
  await expect(rm(file)).rejects.toThrow(/ENOENT/)
})
