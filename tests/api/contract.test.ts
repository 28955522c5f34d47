import { Validator } from '@seriousme/openapi-schema-validator'
import request from 'supertest'
import { beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../src/api.ts'
import type { Operation } from '../../src/platform/api/operation.ts'
import { AREAS } from '../../src/features/tokens/schema.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Ids } from '../conventions/site.ts'
import { program, programWith } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { app, browse } from '../support/browse.ts'
import { makeUser } from '../support/people.ts'
import {
  addressOf,
  all,
  ask,
  bodySchemaOf,
  describedOf,
  document,
  expectDescribed,
  expectRefused,
  fits,
  prepare,
  worldOf,
  written,
} from './contract.ts'

let rosa: Account
let api: Program
let ids: Ids

beforeAll(async () => {
  rosa = await makeUser({ role: 'admin' })
  api = await program(rosa)
  ids = await worldOf(rosa)
})

describe('the document', () => {
  test('is OpenAPI 3.1', async () => {
    expect(await new Validator().validate(structuredClone(document) as never)).toEqual({ valid: true })
  })

  test('names each operation once, in an area that tokens know', () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
    expect(operations.filter(({ area }) => !(AREAS as readonly string[]).includes(area))).toEqual([])
  })

  test.each(all)('%s: its examples fit its schemas', (_, operation) => {
    const name = bodySchemaOf(operation)
    if (name && operation.example.body) expect(fits(`components/schemas/${name}`, operation.example.body)).toBe(true)
    const answers = Object.entries(document.components.schemas).flatMap(([schema, { examples }]) =>
      ((examples ?? []) as unknown[]).map((example) => [schema, example] as const),
    )
    for (const [schema, example] of answers) expect(fits(`components/schemas/${schema}`, example), schema).toBe(true)
  })

  test.each(all)('%s: every problem that it names has an example', (_, operation) => {
    for (const [status, response] of Object.entries(describedOf(operation).responses)) {
      if (Number(status) < 400) continue
      const name = (response as { $ref: string }).$ref.split('/').at(-1) ?? ''
      const { content } = document.components.responses[name] as {
        content: { 'application/problem+json': { example: { status: number } } }
      }
      const { example } = content['application/problem+json']
      expect([fits('components/schemas/Problem', example), example.status]).toEqual([true, Number(status)])
    }
  })
})

describe('the example', () => {
  test.each(all)('%s: does what it says', async (_, operation) => {
    const world = await worldOf(rosa)
    await prepare(api, operation, world)
    const before = await written()
    const answer = await ask(api, operation, world, {})

    expect([answer.status, answer.body]).toEqual([operation.status, expect.anything()])
    expectDescribed(operation, answer)
    if (operation.access === 'read') expect(await written()).toBe(before)
    else expect(await written()).toBeGreaterThan(before)
    const { version } = answer.body as { version?: number }
    expect(answer.headers.etag).toBe(version === undefined ? undefined : `"${version}"`)
    if (operation.status === 201) {
      const found = await api.get(String(answer.headers.location).replace('/api/v1', ''))
      expect(found.body).toEqual(answer.body)
    }
  })
})

describe('who asks', () => {
  test.each(all)('%s: without a token, or with a wrong one, nobody', async (_, operation) => {
    for (const token of ['', 'x', 'dw_', `dw_${'a'.repeat(43)}`]) {
      const answer = await expectRefused(operation, 401, () => ask(programWith(token), operation, ids, {}))
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
    }
  })

  test.each(all)('%s: a session and a token in the address are not asked', async (_, operation) => {
    const visitor = await browse(rosa)
    const address = `/api/v1${addressOf(operation, ids)}`
    const byCookie = await (operation.method === 'get' ? visitor.get(address) : visitor.post(address))
    const inAddress = await request(app)[operation.method](`${address}?access_token=${api.token}&token=${api.token}`)

    // A form can only be posted.
    expect(byCookie.status).toBe(['patch', 'delete'].includes(operation.method) ? byCookie.status : 401)
    expect([401, 405]).toContain(byCookie.status)
    expect(inAddress.status).toBe(401)
  })

  test.each(all)('%s: a token for everything else is not allowed', async (_, operation) => {
    const others = AREAS.filter((area) => area !== operation.area).map((area) => `${area}:write` as const)
    const elsewhere = await program(rosa, others)
    await expectRefused(operation, 403, () => ask(elsewhere, operation, ids, {}))
    if (operation.access !== 'write') return
    const reader = await program(rosa, ['*:read'])
    await expectRefused(operation, 403, () => ask(reader, operation, ids, {}))
  })

  test.each(all)('%s: a token for just this is enough', async (_, operation) => {
    const just = await program(rosa, [`${operation.area as (typeof AREAS)[number]}:${operation.access}`])

    await expectRefused(operation, 422, () => ask(just, operation, ids, { query: { nonsense: '1' } }))
  })
})

test('a broken operation would be noticed', () => {
  const [, operation] = all[0] as readonly [string, Operation]
  const answer = { status: 418, text: '', type: 'text/plain', body: {} } as never
  expect(() => expectDescribed(operation, answer)).toThrow()
})
