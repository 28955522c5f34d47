/**
 * npm run bench                      the whole report, into bench/README.md; some forty minutes
 * npm run bench -- --quick           fewer rows, shorter runs, printed only: does it still work, is it about right?
 * npm run bench -- --short           the same in rounds of a second: less steady, some fifteen minutes; into bench/README.md
 * npm run bench -- --up-to=100000    no larger databases than this; printed only
 * npm run bench -- board moving      only the pages whose name has one of the words; printed only
 *
 * BENCH_DATABASE_URL: measure on this PostgreSQL server (the user must be allowed to make databases) instead of an embedded one.
 */
import { ACCOUNT } from './data.ts'
import { versionOf, withDatabases } from './databases.ts'
import type { Figures, Job, Session } from './load.ts'
import { API_PAGES, LARGE, LARGEST, PAGES, SMALL, recordsOf } from './pages.ts'
import type { Page, Records } from './pages.ts'
import { memoryOf, processorTimeOf, startFloor, startLoad, startProduct, timeToStart } from './processes.ts'
import type { Load, Running } from './processes.ts'
import { reportOf, saveReport } from './report.ts'
import type { Cell } from './report.ts'
import { makeTokens, signIn } from './session.ts'

const MANY = 16

interface Plan {
  pages: readonly Page[]
  rounds: number
  /** Seconds. */
  warmUp: number
  seconds: number
  saved: boolean
}

function planOf(args: readonly string[]): Plan {
  const quick = args.includes('--quick')
  const upTo = Number(args.find((arg) => arg.startsWith('--up-to='))?.slice('--up-to='.length) ?? LARGEST)
  const words = args.filter((arg) => !arg.startsWith('--')).map((word) => word.toLowerCase())
  const pages = [...PAGES, ...API_PAGES]
    .filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)))
    .map((page) => ({
      ...page,
      sizes: quick ? [SMALL, 10 * SMALL] : page.sizes.filter((rows) => rows <= upTo),
    }))
  if (quick) return { pages, rounds: 1, warmUp: 1, seconds: 2, saved: false }
  const saved = words.length === 0 && upTo >= LARGEST
  if (args.includes('--short')) return { pages, rounds: 2, warmUp: 1, seconds: 1, saved }
  return { pages, rounds: 3, warmUp: 3, seconds: 3, saved }
}

/** The product on a database of one size. */
interface Served {
  product: Running
  sessions: Session[]
  records: Records
}

/** One thing to be measured: a page of one of the servers. */
interface Subject {
  cell: Cell
  server: Running
  /** Where it is asked by many. */
  connections: number
  job: Omit<Job, 'connections' | 'seconds'>
}

async function main(): Promise<void> {
  const plan = planOf(process.argv.slice(2))
  console.log('Starting twice …')
  const startMs = await timeToStart()
  const sizes = [...new Set(plan.pages.flatMap(({ sizes }) => sizes))].sort((a, b) => a - b)
  const report = await withDatabases(sizes, async (urls) => {
    const running: Running[] = []
    const load = startLoad()
    try {
      const served = new Map<number, Served>()
      for (const [rows, url] of urls) {
        const product = await startProduct(url)
        running.push(product)
        // One after the other: as many at once would be slowed down as guessing is.
        const sessions: Session[] = []
        for (const bearer of await makeTokens(url, MANY))
          sessions.push({ ...(await signIn(product.address, ACCOUNT)), bearer })
        served.set(rows, { product, sessions, records: await recordsOf(url) })
      }
      const compared = Math.min(LARGE, sizes.at(-1) ?? LARGE)
      const pageBytes = await bytesOf(
        `${served.get(compared)?.product.address}/leads`,
        served.get(compared)?.sessions[0],
      )
      const floor = await startFloor(urls.get(compared) ?? '', pageBytes)
      running.push(floor)

      const floorCell: Cell = { name: 'Floor', rows: compared, many: [], one: [], processor: 0 }
      const cells: Cell[] = []
      for (const [index, page] of plan.pages.entries()) {
        const subjects = page.sizes.map((rows): Subject => {
          const at = served.get(rows)
          if (!at) throw new Error(`no product runs on ${rows} rows`)
          return {
            cell: { name: page.name, rows, many: [], one: [], processor: 0 },
            server: at.product,
            connections: page.connections ?? MANY,
            job: { address: at.product.address, steps: page.steps(at.records), sessions: at.sessions },
          }
        })
        cells.push(...subjects.map(({ cell }) => cell))
        if (index === 0)
          subjects.push({
            cell: floorCell,
            server: floor,
            connections: MANY,
            job: { address: floor.address, steps: [{ path: '/', isTimed: true }], sessions: [] },
          })
        console.log(`${page.name} …`)
        await alternate(load, plan, subjects)
      }
      const product = served.get(compared)?.product
      const memory = product ? memoryOf(product.pid) : null
      const database = await versionOf(urls.get(compared) ?? '')
      return { pages: plan.pages, cells, floor: floorCell, pageBytes, memory, database, sizes, compared }
    } finally {
      load.stop()
      for (const server of running.reverse()) await server.stop()
    }
  })
  const { text, missed } = reportOf({ ...report, startMs })
  console.log(`\n${text}`)
  if (plan.saved) saveReport(text)
  if (missed > 0) process.exitCode = 1
}

/** Round for round one after the other, there and back, so that whatever else the machine does hits all of them. */
async function alternate(load: Load, { rounds, warmUp, seconds }: Plan, subjects: readonly Subject[]): Promise<void> {
  for (const { job, connections } of subjects) await load.measure({ ...job, connections, seconds: warmUp })
  for (const isAlone of [false, true]) {
    for (let round = 0; round < rounds; round++) {
      for (const { cell, server, job, ...subject } of round % 2 === 0 ? subjects : [...subjects].reverse()) {
        const connections = isAlone ? 1 : subject.connections
        const { figures, processor } = await measureEnough(load, server, { ...job, connections, seconds })
        if (isAlone) cell.one.push(figures)
        else {
          cell.many.push(figures)
          cell.processor += processor
        }
      }
    }
  }
}

/** A page so slow that hardly one was finished says nothing: then it gets more time. */
async function measureEnough(load: Load, server: Running, job: Job): Promise<{ figures: Figures; processor: number }> {
  const before = processorTimeOf(server.pid)
  const figures = await load.measure(job)
  const after = processorTimeOf(server.pid)
  if (figures.times.length >= 2 * job.connections) return { figures, processor: (after ?? NaN) - (before ?? NaN) }
  if (job.seconds > 60)
    throw new Error(`${job.steps[0]?.path} answers ${figures.times.length} times in ${job.seconds} s`)
  return measureEnough(load, server, { ...job, seconds: 2 * job.seconds })
}

async function bytesOf(address: string, session: Session | undefined): Promise<number> {
  const answer = await fetch(address, { headers: { cookie: session?.cookie ?? '' } })
  return Buffer.byteLength(await answer.text())
}

await main()
