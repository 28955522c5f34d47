import { createHash } from 'node:crypto'
import { chown, lstat, mkdir, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import type { Cluster } from './cluster.ts'
import { hasCode } from './system-errors.ts'

/** Where the server listens: a Unix socket in the folder `host`, or the loopback address `host` where no folder can be made. */
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
const LOOPBACK = '127.0.0.1'

/**
 * Every Unix has both, and the paths are short: a socket's may have 107 bytes, which one in DATA_DIR could exceed, whose file system
 * may know no sockets, too. Not XDG_RUNTIME_DIR, which goes when the user logs out.
 */
export const SOCKET_PARENTS = process.platform === 'win32' ? [] : ['/tmp', '/var/tmp']

/**
 * A socket in the first of `parents` that this user may write to, else loopback: not every system lets everybody write there.
 * `previous` is where pools already connect to, for a server that is started again.
 */
export async function chooseEndpoint(
  cluster: Cluster,
  parents: readonly string[],
  previous?: Endpoint,
): Promise<Endpoint> {
  if (previous && !path.isAbsolute(previous.host)) return previous
  const usual = parents.map((parent) => path.join(parent, nameOf(cluster)))
  for (const folder of new Set(previous ? [previous.host, ...usual] : usual)) {
    const host = await makeSocketFolder(folder, cluster)
    if (host) return { host, port: SOCKET_PORT }
  }
  return { host: LOOPBACK, port: await freePort() }
}

/** Settings for the server's command line. None needs quoting: the names are ours. */
export function endpointArguments(cluster: Cluster, { host, port }: Endpoint): string[] {
  const settings = [`cluster_name=${nameOf(cluster)}`, `port=${port}`]
  return path.isAbsolute(host)
    ? [...settings, 'listen_addresses=', `unix_socket_directories=${host}`, 'unix_socket_permissions=0700']
    : [...settings, `listen_addresses=${host}`, 'unix_socket_directories=']
}

/** Of the server and of its socket's folder: the same for every start on this folder, and for no other folder. */
export function nameOf({ data }: Cluster): string {
  return `dealwright-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`
}

/** `folder`, or one beside it if it is not ours; undefined where none can be made. */
async function makeSocketFolder(folder: string, cluster: Cluster): Promise<string | undefined> {
  const uid = cluster.account?.uid ?? process.getuid?.()
  try {
    return (await makePrivate(folder, uid, cluster)) ? folder : await makeAnother(folder, cluster)
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'ENOSPC', 'EDQUOT')) return undefined
    throw error
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
    server.listen(0, LOOPBACK, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
