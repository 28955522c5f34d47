import { parseArgs } from 'node:util'
import path from 'node:path'
import { readConfig } from './config.ts'
import type { Config } from './config.ts'
import { ArchiveError, rowsIn } from './platform/archive/format.ts'
import type { Trailer } from './platform/archive/format.ts'
import { verifyArchive } from './platform/archive/read.ts'
import { importFile } from './platform/archive/restore.ts'
import { exportToFile } from './platform/archive/write.ts'
import { startEmbedded } from './platform/database/embedded/server.ts'
import { exists } from './platform/database/embedded/system-errors.ts'
import { databaseFailure } from './platform/database/failure.ts'
import type { Connection } from './platform/database/pool.ts'
import { StartupError } from './platform/errors.ts'

type Command = (config: Config, file: string | undefined) => Promise<void>

const COMMANDS: Record<string, Command> = { export: exportEverything, import: importEverything }

/** `npm run export` and `npm run import`: answers the exit code. Mistakes are one sentence. */
export async function run(command: 'export' | 'import', args: string[]): Promise<number> {
  // Only where the installation is: exporting needs no secret and no port.
  const { DATA_DIR, DATABASE_URL } = process.env
  try {
    const file = fileOf(command, args)
    await COMMANDS[command]?.(readConfig({ DATA_DIR, DATABASE_URL }), file && fromCaller(file))
    return 0
  } catch (error) {
    console.error(sentenceOf(error) ?? error)
    return 1
  }
}

function fileOf(command: string, args: string[]): string | undefined {
  const usage = `npm run ${command} -- ${command === 'export' ? '[file]' : 'file'}`
  try {
    const [file, ...more] = parseArgs({ args, allowPositionals: true, options: {} }).positionals
    if (more.length === 0 && (file || command === 'export')) return file
  } catch (error) {
    throw new ArchiveError(`${(error as Error).message.split('\n')[0]} It is: ${usage}`, { cause: error })
  }
  throw new ArchiveError(`Which file? It is: ${usage}`)
}

/** npm runs its scripts in the product's folder, wherever it was called. */
function fromCaller(file: string): string {
  return path.resolve(process.env.INIT_CWD ?? '.', file)
}

function sentenceOf(error: unknown): string | null {
  if (error instanceof ArchiveError || error instanceof StartupError) return error.message
  const failure = databaseFailure(error)
  return failure && `The database cannot be used: ${(error as Error).message || failure.code}.`
}

async function exportEverything(config: Config, file = fromCaller(`dealwright-${stamp()}.archive`)): Promise<void> {
  const { header, trailer, bytes } = await withDatabase(config, false, (connection) => exportToFile(connection, file))
  const rows = rowsIn(trailer).toLocaleString('en')
  console.log(`${tableOf(trailer)}
${rows} rows in ${header.tables.length} tables, as they were at ${header.createdAt}: ${file} (${sizeOf(bytes)})
Keep it as safe as the database: it holds password hashes and the secrets of second factors. Only this user can read it.
Not in it: who is signed in, counts of failed sign-ins, the secret that signs sessions.`)
}

async function importEverything(config: Config, file = ''): Promise<void> {
  // Before a database is made for it.
  await verifyArchive(file)
  const { header, trailer, migrated } = await withDatabase(config, true, (connection) => importFile(connection, file))
  const upgraded =
    migrated.length === 0 ? '' : `\nBrought up to this version by ${migrated.length} migrations, to ${migrated.at(-1)}.`
  console.log(`${tableOf(trailer)}
${rowsIn(trailer).toLocaleString('en')} rows, as they were at ${header.createdAt}: every count, every sum and every hash agrees.${upgraded}
Everybody signs in again, with the password they had.`)
}

/** With the database of the environment: one that runs is used, one that does not is started for as long as this takes. */
async function withDatabase<Result>(
  { databaseUrl, dataDir }: Config,
  mayBeMade: boolean,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  if (databaseUrl) return work(databaseUrl)
  const folder = path.resolve(dataDir)
  if (!mayBeMade && !(await exists(path.join(folder, 'postgres')))) {
    throw new ArchiveError(
      `There is nothing to export: ${folder} has no database in it (set DATA_DIR, or DATABASE_URL).`,
    )
  }
  const { connection, stop } = await startEmbedded({ dataDir: folder })
  try {
    return await work(connection)
  } finally {
    await stop()
  }
}

const stamp = () => new Date().toISOString().slice(0, 19).replaceAll(':', '-')

function tableOf({ tables }: Trailer): string {
  return Object.entries(tables)
    .filter(([, { rows }]) => rows > 0)
    .map(([name, { rows }]) => `  ${name.padEnd(24)} ${rows.toLocaleString('en').padStart(11)}`)
    .join('\n')
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
