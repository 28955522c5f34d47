import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { RuleViolation } from '../../src/platform/errors.ts'
import {
  CalendarDate,
  Currency,
  Email,
  Id,
  Money,
  Percent,
  RequiredText,
  Submission,
  Tags,
  Text,
  fromForm,
  problemsOf,
  requireCurrencyDecimals,
} from '../../src/platform/validation.ts'

const Thing = z.object({
  name: RequiredText(10),
  note: Text(20).nullable().optional(),
  amount: Money.nullable().optional(),
  share: Percent.nullable().optional(),
  tags: Tags.optional(),
  isOpen: z.boolean().optional(),
  kind: z.enum(['one', 'two']).optional(),
})

describe('a form becomes the JSON types of its schema', () => {
  test('strings to what they stand for', () => {
    const sent = {
      name: ' Rosa ',
      note: 'a\r\nb',
      amount: '1 200,50',
      share: '40',
      tags: 'a, b ,,a',
      isOpen: 'on',
      kind: 'one',
    }

    expect(fromForm(Thing, sent)).toEqual({
      name: ' Rosa ',
      note: 'a\nb',
      amount: '1200.50',
      share: 40,
      tags: ['a', 'b', 'a'],
      isOpen: true,
      kind: 'one',
    })
    expect(Thing.parse(fromForm(Thing, sent))).toMatchObject({ name: 'Rosa', tags: ['a', 'b'] })
  })

  test('an emptied field is cleared, a field that was not sent stays as it is, and so does nothing else', () => {
    expect(fromForm(Thing, { name: 'Rosa', note: '  ', amount: '', tags: '' })).toEqual({
      name: 'Rosa',
      note: null,
      amount: null,
      tags: [],
      isOpen: false,
    })
  })

  test('fields the schema does not know are left out', () => {
    expect(
      fromForm(Thing, { name: 'Rosa', role: 'admin', _csrf: 'x', __proto__: { note: 'x' }, constructor: 'x' }),
    ).toEqual({
      name: 'Rosa',
      isOpen: false,
    })
  })

  test('numbers are digits only: nothing else is taken for one', () => {
    for (const share of ['0x10', '1e2', '-0', '4.0', '4,0', '+4', 'Infinity', 'NaN', '٤', '1 0', '9'.repeat(16)]) {
      expect(fromForm(Thing, { name: 'x', share }).share, share).toBe(share)
      expect(Thing.safeParse(fromForm(Thing, { name: 'x', share })).success, share).toBe(false)
    }
    expect(fromForm(Thing, { name: 'x', share: '007' }).share).toBe(7)
    expect(Thing.safeParse({ name: 'x', share: -1 }).success).toBe(false)
    expect(Thing.safeParse({ name: 'x', share: 101 }).success).toBe(false)
  })

  test('an amount is never guessed at', () => {
    const accepted = (amount: string) => {
      const read = Thing.safeParse(fromForm(Thing, { name: 'x', amount }))
      return read.success ? read.data.amount : 'refused'
    }
    expect(['12', '12.5', '12,5', "1'000.50", '1\u202f000,5', '0'].map(accepted)).toEqual([
      '12',
      '12.5',
      '12.5',
      '1000.50',
      '1000.5',
      '0',
    ])
    expect(
      [
        '1,234.50',
        '1.234,50',
        '-1',
        '+1',
        '1e3',
        '0x1',
        'NaN',
        'Infinity',
        '.5',
        '5.',
        '1.00001',
        '100000000000000',
        'twelve',
      ].map(accepted),
    ).toEqual(Array.from({ length: 13 }, () => 'refused'))
  })

  test('whatever is sent, reading it never throws', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('name', 'note', 'amount', 'share', 'tags', 'isOpen', 'kind', 'x'), fc.anything()),
        (sent) => {
          const read = Thing.safeParse(fromForm(Thing, sent))
          if (!read.success) expect(Object.keys(problemsOf(read.error, sent)).length).toBeGreaterThan(0)
        },
      ),
    )
  })
})

test('a name that nobody can see is none; joiners within a word are part of it', () => {
  const name = RequiredText(20)
  for (const unseen of ['', ' ', '\u200b', '\u00ad\u2060', '\u3164', '\u202e', '\u2800 \u200d', '\ufeff'])
    expect(name.safeParse(unseen).success, JSON.stringify(unseen)).toBe(false)
  for (const seen of ['\u200eبیژن\u200cها', '👩\u200d🔧', '한', '\u2801'])
    expect(name.safeParse(seen)).toEqual({ success: true, data: seen })
})

