import fc from 'fast-check'
import sql from 'sql-template-tag'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  changeBaseCurrency,
  createRate,
  deleteRate,
  importRates,
  updateRate,
} from '../../src/features/currencies/commands.ts'
import { readEcbFile } from '../../src/features/currencies/ecb.ts'
import { convert, convertedTotal, rateSheet } from '../../src/features/currencies/exchange.ts'
import { MAX_RATES, planImport } from '../../src/features/currencies/importing.ts'
import { baseSettings, findRate, rateSheets, ratesOn } from '../../src/features/currencies/queries.ts'
import { Conflict, Forbidden, RuleViolation } from '../../src/platform/errors.ts'
import { Decimal, minorUnitDigits } from '../../src/platform/money.ts'
import { inTransaction } from '../../src/platform/scope.ts'
import type { Scope } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser, system } from '../support/people.ts'

let nora: Scope

beforeAll(async () => {
  nora = as(await makeUser({ role: 'admin' }))
})

beforeEach(async () => {
  await inTransaction(system, ({ db }) => db.query(sql`DELETE FROM exchange_rates RETURNING id`))
})

const rate = (base: string, currency: string, date: string, value: string) => ({
  base,
  currency,
  date,
  rate: new Decimal(value),
})
const eur = (amount: string, currencyCode = 'EUR') => ({ currencyCode, amount: new Decimal(amount) })
const texts = (amounts: readonly { currencyCode: string; amount: Decimal }[]) =>
  amounts.map(({ currencyCode, amount }) => `${amount.toFixed()} ${currencyCode}`)

