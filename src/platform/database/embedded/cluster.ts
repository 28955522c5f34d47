import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import {
  access,
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { StartupError } from '../../errors.ts'
import { isRoot, serverAccount } from './account.ts'
import { SHARED_FOLDER, findBinaries } from './binaries.ts'
import type { Binaries } from './binaries.ts'
import { run } from './command.ts'
import type { Account } from './command.ts'
import { causeOf, exists, hasCode } from './system-errors.ts'

export const OWNER = 'dealwright'

/** One database folder: `<location>/postgres/{data,password}`, with the log beside it. */
export interface Cluster {
  /** DATA_DIR, or where its link `postgres` leads to when the server's user cannot enter DATA_DIR. */
  location: string
  data: string
  password: string
  account: Account
  binaries: Binaries
}

/** The cluster of `dataDir`, made first where there is none. */
export async function openCluster(dataDir: string, fsync: boolean): Promise<Cluster> {
  await makeDataDir(dataDir)
  const link = path.join(dataDir, 'postgres')
  if (!(await exists(link))) await createCluster(dataDir, link, fsync)

  const home = await realpath(link).catch((error: unknown) => {
    throw new StartupError(`The database that ${link} leads to cannot be found: ${causeOf(error)}.`)
  })
  const account = await ownerOf(home)
  await removeUnfinished(dataDir)
  const binaries = await findBinaries(account)
  const data = path.join(home, 'data')
  await refuseOtherMajor(data, binaries.major)

  const password = await readFile(path.join(home, 'password'), 'utf8')
  return { location: await locationOf(home, dataDir), data, password, account, binaries }
}

async function makeDataDir(dataDir: string): Promise<void> {
  try {
    const made = await mkdir(dataDir, { recursive: true, mode: 0o700 })
    // The server's user has to pass through what root makes; what is inside has modes of its own.
    if (made && isRoot) await chmod(dataDir, 0o711)
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartupError(`The data folder ${dataDir} cannot be used: ${causeOf(error)}.`)
  }
}

/**
 * Made under another name and renamed when complete, password included: a start that is killed in the middle leaves no
 * half database, and of two starts at once one finds the name taken and uses what the other made.
 */
async function createCluster(dataDir: string, link: string, fsync: boolean): Promise<void> {
  const account = await serverAccount()
  const binaries = await findBinaries(account)

  const unfinished = path.join(dataDir, `${UNFINISHED}${process.pid}-${randomBytes(4).toString('hex')}`)
  await makeFolderOf(account, unfinished)
  const reachable = !account || (await canEnter(unfinished, account))
  if (reachable) {
    await unlessMadeBySomeoneElse(link, unfinished, async () => {
      await initialize(unfinished, { account, binaries, fsync })
      await rename(unfinished, link)
    })
    return
  }
  await rm(unfinished, { recursive: true })

  const elsewhere = await makeSharedFolder()
  await unlessMadeBySomeoneElse(link, elsewhere, async () => {
    const home = path.join(elsewhere, 'postgres')
    await makeFolderOf(account, home)
    await initialize(home, { account, binaries, fsync })
    await symlink(home, link)
  })
}

const UNFINISHED = 'postgres.unfinished-'

async function makeFolderOf(account: Account, folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
    if (account) await chown(folder, account.uid, account.gid)
  } catch (error) {
    throw new StartupError(`The data folder cannot be written: ${causeOf(error)}.`)
  }
}

async function makeSharedFolder(): Promise<string> {
  try {
    await mkdir(SHARED_FOLDER, { recursive: true })
    await chmod(SHARED_FOLDER, 0o755)
    const folder = await mkdtemp(path.join(SHARED_FOLDER, 'data-'))
    await chmod(folder, 0o711)
    return folder
  } catch (error) {
    throw new StartupError(
      `The server's user can neither enter the data folder nor get one in ${SHARED_FOLDER}: ${causeOf(error)}.`,
    )
  }
}

