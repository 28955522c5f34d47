import { execFile } from 'node:child_process'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { StartupError } from '../../errors.ts'
import type { Cluster } from './cluster.ts'
import { isAlive } from './cluster.ts'
import { run } from './command.ts'
import type { Endpoint } from './endpoint.ts'
import { endpointArguments, nameOf } from './endpoint.ts'
import { exists, hasCode } from './system-errors.ts'

export interface Postmaster extends Endpoint {
  pid: string
  /** It said that it accepts connections. */
  ready: boolean
  /** Its socket is where it should be. */
  reachable: boolean
}

const START_SECONDS = 120
const STOP_SECONDS = 60
const ORPHANS_MS = 15_000
const WITHOUT_FSYNC = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
const LOG_LIMIT_BYTES = 10_000_000

/** The server that serves this cluster now, to be believed only when its process is really that. */
export async function findPostmaster(cluster: Cluster): Promise<Postmaster | undefined> {
  const lines = (await readIfThere(pidFileOf(cluster)))?.split('\n').map((line) => line.trim())
  if (!lines) return undefined
  const [pid = '', , , port = '', socketFolder = '', address = '', , status = ''] = lines
  if (!(await isServerOf(cluster, pid))) return undefined

  const reachable = !socketFolder || (await exists(path.join(socketFolder, socketOf(port))))
  return { pid, host: socketFolder || address, port: Number(port), ready: status === 'ready', reachable }
}

const pidFileOf = ({ data }: Cluster) => path.join(data, 'postmaster.pid')
const socketOf = (port: string | number) => `.s.PGSQL.${port}`

/**
 * PostgreSQL clears away what a dead server left, but takes one whose pid is by now another program's for alive. (Should
 * a server run after all, it is safe without these files: PostgreSQL finds its shared memory by the folder.)
 */
async function removeStaleLocks(cluster: Cluster, { host, port }: Endpoint): Promise<void> {
  for (const lock of [pidFileOf(cluster), path.join(host, `${socketOf(port)}.lock`)]) {
    const text = await readIfThere(lock)
    if (text === undefined || (await isServerOf(cluster, String(Number.parseInt(text, 10))))) continue
    if ((await readIfThere(lock)) === text) await rm(lock, { force: true })
  }
}

/**
 * Its command line has its name, and that is made of this data folder's, so neither a reused pid nor the server of a folder
 * this one was copied from passes. (Not /proc/<pid>/cwd: root in a container may not read that.)
 */
async function isServerOf(cluster: Cluster, pid: string): Promise<boolean> {
  if (!isAlive(Number(pid))) return false
  if (process.platform === 'win32')
    return (await outputOf('tasklist', ['/FI', `PID eq ${pid}`, '/NH'])).includes('postgres')
  const commandLine =
    process.platform === 'linux'
      ? ((await readIfThere(`/proc/${pid}/cmdline`)) ?? '')
      : await outputOf('ps', ['-o', 'command=', '-p', pid])
  return commandLine.includes('postgres') && commandLine.includes(nameOf(cluster))
}

async function outputOf(command: string, args: string[]): Promise<string> {
  return (await promisify(execFile)(command, args)).stdout
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}

/** False when someone else's start was faster. */
export async function startPostmaster(cluster: Cluster, endpoint: Endpoint, fsync: boolean): Promise<boolean> {
  await removeStaleLocks(cluster, endpoint)
  const log = path.join(cluster.location, LOG)
  const settings = [...endpointArguments(cluster, endpoint), ...(fsync ? [] : WITHOUT_FSYNC)]
  const options = settings.map((setting) => `-c ${setting}`).join(' ')

  for (let waited = 0; ; waited += 200) {
    const logged = await prepareLog(log, cluster)
    const args = ['start', '-w', '-t', String(START_SECONDS), '-l', LOG, '-o', options]
    const { ok, output } = await pgCtl(cluster, args)
    if (ok) return true
    if (await findPostmaster(cluster)) return false

    const said = (await readFile(log)).subarray(logged).toString().trim() || output
    // Of a server that was killed some processes may live a moment longer, and until then the folder is theirs.
    if (!said.includes('pre-existing shared memory block') || waited > ORPHANS_MS) {
      const last = said.split('\n').slice(-8).join('\n')
      throw new StartupError(`PostgreSQL did not start in ${cluster.data}; ${log} ends with:\n${last}`)
    }
    await sleep(200)
  }
}

/**
 * Fast: whoever is still connected is disconnected, what was committed is safe. Waits by itself, because pg_ctl would go
 * on waiting for the server that another app starts here in the same moment.
 */
export async function stopPostmaster(cluster: Cluster): Promise<void> {
  const running = await findPostmaster(cluster)
  if (!running) return
  const { output } = await pgCtl(cluster, ['stop', '-W', '-m', 'fast'])
  for (let waited = 0; (await findPostmaster(cluster))?.pid === running.pid; waited += 20) {
    if (waited > STOP_SECONDS * 1_000) throw new Error(`PostgreSQL did not stop: ${output}`)
    await sleep(20)
  }
}

const LOG = 'postgres.log'

// The folder goes by PGDATA and the log by a relative name, because pg_ctl puts its own arguments through a shell.
function pgCtl({ binaries, account, location, data }: Cluster, args: string[]) {
  return run(binaries.pgCtl, args, { account, cwd: location, env: { PGDATA: data } })
}

/** Its length before this start, so that only what this start said is shown. */
async function prepareLog(log: string, { account }: Cluster): Promise<number> {
  if (((await readSize(log)) ?? 0) > LOG_LIMIT_BYTES) await rename(log, `${log}.1`)
  const handle = await open(log, 'a', 0o600)
  try {
    if (account) await handle.chown(account.uid, account.gid)
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

async function readSize(file: string): Promise<number | undefined> {
  return (await stat(file).catch((error: unknown) => (hasCode(error, 'ENOENT') ? undefined : Promise.reject(error))))
    ?.size
}