describe('converting an amount', () => {
  const sheet = rateSheet('2026-11-20', [
    rate('EUR', 'USD', '2026-11-20', '1.25'),
    rate('EUR', 'JPY', '2026-11-19', '160'),
    rate('EUR', 'BHD', '2026-11-20', '0.4'),
    rate('USD', 'INR', '2026-11-18', '80'),
  ])
  const converted = (amount: string, from: string, to: string) =>
    convert(sheet, new Decimal(amount), from, to)?.toFixed() ?? null

  test('goes by the rate as it was entered, backwards, and over a currency that two rates share', () => {
    expect(converted('100', 'EUR', 'USD')).toBe('125')
    expect(converted('100', 'USD', 'EUR')).toBe('80')
    expect(converted('100', 'USD', 'JPY')).toBe('12800')
    expect(converted('100', 'JPY', 'BHD')).toBe('0.25')
    expect(converted('100', 'EUR', 'EUR')).toBe('100')
  })

  test('says that there is no rate, and never guesses: over three rates it does not go', () => {
    expect(converted('100', 'EUR', 'CHF')).toBeNull()
    expect(converted('100', 'INR', 'JPY')).toBeNull()
    expect(converted('100', 'INR', 'EUR')).toBe('1')
  })

  test('tells the rate, its day and its way; the day of two rates is the older one', () => {
    expect(sheet.quote('EUR', 'USD')).toMatchObject({ date: '2026-11-20', via: null })
    expect(sheet.quote('USD', 'JPY')).toMatchObject({ date: '2026-11-19', via: 'EUR' })
    expect(sheet.quote('USD', 'JPY')?.rate.toFixed()).toBe('128')
    expect(sheet.quote('EUR', 'CHF')).toBeNull()
  })

  test('prefers the more recent way, then the more direct one', () => {
    const both = (direct: string) =>
      rateSheet('2026-11-20', [
        rate('EUR', 'USD', '2026-11-20', '2'),
        rate('EUR', 'GBP', '2026-11-20', '1'),
        rate('GBP', 'USD', direct, '3'),
      ])

    expect(convert(both('2026-11-20'), new Decimal(1), 'GBP', 'USD')?.toFixed()).toBe('3')
    expect(convert(both('2020-01-01'), new Decimal(1), 'GBP', 'USD')?.toFixed()).toBe('2')
    const twice = rateSheet('2026-11-20', [
      rate('EUR', 'USD', '2026-01-01', '2'),
      rate('USD', 'EUR', '2026-11-01', '0.25'),
    ])
    expect(convert(twice, new Decimal(1), 'EUR', 'USD')?.toFixed()).toBe('4')
  })

  test('a sum is rounded once, half up, not each of its parts', () => {
    const third = rateSheet('2026-11-20', [
      rate('EUR', 'USD', '2026-11-20', '3'),
      rate('EUR', 'GBP', '2026-11-20', '1.5'),
    ])
    // A hundredth's third and a hundredth's two thirds of two currencies: together a whole cent and a half.
    const total = convertedTotal([eur('0.005'), eur('0.01', 'USD'), eur('0.01', 'GBP')], third, 'EUR')

    expect(total.amount?.toFixed()).toBe('0.02')
    expect(convertedTotal([eur('0.0049')], third, 'EUR').amount?.toFixed()).toBe('0')
    expect(convertedTotal([eur('0.015', 'USD')], third, 'EUR').amount?.toFixed()).toBe('0.01')
    expect(convertedTotal([eur('0.014997', 'USD')], third, 'EUR').amount?.toFixed()).toBe('0')
  })

  test('a total names its parts, its rates, and what has none', () => {
    const total = convertedTotal(
      [eur('1000.50'), eur('250', 'USD'), eur('16000', 'JPY'), eur('7', 'CHF'), { currencyCode: 'GBP', amount: null }],
      sheet,
      'EUR',
    )

    expect(total.amount?.toFixed()).toBe('1300.5')
    expect(texts(total.parts)).toEqual(['1000.5 EUR', '250 USD', '16000 JPY', '7 CHF'])
    expect(texts(total.missing)).toEqual(['7 CHF'])
    expect(total.quotes.map(({ from, to, date }) => `${from} ${to} ${date}`)).toEqual([
      'EUR USD 2026-11-20',
      'EUR JPY 2026-11-19',
    ])
    expect(convertedTotal([eur('7', 'CHF')], sheet, 'EUR').amount).toBeNull()
    expect(convertedTotal([], sheet, 'EUR')).toMatchObject({ amount: null, missing: [], parts: [] })
  })

  const cents = fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n })
  const tenBillionths = fc.bigInt({ min: 1n, max: 99_999_999_999_999n })
  const money = fc.constantFrom('USD', 'JPY', 'BHD')

  test('is exact until it is rounded once, whatever the amount and the rate', () => {
    fc.assert(
      fc.property(cents, tenBillionths, money, (amount, factor, currency) => {
        const value = new Decimal(amount.toString()).dividedBy(10_000)
        const of = new Decimal(factor.toString()).dividedBy(10_000_000_000)
        const one = rateSheet('2026-11-20', [rate('EUR', currency, '2026-11-20', of.toFixed(10))])
        const unit = 10n ** BigInt(minorUnitDigits(currency))
        const halfUp = (over: bigint, under: bigint) => (2n * over + under) / (2n * under)
        const units = (decimal: Decimal | null, code: string) =>
          BigInt(decimal!.toFixed(minorUnitDigits(code)).replace('.', ''))

        const there = convert(one, value, 'EUR', currency)
        const back = convert(one, value, currency, 'EUR')
        expect(units(there, currency)).toBe(halfUp(amount * factor * unit, 10_000n * 10_000_000_000n))
        expect(units(back, 'EUR')).toBe(halfUp(amount * 10_000_000_000n * 100n, 10_000n * factor))
      }),
      { numRuns: 500 },
    )
  })

  test('adding up first or last is the same, but for the one rounding', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cents, money), { maxLength: 20 }), (amounts) => {
        const rows = amounts.map(([amount, currencyCode]) => ({
          currencyCode,
          amount: new Decimal(amount.toString()).dividedBy(10_000),
        }))
        const three = rateSheet('2026-11-20', [
          rate('EUR', 'USD', '2026-11-20', '1.0823'),
          rate('EUR', 'JPY', '2026-11-20', '163.17'),
          rate('EUR', 'BHD', '2026-11-20', '0.40789'),
        ])
        const total = convertedTotal(rows, three, 'EUR').amount ?? new Decimal(0)
        const one = rows.reduce((sum, row) => sum.plus(convertedTotal([row], three, 'EUR').amount ?? 0), new Decimal(0))
        // Each row may be off by half a cent; the total by half a cent in all.
        expect(
          total
            .minus(one)
            .abs()
            .lessThanOrEqualTo(new Decimal('0.005').times(rows.length + 1)),
        ).toBe(true)
      }),
    )
  })
})

