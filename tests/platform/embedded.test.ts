import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, realpath, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../src/platform/database/embedded/endpoint.ts'
import { startEmbedded } from '../../src/platform/database/embedded/server.ts'
import type { EmbeddedServer } from '../../src/platform/database/embedded/server.ts'
import { StartupError } from '../../src/platform/errors.ts'

const isRoot = process.getuid?.() === 0

let folder: string
/** A stopped database folder; tests that need one of their own copy it, which is faster than making it. */
let made: string
let serial = 0
const servers: EmbeddedServer[] = []
const apps: ChildProcess[] = []

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'dealwright-embedded-')))
  // As root the server is another user, who has to pass.
  await chmod(folder, 0o711)
  made = path.join(folder, 'made')
  await (await start(made)).stop()
})

afterEach(async () => {
  for (const app of apps.splice(0)) if (app.exitCode === null && app.signalCode === null) app.kill('SIGKILL')
  // A server whose app was killed is stopped like any other: by whoever is the last to use it.
  const locations = new Set(servers.map(({ location }) => location))
  await Promise.all(
    servers.splice(0).map(async ({ connection, stop }) => {
      await stop()
      if (path.isAbsolute(connection.host)) await rm(connection.host, { recursive: true, force: true })
    }),
  )
  for (const location of locations) {
    expect(await exists(path.join(location, 'postgres/data/postmaster.pid'))).toBe(false)
  }
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function start(dataDir: string, options?: { socketParents: string[] }): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDir, fsync: false, ...options })
  servers.push(server)
  return server
}

async function newDataDir(): Promise<string> {
  const dataDir = path.join(folder, String(++serial))
  // As root, `cp -a` keeps whose the files are; fs.cp does not.
  execFileSync('cp', ['-a', made, dataDir])
  return dataDir
}

type Said = Pick<EmbeddedServer, 'connection' | 'reused'>
type App = Said & { process: ChildProcess }

/** An app in a process group of its own, as one started in a terminal; it says what it got and stops on SIGTERM. */
async function startApp(dataDir: string): Promise<App> {
  const app = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', APP], {
    env: { ...process.env, DATA_DIR: dataDir },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  apps.push(app)
  for await (const line of createInterface(app.stdout)) return { process: app, ...(JSON.parse(line) as Said) }
  throw new Error('The app ended before it had a server.')
}

const APP = `
  import { startEmbedded } from ${JSON.stringify(new URL('../../src/platform/database/embedded/server.ts', import.meta.url).href)}
  const { connection, reused, stop } = await startEmbedded({ dataDir: process.env.DATA_DIR, fsync: false })
  console.log(JSON.stringify({ connection, reused }))
  process.on('SIGTERM', async () => { await stop(); process.exit() })
  setInterval(() => {}, 1000)
`

async function ended(app: ChildProcess): Promise<void> {
  if (app.exitCode === null && app.signalCode === null) await new Promise((resolve) => app.once('exit', resolve))
}

async function ask<T>(connection: Connection, sql: string): Promise<T> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' })
    return rows[0]?.[0] as T
  } finally {
    await client.end()
  }
}

/** The same server, as long as it was not restarted. */
function lifeOf(connection: Connection): Promise<string> {
  return ask<string>(connection, 'SELECT pg_postmaster_start_time()::text')
}

async function postmasterPid(location: string): Promise<number> {
  return Number.parseInt(await readFile(path.join(location, 'postgres/data/postmaster.pid'), 'utf8'), 10)
}

async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) !== undefined
}

function kindOf(start: Promise<EmbeddedServer>): Promise<StartupError> {
  return start.then(
    () => Promise.reject(new Error('It started.')),
    (error: unknown) => {
      expect(error).toBeInstanceOf(StartupError)
      return error as StartupError
    },
  )
}

test('the database speaks UTF-8, ICU and UTC, sorts and searches any script, and keeps its password', async () => {
  const { connection, reused } = await start(await newDataDir())

  expect(reused).toBe(false)
  expect(await ask(connection, "SELECT current_setting('TimeZone')")).toBe('UTC')
  expect(
    await ask(connection, 'SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()'),
  ).toBe('UTF8')
  expect(await ask(connection, 'SELECT datlocprovider FROM pg_database WHERE datname = current_database()')).toBe('i')
  await ask(connection, 'CREATE EXTENSION pg_trgm')
  expect(await ask<string[]>(connection, "SELECT show_trgm('Жанна')")).not.toEqual([])
  await expect(ask({ ...connection, password: 'guess' }, 'SELECT 1')).rejects.toThrow('password authentication failed')
})

