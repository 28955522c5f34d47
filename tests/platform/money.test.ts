import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFor } from '../../src/platform/http/format.ts'
import {
  Decimal,
  currencies,
  isCurrency,
  minorUnitDigits,
  plainAmount,
  roundMoney,
  weighted,
} from '../../src/platform/money.ts'

/** Every amount the database can hold, as a whole number of ten-thousandths. */
const amount = fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n })
const currency = fc.constantFrom('EUR', 'JPY', 'BHD')
const percent = fc.integer({ min: 0, max: 100 })

const decimalOf = (tenThousandths: bigint) => new Decimal(tenThousandths.toString()).dividedBy(10_000)

/** `numerator / denominator` in whole minor units, half up: in integers, which cannot be wrong by a digit. */
function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator)
}

/** What an amount is in whole minor units; fails when it has a fraction of one. */
function minorUnits(value: Decimal, code: string): bigint {
  return BigInt(value.times(new Decimal(10).pow(minorUnitDigits(code))).toFixed())
}

test('every amount is rounded half up to its currency', () => {
  fc.assert(
    fc.property(amount, currency, (value, code) => {
      const unit = 10n ** BigInt(minorUnitDigits(code))
      expect(minorUnits(roundMoney(decimalOf(value), code), code)).toBe(halfUp(value * unit, 10_000n))
    }),
  )
})

test('a weighted value is value × probability, exact until it is rounded once', () => {
  fc.assert(
    fc.property(amount, percent, currency, (value, probability, code) => {
      const unit = 10n ** BigInt(minorUnitDigits(code))
      expect(minorUnits(weighted(decimalOf(value), probability, code), code)).toBe(
        halfUp(value * unit * BigInt(probability), 1_000_000n),
      )
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['0.005', 'EUR', '0.01'],
  ['0.0049', 'EUR', '0'],
  ['1.5', 'JPY', '2'],
  ['2.5', 'JPY', '3'],
  ['1.0005', 'BHD', '1.001'],
  ['99999999999999.9999', 'EUR', '100000000000000'],
])('%s %s is %s', (value, code, rounded) => {
  expect(roundMoney(new Decimal(value), code).toFixed()).toBe(rounded)
})

test('weighing rounds once: 33 % of 0.05 is 0.02, 1 % of 0.49 nothing', () => {
  expect(weighted(new Decimal('0.05'), 33, 'EUR').toFixed()).toBe('0.02')
  expect(weighted(new Decimal('0.49'), 1, 'EUR').toFixed()).toBe('0')
})

test('an amount that is edited and sent back is the same amount', () => {
  fc.assert(
    fc.property(amount, currency, (value, code) => {
      const decimal = decimalOf(value)
      expect(new Decimal(plainAmount(decimal, code)).equals(decimal)).toBe(true)
      expect(plainAmount(decimal, code)).toMatch(/^\d+(\.\d+)?$/)
    }),
  )
  expect(plainAmount(new Decimal('1200.5'), 'EUR')).toBe('1200.50')
  expect(plainAmount(new Decimal('1200.5'), 'JPY')).toBe('1200.5')
  expect(plainAmount(null, 'EUR')).toBe('')
})

test('an amount is shown with every digit it has', () => {
  const { money } = formatFor('en', 'UTC')

  expect(money(new Decimal('99999999999999.9999'), 'EUR')).toBe('€99,999,999,999,999.9999')
  expect(money('0.1', 'EUR')).toBe('€0.10')
  expect(money(new Decimal('1200'), 'JPY')).toBe('¥1,200')
  expect(money(new Decimal(0), 'EUR')).toBe('€0.00')
  expect([money(null, 'EUR'), money(undefined, 'EUR'), money('', 'EUR')]).toEqual(['', '', ''])
  expect(formatFor('de', 'UTC').money('1234.5', 'EUR')).toBe('1.234,50\u00a0€')
})

describe('currencies', () => {
  test('are real money only', () => {
    expect(['EUR', 'JPY', 'BHD', 'CLF'].filter(isCurrency)).toContain('EUR')
    expect(['XAU', 'XXX', 'XTS', 'eur', 'EURO', '', 'ABC'].filter(isCurrency)).toEqual([])
  })

  test('are named once each', () => {
    expect(new Set(currencies).size).toBe(currencies.length)
    expect(currencies.length).toBeGreaterThan(100)
  })

  test('have the decimals of ISO 4217', () => {
    expect(['EUR', 'JPY', 'KWD', 'KRW'].map(minorUnitDigits)).toEqual([2, 0, 3, 0])
  })
})
