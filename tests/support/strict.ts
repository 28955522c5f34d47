import { afterEach, expect, vi } from 'vitest'
import { errorsLogged } from './log.ts'

// What nobody expected to be said on the console or in the error log fails the test that caused it.
const consoleError = vi.spyOn(console, 'error')
const consoleWarn = vi.spyOn(console, 'warn')

afterEach(() => {
  const said = [...consoleError.mock.calls, ...consoleWarn.mock.calls]
  consoleError.mockClear()
  consoleWarn.mockClear()
  expect(said, 'console output').toEqual([])
  expect(errorsLogged.splice(0), 'errors in the log').toEqual([])
})
