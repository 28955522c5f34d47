import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expressServer } from '../../src/platform/http/server.ts'

const app = express()
const { server, serve } = expressServer()
const met: boolean[] = []

beforeAll(async () => {
  server.on('request', (req, res) => {
    met.push(Object.getPrototypeOf(req) === app.request, Object.getPrototypeOf(res) === app.response)
  })
  serve(app)
  app.get('/', (req, res) => {
    res.json({ path: req.path, agent: req.get('user-agent'), host: req.hostname })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(() => new Promise((resolve) => server.close(resolve)))

test("requests and responses are Express's before it has seen them, and know what it gives them", async () => {
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    headers: { 'user-agent': 'test', connection: 'close' },
  })

  expect(await answer.json()).toEqual({ path: '/', agent: 'test', host: '127.0.0.1' })
  expect(met).toEqual([true, true])
})
