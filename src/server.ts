import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Logger } from 'pino'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import type { Config } from './config.ts'
import { setUp } from './features/setup/commands.ts'
import { forgetAttempts } from './features/sessions/commands.ts'
import { createDemo, demoSignIns } from './features/setup/demo.ts'
import { hasUsers } from './features/users/queries.ts'
import { forgetDeliveries } from './features/webhooks/commands/log.ts'
import { sendWebhooks } from './features/webhooks/commands/sending.ts'
import { backUpBeforeUpgrade, backUpNightly } from './platform/archive/backups.ts'
import type { Backups } from './platform/archive/backups.ts'
import { openDatabase } from './platform/database/database.ts'
import type { Database } from './platform/database/database.ts'
import { startEmbedded } from './platform/database/embedded/server.ts'
import { databaseFailure } from './platform/database/failure.ts'
import { migrate } from './platform/database/migrate.ts'
import type { Connection } from './platform/database/pool.ts'
import { StartupError } from './platform/errors.ts'
import { forgetAnswers } from './platform/api/repeats.ts'
import { forgetSubmissions } from './platform/once.ts'
import { createLogger } from './platform/http/logging.ts'
import { expressServer } from './platform/http/server.ts'
import { guardOf } from './platform/outgoing/addresses.ts'
import { poster } from './platform/outgoing/post.ts'
import { SYSTEM } from './platform/scope.ts'

/** How long requests in flight may take after SIGTERM, in milliseconds. */
const GRACE = 10_000
/** How long to go on listening after SIGTERM, in milliseconds. */
const LINGER = 250
const HOUR = 3_600_000

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const dataDir = resolve(config.dataDir)
  const logger = createLogger(config.logLevel)
  const { server, serve } = expressServer()
  // Before anything else is started: a taken port must not leave a database running.
  await listen(server, config)
  const opened = await openStorage(config, dataDir, logger)
  try {
    const { connection } = opened
    const backups: Backups = { connection, folder: join(dataDir, 'backups'), keep: config.backups }
    await prepare(opened.database, config, backups)
    const app = createApp({ config, database: opened.database, logger, secret: sessionSecret(config, dataDir) })
    server.removeAllListeners('request')
    serve(app.handle)
    const nights = backUpNightly(backups, logger)
    const post = poster({ guard: guardOf(config.webhookAllowedNetworks) })
    const webhooks = sendWebhooks({ db: opened.database, post, logger })
    const tidying = setInterval(() => void tidyUp(opened.database, logger), HOUR)
    stopOn(['SIGINT', 'SIGTERM', 'SIGHUP'], async () => {
      // What is posted may take a while, too; requests in flight may still cause events, which the next start delivers.
      await Promise.all([drain(server), webhooks.stop()])
      clearInterval(tidying)
      await nights.stop()
      await app.close()
      await opened.close()
    })
    console.log(`Dealwright is ready: ${addressOf(server, config)}`)
    if (opened.location && opened.location !== dataDir) console.log(`Its data is in ${opened.location}`)
    if (config.demo) await printSignIns(opened.database)
  } catch (error) {
    server.close()
    await opened.close()
    throw error
  }
}

/** What is kept for a while only: the submissions of create forms, the counts of sign-in attempts, the log of webhooks. */
async function tidyUp(database: Database, logger: Logger): Promise<void> {
  try {
    await forgetSubmissions(database)
    await forgetAttempts(database)
    await forgetDeliveries({ db: database, user: SYSTEM })
    await forgetAnswers(database)
  } catch (error) {
    // It is tried again in an hour; a database that is away is told of by the requests.
    logger.warn({ err: error }, 'tidying up failed')
  }
}

interface Storage {
  database: Database
  connection: Connection
  /** The folder of the embedded database; null with a server of one's own. */
  location: string | null
  close(): Promise<void>
}

async function openStorage(config: Config, dataDir: string, logger: Logger): Promise<Storage> {
  const brokenConnection = (error: Error) => logger.warn({ err: error }, 'a database connection broke')
  if (config.databaseUrl) {
    const database = openDatabase(config.databaseUrl, config.databasePool, brokenConnection)
    return { database, connection: config.databaseUrl, location: null, close: () => database.close() }
  }
  makeFolder(dataDir)
  const embedded = await startEmbedded({
    dataDir,
    onTrouble: (error) => logger.error({ err: error }, 'the embedded database cannot be brought back yet'),
  })
  const database = openDatabase(embedded.connection, config.databasePool, brokenConnection)
  return {
    database,
    connection: embedded.connection,
    location: embedded.location,
    close: async () => {
      await database.close()
      await embedded.stop()
    },
  }
}

