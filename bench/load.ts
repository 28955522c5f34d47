/** The load, in a process of its own: takes one `Job` at a time from its parent and answers with its `Figures`. */
import autocannon from 'autocannon'
import { filledIn } from './pages.ts'

/** A session of the product: its cookie, the token its forms carry, and one of a program of the same user. */
export interface Session {
  cookie: string
  token: string
  bearer: string
}

/** One request. In its path `{id}` is the next of `ids`, the same for all steps of a round, and `{shown}` where the step before led to. */
export interface Step {
  path: string
  /** Sent with the session's token; without it the step is a GET. */
  form?: Readonly<Record<string, string>>
  /** A request of a program instead: no session, and an answer in JSON. */
  api?: ApiRequest
  ids?: readonly number[]
  isTimed: boolean
}

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH'
  body?: unknown
  /** The status of the answer. */
  answer: number
}

export interface Job {
  address: string
  /** Taken in turns by each connection. */
  steps: readonly Step[]
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
  const { steps } = job
  const times: number[] = []
  const surprises = new Map<string, number>()
  const answered = new Map<object, number>()
  let clients = 0
  const begun = performance.now()
  await new Promise<void>((resolve, reject) => {
    const options: autocannon.Options = {
      url: job.address,
      connections: job.connections,
      duration: job.seconds,
      // A thousand records a request, on a busy machine.
      timeout: 60,
      setupClient: (client) => client.setRequests(requestsOf(job, clients++)),
    }
    const instance = autocannon(options, (error: Error | null) => (error ? reject(error) : resolve()))
    const surprise = (what: string) => surprises.set(what, (surprises.get(what) ?? 0) + 1)
    instance.on('response', (client, status, _bytes, time) => {
      const count = answered.get(client) ?? 0
      answered.set(client, count + 1)
      const step = steps[count % steps.length]
      if (status !== (step?.api?.answer ?? (step?.form ? 303 : 200))) surprise(`status ${status} for ${step?.path}`)
      else if (step?.isTimed) times.push(time)
    })
    instance.on('reqError', (error: Error) => surprise(error.message))
  })
  const seconds = (performance.now() - begun) / 1000
  if (surprises.size > 0)
    throw new Error(`${steps[0]?.path} was not always answered as expected: ${JSON.stringify([...surprises])}`)
  return { times, seconds }
}

/** The requests of one connection, which has sessions and records that no other one has. */
function requestsOf({ steps, sessions, connections }: Job, connection: number): autocannon.Request[] {
  const session = sessions[connection % Math.max(1, sessions.length)]
  const cookie = session ? { cookie: session.cookie } : {}
  const bearer = { authorization: `Bearer ${session?.bearer ?? ''}`, 'content-type': 'application/json' }
  let round = -1
  let shown = '/'
  const pathOf = ({ path, ids = [] }: Step) => {
    const own = ids.filter((_, index) => index % connections === connection % connections)
    return path.replace('{id}', String(own[round % own.length])).replace('{shown}', shown)
  }
  const headersOf = ({ api, form }: Step) => {
    if (api) return bearer
    return form ? { ...cookie, 'content-type': 'application/x-www-form-urlencoded' } : cookie
  }
  const bodyOf = ({ api, form }: Step) => {
    if (api?.body !== undefined) return JSON.stringify(api.body)
    return form && new URLSearchParams({ ...filledIn(form), _csrf: session?.token ?? '' }).toString()
  }
  return steps.map((step, index) => ({
    method: step.api?.method ?? (step.form ? 'POST' : 'GET'),
    headers: headersOf(step),
    setupRequest: (request) => {
      if (index === 0) round += 1
      const body = bodyOf(step)
      return { ...request, path: pathOf(step), ...(body !== undefined && { body }) }
    },
    onResponse: (_status, _body, _context, head) => {
      const location = head?.location ?? head?.Location
      if (typeof location === 'string') shown = location
    },
  }))
}

process.on('message', (job: Job) => {
  measure(job).then(
    (figures) => process.send?.({ figures }),
    (error: unknown) => process.send?.({ failure: (error as Error).message }),
  )
})
