import type pg from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { TooManyRequests } from '../../platform/errors.ts'

const MINUTE = 60

export interface SignInLimits {
  /** Counts an attempt before it is made. Throws TooManyRequests when there were too many, from this address or for this account. */
  count(address: string, email: string): Promise<void>
  /** A sign-in that worked clears what was counted for this person at this address. */
  clear(address: string, email: string): Promise<void>
}

/**
 * Guessing is slowed in three ways: an account from one address (five, then a quarter of an hour), an address over all accounts, and an account
 * over all addresses. The last is generous and short, so that strangers cannot lock its owner out for good. Counted in the database: all
 * processes share it, and a restart forgets nothing.
 */
export function signInLimits(pool: pg.Pool): SignInLimits {
  const limiter = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      tableName: 'sign_in_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix,
      points,
      duration,
    })
  const perPair = limiter('pair', 5, 15 * MINUTE)
  const perAddress = limiter('address', 50, 15 * MINUTE)
  const perAccount = limiter('account', 30, 5 * MINUTE)
  const pair = (address: string, email: string) => `${address} ${email.toLowerCase()}`.slice(0, 250)

  return {
    count: async (address, email) => {
      try {
        await perPair.consume(pair(address, email))
        await perAddress.consume(address)
        await perAccount.consume(email.toLowerCase().slice(0, 250))
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes)
          throw new TooManyRequests('sessions.errors.tooMany', refusal.msBeforeNext / 1000)
        throw refusal
      }
    },
    clear: async (address, email) => {
      await perPair.delete(pair(address, email))
    },
  }
}
