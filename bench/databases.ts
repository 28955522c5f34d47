import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../src/platform/database/embedded/server.ts'
import { migrate } from '../src/platform/database/migrate.ts'
import { createPool } from '../src/platform/database/pool.ts'
import { fill } from './data.ts'

/**
 * Makes a database of each size on the server of BENCH_DATABASE_URL, else on an embedded one of its own, and removes what it made when `work` is
 * done or the run is interrupted.
 */
export async function withDatabases<Result>(
  sizes: readonly number[],
  work: (urls: ReadonlyMap<number, string>) => Promise<Result>,
): Promise<Result> {
  const given = process.env.BENCH_DATABASE_URL
  const server = given ? theirs(given) : await embedded()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.remove().finally(() => process.exit(130)))
  }
  try {
    const urls = new Map<number, string>()
    for (const rows of sizes) urls.set(rows, await make(server, rows))
    return await work(urls)
  } finally {
    await server.remove()
  }
}

interface Server {
  url: string
  /** The databases made on it, and the server too when it is ours. */
  databases: string[]
  remove(): Promise<void>
}

async function make(server: Server, rows: number): Promise<string> {
  const name = `dealwright_bench_${rows}_${process.pid}`
  await administer(server.url, `CREATE DATABASE ${name}`)
  server.databases.push(name)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const begun = performance.now()
  const pool = createPool(url.href, 1)
  try {
    await migrate(pool)
    await fill(pool, rows)
  } finally {
    await pool.end()
  }
  const seconds = Math.round((performance.now() - begun) / 1000)
  console.log(`${rows.toLocaleString('en')} leads and what goes with them: made in ${seconds} s`)
  return url.href
}

function theirs(url: string): Server {
  const databases: string[] = []
  return {
    url,
    databases,
    remove: async () => {
      for (const name of databases) await administer(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/** "18.4": the server that was measured on. */
export async function versionOf(url: string): Promise<string> {
  const [row] = await administer(url, 'SHOW server_version')
  return String(row?.server_version)
}

async function embedded(): Promise<Server> {
  const dataDir = makeDataDir()
  const { connection, location, stop } = await startEmbedded({ dataDir })
  const { host, port, user, password, database } = connection
  const url = new URL(`postgresql://localhost:${port}/${database}`)
  url.username = user
  url.password = password
  url.searchParams.set('host', host)
  return {
    url: url.href,
    databases: [],
    remove: async () => {
      await stop()
      rmSync(location, { recursive: true, force: true })
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** A folder to throw away, which the user that root's PostgreSQL runs as can enter, too. */
export function makeDataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dealwright-bench-'))
  chmodSync(folder, 0o755)
  return folder
}

async function administer(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}
