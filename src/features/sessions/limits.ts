import type pg from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { TooManyRequests } from '../../platform/errors.ts'

const MINUTE = 60
const LONGEST_KEY = 250

export interface SignInLimits {
  /** Counts an attempt before it is made. Throws TooManyRequests when there were too many, from this address or for this account. */
  count(address: string, email: string): Promise<void>
  /** A sign-in that worked clears what was counted for this person at this address, and was no guess: a whole office may come at nine. */
  clear(address: string, email: string): Promise<void>
  /** The same for the second step, whose first has been taken: for a code of the app, and apart from it for a recovery code. */
  countCode(address: string, userId: number, kind: 'app' | 'recovery'): Promise<void>
  clearCode(address: string, userId: number): Promise<void>
  /** The same for the password that somebody signed in is asked again. */
  countConfirmation(address: string, userId: number): Promise<void>
  clearConfirmation(address: string, userId: number): Promise<void>
  /** Throws TooManyRequests for an address that has tried too many links that do not exist. Writes nothing. */
  refuseGuesser(address: string): Promise<void>
  /** Counts a link that does not exist. */
  countUnknownLink(address: string): Promise<void>
  /** Counts a calendar feed that does not exist: apart, because a calendar goes on asking for one that was revoked. */
  countUnknownFeed(address: string): Promise<void>
}

/**
 * Guessing is slowed in three ways: an account from one address (five, then a quarter of an hour), an address over all accounts, and an account
 * over all addresses. The last is generous and short, so that strangers cannot lock its owner out for good; where only somebody who knows the
 * password comes, at the code, it is strict, and the recovery codes, which nobody can guess, are counted apart. Counted in the database: all
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
  const codePerPair = limiter('code-pair', 5, 15 * MINUTE)
  const codePerAccount = limiter('code', 20, 60 * MINUTE)
  const recoveryPerAccount = limiter('recovery', 20, 15 * MINUTE)
  const confirmation = limiter('confirm', 10, 15 * MINUTE)
  const links = limiter('link', 20, 15 * MINUTE)
  const feeds = limiter('feed', 60, 15 * MINUTE)
  const pair = (address: string, whom: string | number) => `${address} ${whom}`.toLowerCase().slice(0, LONGEST_KEY)

  return {
    count: async (address, email) => {
      await consume(perPair, pair(address, email))
      await consume(perAddress, address)
      await consume(perAccount, email.toLowerCase().slice(0, LONGEST_KEY))
    },
    clear: async (address, email) => {
      await perPair.delete(pair(address, email))
      await perAddress.reward(address)
      await perAccount.reward(email.toLowerCase().slice(0, LONGEST_KEY))
    },
    countCode: async (address, userId, kind) => {
      if (kind === 'recovery') return consume(recoveryPerAccount, String(userId))
      await consume(codePerPair, pair(address, userId))
      await consume(codePerAccount, String(userId))
    },
    clearCode: async (address, userId) => {
      await codePerPair.delete(pair(address, userId))
    },
    countConfirmation: (address, userId) => consume(confirmation, pair(address, userId)),
    clearConfirmation: async (address, userId) => {
      await confirmation.delete(pair(address, userId))
    },
    refuseGuesser: async (address) => {
      const counted = await links.get(address)
      if (counted && counted.consumedPoints >= links.points) throw tooMany(counted)
    },
    countUnknownLink: (address) => consume(links, address),
    countUnknownFeed: (address) => consume(feeds, address),
  }
}

async function consume(limiter: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await limiter.consume(key)
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) throw tooMany(refusal)
    throw refusal
  }
}

function tooMany({ msBeforeNext }: RateLimiterRes): TooManyRequests {
  return new TooManyRequests('sessions.errors.tooMany', msBeforeNext / 1000)
}
