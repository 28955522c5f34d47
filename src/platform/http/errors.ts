import type { ErrorRequestHandler, Request, Response } from 'express'
import { ZodError } from 'zod'
import { databaseFailure, isUnavailable } from '../database/failure.ts'
import { AppError, NotFound, TooManyRequests } from '../errors.ts'
import { translator } from '../i18n.ts'
import type { Message } from '../i18n.ts'
import { problemsOf } from '../validation.ts'
import { formAgain } from './again.ts'
import { page } from './page.ts'
import { asksForJson, languageOf } from './request.ts'

interface Answer {
  status: number
  message: Message
  problems?: Record<string, Message>
}

/**
 * The one place where an error becomes a response: a page in the reader's language, or problem+json (RFC 9457) below /api and for scripts. A form that
 * could not be taken for want of its token or of the database is on that page, to be sent once more; `publicForms`: see `formAgain`.
 */
export function errorHandler(publicForms: readonly string[]): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error)
    const answer = answerTo(error)
    const { status, message } = answer
    // The request's line in the log tells it.
    if (status >= 500) Object.assign(res, { err: error })
    if (error instanceof TooManyRequests) res.set('Retry-After', String(error.retryAfterSeconds))
    if (status === 503) res.set('Retry-After', '5')
    res.status(status).set('Cache-Control', 'no-store')
    if (req.path.startsWith('/api/') || asksForJson(req)) return sendProblem(req, res, answer)
    try {
      const isExpired = message.key === EXPIRED
      const again = isExpired || status >= 500 ? formAgain(req, status, publicForms) : null
      const record = status === 409 ? (RECORD.exec(req.originalUrl)?.[0] ?? null) : null
      await page(res, 'errors/error', { status, message, requestId: String(req.id), isExpired, again, record })
    } catch (failure) {
      req.log.error({ err: failure }, 'the error page failed')
      res.type('text').send(sayTo(req, message))
    }
  }
}

const EXPIRED = 'errors.csrf.message'
/** Whoever was too late is shown what became of the record. */
const RECORD =
  /^\/(leads|deals|clients|contacts|communications|projects|quotes|lead-activities|deal-activities)\/\d+(?![^/?])/

/** Express calls this when no route took the request. */
export function notFound(): never {
  throw new NotFound()
}

/** What an error says to whoever asked: nothing of what only the log is to know. */
export function answerTo(error: unknown): Answer {
  if (error instanceof AppError) return { status: error.status, message: { key: error.key, values: error.values } }
  if (error instanceof ZodError)
    return { status: 422, message: { key: 'errors.unprocessable.message' }, problems: problemsOf(error, {}) }
  // Express cannot decode a part of the address: there is nothing under it.
  if (error instanceof URIError) return { status: 404, message: { key: 'errors.notFound.message' } }
  const failure = databaseFailure(error)
  if (failure && isUnavailable(failure)) return { status: 503, message: { key: 'errors.unavailable.message' } }
  // A net under the schemas: text or figures that got past them, but not past the database.
  if (failure && ['22021', '22003', '22P05'].includes(failure.code))
    return { status: 422, message: { key: 'errors.unprocessable.message' } }
  return answerToMiddleware(error)
}

/** What body-parser, csurf and Express throw carries a status and a code. */
function answerToMiddleware(error: unknown): Answer {
  const { status, code } = (typeof error === 'object' && error !== null ? error : {}) as {
    status?: unknown
    code?: unknown
  }
  if (code === 'EBADCSRFTOKEN') return { status: 403, message: { key: EXPIRED } }
  if (status === 413) return { status, message: { key: 'errors.tooLarge.message' } }
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { status, message: { key: 'errors.badRequest.message' } }
  return { status: 500, message: { key: 'errors.unexpected.message' } }
}

function sendProblem(req: Request, res: Response, { status, message, problems }: Answer): void {
  const errors =
    problems && Object.fromEntries(Object.entries(problems).map(([field, problem]) => [field, [sayTo(req, problem)]]))
  res
    .type('application/problem+json')
    .send(JSON.stringify({ status, title: sayTo(req, message), instance: String(req.id), errors }))
}

function sayTo(req: Request, message: Message): string {
  return translator(languageOf(req))(message.key, message.values)
}
