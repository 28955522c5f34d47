import { z } from 'zod'
import type { Message } from '../i18n.ts'
import type { Scope } from '../scope.ts'

export type Method = 'get' | 'post' | 'patch' | 'delete'
export type Access = 'read' | 'write'

/** What one request asks, checked: the record of the path, the query string and the body, in the types of their schemas. */
export interface Asked<Query, Body> {
  /** The `{id}` of the path; 0 where there is none. */
  id: number
  /** What else the path names in braces, which is a UUID; empty where there is none. */
  uuid: string
  query: Query
  body: Body
  /** Puts a message into the words of whoever asks. */
  say(message: Message): string
}

export interface Definition<Query extends z.ZodObject, Body extends z.ZodObject, Answer extends z.ZodType> {
  method: Method
  /** Below /api/v1, as OpenAPI writes it: "/leads/{id}/reopen". `{id}` is a record's number, any other name in braces is a UUID's. */
  path: string
  /** One word that programs call it by: "reopenLead". */
  id: string
  /** What a token must have a scope of: "leads". Also the heading it stands under in the documentation. */
  area: string
  /** What the token must be allowed there; GET reads and everything else writes, unless said otherwise. */
  access?: Access
  summary: string
  description?: string
  query?: Query
  /** Unknown fields are refused. Where `{}` fits, no body is needed. */
  body?: Body
  /** In bytes; a megabyte unless said otherwise. What may be larger waits for its turn. */
  bodyLimit?: number
  /** Further schemas of the document, which `body` refers to by their names. */
  components?: Readonly<Record<string, z.ZodObject>>
  answer: Answer
  /** 200 unless said otherwise; 201 tells in Location where the new record is. */
  status?: 200 | 201
  /**
   * Locks the record until the transaction ends, and answers its version; throws NotFound for one this user may not see. An operation that has it
   * honours If-Match.
   */
  lock?(scope: Scope, id: number): Promise<number>
  /** What it can refuse beyond what follows from its other properties: 409, when the record is in no state for it. */
  refuses?: readonly number[]
  /**
   * What makes it succeed, shown in the documentation and sent by the contract tests, which put the ids of real records in the place of those
   * in it: `clientId` takes a client's, `ownerId` a user's.
   */
  example?: { query?: z.input<Query>; body?: z.input<Body> }
  /** The operations that must have been called on the record before, for the example to succeed: "markLeadLost" before "reopenLead". */
  after?: readonly string[]
  run(scope: Scope, asked: Asked<z.output<Query>, z.output<Body>>): Promise<z.input<Answer>>
}

/** A definition whose schemas are no longer known to the type checker: what router, documentation and tests go by. */
export interface Operation extends Omit<
  Definition<z.ZodObject, z.ZodObject, z.ZodType>,
  'access' | 'query' | 'body' | 'status' | 'run' | 'example'
> {
  access: Access
  /** Strict. */
  query: z.ZodObject
  body: z.ZodObject
  status: 200 | 201
  example: { query?: Record<string, unknown>; body?: Record<string, unknown> }
  run(scope: Scope, asked: Asked<Record<string, unknown>, Record<string, unknown>>): Promise<unknown>
}

const NOTHING = z.object({})

/**
 * One thing that programs can ask. From this one declaration come the route, the check of token, parameters and body, the conditional and repeated
 * requests, the documentation and the contract tests. `run` gets what was checked, and calls one query or command, in a transaction unless it
 * is a GET.
 */
export function operation<Query extends z.ZodObject, Body extends z.ZodObject, Answer extends z.ZodType>(
  definition: Definition<Query, Body, Answer>,
): Operation {
  const { method, access, query, body, status, example } = definition
  return {
    ...definition,
    access: access ?? (method === 'get' ? 'read' : 'write'),
    query: withFields(query ?? NOTHING, method === 'get' ? definition.answer : null).strict(),
    // Strict is what it was, with one more refusal.
    body: (body ?? NOTHING).strict(),
    status: status ?? 200,
    example: example ?? {},
    run: definition.run,
  }
}

/** Every record that is read can be asked for in part: "?fields=id,email". */
function withFields(query: z.ZodObject, answer: z.ZodType | null): z.ZodObject {
  const fields = answer ? fieldsOf(answer) : []
  if (fields.length === 0) return query
  return query.extend({
    fields: z
      .array(z.enum(fields as [string, ...string[]]))
      .min(1)
      .optional()
      .meta({ description: 'Only these fields of each record, separated by commas.' }),
  })
}

/** The fields of the record that `answer` is, or of those in its `data`. */
function fieldsOf(answer: z.ZodType): string[] {
  if (!(answer instanceof z.ZodObject)) return []
  const { data } = answer.shape as Record<string, z.ZodType | undefined>
  if (data === undefined) return Object.keys(answer.shape)
  return data instanceof z.ZodArray && data.element instanceof z.ZodObject ? Object.keys(data.element.shape) : []
}
