import { createHash } from 'node:crypto'
import { chown, lstat, mkdir, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { StartupError } from '../../errors.ts'
import type { Cluster } from './cluster.ts'
import { causeOf, hasCode } from './system-errors.ts'

/** Where the server listens: a Unix socket in the folder `host`, or a loopback address where there are none. */
export interface Endpoint {
  host: string
  port: number
}

export interface Connection extends Endpoint {
  user: string
  password: string
  database: string
}

const SOCKET_PORT = 5432

/** `previous` is where pools already connect to, for a server that is started again. */
export async function chooseEndpoint(cluster: Cluster, previous?: Endpoint): Promise<Endpoint> {
  if (process.platform === 'win32') return { host: '127.0.0.1', port: previous?.port ?? (await freePort()) }
  return { host: await makeSocketFolder(cluster), port: SOCKET_PORT }
}

/** Settings for the server's command line. None needs quoting: the folder's name is ours. */
export function endpointArguments({ host, port }: Endpoint): string[] {
  return path.isAbsolute(host)
    ? [`port=${port}`, 'listen_addresses=', `unix_socket_directories=${host}`, 'unix_socket_permissions=0700']
    : [`port=${port}`, `listen_addresses=${host}`, 'unix_socket_directories=']
}

/** The same for every start on this folder, and for no other folder. */
export function socketNameOf({ data }: Cluster): string {
  return `dealwright-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`
}

/**
 * Not in XDG_RUNTIME_DIR, which goes when the user logs out, and not in DATA_DIR, whose path can be longer than a
 * socket's may be (107 bytes) and whose file system may know no sockets.
 */
async function makeSocketFolder(cluster: Cluster): Promise<string> {
  const folder = path.join('/tmp', socketNameOf(cluster))
  const uid = cluster.account?.uid ?? process.getuid?.()
  try {
    return (await makePrivate(folder, uid, cluster)) ? folder : await makeAnother(folder, cluster)
  } catch (error) {
    throw new StartupError(`The folder for the database's socket cannot be made: ${causeOf(error)}.`)
  }
}

/** False when the name is taken by a folder that is not ours, or that others can enter. */
async function makePrivate(folder: string, uid: number | undefined, { account }: Cluster): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 })
    if (account) await chown(folder, account.uid, account.gid)
    return true
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    const found = await lstat(folder)
    return found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0
  }
}

async function makeAnother(folder: string, { account }: Cluster): Promise<string> {
  const another = await mkdtemp(`${folder}-`)
  if (account) await chown(another, account.uid, account.gid)
  return another
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
