import { Passport } from 'passport'
import { Strategy } from 'passport-local'
import type { Request } from 'express'
import type { Db } from '../../platform/database/database.ts'
import type { Account } from '../../platform/http/types.ts'
import { findAccount, findCredentials } from '../users/queries.ts'
import { passwordMatches } from '../users/passwords.ts'
import { ownerOf } from './session-store.ts'

/** What a session holds: with the credentials' version, so that a new password or a deactivation ends it. */
interface Stored {
  id: number
  credentialsVersion: number
}

/** An account as it signs in: with what its session is to hold, and whether the password alone is enough. */
export type SignedIn = Account & { credentialsVersion?: number; hasTwoFactor?: boolean }

/** A passport of this app alone, not the process-wide one: tests run several apps beside each other. */
export type AppPassport = InstanceType<typeof Passport>

export function createPassport(db: Db): AppPassport {
  const passport = new Passport()
  passport.use(
    new Strategy({ usernameField: 'email', passwordField: 'password' }, (email, password, done) => {
      authenticate(db, email.trim(), password).then((account) => done(null, account ?? false), done)
    }),
  )
  passport.serializeUser((user, done) => {
    const { id, credentialsVersion } = user as SignedIn
    done(null, { id, credentialsVersion })
  })
  passport.deserializeUser(
    (req: Request, stored: Stored, done: (error: unknown, account?: Account | false) => void) => {
      // The session was read together with its owner; one that began with this request was not read.
      const owner = ownerOf(req)
      if (owner !== undefined) return done(null, owner ?? false)
      findAccount(db, stored.id, stored.credentialsVersion).then((account) => done(null, account ?? false), done)
    },
  )
  return passport
}

async function authenticate(db: Db, email: string, password: string): Promise<SignedIn | null> {
  const credentials = await findCredentials(db, email)
  if (!(await passwordMatches(credentials?.passwordHash ?? null, password)) || !credentials) return null
  const account = await findAccount(db, credentials.id, credentials.credentialsVersion)
  const { credentialsVersion, hasTwoFactor } = credentials
  return account && { ...account, credentialsVersion, hasTwoFactor }
}
