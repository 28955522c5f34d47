import { Agent, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import sql from 'sql-template-tag'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { expressServer } from '../../src/platform/http/server.ts'
import type { Account } from '../../src/platform/http/types.ts'
import type { Database, Db } from '../../src/platform/database/database.ts'
import { db } from './database.ts'
import { logger } from './log.ts'
import { PASSWORD } from './people.ts'

export interface Answer {
  status: number
  /** Where it sends the reader, if anywhere. */
  location: string
  type: string
  text: string
  /** Would this request have changed a business record? */
  wrote: boolean
}

/** Asks the product as somebody: the same questions can be put in another way (with a token, say) by another function of this shape. */
export type Ask = (
  method: 'get' | 'post',
  address: string,
  fields?: Readonly<Record<string, string>>,
) => Promise<Answer>

export interface Rehearsal {
  /** null: nobody is signed in. */
  askAs(user: Account | null): Promise<Ask>
  close(): Promise<void>
}

/**
 * The product on a stage: each transaction is carried out to its last statement, looked at, and taken back. What is allowed can so be asked for
 * thousands of times of the same records, and what is forbidden is caught even if it were undone afterwards.
 */
export async function rehearse(): Promise<Rehearsal> {
  const wrote = new Set<string>()
  const { handle, close } = createApp({
    config: readConfig({ NODE_ENV: 'test' }),
    database: rehearsed(db, (request) => wrote.add(request)),
    logger,
    secret: 'a secret that only tests know',
  })
  const { server, serve } = expressServer()
  serve(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const { port } = server.address() as AddressInfo

  async function send(method: string, path: string, headers: Readonly<Record<string, string>>, body = '') {
    return new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
      const sent = httpRequest({ agent, port, host: '127.0.0.1', method, path, headers }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => {
          const { statusCode = 0, headers } = answer
          resolve({ status: statusCode, headers, text: Buffer.concat(parts).toString('utf8') })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  return {
    askAs: async (user) => {
      let cookie = ''
      let token = ''
      const ask: Ask = async (method, address, fields = {}) => {
        const form = method === 'post' ? new URLSearchParams({ _csrf: token, ...fields }).toString() : ''
        const { status, headers, text } = await send(
          method.toUpperCase(),
          address,
          {
            cookie,
            ...(method === 'post' && {
              'content-type': 'application/x-www-form-urlencoded',
              'content-length': String(Buffer.byteLength(form)),
            }),
          },
          form,
        )
        cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? cookie
        return {
          status,
          location: headers.location ?? '',
          type: headers['content-type'] ?? '',
          text,
          wrote: wrote.delete(String(headers['x-request-id'])),
        }
      }
      const tokenOf = ({ text }: Answer) => /name="_csrf" value="([^"]*)"/.exec(text)?.[1] ?? ''
      token = tokenOf(await ask('get', '/login'))
      if (!user) return ask
      const answer = await ask('post', '/login', { email: user.email, password: PASSWORD })
      if (answer.status !== 303) throw new Error(`${user.email} could not sign in: ${answer.status}`)
      token = tokenOf(await ask('get', '/profile'))
      return ask
    },
    close: async () => {
      agent.destroy()
      await new Promise((resolve) => server.close(resolve))
      await close()
    },
  }
}

class TakenBack extends Error {}

function rehearsed(real: Database, tell: (request: string) => void): Database {
  const transaction = async <Result>(work: (db: Db) => Promise<Result>): Promise<Result> => {
    let result: { value: Result } | undefined
    try {
      await real.transaction(async (tx) => {
        result = { value: await work(tx) }
        const [written] = await tx.query<{ request: string }>(sql`
          SELECT current_setting('dealwright.request', true) AS request FROM changes
          WHERE change_set = nullif(current_setting('dealwright.change_set', true), '')::uuid LIMIT 1`)
        if (written) tell(written.request)
        throw new TakenBack()
      })
    } catch (error) {
      if (!(error instanceof TakenBack)) throw error
    }
    if (!result) throw new Error('a transaction ended without a result')
    return result.value
  }
  return { ...real, transaction }
}