describe('rates', () => {
  const usd = { baseCode: 'EUR', currencyCode: 'USD', date: '2026-11-20', rate: '1.0823' }

  test('count from their day until the next one, and not before', async () => {
    await createRate(nora, { ...usd, date: '2026-11-01', rate: '1.10' })
    await createRate(nora, { ...usd, date: '2026-11-20', rate: '1.20' })
    const on = async (day: string) => (await ratesOn(nora, day)).quote('EUR', 'USD')

    expect(await on('2026-10-31')).toBeNull()
    expect(await on('2026-11-01')).toMatchObject({ date: '2026-11-01' })
    expect(await on('2026-11-19')).toMatchObject({ date: '2026-11-01' })
    expect(await on('2026-12-31')).toMatchObject({ date: '2026-11-20' })
    const sheets = await rateSheets(nora, ['2026-11-02', '2026-11-21'])
    expect(sheets.map((sheet) => sheet.quote('EUR', 'USD')?.rate.toFixed())).toEqual(['1.1', '1.2'])
  })

  test('one for a pair and day: the second is refused, eight at once leave one', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => createRate(nora, usd)))

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(createRate(nora, usd)).rejects.toMatchObject({ key: 'currencies.errors.exists', field: 'date' })
    await expect(createRate(nora, { ...usd, currencyCode: 'EUR' })).rejects.toThrow(RuleViolation)
  })

  test('are changed on the version that was seen, and not written when they are the same', async () => {
    const { id } = await createRate(nora, usd)
    await updateRate(nora, id, { rate: '1.08230', version: 1 })
    expect((await findRate(nora, id)).version).toBe(1)

    await updateRate(nora, id, { rate: '1.09', version: 1 })
    await expect(updateRate(nora, id, { rate: '1.07', version: 1 })).rejects.toThrow(Conflict)
    expect((await findRate(nora, id)).rate.toFixed()).toBe('1.09')
    await deleteRate(nora, id)
    await expect(findRate(nora, id)).rejects.toThrow()
  })

  test('and the base currency are an administrator’s to change', async () => {
    const { id } = await createRate(nora, usd)
    for (const role of ['manager', 'member', 'viewer'] as const) {
      const scope = as(await makeUser({ role }))
      for (const attempt of [
        () => createRate(scope, usd),
        () => updateRate(scope, id, { rate: '2' }),
        () => deleteRate(scope, id),
        () => changeBaseCurrency(scope, { baseCurrency: 'USD' }),
        () => importRates(scope, { text: 'Date, USD,\n2026-11-20, 1,' }),
      ])
        await expect(attempt()).rejects.toThrow(Forbidden)
    }
    expect((await findRate(nora, id)).rate.toFixed()).toBe('1.0823')
  })

  test('the base currency is changed on the version that was seen', async () => {
    const before = await baseSettings(nora)
    await changeBaseCurrency(nora, { baseCurrency: 'CHF', version: before.version })
    expect(await baseSettings(nora)).toEqual({ baseCurrency: 'CHF', version: before.version + 1 })
    await expect(changeBaseCurrency(nora, { baseCurrency: 'USD', version: before.version })).rejects.toThrow(Conflict)
    await changeBaseCurrency(nora, { baseCurrency: before.baseCurrency })
  })
})

const FILE = `Date, USD, JPY, CYP, BHD,
20 November 2026, 1.0823, 163.17, N/A, N/A,
2026-11-19, 1.0811, 162.90, N/A, 0.40789, `

