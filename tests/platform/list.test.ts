import fc from 'fast-check'
import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { COUNT_BOUND } from '../../src/platform/list-count.ts'
import { PAGE_SIZE, defineList } from '../../src/platform/list.ts'
import type { ListPage } from '../../src/platform/list.ts'
import { searchWords } from '../../src/platform/list-search.ts'
import { by } from '../../src/platform/list-order.ts'
import { Id } from '../../src/platform/validation.ts'
import { db, queriesOf } from '../support/database.ts'
import { system } from '../support/people.ts'

interface Thing {
  id: number
  first: string
  last: string
}

const things = defineList<Thing>()({
  columns: sql`t.id, t.first, t.last`,
  from: sql`things t`,
  key: sql`t.id`,
  filter: z.object({ last: z.enum(['a', 'b']).optional(), above: Id.optional() }),
  where: ({ last, above }) => [last && sql`t.last = ${last}`, above !== undefined && sql`t.id > ${above}`],
  search: (pattern) => sql`search_fold(t.first) LIKE ${pattern}`,
  sorts: {
    name: by([sql`lower(t.last)`, sql`lower(t.first)`], 'text'),
    note: by(sql`t.note`, 'text', { nullable: true }),
    amount: by(sql`t.amount`, 'numeric', { nullable: true }),
    score: by(sql`t.score`, 'integer', { nullable: true }),
    day: by(sql`t.day`, 'date', { nullable: true }),
    made: by(sql`t.made`, 'timestamptz'),
  },
  defaultSort: '-made',
})

/** The order each sort promises: empty values last in both directions, the id as the last key. */
const ORDERS: Record<string, (direction: string) => string> = {
  name: (direction) => `lower(last) ${direction}, lower(first) ${direction}`,
  note: (direction) => `note ${direction} NULLS LAST`,
  amount: (direction) => `amount ${direction} NULLS LAST`,
  score: (direction) => `score ${direction} NULLS LAST`,
  day: (direction) => `day ${direction} NULLS LAST`,
  made: (direction) => `made ${direction}`,
}

beforeAll(async () => {
  await db.pool.query(`
    CREATE TABLE things (
      id integer PRIMARY KEY, first text NOT NULL, last text NOT NULL, note text, amount numeric(18, 4), score integer, day date,
      made timestamptz(3) NOT NULL)`)
})

beforeEach(async () => {
  await db.pool.query('TRUNCATE things')
})

const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((value) => !value.includes('\0') && value.isWellFormed())
const thing = fc.record({
  // Few different values: ties are where paging loses rows.
  first: fc.oneof(fc.constantFrom('a', 'A', 'b', 'ä'), text),
  last: fc.constantFrom('a', 'B', ''),
  note: fc.option(fc.oneof(fc.constantFrom('', 'x'), text), { freq: 2 }),
  amount: fc.option(fc.constantFrom('0', '0.0001', '99999999999999.9999', '-5', '10', '9'), { freq: 2 }),
  score: fc.option(fc.constantFrom(-1, 0, 7, 2_147_483_647), { freq: 2 }),
  day: fc.option(fc.constantFrom('2024-02-29', '2026-01-01', '1999-12-31'), { freq: 2 }),
  made: fc.constantFrom(
    '2026-03-29T01:59:59.999Z',
    '2026-03-29T01:59:59.998Z',
    '2026-10-25T00:30:00.000Z',
    '0099-01-01T00:00:00.000Z',
  ),
})

describe.each(Object.keys(ORDERS).flatMap((name) => [name, `-${name}`]))('paging by %s', (sort) => {
  test('shows every row exactly once, in order, forwards and backwards', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { minLength: 0, maxLength: 3.2 * PAGE_SIZE, size: 'max' }), async (rows) => {
        await fill(rows)
        const direction = sort.startsWith('-') ? 'DESC' : 'ASC'
        const order = ORDERS[sort.replace('-', '')]?.(direction) ?? ''
        const expected = (
          await db.pool.query<{ id: number }>(`SELECT id FROM things ORDER BY ${order}, id ${direction}`)
        ).rows.map(({ id }) => id)

        const forwards = await walk(`?sort=${sort}`, 'next')
        expect(forwards.flatMap(idsOf)).toEqual(expected)
        expect(forwards.every(({ total }) => total.count === rows.length && !total.more)).toBe(true)

        const last = forwards.at(-1)
        const backwards = last?.previous
          ? [last, ...(await walk(last.previous, 'previous'))]
          : [last as ListPage<Thing>]
        expect(backwards.toReversed().flatMap(idsOf)).toEqual(expected)
        expect(backwards.at(-1)?.previous ?? null).toBeNull()
      }),
      { numRuns: 8, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: true },
    )
  })
})

