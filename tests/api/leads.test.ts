import sql from 'sql-template-tag'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/platform/http/types.ts'
import { program } from '../support/api.ts'
import type { Program } from '../support/api.ts'
import { db, queriesOf } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'
import { makeLead } from '../support/records.ts'

let rosa: Account
let api: Program

beforeAll(async () => {
  rosa = await makeUser({ name: 'Rosa' })
  api = await program(rosa)
})

const ada = { firstName: 'Ada', lastName: 'Berg' }

async function countLeads(): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`SELECT count(*)::int AS count FROM leads`)
  return row?.count ?? 0
}

describe('one lead', () => {
  test('is created with what was said, and with what holds unless said otherwise', async () => {
    const made = await api.send('post', '/leads', { ...ada, estimatedValue: '1200.5' })
    const { status, headers } = made
    const body: unknown = made.body

    expect(status).toBe(201)
    expect(body).toMatchObject({ ...ada, estimatedValue: '1200.50', currencyCode: 'EUR', ownerId: rosa.id, version: 1 })
    expect(headers.location).toBe(`/api/v1/leads/${(body as { id: number }).id}`)
    expect(headers.etag).toBe('"1"')
  })

  test('in a PATCH null empties, what is absent stays, and equal values change nothing', async () => {
    const { id } = await makeLead(as(rosa), { email: 'emil@example.com', score: 40 })

    const emptied = await api.send('patch', `/leads/${id}`, { email: null })
    const again = await api.send('patch', `/leads/${id}`, { email: null, score: 40 })

    expect(emptied.body).toMatchObject({ email: null, score: 40, version: 2 })
    expect(again.body).toEqual(emptied.body)
  })

  test('its fields are told one by one', async () => {
    const answer = await api.send('post', '/leads', {
      firstName: '',
      email: 'nowhere',
      score: 101,
      tags: [''],
      other: 1,
    })

    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({
      type: '/api/docs#problem-invalid',
      title: 'Invalid input',
      status: 422,
      instance: expect.stringMatching(/^urn:uuid:/) as string,
      errors: {
        firstName: ['Please fill this in.'],
        lastName: ['Please fill this in.'],
        email: ['This is not an e-mail address, such as name@example.com.'],
        score: ['This must be at most 100.'],
        'tags.0': ['Please fill this in.'],
        other: ['There is no such field here.'],
      },
    })
  })

  test('a rule that is broken names its field', async () => {
    const answer = await api.send('post', '/leads', { ...ada, estimatedValue: '1.005' })

    expect([answer.status, answer.body]).toEqual([
      422,
      expect.objectContaining({ errors: { estimatedValue: ['EUR has at most 2 decimals.'] } }) as object,
    ])
  })

  test('a verb in a state that is not for it is a conflict', async () => {
    const { id } = await makeLead(as(rosa))
    expect((await api.send('post', `/leads/${id}/reopen`)).status).toBe(409)
    expect((await api.send('post', `/leads/${id}/mark-lost`, { lostReason: 'Budget' })).body).toMatchObject({
      status: 'lost',
      lostReason: 'Budget',
    })
    expect((await api.send('post', `/leads/${id}/mark-lost`, { lostReason: 'Again' })).status).toBe(409)
  })

  test('costs a read two statements, and a save no more than its page', async () => {
    const { id } = await makeLead(as(rosa))
    await api.get(`/leads/${id}`)
    const reading = await queriesOf(() => api.get(`/leads/${id}`))
    const saving = await queriesOf(() => api.send('patch', `/leads/${id}`, { score: 33 }))

    expect(reading).toHaveLength(2)
    const beside = /^\s*(BEGIN|COMMIT)|set_config|api_tokens/
    expect(saving.filter((statement) => !beside.test(statement)).length, saving.join('\n')).toBeLessThanOrEqual(5)
  })

  test('of eight programs that convert it at once, one does', async () => {
    const { id } = await makeLead(as(rosa))
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.send('post', `/leads/${id}/convert-to-deal`, { client: 'new' })),
    )

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(409)])
  })
})

test('a lead can be given away by whoever does not see it then', async () => {
  const emil = await makeUser({ visibility: 'own' })
  const his = await program(emil)
  const { id } = await makeLead(as(emil), { ownerId: emil.id })

  const given = await his.send('patch', `/leads/${id}`, { ownerId: rosa.id })

  expect([given.status, given.body]).toEqual([200, expect.objectContaining({ ownerId: rosa.id, version: 2 })])
  expect((await his.get(`/leads/${id}`)).status).toBe(404)
})

