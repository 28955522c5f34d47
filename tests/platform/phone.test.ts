import { describe, expect, test } from 'vitest'
import { phoneOf, phoneRuns, regionOf, searchableDigits } from '../../src/platform/phone.ts'

describe('a number is shown as people write it, and dialled with its country', () => {
  test.each([
    ['+493012345678', null, '+49 30 12345678', 'tel:+493012345678'],
    ['+49 (0)30 / 123 45 67', null, '+49 30 1234567', 'tel:+49301234567'],
    ['0049 30 1234567', null, '+49 30 1234567', 'tel:+49301234567'],
    ['0049 30 1234567', 'DE', '+49 30 1234567', 'tel:+49301234567'],
    ['011 49 30 1234567', 'US', '+49 30 1234567', 'tel:+49301234567'],
    ['030 1234567', 'DE', '+49 30 1234567', 'tel:+49301234567'],
    ['(212) 555-0123', 'US', '+1 212 555 0123', 'tel:+12125550123'],
    ['+1 212 555 0123 ext. 5', null, '+1 212 555 0123 ext. 5', 'tel:+12125550123;ext=5'],
  ] as const)('%s at home in %s', (typed, region, text, href) => {
    expect(phoneOf(typed, region)).toEqual({ text, href })
  })

  test.each([
    ['030 1234567', null, 'tel:0301234567'],
    // No number of this country: nobody knows whose it is.
    ['030 1234567', 'US', 'tel:0301234567'],
    ['12', 'DE', null],
    ['ask Rosa', 'DE', null],
    ['', 'DE', null],
    ['+49 30 1234567 (mornings, ask for Zoë)', null, 'tel:+49301234567'],
    ['<b>+</b>', null, null],
    ['++++', null, null],
  ] as const)('but stays as it was typed where it says less or more: %s in %s', (typed, region, href) => {
    expect(phoneOf(typed, region)).toEqual({ text: typed, href })
  })
})

test.each([
  ['Europe/Berlin', 'DE'],
  ['Europe/Vienna', 'AT'],
  ['America/New_York', 'US'],
  ['Asia/Kathmandu', 'NP'],
  ['UTC', null],
  ['Etc/GMT+3', null],
])('the country of %s is %s', (zone, country) => {
  expect(regionOf(zone)).toBe(country)
})

describe('what a search looks for', () => {
  test.each([
    ['030 1234567', '301234567'],
    ['+49 30 1234567', '301234567'],
    ['0049 (0)30 123-45-67', '301234567'],
    ['1234567', '1234567'],
    ['004', null],
    ['12', null],
    ['---', null],
    ['person501@company71.example', null],
    ['order1234567', null],
    ['tel:+49301234567', '301234567'],
    ['Tel.030/1234567', '301234567'],
    ['٣٤٥٦', null],
  ])('%s: the digits %s', (typed, digits) => {
    expect(searchableDigits(typed)).toBe(digits)
  })

  test('words that may be one number are kept together', () => {
    expect(phoneRuns(['anna', '+49', '(0)30', '/', '12-34', 'acme', '2024'])).toEqual([
      ['anna'],
      ['+49', '(0)30', '/', '12-34'],
      ['acme'],
      ['2024'],
    ])
    expect(phoneRuns([])).toEqual([])
  })
})
