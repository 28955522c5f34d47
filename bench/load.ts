/** The load, in a process of its own: takes one `Job` at a time from its parent and answers with its `Figures`. */
import { randomUUID } from 'node:crypto'
import autocannon from 'autocannon'

/** A session of the product: its cookie, and the token its forms carry. */
export interface Session {
  cookie: string
  token: string
}

export interface Job {
  address: string
  /** Taken in turns. */
  paths: readonly string[]
  /** Sends this form to the first path and then looks at where it is sent; only the first of the two is timed. */
  form?: Readonly<Record<string, string>>
  /** One for each connection; none for the floor, which knows no sessions. */
  sessions: readonly Session[]
  connections: number
  seconds: number
}

export interface Figures {
  /** Milliseconds, one for each request that was timed. */
  times: number[]
  seconds: number
}

/** Throws when anything but the expected answer came: figures of error pages are worth nothing. */
export async function measure(job: Job): Promise<Figures> {
  const expected = job.form ? 303 : 200
  const times: number[] = []
  const surprises = new Map<string, number>()
  let clients = 0
  const begun = performance.now()
  await new Promise<void>((resolve, reject) => {
    const options: autocannon.Options = {
      url: job.address,
      connections: job.connections,
      duration: job.seconds,
      setupClient: (client) =>
        client.setRequests(requestsOf(job, job.sessions[clients++ % Math.max(1, job.sessions.length)])),
    }
    const instance = autocannon(options, (error: Error | null) => (error ? reject(error) : resolve()))
    const surprise = (what: string) => surprises.set(what, (surprises.get(what) ?? 0) + 1)
    instance.on('response', (_client, status, _bytes, time) => {
      if (status === expected) times.push(time)
      else if (!job.form || status !== 200) surprise(`status ${status}`)
    })
    instance.on('reqError', (error: Error) => surprise(error.message))
  })
  const seconds = (performance.now() - begun) / 1000
  if (surprises.size > 0) {
    throw new Error(`${job.paths[0]} did not always answer ${expected}, but ${JSON.stringify([...surprises])}`)
  }
  return { times, seconds }
}

function requestsOf({ paths, form }: Job, session: Session | undefined): autocannon.Request[] {
  const headers = session ? { cookie: session.cookie } : {}
  if (!form) return paths.map((path) => ({ method: 'GET', path, headers }))
  let shown = '/'
  return [
    {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      // A uuid that was used before would be taken for the same form sent twice.
      setupRequest: (request) => ({
        ...request,
        path: paths[0],
        body: new URLSearchParams({ ...form, submission: randomUUID(), _csrf: session?.token ?? '' }).toString(),
      }),
      onResponse: (_status, _body, _context, headers) => {
        const location = headers?.location ?? headers?.Location
        shown = typeof location === 'string' ? location : '/'
      },
    },
    { method: 'GET', headers, setupRequest: (request) => ({ ...request, path: shown }) },
  ]
}

process.on('message', (job: Job) => {
  measure(job).then(
    (figures) => process.send?.({ figures }),
    (error: unknown) => process.send?.({ failure: (error as Error).message }),
  )
})
