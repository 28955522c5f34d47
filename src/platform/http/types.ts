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
}

export interface Notice extends Message {
  kind: 'success' | 'warning' | 'error'
  link?: { href: string; label: Message }
}

declare module 'express-session' {
  interface SessionData {
    notices: Notice[]
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
  }
}
