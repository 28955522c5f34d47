import fc from 'fast-check'
import { expect, test } from 'vitest'
import { positionBetween } from '../../src/features/deals/positions.ts'
import type { Standing, Surroundings } from '../../src/features/deals/positions.ts'

/** Columns in memory, kept in order as the database keeps them: by position, byte by byte, then by id. */
class Columns {
  readonly #columns: Standing[][]
  written = 0

  constructor(count: number) {
    this.#columns = Array.from({ length: count }, () => [])
  }

  cards(column: number): Standing[] {
    return [...(this.#columns[column] ?? [])].sort((a, b) =>
      a.position < b.position ? -1 : a.position > b.position ? 1 : a.id - b.id,
    )
  }

  order(column: number): number[] {
    return this.cards(column).map(({ id }) => id)
  }

  longest(): number {
    return Math.max(...this.#columns.flat().map(({ position }) => position.length))
  }

  /** Puts a card at a place of a column, wherever it was. */
  async put(id: number, column: number, place: number): Promise<void> {
    for (const cards of this.#columns) {
      const at = cards.findIndex((card) => card.id === id)
      if (at >= 0) cards.splice(at, 1)
    }
    // In the order they were put in; whether their positions say the same is for `order` to tell.
    const cards = this.#columns[column] as Standing[]
    const look = async (size: number): Promise<Surroundings> => ({
      before: cards.slice(0, place).reverse().slice(0, size),
      after: cards.slice(place, place + size),
    })
    const { position, spread } = await positionBetween(
      cards[place - 1]?.position ?? null,
      cards[place]?.position ?? null,
      look,
    )
    const moved = new Map(spread.map((card) => [card.id, card.position]))
    if (spread.length > 0) for (const card of cards) card.position = moved.get(card.id) ?? card.position
    cards.splice(place, 0, { id, position })
    this.written += 1 + spread.length
  }

  /** A position that somebody else gave in the same instant. */
  share(id: number, column: number, position: string): void {
    this.#columns[column]?.push({ id, position })
  }
}

test('ten thousand random moves over several columns keep the order, and positions stay short', async () => {
  const COLUMNS = 5
  const CARDS = 120
  const columns = new Columns(COLUMNS)
  const model: number[][] = Array.from({ length: COLUMNS }, () => [])
  const step = fc.record({ card: fc.nat(CARDS - 1), column: fc.nat(COLUMNS - 1), place: fc.nat(1_000) })
  const steps = fc.sample(step, 10_000)
  for (const [index, { card, column, place: anywhere }] of steps.entries()) {
    for (const cards of model) if (cards.includes(card)) cards.splice(cards.indexOf(card), 1)
    const target = model[column] as number[]
    const place = anywhere % (target.length + 1)
    target.splice(place, 0, card)
    await columns.put(card, column, place)
    if (index % 100 === 0) expect(columns.order(column)).toEqual(target)
  }

  expect(model.map((_, column) => columns.order(column))).toEqual(model)
  expect(columns.longest()).toBeLessThan(60)
  // One row a move, but for a few.
  expect(columns.written).toBeLessThan(steps.length * 1.2)
})

test.each([
  ['on top', () => 0],
  ['at the bottom', (count: number) => count],
  ['behind the first', () => 1],
  ['before the last', (count: number) => count - 1],
  ['in the middle', (count: number) => count >> 1],
  ['before and behind the one before, in turn', (count: number) => (count >> 1) + (count & 1)],
])('ten thousand cards put %s, one after the other, have short positions', async (_, placeIn) => {
  const columns = new Columns(1)
  const model: number[] = []
  for (let id = 0; id < 2; id += 1) {
    await columns.put(id, 0, id)
    model.push(id)
  }
  let longest = 0
  for (let id = 2; id < 10_000; id += 1) {
    const place = placeIn(model.length)
    model.splice(place, 0, id)
    await columns.put(id, 0, place)
    if (id % 500 === 0) longest = Math.max(longest, columns.longest())
  }
  expect(columns.order(0)).toEqual(model)
  expect(Math.max(longest, columns.longest())).toBeLessThan(60)
  expect(columns.written / 10_000).toBeLessThan(4)
})

test('between cards that got one position in the same instant there is room again', async () => {
  const columns = new Columns(1)
  await columns.put(1, 0, 0)
  const position = columns.cards(0)[0]?.position ?? ''
  for (const id of [2, 3, 4]) columns.share(id, 0, position)
  expect(columns.order(0)).toEqual([1, 2, 3, 4])

  await columns.put(9, 0, 2)
  expect(columns.order(0)).toEqual([1, 2, 9, 3, 4])
  expect(new Set(columns.cards(0).map((card) => card.position)).size).toBe(5)
})
