import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fromRoot } from '../src/paths.ts'
import { makeDataDir } from './databases.ts'
import type { Figures, Job } from './load.ts'

/** A server in a process of its own. */
export interface Running {
  address: string
  pid: number
  stop(): Promise<void>
}

/** What `npm start` gives to Node: its limits of memory, and the server. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { scripts: { start: string } }
  return scripts.start.split(' ').slice(1)
}

/** The built product, as in production, but that it logs no requests. */
export function startProduct(databaseUrl: string): Promise<Running> {
  return start(process.execPath, startArguments(), {
    DATABASE_URL: databaseUrl,
    SESSION_SECRET: 'a secret for measuring only',
    PORT: '0',
    LOG_LEVEL: 'warn',
    // As fast as it can, not as often as it may.
    API_RATE: '9999999',
  })
}

export function startFloor(databaseUrl: string, pageBytes: number): Promise<Running> {
  return start(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'floor.ts')], {
    DATABASE_URL: databaseUrl,
    PAGE_BYTES: String(pageBytes),
  })
}

/**
 * Milliseconds from `npm start` to the first page that says all is well, with nothing to build and the embedded database made by a first start.
 */
export async function timeToStart(): Promise<number> {
  const dataDir = makeDataDir()
  const locations: string[] = [dataDir]
  const npmStart = () =>
    start('npm', ['start'], { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn' }, (line) =>
      locations.push(...(/Its data is in (.*)/.exec(line)?.slice(1) ?? [])),
    )
  try {
    await (await npmStart()).stop()
    const begun = performance.now()
    const second = await npmStart()
    const healthy = await fetch(`${second.address}/healthz`)
    const time = performance.now() - begun
    await second.stop()
    if (!healthy.ok) throw new Error(`/healthz answered ${healthy.status}`)
    return time
  } finally {
    for (const location of locations) rmSync(location, { recursive: true, force: true })
  }
}

/** What a process holds in memory now and held at most, in MB; null where the system does not say. */
export function memoryOf(pid: number): { now: number; most: number } | null {
  const file = `/proc/${pid}/status`
  if (!existsSync(file)) return null
  const status = readFileSync(file, 'utf8')
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') }
}

/** Milliseconds of processor time a process has used so far; null where the system does not say. */
export function processorTimeOf(pid: number): number | null {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return null
  // The second field is the program's name in brackets, with whatever in it; times are in hundredths of a second.
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** The process that makes the load. */
export interface Load {
  measure(job: Job): Promise<Figures>
  stop(): void
}

export function startLoad(): Load {
  const child = fork(join(import.meta.dirname, 'load.ts'), { execArgv: ['--import', 'tsx'] })
  return {
    measure: (job) =>
      new Promise((resolve, reject) => {
        const gone = () => reject(new Error('the process that makes the load is gone'))
        child.once('exit', gone)
        child.once('message', (answer: { figures?: Figures; failure?: string }) => {
          child.off('exit', gone)
          if (answer.figures) resolve(answer.figures)
          else reject(new Error(answer.failure))
        })
        child.send(job)
      }),
    stop: () => child.disconnect(),
  }
}

/** Variables of the product that a shell may have set, and that would make another product of it. */
const OWN = [
  'PORT',
  'HOST',
  'DATA_DIR',
  'DATABASE_URL',
  'DATABASE_POOL',
  'SESSION_SECRET',
  'BASE_URL',
  'TRUST_PROXY',
  'ADMIN_EMAIL',
  'ADMIN_PASSWORD',
  'DEMO',
  'API_RATE',
  'BACKUPS',
  'LOG_LEVEL',
]

// Those that are running: they have process groups of their own, and would outlive a run that is interrupted.
const started = new Set<number>()
process.on('exit', () => started.forEach(killGroup))

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It ended by itself, and there was no time left to hear of it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Runs a server until it says "ready: <address>". What it says on stderr is passed on. */
async function start(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  heard: (line: string) => void = () => {},
): Promise<Running> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN.includes(name)))
  // A group of its own: npm's children are stopped with npm, and a Ctrl-C in the terminal is ours to pass on.
  const child = spawn(command, args, {
    cwd: fromRoot(),
    env: { ...inherited, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const pid = child.pid
  if (pid === undefined) throw new Error(`${command} cannot be run`)
  started.add(pid)
  // Not "exit": npm does not wait for its children, which hold its output open as long as they are there.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve())).then(
    () => void started.delete(pid),
  )
  return { address: await addressFrom(child, heard), pid, stop: () => stop(pid, child, closed) }
}

function addressFrom(child: ChildProcess, heard: (line: string) => void): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`${child.spawnargs.join(' ')} ended (${code}) before it was ready:\n${output}`)),
    )
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      for (const line of chunk.toString().split('\n')) heard(line)
      const address = /ready: (http:\S+)\s/.exec(output)?.[1]
      if (address) resolve(address)
    })
  })
}

async function stop(pid: number, child: ChildProcess, closed: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGTERM')
  await closed
}
