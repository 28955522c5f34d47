import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { backUpBeforeUpgrade, backUpNightly, isNightlyDue } from '../../src/platform/archive/backups.ts'
import type { Backups } from '../../src/platform/archive/backups.ts'
import { verifyArchive } from '../../src/platform/archive/read.ts'
import { MIGRATIONS, migrate, readMigrations } from '../../src/platform/database/migrate.ts'
import { createPool } from '../../src/platform/database/pool.ts'
import { StartupError } from '../../src/platform/errors.ts'
import { ask, migrationsAnd, newDatabase, newFolder } from '../support/archives.ts'
import type { Place } from '../support/archives.ts'
import { errorsLogged, logger } from '../support/log.ts'

const ROUND = 30
let connection: Place
let folder: string
const running: { stop(): Promise<void> }[] = []

beforeEach(async () => {
  connection = await newDatabase(inject('template'))
  await ask(
    { ...connection, options: '-c dealwright.actor=system' },
    `INSERT INTO users (email, name, password_hash, role) VALUES ('rosa@example.com', 'Rosa', 'x', 'admin')`,
  )
  folder = join(newFolder(), 'backups')
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()))
})

function nights(overrides: Partial<Backups> = {}) {
  const one = backUpNightly({ connection, folder, keep: 7, ...overrides }, logger, ROUND)
  running.push(one)
  return one
}

const filesIn = (place: string) => readdirSync(place).sort()
const hoursAgo = (hours: number, now = new Date()) => new Date(now.getTime() - hours * 3_600_000)
/** As a backup of then is called. */
const nameOf = (kind: string, time: Date) => `${kind}-${time.toISOString().replaceAll(':', '-')}.archive`

test('a backup is due in the small hours, or when the last one is old', () => {
  const night = new Date(2026, 10, 22, 2, 30)
  const noon = new Date(2026, 10, 22, 12, 0)

  expect(isNightlyDue(null, noon)).toBe(true)
  expect(isNightlyDue(hoursAgo(24, night), night)).toBe(true)
  expect(isNightlyDue(hoursAgo(1, night), night)).toBe(false)
  expect(isNightlyDue(hoursAgo(24, noon), noon)).toBe(false)
  expect(isNightlyDue(hoursAgo(31, noon), noon)).toBe(true)
})

test('one is made by itself, whole, for its owner only, and not another one right after', async () => {
  nights()

  await expect.poll(() => filesIn(folder)).toEqual([expect.stringMatching(/^nightly-.*Z\.archive$/)])
  await sleep(5 * ROUND)
  expect(filesIn(folder)).toHaveLength(1)

  const file = join(folder, filesIn(folder)[0] ?? '')
  expect((await verifyArchive(file)).trailer.tables.users?.rows).toBe(1)
  if (process.platform !== 'win32') {
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  }
})

test('of several processes on one database one makes it; when that one ends, another takes over', async () => {
  const folders = Array.from({ length: 4 }, () => newFolder())
  const processes = folders.map((place) => ({ place, process: nights({ folder: place }) }))
  const made = () => folders.flatMap((place) => filesIn(place).filter((name) => name.endsWith('.archive')))

  await expect.poll(() => made().length).toBe(1)
  await sleep(10 * ROUND)
  expect(made()).toHaveLength(1)

  const first = processes.find(({ place }) => filesIn(place).length > 0)
  await first?.process.stop()
  await expect.poll(() => made().length).toBe(2)
})

test('as many as asked for are kept, of each kind; what else lies there stays', async () => {
  mkdirSync(folder)
  const old = [40, 60, 80, 100].map((hours) => nameOf('nightly', hoursAgo(hours)))
  const before = nameOf('before-upgrade', hoursAgo(200))
  const mine = ['notes.txt', 'nightly-mine.archive', `${old[0]}.unfinished-1`]
  for (const name of [...old, before, ...mine, 'killed.archive.unfinished-7']) writeFileSync(join(folder, name), 'x')
  utimesSync(join(folder, 'killed.archive.unfinished-7'), hoursAgo(30), hoursAgo(30))

  nights({ keep: 3 })

  await expect.poll(() => filesIn(folder).includes(old[3] ?? '')).toBe(false)
  const kept = filesIn(folder)
  expect(kept).toEqual(expect.arrayContaining([old[0], old[1], before, ...mine]))
  expect(kept).toHaveLength(3 + 1 + mine.length)
})

test('none are made when none are to be kept, nor of an installation that nobody has set up', async () => {
  expect(await backUpBeforeUpgrade({ connection, folder, keep: 0 })).toBe(null)
  expect(await backUpBeforeUpgrade({ connection: await newDatabase(inject('template')), folder, keep: 7 })).toBe(null)
  expect(await backUpBeforeUpgrade({ connection: await newDatabase(), folder, keep: 7 })).toBe(null)
  expect(() => filesIn(folder)).toThrow('ENOENT')
})

test('one that fails is logged, and the process goes on', async () => {
  writeFileSync(folder, 'not a folder')
  nights()

  await expect.poll(() => errorsLogged.length).toBe(1)
  expect(errorsLogged.splice(0)).toEqual([
    expect.objectContaining({ msg: 'the backup failed; it is tried again in an hour' }),
  ])
  await sleep(5 * ROUND)
})

test('before a migration the database is saved as it was; when that fails, nothing is migrated', async () => {
  const migrations = migrationsAnd('99999999999999_teamless', 'DROP TABLE teams CASCADE')
  // No more than one connection: the backup must not need the one that migrates.
  const pool = createPool(connection, 1)
  const start = (backups: Backups) =>
    migrate(pool, {
      folder: migrations,
      beforeUpgrade: async () => {
        await backUpBeforeUpgrade(backups)
      },
    })
  try {
    const file = join(newFolder(), 'a file')
    writeFileSync(file, '')
    const failing = start({ connection, folder: join(file, 'backups'), keep: 7 })
    await expect(failing).rejects.toThrow(StartupError)
    await expect(failing).rejects.toThrow(
      /^The backup before the upgrade failed, so nothing was upgraded \(ENOTDIR[^\n]*BACKUPS=0[^\n]*\.$/,
    )
    expect(await ask(connection, `SELECT to_regclass('teams')::text AS teams`)).toEqual([{ teams: 'teams' }])

    expect(await start({ connection, folder, keep: 7 })).toEqual(['99999999999999_teamless'])
    expect(await ask(connection, `SELECT to_regclass('teams')::text AS teams`)).toEqual([{ teams: null }])
    expect(filesIn(folder)).toEqual([expect.stringMatching(/^before-upgrade-.*Z\.archive$/)])
    const { header } = await verifyArchive(join(folder, filesIn(folder)[0] ?? ''))
    expect(header.migrations.at(-1)?.name).toBe(readMigrations(MIGRATIONS).at(-1)?.name)

    // The next start has nothing to upgrade, and so nothing to save.
    await start({ connection, folder, keep: 7 })
    expect(filesIn(folder)).toHaveLength(1)
  } finally {
    await pool.end()
  }
})