describe('the list', () => {
  let erik: Account
  let his: Program
  const names = Array.from({ length: 13 }, (_, index) => `Nr${String(index).padStart(2, '0')}`)

  beforeAll(async () => {
    erik = await makeUser({ visibility: 'own' })
    his = await program(erik)
    await makeLead(as(rosa), { ownerId: rosa.id, lastName: 'Not his' })
    for (const [index, lastName] of names.entries())
      await makeLead(as(erik), {
        lastName,
        score: index % 3 === 0 ? null : index,
        status: index < 5 ? 'contacted' : 'new',
      })
  })

  interface Page {
    data: { id: number; lastName: string }[]
    next: string | null
    previous: string | null
  }

  test.each(['name', '-name', 'score', '-score', 'created', '-updated', 'owner'])(
    'sorted by %s, holds each record once, forwards and backwards',
    async (sort) => {
      const all = (await his.get(`/leads?sort=${sort}&limit=200`)).body as Page
      const forwards: number[] = []
      let page: Page | undefined
      for (let cursor: string | null = ''; cursor !== null; cursor = page.next) {
        page = (await his.get(`/leads?sort=${sort}&limit=4${cursor && `&cursor=${cursor}`}`)).body as Page
        forwards.push(...page.data.map(({ id }) => id))
      }
      const backwards = page!.data.map(({ id }) => id).reverse()
      for (let cursor = page!.previous; cursor !== null; cursor = page.previous) {
        page = (await his.get(`/leads?sort=${sort}&limit=4&cursor=${cursor}`)).body as Page
        backwards.push(...page.data.map(({ id }) => id).reverse())
      }

      expect(forwards).toEqual(all.data.map(({ id }) => id))
      expect([...forwards].sort()).toHaveLength(names.length)
      expect(backwards).toEqual([...forwards].reverse())
    },
  )

  test('is followed by its links', async () => {
    const first = await his.get('/leads?limit=5&sort=name&status=contacted&fields=lastName')
    const second = await his.get('/leads?limit=2&sort=name&status=contacted&fields=lastName')
    const links = /<\/api\/v1([^>]+)>; rel="next"/.exec(second.headers.link as string)
    const third = await his.get(links![1]!)

    expect(first.headers.link).toBeUndefined()
    expect((first.body as Page).data).toEqual(names.slice(0, 5).map((lastName) => ({ lastName })))
    expect((third.body as Page).data).toEqual(names.slice(2, 4).map((lastName) => ({ lastName })))
    expect(third.headers.link).toMatch(/rel="next".*rel="prev"/)
  })

  test('finds by words and filters as the page does, and nothing that is not his', async () => {
    expect(((await his.get('/leads?q=nr07')).body as Page).data.map(({ lastName }) => lastName)).toEqual(['Nr07'])
    expect(((await his.get('/leads?score=none&limit=200')).body as Page).data).toHaveLength(5)
    expect(((await his.get('/leads?q=not+his')).body as Page).data).toEqual([])
    expect(((await api.get('/leads?q=not+his')).body as Page).data).toHaveLength(1)
  })

  test.each([
    'limit=0',
    'limit=201',
    'limit=1e2',
    'limit=',
    'sort=nonsense',
    'cursor=nonsense',
    'fields=nonsense',
    'status=x',
  ])('%s is refused', async (query) => {
    const answer = await his.get(`/leads?${query}`)
    expect([answer.status, Object.keys((answer.body as { errors: object }).errors)[0]]).toEqual([
      422,
      expect.stringContaining(query.split('=')[0]!) as string,
    ])
  })

  test('a cursor whose value is none of its type is refused', async () => {
    const cursor = Buffer.from(JSON.stringify([1, 5, 'no date'])).toString('base64url')
    expect((await his.get(`/leads?sort=created&cursor=${cursor}`)).status).toBe(422)
  })
})

