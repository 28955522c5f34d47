import { describe, expect, test } from 'vitest'
import { updateProfile } from '../../src/features/profile/commands.ts'
import { qrCode } from '../../src/features/profile/qr.ts'
import { findProfile } from '../../src/features/profile/queries.ts'
import { ProfileInput } from '../../src/features/profile/schema.ts'
import { zoneNamed } from '../../src/features/profile/zones.ts'
import { findAccount } from '../../src/features/users/queries.ts'
import { ROLES } from '../../src/platform/scope.ts'
import { db } from '../support/database.ts'
import { as, makeUser } from '../support/people.ts'

describe("one's own profile", () => {
  test.each(ROLES)('is changed by a %s', async (role) => {
    const rosa = await makeUser({ role })
    const { version } = await findProfile(as(rosa))

    await updateProfile(as(rosa), { name: 'Rosa W', locale: 'de', timeZone: 'Asia/Tokyo', theme: 'dark', version })

    expect(await findAccount(db, rosa.id, 1)).toMatchObject({
      name: 'Rosa W',
      locale: 'de',
      timeZone: 'Asia/Tokyo',
      theme: 'dark',
      role,
    })
    await expect(updateProfile(as(rosa), { name: 'Other', version })).rejects.toMatchObject({ status: 409 })
  })

  test('saved untouched changes nothing, and cannot change what is not there to be chosen', async () => {
    const rosa = await makeUser()
    const before = await findProfile(as(rosa))
    const { name, locale, timeZone, theme, version } = before

    await updateProfile(as(rosa), { name, locale, timeZone, theme: theme as 'system', version })
    expect(await findProfile(as(rosa))).toEqual(before)
    for (const wrong of [{ locale: 'xx' }, { theme: 'pink' }, { timeZone: 'Mars/Olympus' }, { name: ' ' }])
      expect(ProfileInput.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
    expect(ProfileInput.parse({ role: 'admin', isActive: true, name: 'x' })).toEqual({ name: 'x' })
  })
})

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  [' europe/berlin ', 'Europe/Berlin'],
  ['Berlin', 'Europe/Berlin'],
  ['new york', 'America/New_York'],
  ['America/New York', 'America/New_York'],
  ['utc', 'UTC'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['Mars', null],
  ['', null],
  ['+02:00', null],
])('the time zone %j is %j', (typed, zone) => {
  expect(zoneNamed(typed)).toBe(zone)
})

test('a QR code has its three finders, its quiet border, and nothing outside of it', () => {
  const { size, path } = qrCode('otpauth://totp/Dealwright:rosa%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  const squares = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`))
  const last = size - 4 - 7

  for (const [x, y] of [
    [4, 4],
    [last, 4],
    [4, last],
  ] as const) {
    for (let step = 0; step < 7; step += 1)
      expect(squares.has(`${x + step} ${y}`) && squares.has(`${x} ${y + step}`)).toBe(true)
    expect(squares.has(`${x + 1} ${y + 1}`)).toBe(false)
  }
  for (const square of squares)
    for (const at of square.split(' ')) expect(Number(at) >= 4 && Number(at) < size - 4).toBe(true)
})
