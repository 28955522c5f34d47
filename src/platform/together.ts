/** A question that takes longer, in milliseconds, is not waited for by others. */
const PATIENCE = 250

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
  /** The question that others wait for. */
  let current: object | null = null

  async function askAll(question: object): Promise<void> {
    const all = waiting
    waiting = []
    const impatient = setTimeout(goOn, PATIENCE, question)
    try {
      const answers = await ask(all.map(({ asked }) => asked))
      all.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
    } catch (error) {
      for (const { reject } of all) reject(error)
    }
    clearTimeout(impatient)
    goOn(question)
  }

  function goOn(question: object): void {
    if (question !== current) return
    current = null
    if (waiting.length > 0) begin()
  }

  function begin(): void {
    const question = (current = {})
    // Those that came in the same turn come along.
    setImmediate(() => void askAll(question))
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject })
      if (!current) begin()
    })
}
