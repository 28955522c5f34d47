import { scaleBand, scaleLinear } from 'd3-scale'
import { formatLocale } from '../../platform/i18n.ts'
import { amountOf } from './figures.ts'
import type { BucketLine } from './lines.ts'

/** Columns side by side, drawn in a box of `WIDTH` × `HEIGHT` that is stretched to the room there is. */
export interface Chart {
  width: number
  height: number
  bars: { series: 'won' | 'lost'; x: number; y: number; width: number; height: number }[]
  /** The lines across, from the top down, and what they stand for. */
  lines: { y: number; label: string }[]
}

const WIDTH = 1000
const HEIGHT = 200

/** Won beside lost, a pair a month. In a right-to-left page time runs the other way, and the box is mirrored as a whole. */
export function closedChart(buckets: readonly BucketLine[], currency: string, language: string): Chart {
  const most = Math.max(...buckets.flatMap(({ won, lost }) => [amountOf(won), amountOf(lost)]), 0)
  const y = scaleLinear([0, most || 1], [HEIGHT, 0]).nice(4)
  const x = scaleBand(
    buckets.map(({ key }) => key),
    [0, WIDTH],
  )
    .paddingInner(0.4)
    .paddingOuter(0.2)
  const pair = scaleBand(['won', 'lost'] as const, [0, x.bandwidth()]).paddingInner(0.1)
  const bars = buckets.flatMap((bucket) =>
    (['won', 'lost'] as const).map((series) => {
      const top = y(amountOf(bucket[series]))
      return {
        series,
        x: rounded((x(bucket.key) ?? 0) + (pair(series) ?? 0)),
        y: rounded(top),
        width: rounded(pair.bandwidth()),
        height: rounded(HEIGHT - top),
      }
    }),
  )
  const label = new Intl.NumberFormat(formatLocale(language), {
    notation: 'compact',
    style: 'currency',
    currency,
    maximumFractionDigits: 1,
    minimumFractionDigits: 0,
  })
  const ticks = most === 0 ? [0] : y.ticks(4)
  return {
    width: WIDTH,
    height: HEIGHT,
    bars,
    lines: ticks.reverse().map((tick) => ({ y: rounded(y(tick)), label: label.format(tick) })),
  }
}

/** How long the bar of each figure is, in hundredths of the longest. */
export function barLengths(figures: readonly number[]): number[] {
  const length = scaleLinear([0, Math.max(...figures, 0) || 1], [0, 100])
  return figures.map((figure) => rounded(length(figure)))
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
