import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Conflict } from '../../src/platform/errors.ts'
import { choicesIn, compare } from '../../src/platform/http/conflict.ts'
import { submit } from '../../src/platform/http/submit.ts'
import { Currency, Money, RequiredText, Text, Version } from '../../src/platform/validation.ts'

const of = (base: string | null, yours: string, theirs: string) =>
  compare({ name: yours }, { name: theirs }, { base: base === null ? null : { name: base }, together: [] })

describe('three versions of a field', () => {
  test.each([
    ['nobody changed it', 'a', 'a', 'a', 'nothing'],
    ['both changed it to the same', 'a', 'b', 'b', 'nothing'],
    ['only yours is new', 'a', 'b', 'a', 'kept'],
    ['only theirs is new', 'a', 'a', 'b', 'taken'],
    ['both are new', 'a', 'b', 'c', 'asked'],
    ['both are new, yours is empty', 'a', '', 'c', 'asked'],
    ['both are new, theirs is empty', 'a', 'b', '', 'asked'],
    ['nothing is known of before', null, 'a', 'b', 'asked'],
    ['nothing is known of before, and both say the same', null, 'a', 'a', 'nothing'],
    ['an amount is written otherwise, and theirs is new', '10', '10.00', '12.5', 'taken'],
    ['the ends of lines are a browser’s, and theirs is new', 'a\nb', 'a\r\nb', 'c', 'taken'],
  ])('%s', (_, base, yours, theirs, outcome) => {
    const { choices, taken, kept } = of(base, yours, theirs)

    expect({ asked: choices.length, taken: taken.length, kept: kept.length }).toEqual({
      asked: 0,
      taken: 0,
      kept: 0,
      ...(outcome === 'nothing' ? {} : { [outcome]: 1 }),
    })
  })

  const text = fc.constantFrom('', 'a', 'b', 'c')
  const names = ['one', 'two', 'three', 'four']
  const version = fc.record(Object.fromEntries(names.map((name) => [name, text])))

  test('together they never lose a change: what is saved by default is yours where you changed something, else theirs', () => {
    fc.assert(
      fc.property(version, version, version, (base, yours, theirs) => {
        const { choices, taken, kept } = compare(yours, theirs, { base, together: [] })
        const told = [...choices, ...taken].map(({ name }) => name).concat(kept)
        // Each field that differs is told of once, and nothing else is.
        expect(told.sort()).toEqual(names.filter((name) => yours[name] !== theirs[name]).sort())
        const saved = { ...yours, ...Object.fromEntries(taken.map((field) => [field.name, field.theirs])) }
        for (const name of names) {
          expect(saved[name]).toBe(yours[name] === base[name] ? theirs[name] : yours[name])
          const both = new Set([base[name], yours[name], theirs[name]]).size === 3
          expect(choices.some((choice) => choice.name === name)).toBe(both)
        }
      }),
    )
  })

  test('in a group whose first field differs, all fields go one way: the outcome is never put together of two versions', () => {
    fc.assert(
      fc.property(version, version, version, (base, yours, theirs) => {
        const { choices, taken } = compare(yours, theirs, { base, together: [['one', 'two']] })
        const pair = (side: Record<string, string | undefined>) => `${side.one}|${side.two}`
        fc.pre(yours.one !== theirs.one)
        const saved = { ...yours, ...Object.fromEntries(taken.map((field) => [field.name, field.theirs])) }
        expect([pair(yours), pair(theirs)]).toContain(pair(saved))
        expect(choices.filter(({ fields }) => fields.some(({ name }) => name === 'two')).length).toBeLessThanOrEqual(1)
        if (choices.some(({ name }) => name === 'two')) throw new Error('the second field was asked for on its own')
      }),
    )
  })

  test('in a group whose first field is the same, each goes its own way', () => {
    const found = compare(
      { currencyCode: 'EUR', value: '20' },
      { currencyCode: 'EUR', value: '30' },
      { base: { currencyCode: 'EUR', value: '10' }, together: [['currencyCode', 'value']] },
    )

    expect(found.choices).toMatchObject([{ name: 'value', fields: [{ name: 'value', yours: '20', theirs: '30' }] }])
  })

  test('a moment goes with how far its clock is ahead', () => {
    const winter = { at: '2026-01-01T10:00', atOffset: '+01:00' }
    const summer = { at: '2026-07-01T10:00', atOffset: '+02:00' }
    const found = compare({ at: '2026-02-01T10:00', atOffset: '+01:00' }, summer, { base: winter, together: [] })

    expect(found.choices).toMatchObject([
      { name: 'at', fields: [{ name: 'at' }, { name: 'atOffset', theirs: '+02:00' }] },
    ])
  })
})

