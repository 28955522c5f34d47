import type {} from 'passport'
import 'express-session'
import type { Message } from '../i18n.ts'
import type { Actor } from '../scope.ts'

/** Who is signed in: an actor, with what only pages need. */
export interface Account extends Actor {
  id: number
  email: string
  theme: 'system' | 'light' | 'dark'
  /** The time zone of the installation, not of this person. */
  homeTimeZone: string
  /** A second factor is demanded of everybody, and this person has none yet: there is nothing else for them to do here. */
  mustEnrol: boolean
}

export interface Notice extends Message {
  kind: 'success' | 'warning' | 'error'
  link?: { href: string; label: Message }
  /** What was changed; a page offers to take it back as long as that can be done. */
  changeSet?: string
}

/** Somebody whose password was right, and who has yet to give a code: not signed in. */
export interface SecondStep {
  userId: number
  credentialsVersion: number
  /** The path to go to then. */
  next: string
  /** Milliseconds since 1970. */
  since: number
}

declare module 'express-session' {
  interface SessionData {
    notices: Notice[]
    secondStep: SecondStep
    /** The row of see_as by which its owner looks with somebody else's rights. */
    seeAs: number
    /** What the browser said of itself when its owner signed in. */
    device: string
    /** Milliseconds since 1970: when its owner signed in, and when it was last prolonged. */
    signedInAt: number
    renewedAt: number
  }
}

declare global {
  // Where passport and Express look for their types; there is no other place to say it.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type
    interface User extends Account {}
    interface Request {
      /** The name of what this request writes, once it has asked for a scope. */
      changeSet?: string
    }
  }
}
