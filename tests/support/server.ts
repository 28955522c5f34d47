import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../src/platform/database/embedded/server.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { createPool } from '../../src/platform/database/pool.ts'

export interface TestServer {
  host: string
  port: number
  user: string
  password: string
}

declare module 'vitest' {
  interface ProvidedContext {
    server: TestServer
    template: string
  }
}

/**
 * One real PostgreSQL for the whole run: the embedded one, or the server of TEST_DATABASE_URL. Its template database has the schema; each test
 * file works in a copy.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = process.env.TEST_DATABASE_URL ? ofUrl(process.env.TEST_DATABASE_URL) : await embedded()
  const template = `dealwright_template_${process.pid}`
  await administer(server, `CREATE DATABASE ${template}`)
  const pool = createPool({ ...server, database: template }, 1)
  await migrate(pool)
  await pool.end()
  project.provide('server', server)
  project.provide('template', template)
  return async () => {
    await administer(server, `DROP DATABASE ${template}`)
    await stop()
  }
}

export async function administer(server: TestServer, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ ...server, database: 'postgres' })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

async function embedded(): Promise<{ server: TestServer; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'dealwright-test-'))
  // As root the server runs under another user, who must be able to get there.
  chmodSync(folder, 0o711)
  const { connection, stop } = await startEmbedded({ dataDir: join(folder, 'data'), fsync: false })
  const { host, port, user, password } = connection
  return {
    server: { host, port, user, password },
    stop: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function ofUrl(text: string): { server: TestServer; stop: () => Promise<void> } {
  const url = new URL(text)
  return {
    server: {
      host: url.searchParams.get('host') ?? url.hostname,
      port: Number(url.port || 5432),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    },
    stop: async () => {},
  }
}