describe('a file of the European Central Bank', () => {
  test('is read as it is published: both ways to write a day, the comma at the end, N/A', () => {
    const { days, problem } = readEcbFile(`\uFEFF${FILE.replaceAll('\n', '\r\n')}`)

    expect(problem).toBeNull()
    expect(days.map(({ day, rates, problems }) => [day, rates.length, problems.length])).toEqual([
      ['2026-11-20', 2, 0],
      ['2026-11-19', 3, 0],
    ])
    expect(days[0]?.rates).toContainEqual({ currency: 'USD', date: '2026-11-20', rate: '1.0823' })
  })

  test.each([
    ['', 'currencies.errors.header'],
    ['Day, USD\n2026-11-20, 1', 'currencies.errors.header'],
    ['Date,\n2026-11-20,', 'currencies.errors.header'],
    ['Date, USD, USD\n2026-11-20, 1, 1', 'currencies.errors.twice'],
    ['Date, "USD\n2026-11-20, 1', 'currencies.errors.file'],
  ])('%j is refused as a whole', (text, key) => {
    expect(readEcbFile(text)).toMatchObject({ days: [], problem: { key } })
  })

  test('what cannot be used is named line by line, and the rest of it stays', () => {
    const { days, unknown } = readEcbFile(`Date, USD, XYZ, JPY
31 February 2026, 1, 1, 1
2026-11-20, 1.1, 5, 1e3
2026-11-20, 1.2, 5, 160
2026-11-19, 0, , -1
2026-11-18, 1.1, 5, 160, 7`)

    expect(unknown).toEqual(['XYZ'])
    expect(days.map(({ line, problems, rates }) => [line, problems.map(({ key }) => key), rates.length])).toEqual([
      [2, ['currencies.errors.day'], 0],
      [3, ['currencies.errors.value'], 1],
      [4, ['currencies.errors.dayTwice'], 0],
      [5, ['currencies.errors.value', 'currencies.errors.value'], 0],
      [6, ['currencies.errors.columns'], 0],
    ])
  })

  test('is counted honestly before and after, and imported again changes nothing', async () => {
    await createRate(nora, { baseCode: 'EUR', currencyCode: 'USD', date: '2026-11-20', rate: '1.5' })
    await createRate(nora, { baseCode: 'EUR', currencyCode: 'JPY', date: '2026-11-19', rate: '162.9' })

    const plan = await planImport(nora, { text: FILE })
    expect(plan).toMatchObject({ added: 3, changed: 1, same: 1, faulty: 0, before: 0 })
    expect(await importRates(nora, { text: FILE })).toEqual({ added: 3, changed: 1, same: 1 })
    expect(await importRates(nora, { text: FILE })).toEqual({ added: 0, changed: 0, same: 5 })
    expect((await ratesOn(nora, '2026-11-20')).quote('EUR', 'USD')?.rate.toFixed()).toBe('1.0823')
    expect(await planImport(nora, { text: FILE, since: '2026-11-20' })).toMatchObject({ same: 2, before: 1 })
  })

  test('eight imports of one file at once leave each rate once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => importRates(nora, { text: FILE })))

    expect(answers.reduce((sum, { added }) => sum + added, 0)).toBe(5)
    const [stored] = await db.query<{ count: number }>(sql`SELECT count(*)::int AS count FROM exchange_rates`)
    expect(stored?.count).toBe(5)
  })

  test('serves another base currency by way of the euro', async () => {
    await importRates(nora, { text: FILE })
    const sheet = await ratesOn(nora, '2026-11-20')

    expect(convert(sheet, new Decimal('1082.30'), 'USD', 'JPY')?.toFixed()).toBe('163170')
    expect(sheet.quote('USD', 'BHD')).toMatchObject({ via: 'EUR', date: '2026-11-19' })
  })

  test('with more rates than an import holds is refused whole', async () => {
    const codes = ['USD', 'JPY', 'GBP', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'CAD']
    const day = (n: number) => new Date(Date.UTC(1990, 0, 1 + n)).toISOString().slice(0, 10)
    const lines = Array.from({ length: MAX_RATES / 10 + 1 }, (_, n) => `${day(n)},${codes.map(() => '1.1').join(',')}`)

    await expect(importRates(nora, { text: [`Date,${codes.join(',')}`, ...lines].join('\n') })).rejects.toMatchObject({
      key: 'currencies.errors.tooManyRates',
      field: 'text',
    })
  })
})
