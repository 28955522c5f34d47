import { expect, test, vi } from 'vitest'
import { together } from '../../src/platform/together.ts'

/** A question whose answers are given by hand, and what it was asked each time. */
function byHand() {
  const asked: (readonly number[])[] = []
  const answer: ((fails?: Error) => void)[] = []
  const ask = together(
    (numbers: readonly number[]) =>
      new Promise<string[]>((resolve, reject) => {
        asked.push(numbers)
        answer.push((fails) => (fails ? reject(fails) : resolve(numbers.map((number) => `number ${number}`))))
      }),
  )
  return { ask, asked, answer }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('who ask in the same turn are one question, and each gets their own answer', async () => {
  const { ask, asked, answer } = byHand()

  const answers = Promise.all([ask(3), ask(1), ask(3)])
  await turn()
  answer[0]?.()

  expect(await answers).toEqual(['number 3', 'number 1', 'number 3'])
  expect(asked).toEqual([[3, 1, 3]])
})

test('who asks while a question is on its way is not answered from it, but asked for next, with all who came since', async () => {
  const { ask, asked, answer } = byHand()
  const first = ask(1)
  await turn()

  const later = Promise.all([ask(1), ask(2)])
  await turn()
  expect(asked).toEqual([[1]])
  answer[0]?.()
  await first
  await turn()
  answer[1]?.()

  expect(await later).toEqual(['number 1', 'number 2'])
  expect(asked).toEqual([[1], [1, 2]])
})

test('a question that hangs is waited for a quarter of a second, and no longer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { ask, asked, answer } = byHand()
  void ask(1)
  await turn()
  const next = ask(2)

  vi.advanceTimersByTime(249)
  await turn()
  expect(asked).toEqual([[1]])
  vi.advanceTimersByTime(1)
  await turn()
  answer[1]?.()

  expect(await next).toBe('number 2')
  vi.useRealTimers()
})

test('a question that fails fails for those it was asked for, and no one after', async () => {
  const { ask, answer } = byHand()
  const failed = Promise.allSettled([ask(1), ask(2)])
  await turn()
  const next = ask(3)
  answer[0]?.(new Error('away'))

  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await turn()
  answer[1]?.()
  expect(await next).toBe('number 3')
})
