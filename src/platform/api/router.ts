import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import express, { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'
import pLimit from 'p-limit'
import { Forbidden, NotFound, TooManyRequests } from '../errors.ts'
import { dbOf, idOf } from '../http/request.ts'
import { translator } from '../i18n.ts'
import type { Message, Translate } from '../i18n.ts'
import { inTransaction } from '../scope.ts'
import type { Scope } from '../scope.ts'
import { FEW_VALUES, MANY_VALUES, requireBounded } from './bounds.ts'
import type { Authenticate, Caller, Rate } from './caller.ts'
import { etagOf, isKnown, requireMatch } from './etag.ts'
import { checked, queryOf } from './input.ts'
import type { Asked, Operation } from './operation.ts'
import { languageFor, problemHandler, Refusal, unknownAddress } from './problem.ts'
import { onceFor } from './repeats.ts'
import type { Answer } from './repeats.ts'

const MEGABYTE = 1024 * 1024
const LARGE_AT_ONCE = 4
const LARGE_WAITING = 100

/** Where the API is mounted. */
export const API = '/api/v1'

/**
 * The API, out of its declarations. Stands before sessions, cookies and forms: who asks is said by a bearer token in the Authorization header and
 * by nothing else.
 */
export function apiRouter(operations: readonly Operation[], authenticate: Authenticate): Router {
  const router = Router()
  const inTurn = turns()
  for (const [path, offered] of groupByPath(operations)) {
    const route = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    for (const operation of offered) route[operation.method](handlerOf(operation, authenticate, inTurn))
    route.all(otherMethods(offered))
  }
  router.use(unknownAddress)
  router.use(problemHandler)
  return router
}

function groupByPath(operations: readonly Operation[]): Map<string, Operation[]> {
  const paths = new Map<string, Operation[]>()
  // What has no id in its path first: "/leads/bulk" is not the lead "bulk".
  const inOrder = [...operations].sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')))
  for (const operation of inOrder) paths.set(operation.path, [...(paths.get(operation.path) ?? []), operation])
  return paths
}

type InTurn = (work: () => Promise<void>) => Promise<void>

/**
 * What is large is read and worked on by few at once: its bodies may fill the process's memory, and its transactions the database's
 * connections. Who waits has sent no body yet.
 */
function turns(): InTurn {
  const turn = pLimit(LARGE_AT_ONCE)
  return async (work) => {
    if (turn.pendingCount >= LARGE_WAITING) throw new Refusal(503, 'errors.unavailable.message')
    await turn(work)
  }
}

/** The way of a request: who asks, may they, what do they ask, do it, answer. */
function handlerOf(operation: Operation, authenticate: Authenticate, inTurn: InTurn): RequestHandler {
  const parse = express.json({
    type: () => true,
    limit: operation.bodyLimit ?? MEGABYTE,
    strict: false,
    verify: (_req, _res, body, encoding) => {
      requireUtf8(body, encoding)
      requireBounded(body, operation.bodyLimit === undefined ? FEW_VALUES : MANY_VALUES)
    },
  })
  return async (req, res) => {
    const caller = await callerOf(req, res, authenticate)
    if (!caller.allows(operation.area, operation.access)) throw lacking(operation)
    if (!req.accepts('application/json')) throw new Refusal(406, 'api.errors.notAcceptable')
    if (operation.bodyLimit === undefined) await answer(req, res, caller)
    else await inTurn(() => answer(req, res, caller))
  }

  async function answer(req: Request, res: Response, caller: Caller): Promise<void> {
    const body = operation.method === 'get' ? {} : await bodyOf(req, res, parse)
    const asked: AnyAsked = {
      id: operation.path.includes('{id}') ? idOf(req) : 0,
      uuid: uuidIn(operation.path, req),
      query: queryOf(operation.query, req),
      body: checked(operation.body, body),
      say: sayTo(req),
    }
    const scope: Scope = { db: dbOf(req), user: caller.account, requestId: String(req.id) }
    if (operation.method === 'get') send(req, res, await read(operation, scope, asked, req))
    else send(req, res, await write(operation, scope, caller, asked, req, body))
  }
}

/** Looks for the language once, when there is something to say: a bulk has thousands of messages. */
function sayTo(req: Request): (message: Message) => string {
  let say: Translate | undefined
  return ({ key, values }) => (say ??= translator(languageFor(req)))(key, values)
}

/** Throws NotFound for what is none. */
function uuidIn(path: string, req: Request): string {
  const name = /\{(?!id\})(\w+)\}/.exec(path)?.[1]
  if (name === undefined) return ''
  const { [name]: value } = req.params
  if (typeof value !== 'string' || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)) throw new NotFound()
  return value.toLowerCase()
}

async function callerOf(req: Request, res: Response, authenticate: Authenticate): Promise<Caller> {
  const token = /^Bearer +(\S+) *$/i.exec(req.get('authorization') ?? '')?.[1]
  const caller = token === undefined ? null : await authenticate(dbOf(req), token)
  if (!caller) {
    const challenge = token === undefined ? 'Bearer realm="api"' : 'Bearer realm="api", error="invalid_token"'
    throw new Refusal(401, token === undefined ? 'api.errors.noToken' : 'api.errors.badToken', {
      headers: { 'WWW-Authenticate': challenge },
    })
  }
  // For the log's line.
  req.user = caller.account
  tellRate(res, caller.rate)
  if (caller.rate.used > caller.rate.limit) throw new TooManyRequests('api.errors.tooMany', caller.rate.secondsLeft)
  if (caller.account.mustEnrol) throw new Forbidden('sessions.errors.mustEnrol')
  return caller
}

