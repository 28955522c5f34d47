import type { CsvColumn, CsvReader } from '../../platform/csv.ts'
import { plainAmount } from '../../platform/money.ts'
import type { ConvertedTotal } from '../currencies/exchange.ts'
import { stageName } from '../pipelines/words.ts'
import type { StageName } from './queries.ts'
import type { BucketLine, LossLine, OwnerLine, SourceLine, StageLine, StayLine } from './lines.ts'
import type { Report } from './report.ts'
import type { Section } from './schema.ts'

type Value<Row> = CsvColumn<Row>['value']

/** The columns of a section's file, and its rows. */
export interface SectionFile<Row> {
  columns: CsvColumn<Row>[]
  rows: readonly Row[]
}

/** A section as a file; `write` is told its columns and rows together, so that they fit each other. */
export function fileOf<Result>(
  report: Report,
  section: Section,
  write: <Row>(file: SectionFile<Row>) => Result,
): Result {
  switch (section) {
    case 'pipeline':
      return write({
        rows: report.pipeline,
        columns: [
          ...stageColumns<StageLine>(({ stage }) => stage),
          { header: 'reports.fields.deals', value: ({ count }) => count },
          ...amount<StageLine>('reports.fields.value', ({ value }) => value),
          { header: 'reports.fields.weighted', value: ({ weighted }) => plain(weighted) },
        ],
      })
    case 'closed':
      return write({
        rows: report.closed,
        columns: [
          { header: 'reports.fields.month', value: ({ key }) => key.slice(0, report.question.unit === 'year' ? 4 : 7) },
          { header: 'reports.fields.won', value: ({ won }) => won.count },
          ...amount<BucketLine>('reports.fields.wonValue', ({ won }) => won.value),
          { header: 'reports.fields.lost', value: ({ lost }) => lost.count },
          ...amount<BucketLine>('reports.fields.lostValue', ({ lost }) => lost.value),
        ],
      })
    case 'stages':
      return write({
        rows: report.stages,
        columns: [
          ...stageColumns<StayLine>(({ stage }) => stage),
          { header: 'reports.fields.deals', value: ({ count }) => count },
          { header: 'reports.fields.days', value: ({ days }) => tenth(days) },
        ],
      })
    case 'funnel':
      return write({
        rows: report.funnel,
        columns: [
          { header: 'reports.fields.step', value: ({ step }, { t }) => t(`reports.steps.${step}`) },
          { header: 'reports.fields.leads', value: ({ count }) => count },
          { header: 'reports.fields.share', value: ({ share }) => tenth(share) },
        ],
      })
    case 'sources':
      return write({
        rows: report.sources,
        columns: [
          { header: 'reports.fields.source', value: ({ source }) => source },
          { header: 'reports.fields.leads', value: ({ leads }) => leads.count },
          { header: 'reports.fields.converted', value: ({ converted }) => converted.count },
          { header: 'reports.fields.won', value: ({ won }) => won.count },
          ...amount<SourceLine>('reports.fields.wonValue', ({ won }) => won.value),
        ],
      })
    case 'dealLosses':
      return write({
        rows: report.dealLosses,
        columns: [
          { header: 'reports.fields.reason', value: ({ reason }) => reason },
          { header: 'reports.fields.deals', value: ({ count }) => count },
          ...amount<LossLine>('reports.fields.value', ({ value }) => value),
        ],
      })
    case 'leadLosses':
      return write({
        rows: report.leadLosses,
        columns: [
          { header: 'reports.fields.reason', value: ({ reason }) => reason },
          { header: 'reports.fields.leads', value: ({ count }) => count },
        ],
      })
    case 'owners':
      return write({
        rows: report.owners,
        columns: [
          { header: 'reports.fields.owner', value: ({ name }, { t }) => name ?? t('reports.nobody') },
          { header: 'reports.fields.open', value: ({ open }) => open.count },
          ...amount<OwnerLine>('reports.fields.openValue', ({ open }) => open.value),
          { header: 'reports.fields.weighted', value: ({ open }) => plain(open.weighted) },
          { header: 'reports.fields.won', value: ({ won }) => won.count },
          ...amount<OwnerLine>('reports.fields.wonValue', ({ won }) => won.value),
          { header: 'reports.fields.lost', value: ({ lost }) => lost.count },
          ...amount<OwnerLine>('reports.fields.lostValue', ({ lost }) => lost.value),
          { header: 'reports.fields.winRate', value: ({ winRate }) => tenth(winRate.share) },
        ],
      })
  }
}

function stageColumns<Row>(stage: (row: Row) => StageName): CsvColumn<Row>[] {
  return [
    { header: 'reports.fields.pipeline', value: (row) => stage(row).pipelineName },
    { header: 'reports.fields.stage', value: (row, { t }: CsvReader) => stageName(t, stage(row)) },
  ]
}

/** An amount, its currency, what could not be converted, and the rates of what was. */
function amount<Row>(header: CsvColumn<Row>['header'], total: (row: Row) => ConvertedTotal | null): CsvColumn<Row>[] {
  const of =
    (say: (total: ConvertedTotal) => string): Value<Row> =>
    (row) => {
      const known = total(row)
      return known && say(known)
    }
  return [
    { header, value: of(plain) },
    { header: 'reports.fields.currency', value: of(({ currencyCode }) => currencyCode) },
    {
      header: 'reports.fields.unconverted',
      value: of(({ missing }) =>
        missing.map((part) => `${plainAmount(part.amount, part.currencyCode)} ${part.currencyCode}`).join('; '),
      ),
    },
    {
      header: 'reports.fields.rates',
      value: of(({ quotes }) =>
        quotes.map(({ from, to, rate, date }) => `1 ${from} = ${rate.toFixed()} ${to} (${date})`).join('; '),
      ),
    },
  ]
}

function plain({ amount: sum, currencyCode }: ConvertedTotal): string {
  return plainAmount(sum, currencyCode)
}

function tenth(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10
}
