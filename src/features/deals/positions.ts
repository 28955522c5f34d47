import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing'

/** Where a card stands in its column: by its position, compared byte by byte as the database does (COLLATE "C"), then by its id. */
export interface Standing {
  id: number
  position: string
}

/** The cards around a gap in a column, nearest first, at most as many on each side as were asked for. */
export interface Surroundings {
  before: Standing[]
  after: Standing[]
}

/** A position longer than this has its neighbours spread out anew: some two hundred cards in a row put into one gap. */
const LONG = 40
/** Wide enough a stretch to spread is one whose positions become no longer than this. */
const SHORT = 16
/** How many cards on each side are looked at, one after the other, to find such a stretch. */
const STRETCHES = [24, 192, 1_536]

export interface Fitted {
  position: string
  /** Neighbours that have to move for it, and where to. */
  spread: Standing[]
  /** The position without their moving: a long one, or one that is shared and then ordered by the ids. */
  otherwise: string
}

/**
 * A position between two cards (null: the column ends there). Usually only that: one row is written. Where cards were put into the same gap so
 * often that positions grow long, or where two cards got one position in the same instant, the cards around it are spread out too.
 */
export async function positionBetween(
  lower: string | null,
  upper: string | null,
  look: (size: number) => Promise<Surroundings>,
): Promise<Fitted> {
  const otherwise = hasRoom(lower, upper) ? generateKeyBetween(lower, upper) : (lower ?? '')
  if (hasRoom(lower, upper) && otherwise.length <= LONG) return { position: otherwise, spread: [], otherwise }

  let fitted: Fitted = { position: otherwise, spread: [], otherwise }
  for (const size of STRETCHES) {
    fitted = { ...(spreadOut(await look(size + 1), size) ?? fitted), otherwise }
    if ([fitted, ...fitted.spread].every(({ position }) => position.length <= SHORT)) break
  }
  return fitted
}

/** Positions for a card in the gap and up to `size` cards on each side; null where even those beyond them share one. */
function spreadOut({ before, after }: Surroundings, size: number): Omit<Fitted, 'otherwise'> | null {
  const [lower, upper] = [before[size]?.position ?? null, after[size]?.position ?? null]
  if (!hasRoom(lower, upper)) return null
  const cards = [...before.slice(0, size).reverse(), null, ...after.slice(0, size)]
  const positions = generateNKeysBetween(lower, upper, cards.length)
  return {
    position: positions[cards.indexOf(null)] as string,
    spread: cards.flatMap((card, place) => (card ? [{ id: card.id, position: positions[place] as string }] : [])),
  }
}

function hasRoom(lower: string | null, upper: string | null): boolean {
  return lower === null || upper === null || lower < upper
}