test('a page costs two queries however many rows there are, with a cursor too', async () => {
  await fill(Array.from({ length: 120 }, (_, index) => row({ first: `n${index}` })))
  const first = await show('?sort=score')

  expect(await queriesOf(() => show('?sort=score'))).toHaveLength(2)
  expect(await queriesOf(() => show(first.next ?? ''))).toHaveLength(2)
})

test('rows that others add or remove meanwhile neither repeat nor hide the rest', async () => {
  await fill(
    Array.from({ length: 100 }, (_, index) => row({ made: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString() })),
  )
  const first = await show('?sort=made')
  await db.pool.query(`DELETE FROM things WHERE id IN (1, 50)`)
  await db.pool.query(`INSERT INTO things (id, first, last, made) VALUES (1000, 'new', 'a', '2025-12-31')`)

  const second = await show(first.next ?? '')

  expect(idsOf(second)).toEqual(Array.from({ length: 50 }, (_, index) => 51 + index))
})

test('what was typed is searched literally, word by word, without case and accents', async () => {
  await fill(
    ['50% off', '50 off', 'snake_case', 'snakeXcase', 'back\\slash', "O'Brien", 'Zoë Müller', 'a"b'].map((first) =>
      row({ first }),
    ),
  )
  const found = async (q: string) => (await show(`?q=${encodeURIComponent(q)}`)).rows.map(({ first }) => first).sort()

  expect(await found('50%')).toEqual(['50% off'])
  expect(await found('%')).toEqual(['50% off'])
  expect(await found('e_c')).toEqual(['snake_case'])
  expect(await found('\\')).toEqual(['back\\slash'])
  expect(await found("o'b")).toEqual(["O'Brien"])
  expect(await found('a"b')).toEqual(['a"b'])
  expect(await found('muller ZOE')).toEqual(['Zoë Müller'])
  expect(await found('zoë 50')).toEqual([])
  expect(await found('\0')).toHaveLength(8)
  expect(things.parse({ q: 'a\ud800' }).q).toBe('a\ufffd')
})

test.each([
  ['Berg, Jean', ['Berg', 'Jean']],
  ['Smith , John;Ada', ['Smith', 'John', 'Ada']],
  ['forklifts,10', ['forklifts', '10']],
  ['(forklifts) "ten forklifts"', ['forklifts', 'ten', 'forklifts']],
  ['„zehn“ «dix» ‘ten’ ten!', ['zehn', 'dix', 'ten', 'ten']],
  ['李娜，王伟 「科技」', ['李娜', '王伟', '科技']],
  ['a.b@c.example, www.c.example', ['a.b@c.example', 'www.c.example']],
  // What belongs to a word stays.
  ["C++ R&D O'Brien A/B a_b 50%", ['C++', 'R&D', "O'Brien", 'A/B', 'a_b', '50%']],
  ['1,5 12.000 12.000, 030/12-3 +49', ['1,5', '12.000', '12.000', '030/12-3', '+49']],
  ['Acme Inc. S.A. Müller - Söhne', ['Acme', 'Inc.', 'S.A.', 'Müller', '-', 'Söhne']],
  // Marks alone are what is looked for.
  ['((', ['((']],
  ['" ,', ['"', ',']],
  [' ', []],
])('the words of %s', (q, words) => {
  expect(searchWords(q)).toEqual(words)
})

