import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Db } from '../../../platform/database/database.ts'
import type { Post } from '../../../platform/outgoing/post.ts'
import { SYSTEM } from '../../../platform/scope.ts'
import type { Scope } from '../../../platform/scope.ts'
import { attempt, claimDue } from './delivering.ts'
import type { Claimed } from './delivering.ts'

interface Sending {
  db: Db
  post: Post
  logger: Pick<Logger, 'warn'>
  /** Between two looks at what is due, in milliseconds. */
  round?: number
  /** How long attempts may go on when it is to stop, in milliseconds. */
  grace?: number
}

const ROUND = 1_000
/** After a look that failed: a database that is away is not asked each second. */
const AFTER_TROUBLE = 10_000
const GRACE = 5_000

/**
 * Delivers for as long as the process lives. A look each second costs less than a connection that listens, and a database-wide lock at each commit
 * that notifies; what was claimed is freed by its lease, so nobody needs to find out who died.
 */
export function sendWebhooks({ db, post, logger, round = ROUND, grace = GRACE }: Sending): { stop(): Promise<void> } {
  const scope: Scope = { db, user: SYSTEM }
  const stopping = new AbortController()
  const giveUp = new AbortController()
  const underWay = new Set<Promise<void>>()

  async function send(delivery: Claimed): Promise<void> {
    try {
      await attempt(scope, post, delivery, giveUp.signal)
    } catch (error) {
      // Its lease runs out, and it is tried again.
      logger.warn(
        { err: error, delivery: delivery.id },
        'a webhook could not be delivered or its delivery not be noted',
      )
    }
  }

  /** Answers how long to wait, in milliseconds: not at all while there is more. */
  async function look(): Promise<number> {
    try {
      const due = await claimDue(scope)
      for (const delivery of due) {
        const sent: Promise<void> = send(delivery).finally(() => underWay.delete(sent))
        underWay.add(sent)
      }
      return due.length > 0 ? Math.min(round, 50) : round
    } catch (error) {
      logger.warn({ err: error }, 'webhooks cannot be looked for')
      return Math.max(round, AFTER_TROUBLE)
    }
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const wait = await look()
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  const working = work()
  return {
    stop: async () => {
      stopping.abort()
      await working
      const timer = setTimeout(() => giveUp.abort(), grace)
      await Promise.all(underWay)
      clearTimeout(timer)
    },
  }
}
