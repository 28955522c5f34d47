import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Conflict, Forbidden, RuleViolation } from '../../src/platform/errors.ts'
import { formOf, press, submit } from '../../src/platform/http/submit.ts'
import { Decimal } from '../../src/platform/money.ts'
import { Money, RequiredText, Tags, Text, Version } from '../../src/platform/validation.ts'

const Thing = z.object({
  name: RequiredText(10),
  note: Text(20).nullable().optional(),
  value: Money.nullable().optional(),
  tags: Tags.optional(),
  version: Version.optional(),
})

const refusing = (error: Error) =>
  submit(Thing, { name: 'Rosa', note: ' a ', unknown: 'x' }, () => Promise.reject(error))

test('good input reaches the command, and its result comes back', async () => {
  const saved = await submit(Thing, { name: ' Rosa ', note: '', value: '1,5' }, (input) => Promise.resolve(input))

  expect(saved).toEqual({ ok: true, result: { name: 'Rosa', note: null, value: '1.5' } })
})

test('bad input never reaches the command: the form comes back as it was typed, with a message at each field', async () => {
  const saved = await submit(Thing, { name: '  ', note: 'kept', value: 'lots', tags: 'a,, b', extra: '<b>' }, () => {
    throw new Error('that was not to be called')
  })

  expect(saved).toEqual({
    ok: false,
    status: 422,
    form: {
      values: { name: '  ', note: 'kept', value: 'lots', tags: 'a,, b' },
      errors: { name: { key: 'errors.required' }, value: { key: 'errors.money' } },
    },
  })
})

test('a broken rule comes back as the same form, at the field it names', async () => {
  expect(await refusing(new RuleViolation('errors.required', 'note', { max: 5 }))).toEqual({
    ok: false,
    status: 422,
    form: { values: { name: 'Rosa', note: ' a ' }, errors: { note: { key: 'errors.required', values: { max: 5 } } } },
  })
})

test('a body that is no form is an empty one', async () => {
  for (const body of [undefined, null, 'x', []]) {
    expect(await submit(Thing, body, () => Promise.resolve())).toMatchObject({
      ok: false,
      status: 422,
      form: { values: {} },
    })
  }
})

test('everything else is thrown on, for the error page', async () => {
  for (const error of [new Forbidden(), new Error('x'), new Conflict('errors.stale')]) {
    await expect(refusing(error)).rejects.toBe(error)
  }
})

test('what the record allows no more comes back above what was typed, where the page can show it', async () => {
  const gone = new Conflict('clients.errors.archived')
  const typed = { name: 'Rosa', note: ' a ' }

  expect(await submit(Thing, typed, () => Promise.reject(gone), { keepsTyped: true })).toEqual({
    ok: false,
    status: 409,
    form: { values: typed, errors: { form: { key: 'clients.errors.archived', values: {} } } },
  })
  const forbidden = new Forbidden()
  await expect(submit(Thing, typed, () => Promise.reject(forbidden), { keepsTyped: true })).rejects.toBe(forbidden)
})

test('a button answers what it did, or what stands in its way; everything else is thrown on', async () => {
  const conflict = new Conflict('errors.stale')
  const forbidden = new Forbidden()

  expect(await press(() => Promise.resolve(7))).toEqual({ ok: true, result: 7 })
  expect(await press(() => Promise.reject(conflict))).toEqual({ ok: false, refusal: conflict })
  await expect(press(() => Promise.reject(forbidden))).rejects.toBe(forbidden)
})

describe('a save on a record that others have changed', () => {
  const conflict = (typed: Record<string, string>, stored: Record<string, unknown>) =>
    submit(Thing, typed, () => Promise.reject(new Conflict('errors.stale', {}, stored)))

  test('keeps what was typed, and asks for each field that differs, which is of both where nothing is known of before', async () => {
    const saved = await conflict(
      { name: 'Mine', note: 'same', tags: 'a, b', version: '3' },
      { name: 'Theirs', note: 'same', tags: ['a', 'c'], version: 4, hidden: 'x' },
    )

    const choice = (name: string, yours: string, theirs: string) => ({
      name,
      fields: [{ name, yours, theirs }],
      side: 'yours',
    })
    expect(saved).toEqual({
      ok: false,
      status: 409,
      form: {
        values: { name: 'Mine', note: 'same', tags: 'a, b', version: '4' },
        errors: {},
        conflict: {
          saved: null,
          choices: [choice('name', 'Mine', 'Theirs'), choice('tags', 'a, b', 'a, c')],
          taken: [],
          kept: [],
        },
      },
    })
  })

  test('does not call the same thing written otherwise a difference', async () => {
    const saved = await conflict(
      { name: ' Rosa ', note: 'a\r\nb', value: '1200.50', version: '3' },
      {
        name: 'Rosa',
        note: 'a\nb',
        value: new Decimal('1200.5'),
        version: 4,
      },
    )

    expect(saved).toMatchObject({ form: { conflict: { choices: [] } } })
  })

  test.each(['', '  '])('shows a cleared field (%j) as a difference, and as it was read', async (value) => {
    expect(await conflict({ name: 'Rosa', value }, { name: 'Rosa', value: new Decimal(7), version: 4 })).toMatchObject({
      form: { values: { value }, conflict: { choices: [{ fields: [{ name: 'value', yours: '', theirs: '7' }] }] } },
    })
  })
})

test('a form shows a record in words: empty as empty, figures without exponent', () => {
  const record = {
    a: null,
    b: undefined,
    c: true,
    d: false,
    e: 0,
    f: ['x', 'y'],
    g: new Decimal('0.0000001'),
    h: new Date('2026-01-02T03:04:05Z'),
    i: { x: 1 },
  }

  expect(formOf(record)).toEqual({
    values: { a: '', b: '', c: 'true', d: '', e: '0', f: 'x, y', g: '0.0000001', h: '2026-01-02T03:04:05.000Z', i: '' },
    errors: {},
  })
})
