import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openDatabase } from '../../src/platform/database/database.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { startEmbedded } from '../../src/platform/database/embedded/server.ts'
import type { EmbeddedServer } from '../../src/platform/database/embedded/server.ts'
import { fromRoot } from '../../src/paths.ts'
import { ask, differencesBetween, newDatabase, newFile, newFolder } from '../support/archives.ts'
import type { Place } from '../support/archives.ts'

let folder: string
/** The database of a product that runs, with somebody in it. */
let running: EmbeddedServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealwright-archive-commands-'))
  // As root the server is another user, who has to pass.
  await chmod(folder, 0o711)
  running = await startEmbedded({ dataDir: join(folder, 'running'), fsync: false })
  const database = openDatabase(running.connection, 2)
  await migrate(database.pool)
  await database.close()
  await ask(
    { ...running.connection, options: '-c dealwright.actor=system' },
    `INSERT INTO teams (name) VALUES ('North')`,
  )
})

afterAll(async () => {
  await running.stop()
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  code: number
  said: string
  complained: string
}

/** As bin/export and bin/import run it, from the sources. */
function run(command: 'export' | 'import', args: string[], env: Record<string, string>): Promise<Answer> {
  const entry = `import { run } from ${JSON.stringify(fromRoot('src', 'archive.ts'))}
    process.exitCode = await run(${JSON.stringify(command)}, process.argv.slice(1))`
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', entry, '--', ...args],
      { cwd: fromRoot(), env: { ...process.env, DATABASE_URL: '', INIT_CWD: folder, ...env } },
      (error, said, complained) => resolve({ code: error ? Number(error.code) : 0, said, complained }),
    )
  })
}

function urlOf({ host, port, user, password, database }: Place): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
}

test('from a product that runs into a folder that is not there yet, and on into a server', async () => {
  const to = join(folder, 'new')
  const exported = await run('export', ['all.archive'], { DATA_DIR: join(folder, 'running') })
  expect(exported).toMatchObject({ code: 0, complained: '' })
  expect(exported.said).toMatch(/teams +1\n/)
  expect(exported.said).toContain(`: ${join(folder, 'all.archive')} (`)
  expect(exported.said).toContain('it holds password hashes')

  const imported = await run('import', ['all.archive'], { DATA_DIR: to })
  expect(imported).toMatchObject({ code: 0, complained: '' })
  expect(imported.said).toContain('every count, every sum and every hash agrees')
  // The server that was started for it is stopped, the one that ran runs.
  expect(await readdir(join(to, 'postgres', 'data'))).not.toContain('postmaster.pid')
  expect(await ask(running.connection, 'SELECT name FROM teams')).toEqual([{ name: 'North' }])

  const moved = await run('export', [], { DATA_DIR: to })
  const file = /: (\/.*dealwright-[\dT-]+\.archive) /.exec(moved.said)?.[1] ?? ''
  const server = await newDatabase()
  expect(await run('import', [file], { DATABASE_URL: urlOf(server) })).toMatchObject({ code: 0, complained: '' })
  expect(await differencesBetween(running.connection, server)).toEqual([])
}, 120_000)

test('mistakes are one sentence and exit code 1', async () => {
  const nothing = { DATA_DIR: newFolder() }
  const used = { DATABASE_URL: urlOf(await newDatabase(inject('template'))) }
  const unreachable = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' }
  const mistakes: [Promise<Answer>, RegExp][] = [
    [run('import', [], nothing), /^Which file\? It is: npm run import -- file\n$/],
    [run('export', [], nothing), /^There is nothing to export: [^\n]+ has no database in it[^\n]+\n$/],
    [run('import', ['nowhere.archive'], nothing), /^[^\n]+nowhere\.archive cannot be read: ENOENT[^\n]+\n$/],
    [
      run('export', [newFile().replace('.archive', '/in/no/folder')], used),
      /^[^\n]+ cannot be written: ENOENT[^\n]+\n$/,
    ],
    [run('export', [], unreachable), /^The database cannot be used: [^\n]+\n$/],
    [
      run('export', [], { DATABASE_URL: urlOf(await newDatabase()) }),
      /^There is nothing to export: the database has no[^\n]+\n$/,
    ],
  ]
  for (const [answer, sentence] of mistakes) {
    expect(await answer).toMatchObject({ code: 1, said: '', complained: expect.stringMatching(sentence) as string })
  }
  // Nothing was made on the way.
  expect(await readdir(nothing.DATA_DIR)).toEqual([])
}, 120_000)
