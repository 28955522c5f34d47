import type { Request } from 'express'
import { sentFromHere } from './csrf.ts'
import { localPath } from './request.ts'

/** A form that was not taken, to be sent once more as it was. */
export interface Again {
  action: string
  fields: { name: string; value: string }[]
  /** Names of fields whose values a page does not repeat: they are typed again. */
  secrets: string[]
  /** Whoever sent it has to sign in before it can be taken. */
  signInFirst: boolean
}

const SECRETS = ['currentPassword', 'password', 'code']

/**
 * What was typed is not to be lost with a session that has ended or a database that is away. Only for what a page of ours has sent, by the browser's
 * word: nobody is to be shown a form, ready to be sent, that another site has filled in. `publicForms`: where the paths begin that nobody need
 * be signed in for.
 */
export function formAgain(req: Request, status: number, publicForms: readonly string[]): Again | null {
  const body = req.body as unknown
  if (req.method !== 'POST' || !sentFromHere(req) || typeof body !== 'object' || body === null) return null
  const token = 'csrfToken' in req && req.session ? req.csrfToken() : ''
  const fields = Object.entries({ ...body, ...(token && { _csrf: token }) }).flatMap(([name, values]) =>
    [values].flat().map((value) => ({ name, value: String(value) })),
  )
  return {
    action: localPath(req.originalUrl),
    fields: fields.filter(({ name }) => !SECRETS.includes(name)),
    secrets: SECRETS.filter((name) => Object.hasOwn(body, name)),
    signInFirst: status === 403 && !req.user && !publicForms.some((start) => req.path.startsWith(start)),
  }
}
