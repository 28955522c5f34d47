import { beforeAll, describe, expect, test } from 'vitest'
import { requireBounded } from '../../src/platform/api/bounds.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { makeUser } from '../support/people.ts'

interface Refused {
  detail: string
  errors: Record<string, string[]>
}
interface Bulk {
  refused: number
  items: Refused[]
}

let api: Program
beforeAll(async () => {
  api = await program(await makeUser())
})

const ada = { firstName: 'Ada', lastName: 'Berg' }
const unknown = (count: number, name = 'unknown') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, 1]))
const MORE = ['More is wrong than can be told here.']
const UNKNOWN = ['There is no such field here.']

const bulk = async (items: unknown, more: object = {}) => {
  const answer = await api.send('post', '/leads/bulk', { items, ...more })
  return { status: answer.status, size: answer.text.length, body: answer.body as Bulk & Refused }
}

describe('what is wrong is told', () => {
  test('of one record up to twenty fields, and that there are more', async () => {
    const twenty = await api.send('post', '/leads', { ...ada, ...unknown(20) })
    const more = await api.send('post', '/leads', { ...ada, ...unknown(21) }, { 'Accept-Language': 'de' })

    expect(Object.keys((twenty.body as Refused).errors)).toEqual(Object.keys(unknown(20)))
    expect(Object.keys((more.body as Refused).errors)).toEqual([...Object.keys(unknown(20)), 'body'])
    expect((more.body as Refused).errors.body).toEqual(['Es stimmt noch mehr nicht, als hier gesagt werden kann.'])
  })

  test('under names that are not longer than any name', async () => {
    const answer = await api.send('post', '/leads', { ...ada, ['x'.repeat(500_000)]: 1 })

    expect((answer.body as Refused).errors).toEqual({ [`${'x'.repeat(100)}…`]: UNKNOWN })
  })

  test('of a query as of a body', async () => {
    const query = new URLSearchParams(Object.keys(unknown(30)).map((name): [string, string] => [name, '1']))
    const answer = await api.get(`/leads?${query.toString()}`)
    const { errors } = answer.body as Refused

    expect([answer.status, Object.keys(errors).length]).toEqual([422, 21])
    expect(errors.query).toEqual(MORE)
  })

  test('of a thousand items, as long as it is of use, and no answer is larger for it', async () => {
    const items = Array.from({ length: 1_000 }, () => ({ ...ada, ...unknown(90, 'unknown'.repeat(13)) }))
    const { status, size, body } = await bulk(items)

    expect([status, body.refused]).toEqual([200, 1_000])
    expect(Object.keys(body.items[0]!.errors)).toHaveLength(21)
    expect(body.items.at(-1)!.errors).toEqual({ body: MORE })
    expect(size).toBeLessThan(500_000)
  })

  test('of a thousand items that go together, by the same measure', async () => {
    const items = Array.from({ length: 1_000 }, () => ({ ...ada, ...unknown(90) }))
    const { status, size, body } = await bulk(items, { atomic: true })

    expect([status, body.errors['items.0.unknown0'], body.errors['items.999.body']]).toEqual([422, UNKNOWN, MORE])
    expect(size).toBeLessThan(500_000)
  })

  test('of each item, where each has one field that is wrong', async () => {
    const { body } = await bulk(Array.from({ length: 1_000 }, () => ({ ...ada, email: 'nowhere' })))

    expect(new Set(body.items.map(({ errors }) => Object.keys(errors).join()))).toEqual(new Set(['email']))
  })
})

describe('what is refused as it stands', () => {
  test('a record of more fields than there are', async () => {
    const one = await api.send('post', '/leads', { ...ada, ...unknown(201) })
    const { body } = await bulk([ada, { ...ada, ...unknown(201) }])
    const together = await bulk([ada, unknown(201)], { atomic: true })

    const errors = ['These are too many fields: at most 200.']
    expect([one.status, (one.body as Refused).errors]).toEqual([422, { body: errors }])
    expect(body.items).toMatchObject([{ verdict: 'created' }, { verdict: 'refused', errors: { body: errors } }])
    expect([together.status, together.body.errors]).toEqual([422, { 'items.1.body': errors }])
  })

  test('more items, or tags, than any list takes: their kinds are not looked at', async () => {
    const items = await bulk(Array<number>(1_001).fill(1))
    const tags = await bulk([{ ...ada, tags: Array<number>(1_001).fill(1) }])
    const kinds = await bulk([ada, 1, []])

    expect(kinds.body.errors).toEqual({
      'items.1': ['This must be a JSON object.'],
      'items.2': ['This must be a JSON object.'],
    })
    expect([items.status, items.body.errors]).toEqual([422, { items: ['At most 1000 of them.'] }])
    expect(tags.body.items[0]!.errors).toEqual({ tags: ['At most 1000 of them.'] })
  })

  test('a body with more values than any request needs, or deeper than any, before it is parsed', async () => {
    const answers = [
      await api.send('post', '/leads', unknown(2_000)),
      await api.send('post', '/leads/bulk', { items: Array<number>(100_000).fill(1) }),
      await api.send('post', '/leads/bulk', `{"items":[${'['.repeat(1_000_000)}`, {
        'Content-Type': 'application/json',
      }),
      await api.send('post', '/leads/bulk', {
        items: [{ ...ada, notes: JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown }],
      }),
    ]

    expect(answers.map(({ status, type }) => [status, type])).toEqual(
      Array.from({ length: 4 }, () => [413, 'application/problem+json']),
    )
    expect((answers[0]!.body as Refused).detail).toBe(
      'The body has more values than any request needs, or they are nested too deeply.',
    )
  })

  test('no text, whatever it holds', async () => {
    const notes = `${'[{,'.repeat(3_000)} \\" ${'"['.repeat(3_000)} \\`
    const answer = await api.send('post', '/leads', { ...ada, notes })

    expect([answer.status, (answer.body as { notes: string }).notes]).toEqual([201, notes])
  })
})

test('values are counted to the one', () => {
  const body = Buffer.from('{"a":[1,2,{"b":"]}],,\\"[["}],"c":{}}')

  expect(() => requireBounded(body, 8)).not.toThrow()
  expect(() => requireBounded(body, 7)).toThrow()
})
