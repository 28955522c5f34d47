import { z } from 'zod'
import { translator } from '../i18n.ts'
import type { Operation } from './operation.ts'
import { PROBLEMS, typeOf } from './problem.ts'
import type { ProblemStatus } from './problem.ts'
import { API } from './router.ts'

export type Schema = { [keyword: string]: unknown }

export interface DescribedParameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  schema: Schema
}

export interface DescribedOperation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security: [{ token: string[] }]
  parameters: (DescribedParameter | { $ref: string })[]
  requestBody?: { required: boolean; content: { 'application/json': { schema: Schema; example?: unknown } } }
  responses: Record<string, unknown>
}

export interface Document {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: { name: string }[]
  paths: Record<string, Record<string, DescribedOperation>>
  components: {
    securitySchemes: Record<string, unknown>
    schemas: Record<string, Schema>
    parameters: Record<string, DescribedParameter>
    headers: Record<string, unknown>
    responses: Record<string, unknown>
  }
}

const ABOUT = `Who asks is said by a token of one user, made in the settings: \`Authorization: Bearer dw_…\`. It sees and may do what that user sees and may do, within its scopes.

Lists are paged by cursors: follow \`next\`, or the \`Link\` header. Records carry their \`version\` as \`ETag\`: send it back in \`If-Match\`, and a change of something that others have changed in between is refused (412). Send an \`Idempotency-Key\` with what must happen once: repeated within a day, it answers the same. What a request has changed is named by \`Change-Set\`, for \`undoChange\`.

Bodies are JSON in UTF-8. Amounts are text, days are YYYY-MM-DD, moments are ISO 8601 in UTC. In a PATCH, what is absent stays and \`null\` empties. Errors are \`application/problem+json\` (RFC 9457).`

/** The OpenAPI 3.1 document of these operations: nothing in it is written twice. */
export function documentOf(operations: readonly Operation[]): Document {
  const paths: Document['paths'] = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Dealwright', version: '1.0.0', description: ABOUT },
    servers: [{ url: API }],
    tags: [...new Set(operations.map(({ area }) => area))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token, made in the settings.' } },
      schemas: { Problem: PROBLEM, ...schemasOf(operations) },
      parameters: PARAMETERS,
      headers: HEADERS,
      responses: problemResponses(),
    },
  }
}

function described(operation: Operation): DescribedOperation {
  const { id, area, access, summary, description, status } = operation
  const body = bodyOf(operation)
  return {
    operationId: id,
    tags: [area],
    summary,
    ...(description ? { description } : {}),
    security: [{ token: [`${area}:${access}`] }],
    parameters: parametersOf(operation),
    ...(body ? { requestBody: body } : {}),
    responses: {
      [status]: {
        description: status === 201 ? 'Created.' : 'Done.',
        headers: headersOf(operation),
        content: { 'application/json': { schema: answerSchema(operation) } },
      },
      ...(operation.method === 'get'
        ? { 304: { description: 'Not modified: If-None-Match names this version.' } }
        : {}),
      ...Object.fromEntries(
        refusals(operation).map((each) => [each, { $ref: `#/components/responses/${PROBLEMS[each]}` }]),
      ),
    },
  }
}

/** Every problem that this operation can answer with: most follow from what it is. */
export function refusals({ path, method, body, query, lock, refuses = [] }: Operation): ProblemStatus[] {
  const takesInput = Object.keys(body.shape).length + Object.keys(query.shape).length > 0
  const possible: [ProblemStatus, boolean][] = [
    [400, method !== 'get'],
    [401, true],
    [403, true],
    [404, path.includes('{') || method !== 'get'],
    [406, true],
    [409, refuses.includes(409) || method !== 'get'],
    [412, lock !== undefined],
    [413, method !== 'get'],
    [415, method !== 'get'],
    [422, takesInput || method !== 'get'],
    [429, true],
    [500, true],
    [503, true],
  ]
  return possible.flatMap(([status, can]) => (can ? [status] : []))
}

