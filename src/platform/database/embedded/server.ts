import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartupError } from '../../errors.ts'
import { OWNER, openCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { SOCKET_PARENTS, chooseEndpoint } from './endpoint.ts'
import type { Connection, Endpoint } from './endpoint.ts'
import { takeLease } from './lease.ts'
import type { Lease } from './lease.ts'
import { findPostmaster, startPostmaster, stopPostmaster } from './postmaster.ts'

export interface EmbeddedServer {
  connection: Connection
  /** A server of this folder was running already: another app's, or one whose app was killed. */
  reused: boolean
  /** Where the database is: DATA_DIR, or a folder outside it when root's server cannot enter DATA_DIR. */
  location: string
  /** Stops the server, unless another app uses it. To be called when nothing of this app needs the database any more. */
  stop(): Promise<void>
}

interface Options {
  dataDir: string
  /** Off only where data may be lost with the machine: in tests. */
  fsync?: boolean
  /** Where the socket's folder may be, the best first; with none the server listens on loopback. */
  socketParents?: readonly string[]
  /** Hears that a server that died cannot be brought back (yet): it is tried again every second. */
  onTrouble?: (error: unknown) => void
}

/**
 * PostgreSQL on `dataDir`, running and accepting connections when this returns; made on the first start, found when it
 * runs already, and brought back while the app runs should it die. Throws StartupError when it cannot be.
 */
export async function startEmbedded(options: Options): Promise<EmbeddedServer> {
  const { dataDir, fsync = true, socketParents = SOCKET_PARENTS, onTrouble = warn } = options
  const cluster = await openCluster(path.resolve(dataDir), fsync)
  const hold = (previous?: Endpoint) =>
    holdServer(cluster, async () =>
      startPostmaster(cluster, await chooseEndpoint(cluster, socketParents, previous), fsync),
    )
  const first = await hold()
  const keeper = keepLease(first.lease, () => hold(first.connection), onTrouble)

  let stopped: Promise<void> | undefined
  return {
    connection: first.connection,
    reused: !first.started,
    location: cluster.location,
    stop: () => (stopped ??= release(cluster, keeper)),
  }
}

interface Held {
  lease: Lease
  connection: Connection
  /** By us, just now. */
  started: boolean
}

const PATIENCE_MS = 150_000
const SOCKET_PATIENCE_MS = 5_000

/** Finds or starts the server, as often as it takes: the one found may be another app's, about to stop. */
async function holdServer(cluster: Cluster, start: () => Promise<boolean>): Promise<Held> {
  const begun = Date.now()
  let started = false
  for (;;) {
    const running = await findPostmaster(cluster)
    if (!running) {
      started = await start()
      continue
    }

    const connection = connectionTo(running, cluster)
    const lease = await takeLease(connection)
    if (lease) return { lease, connection, started }

    const waited = Date.now() - begun
    if (waited > PATIENCE_MS) throw new StartupError(`The PostgreSQL that runs in ${cluster.data} does not answer.`)
    // Someone tidied /tmp: a server that nobody can reach any more is of no use to anybody.
    if (waited > SOCKET_PATIENCE_MS && running.ready && !running.reachable) await stopPostmaster(cluster)
    await sleep(50)
  }
}

function connectionTo({ host, port }: Endpoint, { password }: Cluster): Connection {
  return { host, port, user: OWNER, password, database: OWNER }
}

interface Keeper {
  /** No more attempts from here on; the lease, if there is one now. */
  end(): Promise<Lease | undefined>
}

/** A lease is lost when the server dies: then the server is brought back and a new one taken. */
function keepLease(first: Lease, again: () => Promise<Held>, onTrouble: (error: unknown) => void): Keeper {
  const ending = new AbortController()
  const ended = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve()))
  let lease: Lease | undefined = first

  async function keep(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        lease ??= (await again()).lease
        await Promise.race([lease.lost.then(() => (lease = undefined)), ended])
      } catch (error) {
        onTrouble(error)
        await Promise.race([sleep(1_000), ended])
      }
    }
  }

  const kept = keep()
  return {
    end: async () => {
      ending.abort()
      await kept
      return lease
    },
  }
}

async function release(cluster: Cluster, keeper: Keeper): Promise<void> {
  const lease = await keeper.end()
  if (!lease) return
  if (await lease.giveUp()) await stopPostmaster(cluster)
  await lease.close()
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