/** Schema, and what the environment asks to be there: the first administrator, sample data. */
async function prepare(database: Database, config: Config, backups: Backups): Promise<void> {
  try {
    await migrate(database.pool, { beforeUpgrade: () => tellOfBackup(backups) })
  } catch (error) {
    const failure = databaseFailure(error)
    if (!failure || error instanceof StartupError) throw error
    throw new StartupError(`The database cannot be used: ${(error as Error).message || failure.code}.`, {
      cause: error,
    })
  }
  if (config.demo) await createDemo(database)
  if (config.admin && !(await hasUsers(database))) {
    await setUp(database, { name: config.admin.email.split('@')[0] ?? 'Administrator', ...config.admin, locale: 'en' })
  }
}

async function tellOfBackup(backups: Backups): Promise<void> {
  const file = await backUpBeforeUpgrade(backups)
  if (file) console.log(`The database is about to be upgraded; as it was it is in ${file}`)
}

async function printSignIns(database: Database): Promise<void> {
  const signIns = await demoSignIns(database)
  if (signIns.length === 0) return
  console.log('Sign in to the demo as:')
  for (const { role, email, password } of signIns)
    console.log(`  ${role.padEnd(8)} ${email.padEnd(26)} password: ${password}`)
}

/** Until the product is ready it answers 503: a supervisor sees the port open, and nobody waits on a hanging connection. */
function listen(server: Server, config: Config): Promise<void> {
  server.on('request', (_req, res) => {
    res
      .writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '2' })
      .end('Starting. Please try again in a moment.\n')
  })
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFailure(error, config)))
    server.listen(config.port, config.host, () => resolve())
  })
}

function listenFailure(error: NodeJS.ErrnoException, { host, port }: Config): StartupError {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program: stop it, or set PORT to another number.`,
    EACCES: `Port ${port} may not be opened by this user: set PORT to a number above 1023.`,
    EADDRNOTAVAIL: `HOST ${host} is not an address of this machine.`,
    ENOTFOUND: `HOST ${host} is not an address of this machine.`,
  }
  return new StartupError(
    reasons[error.code ?? ''] ?? `The server cannot listen on ${host}:${port}: ${error.message}.`,
    { cause: error },
  )
}

function addressOf(server: Server, { host, baseUrl }: Config): string {
  if (baseUrl) return baseUrl.href
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The secret that signs sessions: the environment's, or one made on the first start and kept, readable for its owner only. */
function sessionSecret(config: Config, dataDir: string): string {
  if (config.sessionSecret) return config.sessionSecret
  makeFolder(dataDir)
  const file = join(dataDir, 'session-secret')
  if (!existsSync(file)) {
    try {
      writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
    } catch (error) {
      // A second process on the same folder was quicker: its secret is ours.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  chmodSync(file, 0o600)
  return readFileSync(file, 'utf8')
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new StartupError(`DATA_DIR ${folder} cannot be made: ${(error as Error).message}.`, { cause: error })
  }
}

function stopOn(signals: NodeJS.Signals[], stop: () => Promise<void>): void {
  let stopping = false
  for (const signal of signals) {
    process.on(signal, () => {
      // npm and the terminal may both pass a signal on; the second says nothing new.
      if (stopping) return
      stopping = true
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error)
          process.exit(1)
        },
      )
    })
  }
}

/**
 * Answers what is in flight, and what was sent before we stopped listening: a connection that the kernel holds for us, or whose bytes were not
 * read yet, looks idle, and closing it at once would lose its request.
 */
async function drain(server: Server): Promise<void> {
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'))
  await sleep(LINGER)
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  const giveUp = setTimeout(() => server.closeAllConnections(), GRACE)
  await closed
  clearInterval(sweep)
  clearTimeout(giveUp)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  start().catch((error: unknown) => {
    console.error(error instanceof StartupError ? error.message : error)
    process.exit(1)
  })
}
