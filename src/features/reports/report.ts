import type { Scope } from '../../platform/scope.ts'
import { convertedTotal } from '../currencies/exchange.ts'
import type { Quote, RateSheet } from '../currencies/exchange.ts'
import { rateSheets } from '../currencies/queries.ts'
import { baseCurrency } from '../users/queries.ts'
import { closedFigure, isOf, ofKind, openFigure, rateOf } from './figures.ts'
import type { Figure, OpenFigure, Rate, Sums } from './figures.ts'
import { bucketLines, funnelLines, lossLines, ownerLines, sourceLines, stayLines } from './lines.ts'
import type { BucketLine, FunnelLine, LossLine, OwnerLine, SourceLine, StageLine, StayLine } from './lines.ts'
import { linksOf } from './links.ts'
import { allStages, closedDeals, leadsEntered, losses, openDeals, stageStays } from './queries.ts'
import type { ClosedFact } from './queries.ts'
import type { Question } from './question.ts'

export interface Report {
  question: Question
  /** What the sums are in. */
  currency: string
  open: OpenFigure
  won: Figure
  lost: Figure
  winRate: Rate
  /** From being entered to being won, on average of the deals of which it is known. */
  cycle: { days: number | null; deals: number; href: string }
  pipeline: StageLine[]
  closed: BucketLine[]
  stages: StayLine[]
  funnel: FunnelLine[]
  sources: SourceLine[]
  dealLosses: LossLine[]
  leadLosses: LossLine[]
  owners: OwnerLine[]
  /** Which pipelines there are. */
  pipelines: { id: number; name: string }[]
  /** What was converted, and at which rates; what is open at today's, what is closed at those of the end of the period. */
  quotes: Quote[]
  /** Currencies of which there is no rate: their amounts are in no converted sum. */
  missing: string[]
}

/** The dashboard: as many statements whatever it shows. */
export async function report(scope: Scope, question: Question): Promise<Report> {
  const lastDay = question.to < question.today ? question.to : question.today
  const [base, [now, then], stageNames, open, closed, stays, leads, lost] = await Promise.all([
    baseCurrency(scope),
    rateSheets(scope, [question.today, lastDay]),
    allStages(scope),
    openDeals(scope, question),
    closedDeals(scope, question),
    stageStays(scope, question),
    leadsEntered(scope, question),
    losses(scope, question),
  ])
  const currency = question.currency ?? base
  const sums =
    (sheet: RateSheet | undefined): Sums =>
    (amounts) => {
      if (!sheet) throw new Error('a day was asked for, and no sheet came')
      return convertedTotal(amounts, sheet, currency)
    }
  const [asOfNow, asOfThen] = [sums(now), sums(then)]
  const links = linksOf(question)
  const asked = stageNames.filter(({ pipelineId }) => [undefined, pipelineId].includes(question.pipeline))

  const openAll = openFigure(ofKind(open, 'stage'), asOfNow, links.open())
  const won = closedFigure(ofKind(closed, 'bucket'), 'won', asOfThen, links.closed('won'))
  const gone = closedFigure(ofKind(closed, 'bucket'), 'lost', asOfThen, links.closed('lost'))
  const sources = sourceLines(leads, asOfThen, links)
  const totals = [openAll.value, won.value, gone.value, ...sources.map((line) => line.won.value)]
  return {
    question,
    currency,
    open: openAll,
    won,
    lost: gone,
    winRate: rateOf(won, gone, links.wonOrLost()),
    cycle: { ...cycleOf(closed), href: links.timed() },
    pipeline: asked
      .filter(({ kind }) => kind === 'open')
      .map((stage) => ({
        stage,
        ...openFigure(
          ofKind(open, 'stage').filter((fact) => isOf(stage, fact)),
          asOfNow,
          links.open({ pipeline: stage.pipelineId, stage: stage.key }),
        ),
      })),
    closed: bucketLines(ofKind(closed, 'bucket'), question, asOfThen, links),
    stages: stayLines(asked, stays, links),
    funnel: funnelLines(leads, links),
    sources,
    dealLosses: lossLines(lost, 'deal', asOfThen, (reason) => links.closed('lost', { reason })),
    leadLosses: lossLines(lost, 'lead', asOfThen, (reason) => links.lostLeads(reason)),
    owners: ownerLines(ofKind(open, 'owner'), ofKind(closed, 'owner'), asOfNow, asOfThen, links),
    pipelines: [...new Map(stageNames.map(({ pipelineId: id, pipelineName: name }) => [id, { id, name }])).values()],
    quotes: distinct(totals.flatMap(({ quotes }) => quotes)),
    missing: [...new Set(totals.flatMap((total) => total.missing.map(({ currencyCode }) => currencyCode)))].sort(),
  }
}

function cycleOf(facts: readonly ClosedFact[]): Omit<Report['cycle'], 'href'> {
  const won = ofKind(facts, 'bucket').filter(({ status }) => status === 'won')
  const deals = won.reduce((sum, { timed }) => sum + timed, 0)
  return { deals, days: deals === 0 ? null : won.reduce((sum, { days }) => sum + days, 0) / deals }
}

function distinct(quotes: readonly Quote[]): Quote[] {
  return [...new Map(quotes.map((quote) => [`${quote.from} ${quote.to} ${quote.date}`, quote])).values()].sort(
    (a, b) => (a.to < b.to ? -1 : 1),
  )
}