function bodyOf(operation: Operation): DescribedOperation['requestBody'] {
  if (Object.keys(operation.body.shape).length === 0) return undefined
  const { body: example } = operation.example
  return {
    required: !operation.body.safeParse({}).success,
    content: { 'application/json': { schema: { $ref: refTo(bodyName(operation)) }, ...(example ? { example } : {}) } },
  }
}

function parametersOf({ path, query, method, lock }: Operation): DescribedOperation['parameters'] {
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as {
    properties?: Record<string, Schema>
    required?: string[]
  }
  const shared = [
    ...(method === 'get' ? ['IfNoneMatch'] : ['IdempotencyKey']),
    ...(lock ? ['IfMatch'] : []),
    'AcceptLanguage',
  ]
  return [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): DescribedParameter => {
      const schema =
        name === 'id' ? { type: 'integer', minimum: 1, maximum: 2_147_483_647 } : { ...text, format: 'uuid' }
      return { name, in: 'path', required: true, schema }
    }),
    ...Object.entries(properties).map(([name, { description, ...schema }]): DescribedParameter => {
      const style = schema.type === 'array' ? { style: 'form', explode: false } : {}
      const about = typeof description === 'string' ? { description } : {}
      return { name, in: 'query', required: required.includes(name), ...about, ...style, schema }
    }),
    ...shared.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ]
}

function headersOf({ method, status, answer }: Operation): Record<string, unknown> {
  const shape: Record<string, unknown> = answer instanceof z.ZodObject ? answer.shape : {}
  const names = [
    ...('version' in shape ? ['ETag'] : []),
    ...(status === 201 ? ['Location'] : []),
    ...('next' in shape ? ['Link'] : []),
    ...(method === 'get' ? [] : ['Change-Set', 'Idempotency-Replayed']),
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
  ]
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

/** What is asked for with `fields` has no more than those. */
function answerSchema(operation: Operation): Schema {
  const whole = { $ref: refTo(answerName(operation)) }
  return partOf(operation) ? { anyOf: [whole, { $ref: refTo(partName(operation)) }] } : whole
}

/** The answer to `fields`: the record, or those of a page, with any of its fields; null where there is no such parameter. */
function partOf({ query, answer }: Operation): z.ZodType | null {
  if (!('fields' in query.shape) || !(answer instanceof z.ZodObject)) return null
  const { data } = answer.shape as Record<string, z.ZodType | undefined>
  if (data === undefined) return answer.partial()
  const record = data instanceof z.ZodArray ? data.element : null
  return record instanceof z.ZodObject ? answer.extend({ data: z.array(record.partial()) }) : null
}

function partName(operation: Operation): string {
  return `${answerName(operation)}Part`
}

function schemasOf(operations: readonly Operation[]): Record<string, Schema> {
  const answers = new Map(operations.map((operation) => [answerName(operation), operation.answer]))
  for (const operation of operations) {
    const part = partOf(operation)
    if (part) answers.set(partName(operation), part)
  }
  const bodies = new Map<string, z.ZodType>()
  for (const operation of operations) {
    if (Object.keys(operation.body.shape).length > 0) bodies.set(bodyName(operation), operation.body)
    for (const [name, schema] of Object.entries(operation.components ?? {})) bodies.set(name, schema)
  }
  return { ...componentsOf(answers, 'output'), ...componentsOf(bodies, 'input') }
}

/** Named schemas refer to one another rather than repeat each other. */
function componentsOf(named: ReadonlyMap<string, z.ZodType>, io: 'input' | 'output'): Record<string, Schema> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of named) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { io, uri: refTo })
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutAddress(schema as Schema)]))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Schema {
  return withoutAddress(z.toJSONSchema(schema, { io }))
}

/** Inside a document a schema is found by its place in it. */
function withoutAddress({ $schema: _schema, $id: _id, ...schema }: Schema): Schema {
  return schema
}

function refTo(name: string): string {
  return `#/components/schemas/${name}`
}

function answerName({ id, answer }: Operation): string {
  const title = answer.meta()?.title
  return typeof title === 'string' ? title : `${capital(id)}Answer`
}

