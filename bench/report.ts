import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Figures } from './load.ts'
import { API_PAGES } from './pages.ts'
import type { Page } from './pages.ts'

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
  pages: readonly Page[]
  cells: readonly Cell[]
  floor: Cell
  pageBytes: number
  memory: { now: number; most: number } | null
  /** PostgreSQL's version. */
  database: string
  startMs: number
  /** All sizes that were measured, the smallest first. */
  sizes: readonly number[]
  /** The size that the floor was measured at, and memory. */
  compared: number
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
  const text = [machineOf(measured), pagesTable(measured), programsTable(measured), targetsTable(targets)]
    .filter(Boolean)
    .join('\n\n')
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

function pagesTable({ pages, cells, floor, sizes, compared }: Measured): string {
  const at = (name: string, figure: (cell: Cell) => string) =>
    sizes.map((size) => {
      const cell = cellOf(cells, name, size)
      return cell ? figure(cell) : ''
    })
  const onlyAt = (figure: string) => sizes.map((size) => (size === compared ? figure : ''))
  const largest = (name: string) => cells.filter((cell) => cell.name === name).at(-1)
  const heads = (first: string) =>
    sizes.map((size, index) => (index === 0 ? `${first}, ${short(size)} rows` : `… ${short(size)}`))
  return table(
    [
      '',
      ...heads('req/s, 16 connections'),
      ...heads('p50 ms, 1 connection'),
      'p99 ms, 16, largest',
      'processor ms a request, largest',
    ],
    [
      [
        'Floor',
        ...onlyAt(rate(floor).toFixed(0)),
        ...onlyAt(p50(floor).toFixed(1)),
        p99(floor).toFixed(1),
        processorTime(floor).toFixed(2),
      ],
      ...pages.map(({ name }) => [
        name,
        ...at(name, (cell) => rate(cell).toFixed(rate(cell) < 10 ? 1 : 0)),
        ...at(name, (cell) => p50(cell).toFixed(1)),
        figureOf(largest(name), p99, 1),
        figureOf(largest(name), processorTime, 2),
      ]),
    ],
  )
}

/** What programs ask, at the size that the floor was measured at, against it; '' when none of it was measured. */
function programsTable({ pages, cells, floor, compared }: Measured): string {
  const rows = pages.flatMap((page) => {
    const cell = cellOf(cells, page.name, compared)
    if (!cell || !API_PAGES.some(({ name }) => name === page.name)) return []
    const perSecond = rate(cell) * (page.records ?? 1)
    return [
      [
        page.name,
        String(page.connections ?? 16),
        perSecond.toFixed(0),
        `${(rate(cell) / rate(floor)).toFixed(3)}×`,
        `${(perSecond / rate(floor)).toFixed(2)}×`,
        `${(p50(cell) / p50(floor)).toFixed(1)}×`,
      ],
    ]
  })
  if (rows.length === 0) return ''
  return table(
    [
      `programs, ${short(compared)} rows, against the floor`,
      'connections',
      'records a second',
      'requests a second',
      'records a second, to the floor’s requests',
      'p50, 1 connection',
    ],
    rows,
  )
}

function figureOf(cell: Cell | undefined, figure: (cell: Cell) => number, digits: number): string {
  return cell ? figure(cell).toFixed(digits) : ''
}

function targetsOf({ pages, cells, floor, memory, startMs, compared }: Measured): Target[] {
  return [
    ...againstFloor(cellOf(cells, COMPARED, compared), floor),
    ...pages.flatMap((page) => growthOf(page, cells)),
    ...pages.flatMap((page) => limitOf(page, cells)),
    ...(memory ? [{ what: 'Memory of the app process, at most', is: memory.most, bound: 200, unit: ' MB' }] : []),
    { what: 'npm start, nothing changed: until it answers', is: startMs / 1000, bound: 3, unit: ' s' },
  ]
}

/** The page that is held against the floor; the floor prints one as large. */
const COMPARED = 'Leads list'

function againstFloor(list: Cell | undefined, floor: Cell): Target[] {
  if (!list) return []
  return [
    {
      what: `${list.name}: requests a second at 16 connections, against the floor`,
      is: rate(list) / rate(floor),
      bound: 0.5,
      atLeast: true,
      unit: '×',
    },
    { what: `${list.name}: p50 at 1 connection, against the floor`, is: p50(list) / p50(floor), bound: 2.5, unit: '×' },
  ]
}

/** A page on more rows against itself on the fewest. */
function growthOf({ name, growth }: Page, cells: readonly Cell[]): Target[] {
  const [base, ...larger] = cells.filter((cell) => cell.name === name)
  if (!base || growth === Infinity) return []
  return larger.flatMap((cell) => {
    const sizes = `${short(cell.rows)} rows against ${short(base.rows)}`
    return [
      { what: `${name}: time at 16 connections, ${sizes}`, is: rate(base) / rate(cell), bound: growth, unit: '×' },
      { what: `${name}: p50 at 1 connection, ${sizes}`, is: p50(cell) / p50(base), bound: growth, unit: '×' },
    ]
  })
}

function limitOf({ name, within }: Page, cells: readonly Cell[]): Target[] {
  if (within === undefined) return []
  return cells
    .filter((cell) => cell.name === name)
    .map((cell) => ({
      what: `${name}: p50 at 1 connection, ${short(cell.rows)} rows`,
      is: p50(cell),
      bound: within,
      unit: ' ms',
    }))
}

function targetsTable(targets: readonly Target[]): string {
  const figure = (value: number, unit: string) =>
    `${unit === ' MB' || unit === ' ms' ? value.toFixed(0) : value.toFixed(2)}${unit}`
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