test('the socket and the password are the server user’s alone', async () => {
  const { connection, location } = await start(await newDataDir())

  expect((await stat(connection.host)).mode & 0o777).toBe(0o700)
  expect((await stat(path.join(location, 'postgres/password'))).mode & 0o777).toBe(0o600)
  expect((await stat(path.join(location, 'postgres/data'))).mode & 0o777).toBe(0o700)
  expect(await ask(connection, "SELECT current_setting('listen_addresses')")).toBe('')
})

test('what is stored is there after a stop and a start', async () => {
  const dataDir = await newDataDir()
  const first = await start(dataDir)
  await ask(first.connection, "CREATE TABLE kept AS SELECT 'Rosa' AS name")
  await first.stop()

  const second = await start(dataDir)

  expect(second.reused).toBe(false)
  expect(await ask(second.connection, 'SELECT name FROM kept')).toBe('Rosa')
})

test('an app that is killed leaves a server that the next one uses', async () => {
  const dataDir = await newDataDir()
  const app = await startApp(dataDir)
  const life = await lifeOf(app.connection)
  app.process.kill('SIGKILL')
  await ended(app.process)

  const server = await start(dataDir)

  expect(server.reused).toBe(true)
  expect(await lifeOf(server.connection)).toBe(life)
})

test('Ctrl-C in the app’s terminal does not reach the server', async () => {
  const dataDir = await newDataDir()
  const app = await startApp(dataDir)
  const life = await lifeOf(app.connection)
  process.kill(-(app.process.pid as number), 'SIGINT')
  await ended(app.process)

  expect(await lifeOf((await start(dataDir)).connection)).toBe(life)
})

test('two apps that start at once on an empty folder share one server, and the last to leave stops it', async () => {
  const dataDir = path.join(folder, 'shared')
  const [one, two] = await Promise.all([startApp(dataDir), startApp(dataDir)])
  const life = await lifeOf(one.connection)
  expect(two.connection).toEqual(one.connection)
  expect([one.reused, two.reused].sort()).toEqual([false, true])

  one.process.kill('SIGTERM')
  await ended(one.process)
  expect(await lifeOf(two.connection)).toBe(life)

  two.process.kill('SIGTERM')
  await ended(two.process)
  await expect(lifeOf(two.connection)).rejects.toThrow('ENOENT')
})

test('stopping and starting at the same moment leaves the newcomer with a server', async () => {
  const dataDir = await newDataDir()
  for (let round = 0; round < 3; round++) {
    const leaving = await start(dataDir)
    const [, arriving] = await Promise.all([leaving.stop(), start(dataDir)])
    expect(await ask(arriving.connection, 'SELECT 1')).toBe(1)
    await arriving.stop()
  }
})

test('a server that dies under the app comes back', async () => {
  const { connection, location } = await start(await newDataDir())
  const life = await lifeOf(connection)
  process.kill(await postmasterPid(location), 'SIGKILL')

  await expect.poll(() => lifeOf(connection).catch(() => life), { timeout: 15_000 }).not.toBe(life)
})

test('a pid file left by a crash, and a pid that is another program’s by now, are no obstacle', async () => {
  const dataDir = await newDataDir()
  const pidFile = path.join(dataDir, 'postgres/data/postmaster.pid')
  const { uid, gid } = await stat(path.join(dataDir, 'postgres'))
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore', cwd: '/', uid, gid })
  apps.push(stranger)
  const gone = spawn('true', { stdio: 'ignore' })
  await ended(gone)

  for (const { pid } of [gone, stranger]) {
    await writeFile(pidFile, `${pid}\n${dataDir}/postgres/data\n1\n5432\n/tmp\n\n  1  1\nready\n`)
    const server = await start(dataDir)
    expect(await ask(server.connection, 'SELECT 1')).toBe(1)
    await server.stop()
  }
})

test('a copy of the folder of a running server gets a server of its own', async () => {
  const dataDir = await newDataDir()
  const original = await start(dataDir)
  const copy = path.join(folder, 'copy')
  execFileSync('cp', ['-a', dataDir, copy])

  const server = await start(copy)

  expect(server.reused).toBe(false)
  expect(server.connection.host).not.toBe(original.connection.host)
  expect(await lifeOf(server.connection)).not.toBe(await lifeOf(original.connection))
})

