import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
  json: {
    id: string
    type: string
    record: { noun: string; id: number }
    data: Record<string, unknown>
    previous?: Record<string, unknown>
  }
}

interface Reply {
  status?: number
  headers?: Record<string, string>
  body?: string
  /** Before it answers, in milliseconds; null: never. */
  after?: number | null
}

export interface Receiver {
  url: string
  received: Received[]
  /** How the next ones are answered; 204 unless told. */
  answer(how: (received: Received) => Reply | Promise<Reply>): void
}

/** A program on this machine that listens to webhooks. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let how: Parameters<Receiver['answer']>[0] = () => ({})
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const one: Received = {
        path: req.url ?? '',
        headers: req.headers,
        body,
        json: JSON.parse(body) as Received['json'],
      }
      received.push(one)
      void Promise.resolve(how(one)).then(({ status = 204, headers = {}, body: text = '', after = 0 }) => {
        if (after !== null) setTimeout(() => res.writeHead(status, headers).end(text), after)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answer: (given) => (how = given),
  }
}
