import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Figures } from './load.ts'

/** What was measured of one page at one size: a `Figures` for each round, at sixteen connections and at one. */
export interface Cell {
  name: string
  rows: number
  many: Figures[]
  one: Figures[]
  /** Milliseconds of processor time the server used at sixteen connections; NaN where the system does not say. */
  processor: number
}

export interface Measured {
  cells: readonly Cell[]
  floor: Cell
  pageBytes: number
  memory: { now: number; most: number } | null
  /** PostgreSQL's version. */
  database: string
  startMs: number
  small: number
  large: number
}

interface Target {
  what: string
  /** What was measured, what is allowed, and whether more is better. */
  is: number
  bound: number
  atLeast?: boolean
  unit: string
}

/** The tables as Markdown, and how many targets were missed. */
export function reportOf(measured: Measured): { text: string; missed: number } {
  const targets = targetsOf(measured)
  const text = [machineOf(measured), pagesTable(measured), targetsTable(targets)].join('\n\n')
  return { text, missed: targets.filter((target) => !isReached(target)).length }
}

const MARKS = ['<!-- figures: written by npm run bench -->', '<!-- end of figures -->'] as const

/** Puts the report between its marks in README.md. */
export function saveReport(text: string): void {
  const file = join(import.meta.dirname, 'README.md')
  const [before, rest] = readFileSync(file, 'utf8').split(MARKS[0])
  const after = rest?.split(MARKS[1])[1]
  if (before === undefined || after === undefined) throw new Error('bench/README.md has lost the marks for the figures')
  writeFileSync(file, `${before}${MARKS[0]}\n\n${text}\n\n${MARKS[1]}${after}`)
}

function machineOf({ database, pageBytes, memory }: Measured): string {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GB, ${process.platform}, Node ${process.versions.node}, PostgreSQL ${database}`
  const held = memory
    ? ` The app's process held ${memory.now.toFixed(0)} MB at the end and ${memory.most.toFixed(0)} MB at most.`
    : ''
  return `${new Date().toISOString().slice(0, 10)}; ${machine}. The leads list is ${(pageBytes / 1024).toFixed(0)} KB, and so is the floor's page.${held}`
}

function pagesTable({ cells, floor, small, large }: Measured): string {
  const names = [...new Set(cells.map(({ name }) => name))]
  const rows = names.map((name) => {
    const [at1, at2] = [small, large].map((size) => cellOf(cells, name, size))
    if (!at1 || !at2) throw new Error(`${name} was not measured`)
    return [
      name,
      rate(at1).toFixed(0),
      rate(at2).toFixed(0),
      p50(at1).toFixed(1),
      p50(at2).toFixed(1),
      p99(at2).toFixed(1),
      processorTime(at2).toFixed(2),
    ]
  })
  return table(
    [
      '',
      `req/s, 16 connections, ${short(small)} rows`,
      `… ${short(large)} rows`,
      `p50 ms, 1 connection, ${short(small)}`,
      `… ${short(large)}`,
      `p99 ms, 16 connections, ${short(large)}`,
      `processor ms a request, app process, ${short(large)}`,
    ],
    [
      [
        'Floor',
        '',
        rate(floor).toFixed(0),
        '',
        p50(floor).toFixed(1),
        p99(floor).toFixed(1),
        processorTime(floor).toFixed(2),
      ],
      ...rows,
    ],
  )
}

function targetsOf({ cells, floor, memory, startMs, small, large }: Measured): Target[] {
  const list = cells.find(({ rows }) => rows === large)
  if (!list) throw new Error('the leads list was not measured')
  const growth = cells
    .filter(({ rows }) => rows === large)
    .flatMap((cell): Target[] => {
      const before = cellOf(cells, cell.name, small)
      if (!before) return []
      const sizes = `${short(large)} rows against ${short(small)}`
      return [
        {
          what: `${cell.name}: time at 16 connections, ${sizes}`,
          is: rate(before) / rate(cell),
          bound: 1.3,
          unit: '×',
        },
        { what: `${cell.name}: p50 at 1 connection, ${sizes}`, is: p50(cell) / p50(before), bound: 1.3, unit: '×' },
      ]
    })
  return [
    {
      what: `${list.name}: requests a second at 16 connections, against the floor`,
      is: rate(list) / rate(floor),
      bound: 0.5,
      atLeast: true,
      unit: '×',
    },
    { what: `${list.name}: p50 at 1 connection, against the floor`, is: p50(list) / p50(floor), bound: 2.5, unit: '×' },
    ...growth,
    ...(memory ? [{ what: 'Memory of the app process, at most', is: memory.most, bound: 200, unit: ' MB' }] : []),
    { what: 'npm start, nothing changed: until it answers', is: startMs / 1000, bound: 3, unit: ' s' },
  ]
}

function targetsTable(targets: readonly Target[]): string {
  const figure = (value: number, unit: string) => `${unit === ' MB' ? value.toFixed(0) : value.toFixed(2)}${unit}`
  return table(
    ['target', 'measured', 'to reach', ''],
    targets.map((target) => [
      target.what,
      figure(target.is, target.unit),
      `${target.atLeast ? '≥' : '≤'} ${figure(target.bound, target.unit)}`,
      isReached(target) ? 'reached' : '**missed**',
    ]),
  )
}

function isReached({ is, bound, atLeast = false }: Target): boolean {
  return atLeast ? is >= bound : is <= bound
}

function cellOf(cells: readonly Cell[], name: string, rows: number): Cell | undefined {
  return cells.find((cell) => cell.name === name && cell.rows === rows)
}

/** Requests a second over all rounds. */
function rate({ many }: Cell): number {
  return many.reduce((sum, { times }) => sum + times.length, 0) / many.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Milliseconds of the server's processor time a request: what is left when others use the machine, too. */
function processorTime({ many, processor }: Cell): number {
  return processor / many.reduce((sum, { times }) => sum + times.length, 0)
}

function p50({ one }: Cell): number {
  return quantile(one, 0.5)
}

function p99({ many }: Cell): number {
  return quantile(many, 0.99)
}

function quantile(rounds: readonly Figures[], share: number): number {
  const times = rounds.flatMap((round) => round.times).sort((a, b) => a - b)
  return times[Math.floor(times.length * share)] ?? Number.NaN
}

function short(rows: number): string {
  return rows >= 1_000_000 ? `${rows / 1_000_000} M` : `${rows / 1_000} k`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
