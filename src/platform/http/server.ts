import { IncomingMessage, ServerResponse, createServer } from 'node:http'
import type { Server } from 'node:http'
import type { Express } from 'express'

/**
 * A server whose requests and responses are born as Express's own. Express gives those of a plain server another prototype as they come in, and V8 then
 * takes them, and all that hangs on them (every row, the whole page), for older than they are: they stay until it goes through all of its memory,
 * which it has to do several times as often.
 */
export function expressServer(): { server: Server; serve(app: Express): void } {
  class Request extends IncomingMessage {}
  class Response extends ServerResponse<Request> {}
  const server = createServer({ IncomingMessage: Request, ServerResponse: Response })
  return {
    server,
    serve(app) {
      Object.setPrototypeOf(Request.prototype, app.request)
      Object.setPrototypeOf(Response.prototype, app.response)
      Object.assign(app, { request: Request.prototype, response: Response.prototype })
      server.on('request', app)
    },
  }
}
