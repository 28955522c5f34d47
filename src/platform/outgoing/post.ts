import { lookup as systemLookup } from 'node:dns'
import type { LookupAddress, LookupAllOptions } from 'node:dns'
import http from 'node:http'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import type { Guard } from './addresses.ts'

export type Problem = 'refused' | 'unresolved' | 'unreachable' | 'timeout' | 'tls' | 'broken'

export interface Outcome {
  at: Date
  durationMs: number
  statusCode: number | null
  /** Why there was no answer; null when there was one, whatever it said. */
  problem: Problem | null
  /** The beginning of the answer. */
  answer: string
  /** `signal` ended it: nothing is known of the other side. */
  interrupted: boolean
}

export interface PostOptions {
  headers: Readonly<Record<string, string>>
  body: string
  signal?: AbortSignal
}

export type Post = (url: URL, options: PostOptions) => Promise<Outcome>

interface PosterOptions {
  guard: Guard
  /** For all of it, the answer included, in milliseconds. */
  timeout?: number
  resolve?: Resolve
}

/** As node:dns does it. */
export type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

const TIMEOUT = 10_000
/** Of an answer, in bytes; whatever comes after is not read. */
const READ = 16_384
const KEPT = 1_000

class Refused extends Error {
  readonly code = 'REFUSED'
}

/**
 * Posts to addresses that other people have chosen. What is asked of the guard is the address that the connection goes to, not one that was looked up
 * before; every request opens a connection of its own, and no redirect is followed.
 */
export function poster({ guard, timeout = TIMEOUT, resolve = systemLookup }: PosterOptions): Post {
  const lookup = guarded(guard, resolve)
  return async (url, { headers, body, signal }) => {
    const at = new Date()
    const started = performance.now()
    const outcome = (rest: Pick<Outcome, 'statusCode' | 'problem' | 'answer'>): Outcome => ({
      at,
      durationMs: Math.round(performance.now() - started),
      interrupted: signal?.aborted ?? false,
      ...rest,
    })
    const deadline = AbortSignal.timeout(timeout)
    try {
      const host = hostOf(url)
      // Of an address there is nothing to look up, so nobody would ask the guard.
      if (isIP(host) && !guard.permits(host, host)) throw new Refused()
      const stop = signal ? AbortSignal.any([deadline, signal]) : deadline
      const response = await send(url, headers, body, { lookup, signal: stop })
      return outcome({ statusCode: response.statusCode ?? null, problem: null, answer: await beginningOf(response) })
    } catch (error) {
      return outcome({ statusCode: null, problem: deadline.aborted ? 'timeout' : problemOf(error), answer: '' })
    }
  }
}

/** Without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: { lookup: LookupFunction; signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    const sent = request(
      url,
      // A kept connection goes where the name led to earlier.
      {
        ...options,
        method: 'POST',
        agent: false,
        maxHeaderSize: 16_384,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      },
      resolve,
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function guarded(guard: Guard, resolve: Resolve): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      const permitted = addresses.filter(({ address }) => guard.permits(host, address))
      const [first] = permitted
      if (!first) return done(new Refused(), [])
      if (options.all) done(null, permitted)
      else done(null, first.address, first.family)
    })
  }
}

/** What was answered is known from the first line of it: that the rest breaks off changes nothing. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= READ) break
    }
  } catch {
    // Told by what there is of it.
  } finally {
    response.destroy()
  }
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\0', '')
  return [...text.slice(0, 2 * KEPT)].slice(0, KEPT).join('').toWellFormed()
}

function problemOf(error: unknown): Problem {
  const { code = '' } = error as NodeJS.ErrnoException
  // Several addresses were tried; each failed in its own way.
  const all =
    error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]).map((one) => one.code ?? '') : [code]
  if (all.includes('REFUSED')) return 'refused'
  if (code.startsWith('EAI_') || code === 'ENOTFOUND' || code === 'ENODATA') return 'unresolved'
  if (all.some((one) => ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN'].includes(one)))
    return 'unreachable'
  if (code === 'ETIMEDOUT') return 'timeout'
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/.test(code)
    ? 'tls'
    : 'broken'
}
