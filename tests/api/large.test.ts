import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenOf } from '../support/api.ts'
import { app } from '../support/browse.ts'
import { errorsLogged } from '../support/log.ts'
import { makeUser } from '../support/people.ts'

const server = http.createServer(app)
let token: string
beforeAll(async () => {
  token = await tokenOf(await makeUser())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** A request of which the last bytes have not been sent yet. */
function begin(path: string, body: object) {
  const text = JSON.stringify(body)
  const request = http.request({
    port: (server.address() as AddressInfo).port,
    method: 'POST',
    path: `/api/v1${path}`,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Content-Length': text.length,
    },
  })
  request.write(text.slice(0, -1))
  const status = new Promise<number | undefined>((resolve, reject) => {
    request.once('error', reject)
    request.once('response', (response) => resolve(response.resume().statusCode))
  })
  return { status, finish: () => request.end(text.slice(-1)), leave: () => request.destroy() }
}

const isAnswered = (status: Promise<unknown>) => Promise.race([status.then(() => true), sleep(400).then(() => false)])

test('few large bodies are read at once, who waits has a turn, and who would wait for long is told so', async () => {
  const beginLarge = (name: string) => begin('/clients/bulk', { items: [{ name }] })
  const slow = ['a', 'b', 'c', 'd'].map((name) => beginLarge(`Slow ${name}`))
  await sleep(200)
  const next = beginLarge('Next')
  next.finish()
  expect(await isAnswered(next.status)).toBe(false)

  const one = begin('/clients', { name: 'One' })
  one.finish()
  expect(await one.status).toBe(201)

  // Who leaves gives the turn back, whether it was had or waited for.
  const left = Array.from({ length: 99 }, (_, index) => beginLarge(`Left ${index}`))
  for (const { status } of left) status.catch(() => undefined)
  await sleep(500)
  const late = beginLarge('Late')
  late.finish()
  expect(await late.status).toBe(503)
  expect(errorsLogged.splice(0)).toMatchObject([{ res: { status: 503 } }])
  for (const { leave } of left) leave()

  slow[0]?.finish()
  expect(await slow[0]?.status).toBe(200)
  expect(await next.status).toBe(200)
  for (const { finish } of slow.slice(1)) finish()
  expect(await Promise.all(slow.map(({ status }) => status))).toEqual([200, 200, 200, 200])
  const last = beginLarge('Last')
  last.finish()
  expect(await last.status).toBe(200)
})