/** When `make` fails its `folder` goes; the error too, if by now another start has made what `link` names. */
async function unlessMadeBySomeoneElse(link: string, folder: string, make: () => Promise<void>): Promise<void> {
  try {
    await make()
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    if (!(await exists(link))) throw error
  }
}

async function canEnter(folder: string, account: Account): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { account, cwd: '/' })).ok
}

// pg_trgm asks the character type, not ICU, what a letter is: under C it ignores everything but ASCII, and a search for
// "Жанна" would read the whole table. Which names a system knows differs.
const CHARACTER_TYPES = ['C.UTF-8', 'en_US.UTF-8', 'C']

interface Making {
  account: Account
  binaries: Binaries
  fsync: boolean
}

async function initialize(home: string, { account, binaries, fsync }: Making): Promise<void> {
  const password = path.join(home, 'password')
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx', flush: fsync })
  if (account) await chown(password, account.uid, account.gid)

  const data = path.join(home, 'data')
  const problems: string[] = []
  for (const characterType of CHARACTER_TYPES) {
    const args = initdbArguments(data, password, characterType)
    const { ok, output } = await run(binaries.initdb, fsync ? args : [...args, '--no-sync'], {
      account,
      cwd: home,
    })
    if (ok) return
    problems.push(output)
    if (!output.includes('locale')) break
  }
  throw new StartupError(`The database could not be made in ${home}: ${problems.at(-1)}`)
}

function initdbArguments(data: string, password: string, characterType: string): string[] {
  return [
    ...['-D', data, '-U', OWNER, `--pwfile=${password}`, '--auth=scram-sha-256', '--encoding=UTF8'],
    ...['--locale-provider=icu', '--icu-locale=und', '--locale=C', `--lc-ctype=${characterType}`],
    ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
}

/** Written into postgresql.conf once, where whoever runs a big machine can change them. */
const SETTINGS = {
  timezone: 'UTC',
  log_timezone: 'UTC',
  password_encryption: 'scram-sha-256',
  shared_buffers: '128MB',
  max_connections: '50',
  jit: 'off',
  // The log is for trouble; statements and rows that failed are personal data and stay out of it.
  log_checkpoints: 'off',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
}

/** What starts that were killed left behind. */
async function removeUnfinished(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(UNFINISHED) && !isAlive(Number.parseInt(name.slice(UNFINISHED.length), 10))) {
      await rm(path.join(dataDir, name), { recursive: true, force: true })
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

/** Who has to run the server: the folder's owner, as PostgreSQL demands. A folder restored by root changes hands. */
async function ownerOf(home: string): Promise<Account> {
  const { uid, gid } = await lstat(home)
  if (!isRoot) {
    if (process.getuid && uid !== process.getuid()) {
      throw new StartupError(
        `The database in ${home} belongs to another user (${uid}): start the app as that user or as root.`,
      )
    }
    return undefined
  }

  const account = uid === 0 ? await serverAccount() : { uid, gid }
  if (uid === 0) await handOver(home, account)
  if (!(await canEnter(home, account))) {
    throw new StartupError(
      `The database in ${home} cannot be reached by its user (${account?.uid}): let others pass the folders above.`,
    )
  }
  return account
}

async function handOver(folder: string, account: Account): Promise<void> {
  if (!account) return
  for (const name of await readdir(folder, { recursive: true })) {
    await lchown(path.join(folder, name), account.uid, account.gid)
  }
  await lchown(folder, account.uid, account.gid)
}

async function refuseOtherMajor(data: string, major: string): Promise<void> {
  const found = await readFile(path.join(data, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    throw new StartupError(`${data} is not a PostgreSQL database: ${causeOf(error)}.`)
  })
  if (found.trim() === major) return
  throw new StartupError(
    `The database in ${data} is of PostgreSQL ${found.trim()}, this version of the app brings PostgreSQL ${major}: ` +
      `dump it with the old version and load the dump into a new data folder.`,
  )
}

async function locationOf(home: string, dataDir: string): Promise<string> {
  const location = path.dirname(home)
  return location === (await realpath(dataDir)) ? dataDir : location
}
