import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Schema } from '../../src/platform/api/openapi.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Ids } from '../conventions/site.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { makeUser } from '../support/people.ts'
import {
  all,
  ask,
  bodyFieldsOf,
  bodySchemaOf,
  expectDescribed,
  expectRefused,
  fits,
  queryParametersOf,
  withRealIds,
  worldOf,
  written,
} from './contract.ts'

/** Values of every type, and some that no field can hold. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2_147_483_648,
  1e300,
  '',
  'text',
  '0x10',
  'a\0b',
  '\ud800',
  'x'.repeat(50_000),
  [],
  [null],
  ['text'],
  {},
  { id: 1 },
  { $ne: null },
]

const writes = all.filter(([, { method }]) => method !== 'get')
const ofRecords = all.filter(([, { path }]) => path.includes('{id}'))

let rosa: Account
let api: Program
let ids: Ids

beforeAll(async () => {
  rosa = await makeUser({ role: 'admin' })
  api = await program(rosa)
  ids = await worldOf(rosa)
})

describe('what is asked', () => {
  test.each(ofRecords)('%s: a record that is not there is not found', async (_, operation) => {
    for (const id of ['2147483647', '2147483648', '0', '-1', '1.5', '0x1', 'nothing', '%00', '1e3'])
      await expectRefused(operation, 404, () =>
        ask(api, operation, ids, { address: operation.path.replace('{id}', id) }),
      )
  })

  test.each(all)('%s: a parameter that there is not is refused', async (_, operation) => {
    const answer = await expectRefused(operation, 422, () => ask(api, operation, ids, { query: { nonsense: '1' } }))
    expect(Object.keys((answer.body as { errors: object }).errors)).toContain('nonsense')
  })

  test.each(all)('%s: a parameter of the wrong kind is refused, and none is a fault', async (_, operation) => {
    for (const { name, schema } of queryParametersOf(operation)) {
      for (const value of ['', 'nonsense', '-1', '0', '99999999999', '1.5', 'a\0b', 'x'.repeat(5_000), ['1', '2']]) {
        const before = await written()
        const answer = await ask(api, operation, ids, { query: { name: '', [name]: value } })
        expect(answer.status, `${name}=${String(value).slice(0, 20)}`).toBe(422)
        expectDescribed(operation, answer)

        const alone = await ask(api, operation, ids, { query: { [name]: value } })
        expectDescribed(operation, alone)
        if (Array.isArray(value) && schema.type !== 'array') expect(alone.status, `${name} twice`).toBe(422)
        expect(await written()).toBe(before)
      }
    }
  })

  test.each(writes)('%s: a body that is no object is refused', async (_, operation) => {
    for (const body of [[], [1], 'text', 1, true, null]) {
      await expectRefused(operation, 422, () => ask(api, operation, ids, { body }))
    }
  })

  test.each(writes)('%s: a field that there is not is refused, and named', async (_, operation) => {
    for (const field of ['nonsense', '__proto__', 'constructor', 'id', 'createdAt']) {
      const body = withRealIds(operation.example.body ?? {}, ids) as object
      const sent = JSON.stringify(body).replace(/^\{/, `{"${field}":1${Object.keys(body).length > 0 ? ',' : ''}`)
      const answer = await expectRefused(operation, 422, () =>
        ask(api, operation, ids, { body: sent, headers: { 'Content-Type': 'application/json' } }),
      )
      expect(Object.keys((answer.body as { errors: object }).errors)).toContain(field)
    }
  })

  test.each(writes)('%s: what is no JSON, another type, or too large is refused', async (_, operation) => {
    const send = (body: string, type: string) => ask(api, operation, ids, { body, headers: { 'Content-Type': type } })
    for (const text of ['{', '{"a":}', 'nonsense', '\ufeff{', "{'a': 1}"])
      await expectRefused(operation, 400, () => send(text, 'application/json'))
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])
      await expectRefused(operation, 415, () => send('a=1', type))
    await expectRefused(operation, 415, () => send('{}', 'application/json; charset=latin1'))
    await expectRefused(operation, 413, () => send(`"${'x'.repeat(17 * 1024 * 1024)}"`, 'application/json'))
  })

  test.each(writes)('%s: each field of the wrong type is refused, and named', async (_, operation) => {
    const example = withRealIds(operation.example.body ?? {}, ids) as Record<string, unknown>
    for (const [field, schema] of bodyFieldsOf(operation)) {
      for (const value of VALUES) {
        const body = { ...example, [field]: value }
        const place = `components/schemas/${bodySchemaOf(operation)}/properties/${field}`
        if (fits(place, value) === true || isTrimmed(schema, value)) continue
        const answer = await expectRefused(operation, 422, () => ask(api, operation, ids, { body }))
        const named = Object.keys((answer.body as { errors?: object }).errors ?? {})
        expect(
          named.some((name) => name === field || name.startsWith(`${field}.`)),
          `${field}: ${answer.text}`,
        ).toBe(true)
      }
    }
  })

  test.each(all)('%s: whoever takes no JSON gets none', async (_, operation) => {
    await expectRefused(operation, 406, () => ask(api, operation, ids, { headers: { Accept: 'text/html' } }))
  })
})

/** An empty text is nothing filled in, wherever nothing may be. */
function isTrimmed(schema: Schema, value: unknown): boolean {
  return value === '' && JSON.stringify(schema).includes('"null"')
}

describe('whatever is sent', () => {
  const json = fc.oneof(fc.constantFrom(...VALUES), fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary' }))

  test.each(writes)('%s: no fault, always JSON, and nothing stored by what is refused', async (_, operation) => {
    // Some of it is not refused, and deletes or archives what it is about.
    const world = await worldOf(rosa)
    const example = withRealIds(operation.example.body ?? {}, world) as Record<string, unknown>
    const names = [...bodyFieldsOf(operation).map(([name]) => name), 'other']
    const field = fc.tuple(fc.constantFrom(...names), json)
    const body = fc.oneof(
      json,
      fc.array(field, { maxLength: 4 }).map((fields) => ({ ...example, ...Object.fromEntries(fields) })),
      fc.array(field, { maxLength: 4 }).map((fields) => Object.fromEntries(fields)),
    )
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const before = await written()
        const answer = await ask(api, operation, world, { body: sent })
        expectDescribed(operation, answer)
        if (answer.status >= 400) expect(await written()).toBe(before)
      }),
      { numRuns: 25 },
    )
  })

  test.each(all.filter(([, operation]) => queryParametersOf(operation).length > 0))(
    '%s: no query is a fault',
    async (_, operation) => {
      const names = queryParametersOf(operation).map(({ name }) => name)
      const value = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('1', 'me', '-name', 'name', 'id,version', 'high', '2026-02-30'),
      )
      await fc.assert(
        fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 }), async (query) => {
          expectDescribed(operation, await ask(api, operation, ids, { query: { ...query } }))
        }),
        { numRuns: 40 },
      )
    },
  )
})