function bodyName({ id }: Operation): string {
  return `${capital(id)}Body`
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

const text = { type: 'string' }
const PROBLEM: Schema = {
  title: 'Problem',
  type: 'object',
  properties: {
    type: { ...text, format: 'uri-reference', description: 'What kind of problem it is; never changes.' },
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: { ...text, description: 'This one request: name it when asking for help.' },
    errors: {
      type: 'object',
      description: 'What is wrong, by field: the first 20 of a record; `body` says that there is more.',
      additionalProperties: { type: 'array', items: text, minItems: 1 },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'instance'],
  additionalProperties: false,
}

const PARAMETERS: Document['components']['parameters'] = {
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The `ETag` of the record as it was read: the request is refused (412) when it has changed since.',
    schema: text,
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The `ETag` of the record as it is known: when it still is so, the answer is 304, without a body.',
    schema: text,
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'A text of your own, such as a UUID. The same request with the same key is done once, and answered the same for a day.',
    schema: { ...text, minLength: 1, maxLength: 255 },
  },
  AcceptLanguage: {
    name: 'Accept-Language',
    in: 'header',
    required: false,
    description: 'The language of error messages; English unless given.',
    schema: text,
  },
}

const count = { type: 'integer', minimum: 0 }
const HEADERS: Document['components']['headers'] = {
  ETag: { description: 'The version of the record.', schema: text },
  Location: { description: 'Where the new record is.', schema: text },
  Link: { description: 'The neighbouring pages: rel="next", rel="prev".', schema: text },
  'Change-Set': {
    description: 'What the history calls all that this request has changed, if it has: for `undoChange`.',
    schema: { ...text, format: 'uuid' },
  },
  'Idempotency-Replayed': { description: '`true` when this answer was given before.', schema: text },
  'RateLimit-Limit': { description: 'Requests that this token may make in a minute.', schema: count },
  'RateLimit-Remaining': { description: 'How many are left of them.', schema: count },
  'RateLimit-Reset': { description: 'Seconds until the next minute.', schema: count },
  'Retry-After': { description: 'Seconds to wait.', schema: count },
  'WWW-Authenticate': { description: 'What is missing.', schema: text },
}

const EXTRA: Partial<Record<ProblemStatus, string>> = {
  401: 'WWW-Authenticate',
  429: 'Retry-After',
  503: 'Retry-After',
}

function problemResponses(): Record<string, unknown> {
  const say = translator('en')
  return Object.fromEntries(
    Object.entries(PROBLEMS).map(([code, name]) => {
      const status = Number(code) as ProblemStatus
      const title = say(`api.problems.${status}`)
      const extra = EXTRA[status]
      const example = {
        type: typeOf(status),
        title,
        status,
        detail: say(DETAILS[status], { scope: 'leads:write', version: 4 }),
        instance: 'urn:uuid:0b5c1f0e-8c5e-4f3a-9a55-1c8a3f1c2d4e',
        ...(status === 422 ? { errors: { email: [say('errors.email')] } } : {}),
      }
      return [
        name,
        {
          description: `${title}.`,
          ...(extra ? { headers: { [extra]: { $ref: `#/components/headers/${extra}` } } } : {}),
          content: { 'application/problem+json': { schema: { $ref: refTo('Problem') }, example } },
        },
      ]
    }),
  )
}

/** One of the details that each can have. */
const DETAILS = {
  400: 'api.errors.notJson',
  401: 'api.errors.badToken',
  403: 'api.errors.lacking',
  404: 'errors.notFound.message',
  405: 'api.errors.method',
  406: 'api.errors.notAcceptable',
  409: 'errors.stale',
  412: 'api.errors.changed',
  413: 'errors.tooLarge.message',
  415: 'api.errors.mediaType',
  422: 'api.errors.invalid',
  429: 'api.errors.tooMany',
  500: 'errors.unexpected.message',
  503: 'errors.unavailable.message',
} as const satisfies Record<ProblemStatus, string>