test('a start that is killed while it makes the database leaves nothing in the way', async () => {
  const dataDir = path.join(folder, 'interrupted')
  await mkdir(dataDir, { mode: 0o711 })
  const app = startApp(dataDir)
  const killed = expect(app).rejects.toThrow('ended before')
  await expect.poll(() => readdir(dataDir), { interval: 5, timeout: 10_000 }).toHaveLength(1)
  apps.at(-1)?.kill('SIGKILL')
  await killed
  expect(await readdir(dataDir)).toEqual([expect.stringMatching(/^postgres\.unfinished-/)])

  const server = await start(dataDir)

  expect(await ask(server.connection, 'SELECT 1')).toBe(1)
  expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.log'])
})

test('a socket folder that someone else laid in the way is not used', async () => {
  const dataDir = await newDataDir()
  const usual = await start(dataDir)
  await usual.stop()
  await rm(usual.connection.host, { recursive: true })
  await mkdir(usual.connection.host)
  await chmod(usual.connection.host, 0o777)

  const server = await start(dataDir)

  expect(server.connection.host).not.toBe(usual.connection.host)
  expect((await stat(server.connection.host)).mode & 0o777).toBe(0o700)
  await rmdir(usual.connection.host)
})

test('where no folder for a socket can be made it is in the next, and at last on loopback', async () => {
  const dataDir = await newDataDir()
  const nowhere = path.join(folder, 'nowhere')
  const beside = await start(dataDir, { socketParents: [nowhere, folder] })
  expect(path.dirname(beside.connection.host)).toBe(folder)
  await beside.stop()

  const server = await start(dataDir, { socketParents: [nowhere] })

  expect(server.connection).toMatchObject({ host: '127.0.0.1' })
  expect(await ask(server.connection, 'SELECT 1')).toBe(1)
  const second = await start(dataDir)
  expect(second).toMatchObject({ reused: true, connection: server.connection })
  await expect(ask({ ...server.connection, password: 'guessed' }, 'SELECT 1')).rejects.toThrow('password')
  const life = await lifeOf(server.connection)
  process.kill(await postmasterPid(server.location), 'SIGKILL')
  // Where pools connect to already.
  await expect.poll(() => lifeOf(server.connection).catch(() => life), { timeout: 15_000 }).not.toBe(life)
})

test('a folder that only its owner may enter: there, or as root where the server’s user can be', async () => {
  const dataDir = path.join(folder, 'private')
  await mkdir(dataDir, { mode: 0o700 })

  const server = await start(dataDir)
  await ask(server.connection, "CREATE TABLE kept AS SELECT 'Rosa' AS name")
  await server.stop()
  const again = await start(dataDir)

  expect(again.location).toBe(server.location)
  expect(await ask(again.connection, 'SELECT name FROM kept')).toBe('Rosa')
  if (isRoot) {
    expect(server.location).toMatch(/^\/var\/lib\/dealwright\/data-/)
    expect(await realpath(path.join(dataDir, 'postgres'))).toBe(path.join(server.location, 'postgres'))
    await again.stop()
    await rm(server.location, { recursive: true })
  } else {
    expect(server.location).toBe(dataDir)
  }
})

test('a folder of another major version is refused', async () => {
  const dataDir = await newDataDir()
  await writeFile(path.join(dataDir, 'postgres/data/PG_VERSION'), '17\n')

  expect((await kindOf(start(dataDir))).message).toMatch(
    /is of PostgreSQL 17, this version of the app brings PostgreSQL 18/,
  )
})

test('a data folder that cannot be one is refused', async () => {
  const file = path.join(folder, 'file')
  await writeFile(file, '')

  expect((await kindOf(start(path.join(file, 'data')))).message).toMatch(/^The data folder .* cannot be used: ENOTDIR/)
})

test('a server that does not start says what its log says', async () => {
  const dataDir = await newDataDir()
  await writeFile(path.join(dataDir, 'postgres/data/postgresql.conf'), 'no_such_setting = 1\n')

  expect((await kindOf(start(dataDir))).message).toMatch(
    /did not start in .*postgres\.log ends with:\n[^]*no_such_setting/,
  )
})
