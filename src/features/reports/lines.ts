import type { CalendarDay } from '../../platform/time.ts'
import type { ConvertedTotal } from '../currencies/exchange.ts'
import { LEAD_STEPS } from '../leads/steps.ts'
import type { LeadStep } from '../leads/steps.ts'
import { amountOf, closedFigure, counted, grouped, isOf, openFigure, rateOf, share } from './figures.ts'
import type { Figure, OpenFigure, Rate, Sums } from './figures.ts'
import type { Links } from './links.ts'
import type { ClosedFact, LeadFact, LossFact, OpenFact, StageName, StayFact } from './queries.ts'
import { bucketsBetween } from './question.ts'
import type { Question } from './question.ts'

export interface StageLine extends OpenFigure {
  stage: StageName
}

export interface BucketLine {
  /** The first day of the month or year. */
  key: CalendarDay
  won: Figure
  lost: Figure
}

export interface StayLine {
  stage: StageName
  /** Deals that left it in the period. */
  count: number
  /** On average, of a stay; null when none ended. */
  days: number | null
  href: string
}

export interface FunnelLine {
  step: 'entered' | LeadStep
  count: number
  /** Of those entered, in percent; null when there were none. */
  share: number | null
  href: string
}

export interface SourceLine {
  /** Null: leads without one. */
  source: string | null
  leads: { count: number; href: string }
  converted: { count: number; href: string }
  won: Figure
}

export interface LossLine {
  reason: string
  count: number
  value: ConvertedTotal | null
  href: string
}

export interface OwnerLine {
  id: number | null
  name: string | null
  open: OpenFigure
  won: Figure
  lost: Figure
  winRate: Rate
}

/** Months from the first to the last day asked for; years only as far as there is something in them. */
export function bucketLines(facts: readonly ClosedFact[], question: Question, sums: Sums, links: Links): BucketLine[] {
  const known = facts.flatMap(({ bucket }) => bucket ?? []).sort()
  if (known.length === 0) return []
  const buckets = question.unit === 'year' ? bucketsBetween(question, known[0], known.at(-1)) : bucketsBetween(question)
  return buckets.map(({ key, from, to }) => {
    const inside = facts.filter(({ bucket }) => bucket === key)
    const figure = (status: 'won' | 'lost') =>
      closedFigure(inside, status, sums, links.closed(status, { closedFrom: from, closedTo: to }))
    return { key, won: figure('won'), lost: figure('lost') }
  })
}

export function stayLines(stages: readonly StageName[], stays: readonly StayFact[], links: Links): StayLine[] {
  return stages
    .filter(({ kind }) => kind === 'open')
    .map((stage) => {
      const stay = stays.find((fact) => isOf(stage, fact))
      return {
        stage,
        count: stay?.deals ?? 0,
        days: stay ? stay.seconds / 86_400 : null,
        href: links.left(stage.pipelineId, stage.key),
      }
    })
}

export function funnelLines(facts: readonly LeadFact[], links: Links): FunnelLine[] {
  const entered = facts.reduce((sum, { leads }) => sum + leads, 0)
  const steps = LEAD_STEPS.map((step) => ({
    step,
    count: facts.reduce((sum, fact) => sum + fact[step], 0),
    href: links.entered({ reached: step }),
  }))
  return [{ step: 'entered' as const, count: entered, href: links.entered() }, ...steps].map((line) => ({
    ...line,
    share: share(line.count, entered),
  }))
}

export function sourceLines(facts: readonly LeadFact[], sums: Sums, links: Links): SourceLine[] {
  const lines = [...grouped(facts, ({ source }) => source)].map(([source, ofSource]) => {
    const own = source === null ? { unsourced: 'yes' } : { source }
    const total = (count: (fact: LeadFact) => number) => ofSource.reduce((sum, fact) => sum + count(fact), 0)
    const values = ofSource.flatMap(({ currencyCode, wonValue }) =>
      currencyCode === null ? [] : [{ currencyCode, amount: wonValue }],
    )
    return {
      source,
      leads: { count: total(({ leads }) => leads), href: links.entered(own) },
      converted: {
        count: total(({ converted }) => converted),
        href: links.entered({ ...own, reached: 'converted' }),
      },
      won: { count: total(({ wonAsked }) => wonAsked), value: sums(values), href: links.enteredAndWon(own) },
    }
  })
  return lines.sort(
    (a, b) => b.leads.count - a.leads.count || (a.source ?? '\uffff').localeCompare(b.source ?? '\uffff'),
  )
}

export function lossLines(
  facts: readonly LossFact[],
  of: LossFact['of'],
  sums: Sums,
  href: (reason: string) => string,
): LossLine[] {
  const ours = facts.filter((fact) => fact.of === of)
  return [...grouped(ours, ({ reason }) => reason)]
    .map(([reason, ofReason]) => ({
      reason,
      count: counted(ofReason),
      value:
        of === 'lead'
          ? null
          : sums(ofReason.map(({ currencyCode, value }) => ({ currencyCode: currencyCode ?? '', amount: value }))),
      href: href(reason),
    }))
    .sort((a, b) => b.count - a.count || a.reason.localeCompare(b.reason))
}

export function ownerLines(
  open: readonly OpenFact[],
  closed: readonly ClosedFact[],
  asOfNow: Sums,
  asOfThen: Sums,
  links: Links,
): OwnerLine[] {
  const people = new Map([...open, ...closed].map(({ ownerId, ownerName }) => [ownerId, ownerName]))
  return [...people]
    .map(([id, name]) => {
      const own = { owner: id ?? 'none' }
      const ofThem = closed.filter(({ ownerId }) => ownerId === id)
      const won = closedFigure(ofThem, 'won', asOfThen, links.closed('won', own))
      const lost = closedFigure(ofThem, 'lost', asOfThen, links.closed('lost', own))
      const theirs = open.filter(({ ownerId }) => ownerId === id)
      return {
        id,
        name,
        open: openFigure(theirs, asOfNow, links.open(own)),
        won,
        lost,
        winRate: rateOf(won, lost, links.wonOrLost(own)),
      }
    })
    .sort((a, b) => amountOf(b.won) - amountOf(a.won) || b.won.count - a.won.count || b.open.count - a.open.count)
}