const Thing = z.object({
  name: RequiredText(100).optional(),
  note: Text(100).nullable().optional(),
  value: Money.nullable().optional(),
  currencyCode: Currency,
  version: Version.optional(),
})

describe('a form that answers', () => {
  const asked = {
    asked: 'currencyCode+value name',
    'yours.currencyCode': 'EUR',
    'theirs.currencyCode': 'USD',
    'yours.value': '10',
    'theirs.value': '20',
    'yours.name': 'Mine',
    'theirs.name': 'Theirs',
    currencyCode: 'EUR',
    value: '10',
    name: 'Mine',
    note: 'n',
    version: '4',
  }
  const reached = async (fields: Record<string, unknown>) => {
    const saved = await submit(Thing, { ...asked, ...fields }, (input) => Promise.resolve(input))
    return saved.ok ? saved.result : saved
  }

  test('with one’s own version sends it', async () => {
    const answer = await reached({ 'side.currencyCode': 'yours', 'side.name': 'yours' })

    expect(answer).toEqual({ name: 'Mine', note: 'n', value: '10', currencyCode: 'EUR', version: 4 })
  })

  test('with the other version leaves it as it is stored; where a schema demands the field, sends what is stored', async () => {
    expect(await reached({ 'side.currencyCode': 'theirs', 'side.name': 'theirs' })).toEqual({
      note: 'n',
      currencyCode: 'USD',
      version: 4,
    })
  })

  test('with something typed since says more than any choice', async () => {
    expect(await reached({ 'side.name': 'theirs', name: 'A third' })).toMatchObject({ name: 'A third' })
  })

  test('and is refused for another reason still asks, with what was chosen', async () => {
    const refused = await submit(Thing, { ...asked, 'side.name': 'theirs', note: 'x'.repeat(101) }, () =>
      Promise.resolve(),
    )

    expect(refused).toMatchObject({
      status: 422,
      form: {
        values: { version: '4' },
        errors: { note: { key: 'errors.tooLong' } },
        conflict: {
          choices: [
            { name: 'currencyCode', side: 'yours', fields: [{ name: 'currencyCode' }, { name: 'value' }] },
            { name: 'name', side: 'theirs', fields: [{ name: 'name', yours: 'Mine', theirs: 'Theirs' }] },
          ],
        },
      },
    })
  })

  test('and comes late once more is compared with what it was answered on', async () => {
    const again = await submit(Thing, { ...asked, 'side.name': 'theirs' }, () =>
      Promise.reject(
        new Conflict(
          'errors.stale',
          {},
          { name: 'A third', value: '10', currencyCode: 'EUR', version: 5 },
          {
            base: { name: 'Theirs', value: '20', currencyCode: 'USD' },
            saved: null,
            together: [],
          },
        ),
      ),
    )

    // Their version was chosen, and has changed: it is taken as it now is.
    expect(again).toMatchObject({
      status: 409,
      form: { values: { name: 'A third', version: '5' }, conflict: { taken: [{ name: 'name', theirs: 'A third' }] } },
    })
  })

  test('takes nonsense for no answer', async () => {
    for (const given of ['__proto__', 'constructor+toString', 'version', '+', 'no such field', ['name', 'value'], 7]) {
      expect(choicesIn(Thing, { asked: given, 'side.name': 'theirs' })).toEqual([])
      const answer = await reached({ asked: given, 'side.__proto__': 'theirs', 'side.version': 'theirs' })
      expect(answer).toMatchObject({ name: 'Mine', version: 4 })
    }
  })
})
