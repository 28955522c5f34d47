/**
 * npm run bench                      the whole report, into bench/README.md; some ten minutes
 * npm run bench -- --quick           fewer rows, shorter runs, printed only: does it still work, is it about right?
 * npm run bench -- --rows=1000000    the larger database of another size; printed only
 *
 * BENCH_DATABASE_URL: measure on this PostgreSQL server (the user must be allowed to make databases) instead of an embedded one.
 */
import { ACCOUNT } from './data.ts'
import { versionOf, withDatabases } from './databases.ts'
import type { Figures, Job, Session } from './load.ts'
import { memoryOf, processorTimeOf, startFloor, startLoad, startProduct, timeToStart } from './processes.ts'
import type { Load, Running } from './processes.ts'
import { reportOf, saveReport } from './report.ts'
import type { Cell } from './report.ts'
import { signIn } from './session.ts'

const MANY = 16

interface Page {
  name: string
  paths(rows: number): string[]
  form?: Readonly<Record<string, string>>
}

// Creating comes last: it adds rows.
const PAGES: readonly Page[] = [
  { name: 'Leads list', paths: () => ['/leads'] },
  { name: 'Leads list, one status', paths: () => ['/leads?status=qualified'] },
  { name: 'Leads list, a frequent word', paths: () => ['/leads?q=logistics'] },
  { name: 'Leads list, one lead’s e-mail', paths: () => ['/leads?q=lead501%40company71.example'] },
  {
    name: 'Deal',
    paths: (rows) => Array.from({ length: 20 }, (_, index) => `/deals/${(index + 1) * Math.floor(rows / 80) * 4}`),
  },
  { name: 'Board', paths: () => ['/deals/pipeline'] },
  { name: 'Today', paths: () => ['/'] },
  {
    name: 'Creating a lead, being shown it',
    paths: () => ['/leads/create'],
    form: {
      firstName: 'Gudrun',
      lastName: 'Measured',
      companyName: 'Stopwatch & Sons',
      email: 'gudrun@stopwatch.example',
      phone: '+49 40 5550123',
      title: 'Head of Timing',
      source: 'Fair',
      status: 'new',
      score: '70',
      estimatedValue: '12500.50',
      currencyCode: 'EUR',
      ownerId: '1',
      tags: 'export',
      notes: 'Wants to know how long it takes.',
    },
  },
]

interface Plan {
  sizes: readonly [number, number]
  rounds: number
  /** Seconds. */
  warmUp: number
  seconds: number
  saved: boolean
}

function planOf(args: readonly string[]): Plan {
  const rows = Number(args.find((arg) => arg.startsWith('--rows='))?.slice('--rows='.length) ?? 0)
  if (args.includes('--quick'))
    return { sizes: [1_000, rows || 10_000], rounds: 1, warmUp: 1, seconds: 2, saved: false }
  return { sizes: [1_000, rows || 100_000], rounds: 3, warmUp: 3, seconds: 3, saved: rows === 0 }
}

/** One thing to be measured: a page of one of the servers. */
interface Subject {
  cell: Cell
  server: Running
  job: Omit<Job, 'connections' | 'seconds'>
}

async function main(): Promise<void> {
  const plan = planOf(process.argv.slice(2))
  console.log('Starting twice …')
  const startMs = await timeToStart()
  const [small, large] = plan.sizes
  const report = await withDatabases(plan.sizes, async (urls) => {
    const largeUrl = urls.get(large) ?? ''
    const running: Running[] = []
    const load = startLoad()
    try {
      const products = new Map<number, Running>()
      const sessions = new Map<number, Session[]>()
      for (const [rows, url] of urls) {
        const product = await startProduct(url)
        running.push(product)
        products.set(rows, product)
        // One after the other: as many at once would be slowed down as guessing is.
        const signedIn: Session[] = []
        for (let person = 0; person < MANY; person++) signedIn.push(await signIn(product.address, ACCOUNT))
        sessions.set(rows, signedIn)
      }
      const pageBytes = await bytesOf(`${products.get(large)?.address}/leads`, sessions.get(large)?.[0])
      const floor = await startFloor(largeUrl, pageBytes)
      running.push(floor)

      const floorCell: Cell = { name: 'Floor', rows: large, many: [], one: [], processor: 0 }
      const cells: Cell[] = []
      for (const page of PAGES) {
        const subjects = plan.sizes.map((rows): Subject => {
          const server = products.get(rows)
          if (!server) throw new Error(`no product runs on ${rows} rows`)
          return {
            cell: { name: page.name, rows, many: [], one: [], processor: 0 },
            server,
            job: {
              address: server.address,
              paths: page.paths(rows),
              form: page.form,
              sessions: sessions.get(rows) ?? [],
            },
          }
        })
        cells.push(...subjects.map(({ cell }) => cell))
        if (page === PAGES[0])
          subjects.push({ cell: floorCell, server: floor, job: { address: floor.address, paths: ['/'], sessions: [] } })
        console.log(`${page.name} …`)
        await alternate(load, plan, subjects)
      }
      const product = products.get(large)
      const memory = product ? memoryOf(product.pid) : null
      return { plan, cells, floor: floorCell, pageBytes, memory, database: await versionOf(largeUrl), small, large }
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
  for (const { job } of subjects) await load.measure({ ...job, connections: MANY, seconds: warmUp })
  for (const connections of [MANY, 1]) {
    for (let round = 0; round < rounds; round++) {
      for (const { cell, server, job } of round % 2 === 0 ? subjects : [...subjects].reverse()) {
        const { figures, processor } = await measureEnough(load, server, { ...job, connections, seconds })
        if (connections === 1) cell.one.push(figures)
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
  if (job.seconds > 60) throw new Error(`${job.paths[0]} answers ${figures.times.length} times in ${job.seconds} s`)
  return measureEnough(load, server, { ...job, seconds: 2 * job.seconds })
}

async function bytesOf(address: string, session: Session | undefined): Promise<number> {
  const answer = await fetch(address, { headers: { cookie: session?.cookie ?? '' } })
  return Buffer.byteLength(await answer.text())
}

await main()
