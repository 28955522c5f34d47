import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { causeOf, hasCode } from '../database/embedded/system-errors.ts'
import type { Connection } from '../database/pool.ts'
import { StartupError } from '../errors.ts'
import { connectAlone } from './connect.ts'
import type { Alone } from './connect.ts'
import { claimDuty } from './duty.ts'
import { UNFINISHED, exportToFile } from './write.ts'

export interface Backups {
  connection: Connection
  folder: string
  /** Of each kind; none are made when it is 0. */
  keep: number
}

type Kind = 'nightly' | 'before-upgrade'

const HOUR = 3_600_000
/** How often is asked whether a backup is due. */
const ROUND = 600_000

/**
 * Before a migration: throws StartupError when the backup cannot be made, so that nothing is migrated without one. Null when there is nothing to
 * lose yet, or nothing is to be kept.
 */
export async function backUpBeforeUpgrade(backups: Backups): Promise<string | null> {
  try {
    return await backUp(backups, 'before-upgrade')
  } catch (error) {
    const why = causeOf(error).replace(/\.$/, '')
    throw new StartupError(
      `The backup before the upgrade failed, so nothing was upgraded (${why}): see to ${backups.folder}, or set BACKUPS=0 to go on without one.`,
      { cause: error },
    )
  }
}

/**
 * Makes a backup each night for as long as the process runs. Of several processes on one database one does it; another takes over when that one
 * ends. One that fails is logged and tried again in an hour.
 */
export function backUpNightly(
  backups: Backups,
  logger: Pick<Logger, 'info' | 'error'>,
  round = ROUND,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let duty: Alone | null = null
  let notBefore = 0
  let work: Promise<void> | undefined

  async function goRound(): Promise<void> {
    try {
      if (backups.keep === 0 || !isNightlyDue(await newest(backups.folder, 'nightly'), new Date())) return
      if (duty && !duty.isOpen()) {
        await duty.close()
        duty = null
      }
      duty ??= await claimDuty(backups.connection)
      if (!duty) return
      const file = await backUp(backups, 'nightly', stopping.signal)
      if (file) logger.info({ file }, 'backed up')
    } catch (error) {
      if (stopping.signal.aborted) return
      notBefore = Date.now() + HOUR
      logger.error({ err: error }, 'the backup failed; it is tried again in an hour')
    }
  }

  const timer = setInterval(() => {
    if (work || Date.now() < notBefore) return
    work = goRound().finally(() => (work = undefined))
  }, round)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await work
      await duty?.close()
    },
  }
}

/** In the small hours where the process lives; but not later than thirty hours after the last one, for a machine that is off at night. */
export function isNightlyDue(last: Date | null, now: Date): boolean {
  const age = last ? now.getTime() - last.getTime() : Infinity
  const isNight = now.getHours() >= 1 && now.getHours() < 5
  return age >= 30 * HOUR || (isNight && age >= 18 * HOUR)
}

async function backUp(backups: Backups, kind: Kind, signal?: AbortSignal): Promise<string | null> {
  const { connection, folder, keep } = backups
  if (keep === 0 || !(await hasUsers(connection))) return null
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await clearUnfinished(folder)
  const file = path.join(folder, nameOf(kind, new Date()))
  await exportToFile(connection, file, signal)
  for (const { name } of (await backupsIn(folder, kind)).slice(keep)) await rm(path.join(folder, name), { force: true })
  return file
}

/** An installation without users has nothing in it. */
async function hasUsers(connection: Connection): Promise<boolean> {
  const { client, close } = await connectAlone(connection)
  try {
    const { rows } = await client.query<{ users: string | null }>(`SELECT to_regclass('public.users') AS users`)
    if (!rows[0]?.users) return false
    return (await client.query('SELECT FROM public.users LIMIT 1')).rowCount === 1
  } finally {
    await close()
  }
}

const nameOf = (kind: Kind, time: Date) => `${kind}-${time.toISOString().replaceAll(':', '-')}.archive`

async function newest(folder: string, kind: Kind): Promise<Date | null> {
  return (await backupsIn(folder, kind))[0]?.time ?? null
}

/** The newest first; whatever else lies there is nobody's business. */
async function backupsIn(folder: string, kind: Kind): Promise<{ name: string; time: Date }[]> {
  return (await namesIn(folder))
    .flatMap((name) => {
      const [, of, day, hour, minute, second] =
        /^(nightly|before-upgrade)-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3}Z)\.archive$/.exec(name) ?? []
      return of === kind ? [{ name, time: new Date(`${day}T${hour}:${minute}:${second}`) }] : []
    })
    .sort((a, b) => b.time.getTime() - a.time.getTime())
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

/** Left by a process that was killed; one that is a day old is nobody's work any more. */
async function clearUnfinished(folder: string): Promise<void> {
  for (const name of (await namesIn(folder)).filter((one) => one.includes(UNFINISHED))) {
    const file = path.join(folder, name)
    if (Date.now() - (await stat(file)).mtimeMs > 24 * HOUR) await rm(file, { force: true })
  }
}
