import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import sql from 'sql-template-tag'
import type { Response } from 'supertest'
import { expect } from 'vitest'
import { operations } from '../../src/api.ts'
import { documentOf } from '../../src/platform/api/openapi.ts'
import type { DescribedParameter, Schema } from '../../src/platform/api/openapi.ts'
import type { Operation } from '../../src/platform/api/operation.ts'
import type { Account } from '../../src/platform/http/types.ts'
import { changeSetOf, makeWorld } from '../conventions/site.ts'
import type { Ids } from '../conventions/site.ts'
import type { Program } from '../support/api.ts'
import { db } from '../support/database.ts'
import { as } from '../support/people.ts'
import { share } from '../support/share.ts'

/** What the contract tests go by: the document as programs get it, and nothing else of the product. */
export const document = JSON.parse(JSON.stringify(documentOf(operations))) as ReturnType<typeof documentOf>

/** Each operation, under its name. */
export const all = share(operations.map((operation) => [operation.id, operation] as const))

/** Records of every kind, and the user who owns them. */
export async function worldOf(account: Account): Promise<Ids> {
  return { ...(await makeWorld(as(account))), me: account.id }
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(document, 'document')

/** Whether `value` fits the schema at this place of the document: "components/schemas/Lead". */
export function fits(place: string, value: unknown): true | string {
  const validate = ajv.getSchema(`document#/${place}`)
  if (!validate) throw new Error(`the document has nothing at ${place}`)
  return validate(value) ? true : ajv.errorsText(validate.errors)
}

export function describedOf(operation: Operation) {
  return document.paths[operation.path]![operation.method]!
}

/** The name of the schema that a body must fit; null for an operation that takes none. */
export function bodySchemaOf(operation: Operation): string | null {
  const ref = describedOf(operation).requestBody?.content['application/json'].schema.$ref
  return typeof ref === 'string' ? ref.replace('#/components/schemas/', '') : null
}

export function bodyFieldsOf(operation: Operation): [name: string, schema: Schema][] {
  const name = bodySchemaOf(operation)
  return name === null
    ? []
    : Object.entries((document.components.schemas[name]?.properties ?? {}) as Record<string, Schema>)
}

export function queryParametersOf(operation: Operation): DescribedParameter[] {
  return describedOf(operation).parameters.filter(
    (parameter): parameter is DescribedParameter => 'in' in parameter && parameter.in === 'query',
  )
}

/** The ids of the document's examples are somebody else's: these are there. */
export function withRealIds(example: unknown, ids: Ids): unknown {
  if (Array.isArray(example)) return example.map((item) => withRealIds(item, ids))
  if (typeof example !== 'object' || example === null) return example
  return Object.fromEntries(
    Object.entries(example).map(([name, value]) => [
      name,
      typeof value === 'number' ? (idFor(name, ids) ?? value) : withRealIds(value, ids),
    ]),
  )
}

function idFor(field: string, ids: Ids): number | undefined {
  if (field === 'ownerId' || field === 'assigneeId') return ids.me
  const noun = /^(?:related)?(\w+)Id$/.exec(field)?.[1]
  return noun === undefined ? undefined : ids[`${noun.charAt(0).toLowerCase()}${noun.slice(1)}s`]
}

/** The operation's address for these records; the first part of the path says of which kind. */
export function addressOf({ path }: Operation, ids: Ids): string {
  return path.replace(/\{\w+\}/, (part) => {
    const kind = path.split('/')[1] ?? ''
    const id = ids[kind]
    if (id === undefined) throw new Error(`tests/conventions/site.ts makes no record of "${kind}" for ${path}`)
    return part === '{changeSet}' ? changeSetOf(id) : String(id)
  })
}

/** Sends the example, after what must have happened before. */
export async function sendExample(api: Program, operation: Operation, ids: Ids): Promise<Response> {
  await prepare(api, operation, ids)
  return ask(api, operation, ids, {})
}

export async function prepare(api: Program, operation: Operation, ids: Ids): Promise<void> {
  for (const id of operation.after ?? []) {
    const before = operations.find((each) => each.id === id)
    if (!before) throw new Error(`${operation.id} comes after ${id}, which does not exist`)
    const answer = await sendExample(api, before, ids)
    expect([answer.status, answer.body], id).toEqual([before.status, expect.anything()])
  }
}

interface Changes {
  query?: Record<string, string | string[]> | undefined
  body?: unknown
  headers?: Record<string, string>
  address?: string
}

/** The example, with something else in the place of its query or body. */
export function ask(api: Program, operation: Operation, ids: Ids, changes: Changes): Promise<Response> {
  const query = new URLSearchParams()
  const given = changes.query ?? operation.example.query ?? {}
  for (const [name, value] of Object.entries(given)) for (const each of [value].flat()) query.append(name, String(each))
  const address = `${changes.address ?? addressOf(operation, ids)}${query.size > 0 ? `?${query.toString()}` : ''}`
  const body = 'body' in changes ? changes.body : withRealIds(operation.example.body, ids)
  return operation.method === 'get'
    ? api.get(address, changes.headers)
    : api.send(operation.method, address, body, changes.headers)
}

/** What holds for every answer there is: its status is in the document, and it is what the document says of it. */
export function expectDescribed(operation: Operation, answer: Response): void {
  const { responses } = describedOf(operation)
  expect(Object.keys(responses).map(Number), `${operation.id}: ${answer.text}`).toContain(answer.status)
  expect(answer.status).toBeLessThan(500)
  if (answer.status >= 400) {
    expect(answer.type).toBe('application/problem+json')
    expect(fits('components/schemas/Problem', answer.body)).toBe(true)
    expect((answer.body as { status: number }).status).toBe(answer.status)
    return
  }
  expect(answer.type).toBe('application/json')
  const key = `paths/${operation.path.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}`
  expect(
    fits(`${key}/${operation.method}/responses/${answer.status}/content/application~1json/schema`, answer.body),
  ).toBe(true)
}

/** How much has been written to business tables so far. */
export async function written(): Promise<number> {
  const [row] = await db.query<{ last: number }>(sql`SELECT coalesce(max(id), 0)::int AS last FROM changes`)
  return row?.last ?? 0
}

/** Runs what must be refused with `status`, and store nothing. */
export async function expectRefused(
  operation: Operation,
  status: number | readonly number[],
  send: () => Promise<Response>,
): Promise<Response> {
  const before = await written()
  const answer = await send()
  expect([status].flat(), answer.text).toContain(answer.status)
  if (answer.status !== 401 || answer.text !== '') expectDescribed(operation, answer)
  expect(await written()).toBe(before)
  return answer
}
