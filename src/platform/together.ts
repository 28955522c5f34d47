/**
 * What many ask at once is asked once: who asks while a question is on its way waits for it, and is then asked for together with all who have come since.
 * Nobody is answered with what was found before they asked. `ask` answers one for each of what it is given, in the same order.
 */
export function together<Asked, Answer>(
  ask: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
): (asked: Asked) => Promise<Answer> {
  interface Waiting {
    asked: Asked
    resolve(answer: Answer): void
    reject(error: unknown): void
  }
  let waiting: Waiting[] = []
  let isAsking = false

  async function askAll(): Promise<void> {
    const all = waiting
    waiting = []
    try {
      const answers = await ask(all.map(({ asked }) => asked))
      all.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
    } catch (error) {
      for (const { reject } of all) reject(error)
    }
    if (waiting.length > 0) begin()
    else isAsking = false
  }

  function begin(): void {
    isAsking = true
    // Those that came in the same turn come along.
    setImmediate(() => void askAll())
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject })
      if (!isAsking) begin()
    })
}
