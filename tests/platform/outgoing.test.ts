import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StartupError } from '../../src/platform/errors.ts'
import { guardOf } from '../../src/platform/outgoing/addresses.ts'
import { poster } from '../../src/platform/outgoing/post.ts'
import type { Resolve } from '../../src/platform/outgoing/post.ts'

let port: number
let asked = 0
const server = createServer((req, res) => {
  asked += 1
  if (req.url === '/slow') return
  if (req.url === '/cut') {
    res.writeHead(200, { 'Content-Length': '100' }).write('half')
    setTimeout(() => res.destroy(), 20)
    return
  }
  res.end('secret of the network')
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** A name service that answers each question with the next of `answers`. */
function names(...answers: string[][]): Resolve {
  return (_host, _options, done) => {
    const addresses = answers.length > 1 ? (answers.shift() ?? []) : (answers[0] ?? [])
    done(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
}

const message = { headers: {}, body: '{}' }
const send = (url: string, allowed: string[] = [], resolve?: Resolve, timeout = 1_000) =>
  poster({ guard: guardOf(allowed), timeout, ...(resolve && { resolve }) })(
    new URL(url.replace('PORT', String(port))),
    message,
  )

const PRIVATE = [
  '127.0.0.1',
  '127.1.2.3',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '198.18.0.1',
  '203.0.113.7',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2001::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001:db8::1',
  '100::1',
]

describe('what is not of the public internet is refused', () => {
  const guard = guardOf()

  test.each(PRIVATE)('%s', (address) => {
    expect(guard.permits('example.com', address)).toBe(false)
  })

  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '::ffff:8.8.8.8',
    '2606:4700::1111',
    '2a00:1450:4001::200e',
  ])('%s is not', (address) => {
    expect(guard.permits('example.com', address)).toBe(true)
  })
})

test.each([
  ['10.1.2.3', '10.1.2.3', '10.1.2.4'],
  ['10.1.0.0/16', '::ffff:10.1.9.9', '10.2.0.1'],
  ['fd00::/8', 'fd12::1', 'fe80::1'],
])('%s allowed: %s is, %s is not', (entry, inside, outside) => {
  const guard = guardOf([entry])

  expect([guard.permits('any.example.com', inside), guard.permits('any.example.com', outside)]).toEqual([true, false])
})

test('a host that is allowed is, wherever it leads, and no other', () => {
  const guard = guardOf(['Hooks.intern'])

  expect([guard.permits('hooks.INTERN', '10.0.0.1'), guard.permits('x.hooks.intern', '10.0.0.1')]).toEqual([
    true,
    false,
  ])
})

test.each(['10.1', '10.0.0.0/33', 'http://hooks', '*', 'a b'])('%s is nothing that can be allowed', (entry) => {
  expect(() => guardOf([entry])).toThrow(StartupError)
})

describe('nobody is asked', () => {
  const before = () => asked

  test.each([
    ['http://127.0.0.1:PORT/'],
    ['http://127.1:PORT/'],
    ['http://2130706433:PORT/'],
    ['http://0x7f000001:PORT/'],
    ['http://0177.0.0.1:PORT/'],
    ['http://[::ffff:127.0.0.1]:PORT/'],
    ['http://localhost:PORT/'],
    ['http://0.0.0.0:PORT/'],
  ])('%s', async (url) => {
    const count = before()

    expect(await send(url)).toMatchObject({ problem: 'refused', statusCode: null, answer: '' })
    expect(asked).toBe(count)
  })

  test('when a name leads inside', async () => {
    const count = before()

    expect(await send('http://innocent.example.com:PORT/', [], names(['127.0.0.1']))).toMatchObject({
      problem: 'refused',
    })
    expect(asked).toBe(count)
  })

  test('when a name that led outside leads inside by the time of the connection', async () => {
    const count = before()
    // The guard is asked about what is connected to; a second answer is never asked for.
    const changing = names(['8.8.8.8'], ['127.0.0.1'])
    changing('innocent.example.com', { all: true }, () => undefined)

    expect(await send('http://innocent.example.com:PORT/', [], changing)).toMatchObject({ problem: 'refused' })
    expect(asked).toBe(count)
  })

  test('inside, of a name that leads both ways', async () => {
    const count = before()
    const { problem } = await send('http://both.example.com:PORT/', [], names(['127.0.0.1', '::1', '2001:db8::1']), 300)

    expect(problem).toBe('refused')
    expect(asked).toBe(count)
  })
})

test('what is allowed is asked, and answers', async () => {
  expect(await send('http://127.0.0.1:PORT/', ['127.0.0.0/8'])).toMatchObject({
    statusCode: 200,
    problem: null,
    answer: 'secret of the network',
  })
  expect(await send('http://hooks.intern:PORT/', ['hooks.intern'], names(['127.0.0.1']))).toMatchObject({
    statusCode: 200,
  })
})

test('what does not answer is told as what it is', async () => {
  const unknown: Resolve = (_host, _options, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), [])
  const allowed = ['127.0.0.1']

  expect(await send('http://127.0.0.1:PORT/slow', allowed, undefined, 200)).toMatchObject({
    problem: 'timeout',
    interrupted: false,
  })
  expect(await send('http://nowhere.example.com/', allowed, unknown)).toMatchObject({ problem: 'unresolved' })
  expect(await send('http://127.0.0.1:1/', allowed)).toMatchObject({ problem: 'unreachable' })
  expect(await send('https://127.0.0.1:PORT/', allowed)).toMatchObject({ problem: 'tls' })
  expect(await send('http://127.0.0.1:PORT/cut', allowed)).toMatchObject({ statusCode: 200, answer: 'half' })
})

test('one that is interrupted says so', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  const post = poster({ guard: guardOf(['127.0.0.1']) })

  expect(await post(new URL(`http://127.0.0.1:${port}/slow`), { ...message, signal: stop.signal })).toMatchObject({
    interrupted: true,
    statusCode: null,
  })
})