function tellRate(res: Response, { limit, used, secondsLeft }: Rate): void {
  res.set({
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(Math.max(0, limit - used)),
    'RateLimit-Reset': String(Math.ceil(secondsLeft)),
  })
}

function lacking({ area, access }: Operation): Refusal {
  return new Refusal(403, 'api.errors.lacking', {
    values: { scope: `${area}:${access}` },
    headers: { 'WWW-Authenticate': `Bearer realm="api", error="insufficient_scope", scope="${area}:${access}"` },
  })
}

/** A request without a body asks with nothing: `{}`. */
async function bodyOf(req: Request, res: Response, parse: RequestHandler): Promise<unknown> {
  const length = req.get('content-length')
  if (req.get('transfer-encoding') === undefined && (length === undefined || length === '0')) return {}
  if (!req.is(['application/json', 'application/merge-patch+json'])) throw new Refusal(415, 'api.errors.mediaType')
  await new Promise<void>((resolve, reject) => {
    parse(req, res, (error?: unknown) => {
      if (error) reject(parseFailure(error))
      else resolve()
    })
  })
  return req.body === undefined ? {} : req.body
}

/** The parser would put marks in the place of bytes that are no text, and a name sent in another encoding would be stored spoilt. */
function requireUtf8(body: Buffer, encoding: string): void {
  if (encoding.toLowerCase() !== 'utf-8') throw new Refusal(415, 'api.errors.mediaType')
  if (!isUtf8(body)) throw new Refusal(400, 'api.errors.notUtf8')
}

function parseFailure(error: unknown): unknown {
  const { type } = error as { type?: unknown }
  if (type === 'entity.parse.failed') return new Refusal(400, 'api.errors.notJson')
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') return new Refusal(415, 'api.errors.mediaType')
  return error
}

type AnyAsked = Asked<Record<string, unknown>, Record<string, unknown>>

async function read(operation: Operation, scope: Scope, asked: AnyAsked, req: Request): Promise<Answer> {
  const { fields, ...query } = asked.query as { fields?: string[] }
  const found = await operation.run(scope, { ...asked, query })
  return {
    status: operation.status,
    headers: { ...etagOf(found), ...linksOf(req, found), 'Cache-Control': 'private, no-cache' },
    body: JSON.stringify(fields ? only(fields, found) : found),
  }
}

/** All of it in one transaction: the record stays as If-Match found it, and what an Idempotency-Key stands for is stored with it or not at all. */
function write(
  operation: Operation,
  scope: Scope,
  caller: Caller,
  asked: AnyAsked,
  req: Request,
  body: unknown,
): Promise<Answer> {
  const ifMatch = req.get('if-match')
  const key = keyOf(req)
  const changeSet = randomUUID()
  const work = async (scope: Scope): Promise<Answer> => {
    if (ifMatch !== undefined && operation.lock) requireMatch(ifMatch, await operation.lock(scope, asked.id))
    const result = await operation.run(scope, asked)
    return {
      status: operation.status,
      headers: { ...etagOf(result), ...locationOf(operation, result), 'Change-Set': changeSet },
      body: JSON.stringify(result),
    }
  }
  return inTransaction({ ...scope, changeSet }, (scope) =>
    key === null
      ? work(scope)
      : onceFor(scope, { tokenId: caller.tokenId, key, request: [req.method, req.originalUrl, ifMatch, body] }, () =>
          work(scope),
        ),
  )
}

function keyOf(req: Request): string | null {
  const key = req.get('idempotency-key')
  if (key === undefined) return null
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) throw new Refusal(400, 'api.errors.key')
  return key
}

function locationOf({ status, path }: Operation, result: unknown): Record<string, string> {
  const { id } = (result ?? {}) as { id?: unknown }
  return status === 201 && typeof id === 'number' ? { Location: `${API}${path}/${id}` } : {}
}

/** The neighbours of a page, for programs that follow links. */
function linksOf(req: Request, found: unknown): Record<string, string> {
  const { next, previous } = (found ?? {}) as { next?: unknown; previous?: unknown }
  const links = Object.entries({ next, prev: previous }).flatMap(([relation, cursor]) => {
    if (typeof cursor !== 'string') return []
    const query = new URLSearchParams(req.query as Record<string, string>)
    query.set('cursor', cursor)
    return [`<${req.baseUrl}${req.path}?${query.toString()}>; rel="${relation}"`]
  })
  return links.length > 0 ? { Link: links.join(', ') } : {}
}

function only(fields: readonly string[], found: unknown): unknown {
  const pick = (record: object) => Object.fromEntries(Object.entries(record).filter(([name]) => fields.includes(name)))
  const { data } = found as { data?: object[] }
  return data ? { ...(found as object), data: data.map(pick) } : pick(found as object)
}

function send(req: Request, res: Response, { status, headers, body }: Answer): void {
  res.set(headers)
  if (status === 200 && isKnown(req.get('if-none-match'), headers.ETag)) {
    res.status(304).end()
    return
  }
  res.status(status).type('application/json').send(body)
}

function otherMethods(offered: readonly Operation[]): RequestHandler {
  const methods = offered.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  const allow = [...methods, 'OPTIONS'].join(', ')
  return (req, res) => {
    if (req.method !== 'OPTIONS') throw new Refusal(405, 'api.errors.method', { headers: { Allow: allow } })
    res.status(204).set('Allow', allow).end()
  }
}
