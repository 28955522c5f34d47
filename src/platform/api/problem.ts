import type { ErrorRequestHandler, Request, Response } from 'express'
import { AppError, RuleViolation, TooManyRequests } from '../errors.ts'
import { answerTo } from '../http/errors.ts'
import { languages, translator } from '../i18n.ts'
import type { Message, TranslationKey, Values } from '../i18n.ts'

/** Every kind of problem: its name in `type`, which never changes, by its status. Its title is in words. */
export const PROBLEMS = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  409: 'conflict',
  412: 'precondition-failed',
  413: 'too-large',
  415: 'unsupported-media-type',
  422: 'invalid',
  429: 'too-many-requests',
  500: 'unexpected',
  503: 'unavailable',
} as const
export type ProblemStatus = keyof typeof PROBLEMS

export function typeOf(status: ProblemStatus): string {
  return `/api/docs#problem-${PROBLEMS[status]}`
}

export function isProblemStatus(status: number): status is ProblemStatus {
  return Object.hasOwn(PROBLEMS, status)
}

/** What is wrong with a request before it is anybody's business. */
export class Refusal extends AppError {
  readonly status: ProblemStatus
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: ProblemStatus,
    key: TranslationKey,
    { values = {}, headers = {} }: { values?: Values; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(key, values)
    this.status = status
    this.headers = headers
  }
}

/** What came in does not fit its schema: everything that is wrong, by field. */
export class InvalidInput extends AppError {
  readonly status = 422
  readonly problems: Readonly<Record<string, readonly Message[]>>
  /** The same, in words already. */
  readonly said: Readonly<Record<string, string[]>>
  constructor(problems: Readonly<Record<string, readonly Message[]>>, said: Readonly<Record<string, string[]>> = {}) {
    super('api.errors.invalid')
    this.problems = problems
    this.said = said
  }
}

/** Of one record, and of all in one request: whoever has more to mend than that sends it again. */
const TOLD = 20
export const MOST_TOLD = 2_000
const LONGEST_NAME = 100

/** The first of `problems`, by field; that there are more stands at `whole`. Names come from whoever asks, and may be of any length. */
export function withinReason(
  problems: Iterable<readonly [field: string, message: Message]>,
  whole: string,
): Record<string, Message[]> {
  const told = new Map<string, Message[]>()
  let count = 0
  for (const [field, message] of problems) {
    const isMore = count === TOLD
    const name = isMore ? whole : shortened(field)
    const messages = told.get(name) ?? []
    messages.push(isMore ? { key: 'api.errors.more' } : message)
    told.set(name, messages)
    if (isMore) break
    count += 1
  }
  return Object.fromEntries(told)
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME).toWellFormed()}…` : name
}

/** What a program reads: RFC 9457, with what is wrong by field. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  /** Of this one request; the log knows it by the same number. */
  instance: string
  errors?: Record<string, string[]>
}

/** The one place where an error becomes an answer of the API. */
export const problemHandler: ErrorRequestHandler = (error: unknown, req, res, next) => {
  if (res.headersSent) return next(error)
  const { status: said, message } = answerTo(error)
  // What express and its parsers refuse with a status that is none of ours is a bad request.
  const status = isProblemStatus(said) ? said : said < 500 ? 400 : 500
  if (status >= 500) Object.assign(res, { err: error })
  if (error instanceof Refusal) res.set(error.headers)
  if (error instanceof TooManyRequests) res.set('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  if (status === 503) res.set('Retry-After', '5')
  const language = languageFor(req)
  const say = ({ key, values }: Message) => translator(language)(key, values)
  const problem: Problem = {
    type: typeOf(status),
    title: say({ key: `api.problems.${status}` }),
    status,
    detail: say(message),
    instance: `urn:uuid:${String(req.id)}`,
    ...errorsOf(error, say),
  }
  res
    .status(status)
    .set({ 'Cache-Control': 'no-store', 'Content-Language': language })
    .type('application/problem+json')
    .send(JSON.stringify(problem))
}

/** What is wrong by field, in words; nothing where no field is to blame. */
export function errorsOf(error: unknown, say: (message: Message) => string): Pick<Problem, 'errors'> {
  if (error instanceof InvalidInput) {
    const fields = Object.entries(error.problems)
    const errors = Object.fromEntries(fields.map(([field, messages]) => [field, messages.map(say)]))
    return { errors: { ...errors, ...error.said } }
  }
  if (error instanceof RuleViolation && error.field !== 'form') return { errors: { [error.field]: [say(error)] } }
  return {}
}

/** What a program asks for, else English: whose token it uses does not decide what it can read. */
export function languageFor(req: Request): string {
  return req.acceptsLanguages([...languages]) || 'en'
}

/** For addresses that are not there. */
export function unknownAddress(_req: Request, _res: Response): never {
  throw new Refusal(404, 'api.errors.noSuchAddress')
}
