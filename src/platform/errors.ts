import type { TranslationKey, Values } from './i18n.ts'

/** The product cannot start, and this one sentence says why; it is printed without a stack trace, and the exit code is 1. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}

/** What the domain throws: a translation key and its values; the edge puts them into the reader's language. */
export abstract class AppError extends Error {
  abstract readonly status: number
  readonly key: TranslationKey
  readonly values: Values

  constructor(key: TranslationKey, values: Values = {}) {
    super(key)
    this.name = new.target.name
    this.key = key
    this.values = values
  }
}

/** Not there, or not yours to see: the two look alike from outside. */
export class NotFound extends AppError {
  readonly status = 404
  constructor(key: TranslationKey = 'errors.notFound.message') {
    super(key)
  }
}

/** Yours to see, but not to do. */
export class Forbidden extends AppError {
  readonly status = 403
  constructor(key: TranslationKey = 'errors.forbidden.message') {
    super(key)
  }
}

/** A business rule said no. `field` is where a form should say so. */
export class RuleViolation extends AppError {
  readonly status = 422
  readonly field: string
  constructor(key: TranslationKey, field = 'form', values: Values = {}) {
    super(key, values)
    this.field = field
  }
}

/** What is known of how a record came to be another one than the form was opened on. */
export interface Meanwhile {
  /** What the form was opened on, as it showed it; null when that cannot be found any more. */
  base: Readonly<Record<string, string>> | null
  /** Who saved last: null `by` is nobody with a name, the product itself. */
  saved: { by: string | null; byYourself: boolean; at: Date } | null
  /** Fields that belong together, by their names. */
  together: readonly (readonly string[])[]
}

/**
 * The record is no longer what the request took it for: closed, converted, or saved by someone else since.
 * `stored` carries the record as it is now, for a form to show beside what was typed; `meanwhile`, what became of it since.
 */
export class Conflict extends AppError {
  readonly status = 409
  readonly stored: Readonly<Record<string, unknown>> | undefined
  readonly meanwhile: Meanwhile | undefined
  constructor(
    key: TranslationKey,
    values: Values = {},
    stored?: Readonly<Record<string, unknown>>,
    meanwhile?: Meanwhile,
  ) {
    super(key, values)
    this.stored = stored
    this.meanwhile = meanwhile
  }
}

/** A create form was sent before and its record made; what it says now is something else, and stored nowhere. */
export class AlreadySent extends Conflict {
  readonly recordId: number
  constructor(recordId: number) {
    super('errors.alreadySent')
    this.recordId = recordId
  }
}

export class TooManyRequests extends AppError {
  readonly status = 429
  readonly retryAfterSeconds: number
  constructor(key: TranslationKey, retryAfterSeconds: number) {
    super(key, { minutes: Math.max(1, Math.ceil(retryAfterSeconds / 60)) })
    this.retryAfterSeconds = retryAfterSeconds
  }
}