describe('a nonsense parameter falls back to the default', () => {
  const params = (query: string) => things.parse(Object.fromEntries(new URLSearchParams(query)))

  test.each(['sort=nothing', 'sort=', 'sort=--made', 'sort=constructor', 'sort=-__proto__', 'sort=made;DROP'])(
    '%s',
    (query) => {
      expect(params(query).sort).toBe('-made')
    },
  )

  test.each(['last=c', 'last=', 'above=x', 'above=-1', 'above=99999999999', 'above=1e3', 'above=0x10', 'unknown=1'])(
    '%s',
    (query) => {
      expect(params(query).filters).toEqual({})
    },
  )

  test('repeated parameters, which arrive as lists', () => {
    expect(things.parse({ q: ['a', 'b'], sort: ['made'], last: ['a'], cursor: ['x'] })).toEqual({
      q: '',
      sort: '-made',
      filters: {},
      cursor: null,
    })
  })

  test('sensible ones are taken', () => {
    expect(params('q= a  b &sort=-name&last=b&above=12')).toEqual({
      q: 'a  b',
      sort: '-name',
      filters: { last: 'b', above: 12 },
      cursor: null,
    })
  })

  const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  test.each([
    ['no base64', '!!!'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['no list', cursor({ a: 1 })],
    ['too few values', cursor([1, 5])],
    ['too many values', cursor([1, 5, '2026-01-01', 'x'])],
    ['an id beyond all ids', cursor([1, 99_999_999_999, '2026-01-01'])],
    ['an id that is none', cursor([1, 'x', '2026-01-01'])],
    ['an empty value in a sort that has none', cursor([1, 5, null])],
    ['a NUL', cursor([1, 5, '\0'])],
    ['half a surrogate pair', cursor([1, 5, '\ud800'])],
    ['a value of another type', cursor([1, 5, 'not a time'])],
    ['a time that never was', cursor([1, 5, '2026-02-31 00:00:00+00'])],
    ['a place behind the last row', cursor([1, 5, '0001-01-01 00:00:00+00'])],
    ['much too long', 'a'.repeat(5_000)],
  ])('a cursor with %s shows the first page', async (_, text) => {
    await fill([row({}), row({}), row({})])

    const page = await show(`?cursor=${text}`)

    expect(idsOf(page)).toEqual([3, 2, 1])
    expect([page.previous, page.next]).toEqual([null, null])
  })
})

test('a filter narrows the list and its count, and stays in the links', async () => {
  await fill(Array.from({ length: 130 }, (_, index) => row({ last: index % 2 ? 'a' : 'b', first: 'x & y' })))

  const page = await show('?last=a&q=x+%26&sort=name')

  expect(page.total).toEqual({ count: 65, more: false })
  expect(page.rows).toHaveLength(50)
  const next = new URLSearchParams(page.next ?? '')
  expect([next.get('last'), next.get('q'), next.get('sort')]).toEqual(['a', 'x &', 'name'])
  expect(page.href({ sort: '-made', last: null })).toBe('?q=x+%26&sort=-made')
})

test('beyond the bound the count is "more than"', async () => {
  await db.pool.query(
    `INSERT INTO things (id, first, last, made) SELECT n, 'x', 'a', now() FROM generate_series(1, $1) n`,
    [COUNT_BOUND + 5],
  )

  expect((await show('?last=a')).total).toEqual({ count: COUNT_BOUND, more: true })
})

describe('what is searched for is counted', () => {
  const selects = (statements: readonly string[]) => statements.filter((statement) => statement.includes('things'))

  test('with the page, where it is rare: on the first page, behind it, and where there is nothing', async () => {
    await fill(
      Array.from({ length: 7_000 }, (_, index) => row({ first: index % 100 ? 'x' : 'rare', note: `${index}` })),
    )
    let pages: ListPage<Thing>[] = []

    const statements = selects(await queriesOf(async () => void (pages = await walk('?q=rare', 'next'))))

    expect(statements).toHaveLength(2)
    expect(pages.map(({ rows, total }) => [rows.length, total.count, total.more])).toEqual([
      [50, 70, false],
      [20, 70, false],
    ])
    expect((await show('?q=nowhere')).total).toEqual({ count: 0, more: false })
    expect(await walk(pages[1]?.previous ?? '', 'previous')).toMatchObject([{ total: { count: 70, more: false } }])
  })

  test('apart, where it is frequent, and no further than a thousand', async () => {
    await fill(Array.from({ length: 1_500 }, () => row({ first: 'frequent' })))
    let total: unknown

    const statements = selects(await queriesOf(async () => void ({ total } = await show('?q=frequent'))))

    expect(statements).toHaveLength(2)
    expect(total).toEqual({ count: 1_000, more: true })
  })

  test('in an order of groups, and for a cursor that leads nowhere, too', async () => {
    await fill(Array.from({ length: 300 }, (_, index) => row({ first: index % 3 ? 'x' : 'rare' })))

    expect((await show('?q=rare&sort=score')).total.count).toBe(100)
    expect((await show('?q=rare&cursor=nonsense')).total.count).toBe(100)
  })
})

interface Row {
  first: string
  last: string
  note: string | null
  amount: string | null
  score: number | null
  day: string | null
  made: string
}

function row(overrides: Partial<Row>): Row {
  return {
    first: 'x',
    last: 'a',
    note: null,
    amount: null,
    score: null,
    day: null,
    made: '2026-01-01T00:00:00Z',
    ...overrides,
  }
}

async function fill(rows: readonly Row[]): Promise<void> {
  await db.pool.query('TRUNCATE things')
  await db.pool.query(
    `INSERT INTO things SELECT t.* FROM jsonb_to_recordset($1) AS t (
       id integer, first text, last text, note text, amount numeric, score integer, day date, made timestamptz)`,
    [JSON.stringify(rows.map((one, index) => ({ id: index + 1, ...one })))],
  )
}

function show(query: string): Promise<ListPage<Thing>> {
  return things.fetch(system, things.parse(Object.fromEntries(new URLSearchParams(query))))
}

/** All pages in one direction, the first of them included. */
async function walk(start: string, direction: 'next' | 'previous'): Promise<ListPage<Thing>[]> {
  const pages = []
  for (let link: string | null = start; link !== null;) {
    const page: ListPage<Thing> = await show(link)
    pages.push(page)
    link = page[direction]
    if (pages.length > 10) throw new Error(`there is no end to "${direction}"`)
  }
  return pages
}

function idsOf(page: ListPage<Thing>): number[] {
  return page.rows.map(({ id }) => id)
}