describe('many leads', () => {
  interface Bulk {
    created: number
    updated: number
    unchanged: number
    refused: number
    items: { verdict: string; id: number; errors?: Record<string, string[]> }[]
  }
  const store = async (items: unknown[], more: object = {}) => {
    const answer = await api.send('post', '/leads/bulk', { items, ...more })
    return { status: answer.status, ...(answer.body as Bulk) }
  }

  test('each has a verdict of its own, and what is wrong with one keeps no other', async () => {
    const { items, ...counts } = await store([
      { ...ada, externalId: 'a-1' },
      { ...ada, email: 'nowhere' },
      { ...ada, estimatedValue: '1.005', currencyCode: 'EUR' },
      { ...ada, ownerId: 2_147_483_647 },
      { ...ada, other: 1 },
      { ...ada, externalId: 7 },
      ada,
    ])

    expect(counts).toEqual({ status: 200, created: 2, updated: 0, unchanged: 0, refused: 5 })
    expect(items.map(({ verdict, errors }) => [verdict, ...Object.keys(errors ?? {})])).toEqual([
      ['created'],
      ['refused', 'email'],
      ['refused', 'estimatedValue'],
      ['refused', 'ownerId'],
      ['refused', 'other'],
      ['refused', 'externalId'],
      ['created'],
    ])
  })

  test('a name that cannot be stored is refused with its item, and keeps no other', async () => {
    const bad = ['a\u0000b', '\ud800', '', 'x'.repeat(201)]
    const { status, items } = await store([
      { ...ada, externalId: 'odd-1' },
      ...bad.map((externalId) => ({ ...ada, externalId })),
    ])
    const together = await api.send('post', '/leads/bulk', {
      atomic: true,
      items: [ada, { ...ada, externalId: 'a\u0000b' }],
    })

    expect([status, items[0]?.verdict]).toEqual([200, 'created'])
    expect(items.slice(1).map(({ verdict, errors }) => [verdict, ...Object.keys(errors ?? {})])).toEqual(
      bad.map(() => ['refused', 'externalId']),
    )
    expect(together.status).toBe(422)
    expect(Object.keys((together.body as { errors: object }).errors)).toEqual(['items.1.externalId'])
  })

  test('what has an external id is made once, and then changed', async () => {
    const first = await store([{ ...ada, externalId: 'b-1', score: 10 }])
    const second = await store([
      { externalId: 'b-1', score: 20 },
      { externalId: 'b-1', score: 20 },
    ])
    const third = await store([{ externalId: 'b-1', score: 20 }])

    const { id } = first.items[0]!
    expect(second.items.map((item) => item.id)).toEqual([id, id])
    expect([first.created, third.unchanged]).toEqual([1, 1])
    expect([second.updated, second.unchanged]).toEqual([1, 1])
    expect((await api.get(`/leads/${id}`)).body).toMatchObject({ ...ada, score: 20, version: 2 })
  })

  test('is unchanged by what says the same, whatever others in the request do to it', async () => {
    const { items, ...counts } = await store([
      { ...ada, externalId: 'u-1', score: 10 },
      { externalId: 'u-1', score: 10 },
      { externalId: 'u-1', score: 20 },
      { externalId: 'u-1', score: 20 },
      { externalId: 'u-1', score: 10 },
    ])

    expect(counts).toMatchObject({ created: 1, updated: 2, unchanged: 2, refused: 0 })
    expect(items.map(({ verdict }) => verdict)).toEqual(['created', 'unchanged', 'updated', 'unchanged', 'updated'])
  })

  test('twice in one request is one record', async () => {
    const { items } = await store([
      { ...ada, externalId: 'c-1' },
      { externalId: 'c-1', score: 50 },
    ])

    expect(items.map(({ verdict }) => verdict)).toEqual(['created', 'updated'])
    expect(items[0]!.id).toBe(items[1]!.id)
  })

  test('all or nothing, when asked for: nothing is stored, and the items are named', async () => {
    const before = await countLeads()
    const answer = await api.send('post', '/leads/bulk', {
      atomic: true,
      items: [
        { ...ada, externalId: 'd-1' },
        { ...ada, email: 'nowhere' },
        { externalId: 'd-1', ownerId: 2_147_483_647 },
      ],
    })

    expect(answer.status).toBe(422)
    expect(Object.keys((answer.body as { errors: object }).errors)).toEqual(['items.1.email', 'items.2.ownerId'])
    expect(await countLeads()).toBe(before)
    expect((await store([{ ...ada, externalId: 'd-1' }])).created).toBe(1)
  })

  test('eight programs that bring the same new record at once make one', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => store([{ ...ada, externalId: 'e-1' }])))

    expect(new Set(answers.map(({ items }) => items[0]!.id)).size).toBe(1)
    expect(answers.map(({ created }) => created).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
  })

  test('an external id is of one user: another may use the same', async () => {
    const emil = await program(await makeUser({ visibility: 'own' }))
    const mine = await store([{ ...ada, externalId: 'f-1' }])
    const his = await emil.send('post', '/leads/bulk', { items: [{ ...ada, externalId: 'f-1' }] })

    expect((his.body as Bulk).items[0]!.id).not.toBe(mine.items[0]!.id)
  })

  test('what has gone out of sight is not changed by its name', async () => {
    const emil = await makeUser({ visibility: 'own' })
    const hisProgram = await program(emil)
    const made = await hisProgram.send('post', '/leads/bulk', { items: [{ ...ada, externalId: 'g-1' }] })
    const { id } = (made.body as Bulk).items[0]!
    await api.send('patch', `/leads/${id}`, { ownerId: rosa.id })
    const again = await hisProgram.send('post', '/leads/bulk', { items: [{ externalId: 'g-1', score: 1 }] })

    expect((again.body as Bulk).items[0]).toMatchObject({ verdict: 'refused' })
    expect((await api.get(`/leads/${id}`)).body).toMatchObject({ score: null })
  })

  test('a thousand and one are too many', async () => {
    expect((await store(Array.from({ length: 1_001 }, () => ada))).status).toBe(422)
    expect((await store([])).status).toBe(422)
  })

  test('a thousand are stored in one request', async () => {
    const items = Array.from({ length: 1_000 }, (_, index) => ({
      ...ada,
      externalId: `k-${index}`,
      score: index % 100,
    }))
    const before = Date.now()
    const first = await store(items)
    const between = Date.now()
    const second = await store(items)
    if (process.env.SHOW_TIMES) process.stdout.write(`${between - before} ms, again ${Date.now() - between} ms\n`)

    expect([first.created, second.unchanged]).toEqual([1_000, 1_000])
  })
})
