import fc from 'fast-check'
import pg from 'pg'
import sql from 'sql-template-tag'
import { expect, test } from 'vitest'
import { instant } from '../../src/platform/database/pool.ts'
import { db } from '../support/database.ts'

const theirs = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => Date

test('any time of the years people write is read to the millisecond, as the driver reads it', () => {
  fc.assert(
    fc.property(
      fc.date({
        min: new Date('0100-01-01T00:00:00Z'),
        max: new Date('9999-12-31T23:59:59.999Z'),
        noInvalidDate: true,
      }),
      (date) => {
        const written = date.toISOString().replace('T', ' ').replace('Z', '+00')
        expect(instant(written)).toEqual(date)
        expect(theirs(written)).toEqual(date)
      },
    ),
  )
})

test('what a database writes is read, whatever it leaves out or adds', async () => {
  const [row] = await db.query<Record<string, unknown>>(sql`
    SELECT '2026-11-22 19:16:30+00'::timestamptz AS whole, '2026-11-22 19:16:30.1+00'::timestamptz AS tenths,
      '2026-11-22 19:16:30.123+00'::timestamptz(3) AS thousandths, '0044-03-15 12:00:00+00 BC'::timestamptz AS old,
      'infinity'::timestamptz AS never, '{}'::text[] AS none, ARRAY['a, b', 'c"d', ''] AS some`)

  expect(row).toEqual({
    whole: new Date('2026-11-22T19:16:30Z'),
    tenths: new Date('2026-11-22T19:16:30.100Z'),
    thousandths: new Date('2026-11-22T19:16:30.123Z'),
    old: new Date('-000043-03-15T12:00:00Z'),
    never: Infinity,
    none: [],
    some: ['a, b', 'c"d', ''],
  })
})
