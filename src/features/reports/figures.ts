import type { Amount, ConvertedTotal } from '../currencies/exchange.ts'
import type { ClosedFact, OpenFact } from './queries.ts'

/** So many deals or leads, worth so much in all, and the list that proves it. */
export interface Figure {
  count: number
  value: ConvertedTotal
  href: string
}

export interface OpenFigure extends Figure {
  weighted: ConvertedTotal
}

/** Of the deals closed, those won, and the list of all of them. */
export interface Rate {
  /** How many were closed. */
  count: number
  /** In percent; null when none was closed. */
  share: number | null
  href: string
}

/** Adds up amounts, converted as of some day. */
export type Sums = (amounts: readonly Amount[]) => ConvertedTotal

export function openFigure(facts: readonly OpenFact[], sums: Sums, href: string): OpenFigure {
  return {
    count: counted(facts),
    value: sums(facts.map(({ currencyCode, value }) => ({ currencyCode, amount: value }))),
    weighted: sums(facts.map(({ currencyCode, weighted }) => ({ currencyCode, amount: weighted }))),
    href,
  }
}

export function closedFigure(facts: readonly ClosedFact[], status: 'won' | 'lost', sums: Sums, href: string): Figure {
  const ofStatus = facts.filter((fact) => fact.status === status)
  return {
    count: counted(ofStatus),
    value: sums(ofStatus.map(({ currencyCode, value }) => ({ currencyCode, amount: value }))),
    href,
  }
}

/** For drawing and ordering: the float nearest to what is shown. */
export function amountOf({ value }: Pick<Figure, 'value'>): number {
  return value.amount?.toNumber() ?? 0
}

export function isOf(
  stage: { pipelineId: number; key: string },
  fact: { pipelineId: number | null; stage: string | null },
): boolean {
  return fact.pipelineId === stage.pipelineId && fact.stage === stage.key
}

export function ofKind<Fact extends { of: string }>(facts: readonly Fact[], of: Fact['of']): Fact[] {
  return facts.filter((fact) => fact.of === of)
}

export function counted(facts: readonly { count: number }[]): number {
  return facts.reduce((sum, { count }) => sum + count, 0)
}

export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100
}

export function rateOf(won: Figure, lost: Figure, href: string): Rate {
  const count = won.count + lost.count
  return { count, share: share(won.count, count), href }
}

export function grouped<Fact, Key>(facts: readonly Fact[], key: (fact: Fact) => Key): Map<Key, Fact[]> {
  const groups = new Map<Key, Fact[]>()
  for (const fact of facts) groups.set(key(fact), [...(groups.get(key(fact)) ?? []), fact])
  return groups
}
