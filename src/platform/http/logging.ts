import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pino } from 'pino'
import type { Logger } from 'pino'
import { pinoHttp } from 'pino-http'

export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: loggedError } })
}

/**
 * One line a request: method, path, status, time, who (as an id). No query strings (people search for people), no headers, no bodies: nothing
 * in a log is a password, a token or somebody's personal data. `secretBehind`: beginnings of paths whose rest is a secret.
 */
export function requestLog(logger: Logger, secretBehind: readonly string[] = []) {
  return pinoHttp({
    logger,
    genReqId: (_req: IncomingMessage, res: ServerResponse) => {
      const id = randomUUID()
      res.setHeader('X-Request-Id', id)
      return id
    },
    // Wrapped ones are handed a copy of the error that is no Error any more, with all its details in it.
    wrapSerializers: false,
    serializers: {
      req: (req: { id: string; method: string; url: string; originalUrl?: string }) => ({
        id: req.id,
        method: req.method,
        path: loggedPath(req.originalUrl ?? req.url, secretBehind),
      }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
      err: loggedError,
    },
    customProps: (req) => ({ user: (req as IncomingMessage & { user?: { id: number } }).user?.id }),
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'error' : 'info'),
    autoLogging: { ignore: (req) => /^\/(assets|healthz|readyz|metrics)/.test(req.url ?? '') },
  })
}

function loggedPath(url: string, secretBehind: readonly string[]): string {
  const path = url.split('?')[0] ?? ''
  // Routes are found whatever the case of their address.
  const beginning = secretBehind.find((start) => path.toLowerCase().startsWith(start))
  return beginning === undefined ? path : `${beginning}…`
}

/** Message and stack only: the details of a database error repeat the row, which is somebody's data. */
function loggedError(error: unknown): { type: string; message: string; stack: string | undefined; code: unknown } {
  if (!(error instanceof Error))
    return { type: typeof error, message: String(error), stack: undefined, code: undefined }
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    code: 'code' in error ? error.code : undefined,
  }
}