describe('base types', () => {
  const taken = (schema: z.ZodType, values: readonly unknown[]) =>
    values.filter((value) => schema.safeParse(value).success)

  test('text has no NUL and no half of a character, and its length is counted as the database counts', () => {
    expect(taken(Text(3), ['abc', ' abc ', '😀😀😀', ''])).toEqual(['abc', ' abc ', '😀😀😀', ''])
    expect(taken(Text(3), ['abcd', '😀😀😀😀', 'a\0b', '\ud800', 'a\udc00', 5, null, undefined, ['a'], {}])).toEqual([])
  })

  test('required text is not blank', () => {
    expect(taken(RequiredText(5), ['', ' ', '\u00a0', '\n\t'])).toEqual([])
  })

  test('an id is one a record can have', () => {
    expect(taken(Id, [1, 2_147_483_647])).toEqual([1, 2_147_483_647])
    expect(taken(Id, [0, -1, 1.5, 2_147_483_648, '1', [], null, Number.NaN, Infinity, true])).toEqual([])
  })

  test('an e-mail address has a name, a place and a point in it', () => {
    expect(taken(Email, ['rosa@example.com', 'r.w+x@mail.example.co.uk', "o'brien@example.com"])).toHaveLength(3)
    expect(
      taken(Email, [
        'rosa',
        'rosa@',
        '@example.com',
        'rosa@localhost',
        'rosa@@example.com',
        'a b@example.com',
        `${'x'.repeat(200)}@example.com`,
      ]),
    ).toEqual([])
  })

  test('money comes as text, up to what the database holds', () => {
    expect(taken(Money, ['0', '99999999999999.9999'])).toHaveLength(2)
    expect(taken(Money, [12, '-1', '1e3', '100000000000000', '1.00001', 'NaN', '', ' 1', '1\n', ['1']])).toEqual([])
  })

  test('days are real, currencies known, submissions uuids', () => {
    expect(taken(CalendarDate, ['2026-02-31', '2026-2-1', 20260101])).toEqual([])
    expect(taken(Currency, ['XXX', 'eur', 'EURO', ''])).toEqual([])
    expect(taken(Submission, ['x', '', 1])).toEqual([])
  })

  test('tags are twenty at most, and each of them once', () => {
    expect(Tags.parse(['a', 'b', 'a'])).toEqual(['a', 'b'])
    expect(taken(Tags, [Array.from({ length: 21 }, (_, index) => `t${index}`), ['x'.repeat(51)], [''], 'a,b'])).toEqual(
      [],
    )
  })
})

describe('what is wrong is said by field', () => {
  const problems = (input: Record<string, unknown>) => {
    const { error } = Thing.safeParse(input)
    return error ? problemsOf(error, input) : {}
  }

  test('with the first problem of each, as a key and its values', () => {
    expect(problems({ name: 'x'.repeat(11), share: 101, amount: 'x', kind: 'three', tags: ['y'.repeat(51)] })).toEqual({
      name: { key: 'errors.tooLong', values: { max: 10 } },
      share: { key: 'errors.max', values: { max: 100 } },
      amount: { key: 'errors.money' },
      kind: { key: 'errors.choice' },
      tags: { key: 'errors.tooLong', values: { max: 50 } },
    })
  })

  test.each([[{}], [{ name: null }], [{ name: '' }], [{ name: '   ' }]])(
    '%j: a required field is called required',
    (input) => {
      expect(problems(input)).toEqual({ name: expect.objectContaining({ key: 'errors.required' }) as unknown })
    },
  )

  test('wrong types are called what they are', () => {
    expect(problems({ name: 5, share: '7', isOpen: 'maybe', tags: 'x' })).toEqual({
      name: { key: 'errors.invalid' },
      share: { key: 'errors.integer' },
      isOpen: { key: 'errors.invalid' },
      tags: { key: 'errors.invalid' },
    })
  })
})

test("an amount has at most its currency's decimals", () => {
  expect(() => requireCurrencyDecimals('10.50', 'EUR', 'value')).not.toThrow()
  expect(() => requireCurrencyDecimals('10.0', 'JPY', 'value')).not.toThrow()
  expect(() => requireCurrencyDecimals(null, 'JPY', 'value')).not.toThrow()
  expect(() => requireCurrencyDecimals('10.5', 'JPY', 'value')).toThrow(RuleViolation)
  expect(() => requireCurrencyDecimals('10.505', 'EUR', 'value')).toThrow(
    expect.objectContaining({ field: 'value', key: 'errors.currencyDecimals' }) as Error,
  )
  // The dot of thousands, unless the currency has three decimals.
  for (const [amount, currency] of [
    ['43.000', 'EUR'],
    ['2.000', 'JPY'],
    ['1.250', 'USD'],
  ] as const)
    expect(() => requireCurrencyDecimals(amount, currency, 'value')).toThrow(
      expect.objectContaining({ field: 'value', key: 'errors.thousands' }) as Error,
    )
  for (const [amount, currency] of [
    ['43.000', 'KWD'],
    ['0.500', 'EUR'],
    ['12000.0000', 'EUR'],
  ] as const)
    expect(() => requireCurrencyDecimals(amount, currency, 'value')).not.toThrow()
})
