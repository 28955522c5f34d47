import type { Db } from '../database/database.ts'
import type { Account } from '../http/types.ts'
import type { Access } from './operation.ts'

/** The program that asks: as whom, with which token, what that is allowed, and how often it may ask. */
export interface Caller {
  account: Account
  tokenId: number
  allows(area: string, access: Access): boolean
  rate: Rate
}

export interface Rate {
  /** Requests in a minute. */
  limit: number
  /** How many this minute has had, this one included. */
  used: number
  /** Until the next minute. */
  secondsLeft: number
}

/** Whose token it is; null for one that is made up, expired, revoked or of somebody who may not come in. Counts the request. */
export type Authenticate = (db: Db, token: string) => Promise<Caller | null>
